"""Questions and the one call each of them means."""

from __future__ import annotations

import pytest
from llm.builtin.talk import KERNEL, LONELY, Talk

MODEL = {"model_id": "pipe"}
CASES = [
    ("which models do I have?", "list_models", {}),
    ("list all estimators please", "list_models", {}),
    ("waht modles are there", "list_models", {}),
    ("which models are not fitted yet?", "list_models", {"status_filter": "unfitted"}),
    ("tell me about pipe", "get_model_info", {**MODEL, "detail": "summary"}),
    ("pipe", "get_model_info", {**MODEL, "detail": "summary"}),
    ("is draft_tree fitted?", "get_model_info", {"model_id": "draft_tree", "detail": "summary"}),
    ("what kind of model is ship", "get_model_info", {"model_id": "ship", "detail": "summary"}),
    ("what does pipe need?", "get_model_info", {**MODEL, "detail": "signature"}),
    ("which columns does the pipeline expect", "get_model_info", {**MODEL, "detail": "signature"}),
    ('inputs of models["rf"]', "get_model_info", {"model_id": 'models["rf"]', "detail": "signature"}),
    ("inputs of models['rf']", "get_model_info", {"model_id": 'models["rf"]', "detail": "signature"}),
    ("what does the random forest need", "get_model_info", {"model_id": 'models["rf"]', "detail": "signature"}),
    ("give me an example input for ship", "get_model_info", {"model_id": "ship", "detail": "signature"}),
    ("which plans does pipe know?", "get_model_info", {**MODEL, "detail": "signature"}),
    ("which steps has pipe", "get_model_info", {**MODEL, "detail": "steps"}),
    ("hyperparameters of the svm", "get_model_info", {"model_id": "ship", "detail": "parameters"}),
    ("how many neighbors does house_knn use", "get_model_info", {"model_id": "house_knn", "detail": "parameters"}),
    ("what matters most to pipe?", "get_feature_importance", MODEL),
    ("does tenure matter?", "get_feature_importance", MODEL),
    ("top 3 features of pipe", "get_feature_importance", {**MODEL, "top": 3}),
    ("coefficients of pipe", "get_feature_importance", MODEL),
    (
        "is tenure=12, plan=pro valid for pipe?",
        "validate_features",
        {**MODEL, "features": {"tenure": 12, "plan": "Pro"}},
    ),
    ("would ship accept deck Z?", "validate_features", {"model_id": "ship", "features": {"deck": "Z"}}),
    ("predict with pipe: tenure=12", "make_prediction", {**MODEL, "features": {"tenure": 12}}),
    ("predict with pipe", "make_prediction", {**MODEL, "features": {}}),
    ("predict X_test with pipe", "make_prediction", {**MODEL, "data": "X_test"}),
    ("score every row of homes", "make_prediction", {"model_id": "house_knn", "data": "homes"}),
    ("predict row 3 of X_test", "make_prediction", {**MODEL, "row": "X_test[3]"}),
    ("what does pipe say for X_test[3]", "make_prediction", {**MODEL, "row": "X_test[3]"}),
    ("predict the last row of X_test with pipe", "make_prediction", {**MODEL, "row": "X_test[-1]"}),
    ("predict the second row with pipe", "make_prediction", {**MODEL, "row": "X_test[1]"}),
    ("predict X_test.iloc[7] with pipe", "make_prediction", {**MODEL, "row": "X_test[7]"}),
    (
        "predict row 3 of X_test with plan=basic",
        "make_prediction",
        {**MODEL, "row": "X_test[3]", "features": {"plan": "Basic"}},
    ),
    ("which dataframes are there?", "list_dataframes", {}),
    ("what's in homes", "describe_dataframe", {"data": "homes"}),
    ("describe homes", "describe_dataframe", {"data": "homes"}),
    ("how many missing values has homes", "describe_dataframe", {"data": "homes"}),
    ("mean of score in grades", "describe_dataframe", {"data": "grades", "columns": ["score"]}),
    ("average price", "describe_dataframe", {"data": "homes", "columns": ["price"]}),
    ("is a cell running?", "get_running_cell", {}),
    ("how long will the training still take", "get_running_cell", {}),
    ("which version of pandas is installed?", "get_system_status", {}),
    ("system status", "get_system_status", {}),
    ("status of upload 7f3c", "get_upload_status", {"upload_id": "7f3c"}),
    ("help", "get_available_commands", {}),
    ("what can you do?", "get_available_commands", {}),
    ('get_model_info(model_id="pipe", detail="steps")', "get_model_info", {**MODEL, "detail": "steps"}),
    (
        "make_prediction(model_id='pipe', features={\"tenure\": 3})",
        "make_prediction",
        {**MODEL, "features": {"tenure": 3}},
    ),
]


@pytest.mark.parametrize(("question", "tool", "args"), CASES)
def test_a_question_becomes_its_call(question, tool, args):
    heard = Talk().ask(question)
    assert heard.calls == [(tool, args)]
    assert heard.reading and not heard.offers


@pytest.mark.parametrize("question", [case[0] for case in CASES])
def test_only_tools_at_hand_are_called(question):
    from llm.builtin.talk import TOOLS, hear

    few = [tool for tool in TOOLS if tool.name in ("list_models", "get_available_commands")]
    heard = hear([{"role": "user", "content": question}], KERNEL, tools=few)
    assert {name for name, _ in heard.calls + heard.offers} <= {"list_models", "get_available_commands"}


def test_two_requests_are_both_called():
    heard = Talk().ask("which models do I have? And what does pipe need?")
    assert [name for name, _ in heard.calls] == ["list_models", "get_model_info"]
    assert len(set(heard.ids)) == 2
    heard = Talk().ask("what does house_knn need and then what matters most to it")
    assert [args["model_id"] for _, args in heard.calls] == ["house_knn", "house_knn"]


def test_the_only_model_needs_no_name():
    heard = Talk(LONELY).ask("what does the model need?")
    assert heard.calls == [("get_model_info", {"model_id": "net", "detail": "signature"})]
    assert "the only model" in heard.reading


def test_a_misspelling_is_read_and_said():
    heard = Talk().ask("what does huose knn need")
    assert heard.calls[0][1]["model_id"] == "house_knn"
    heard = Talk().ask("predict with pipe: tenur=3")
    assert heard.calls == [("make_prediction", {"model_id": "pipe", "features": {"tenure": 3}})]
    assert "reading `tenur` as `tenure`" in heard.reading


def test_an_unknown_column_stays_in_the_input():
    heard = Talk().ask("predict with pipe: tenure=3, shoe_size=44")
    assert heard.calls[0][1]["features"] == {"tenure": 3, "shoe_size": 44}


def test_what_is_left_out_is_said():
    heard = Talk().ask("predict with house_knn: 3 rooms, a pro customer")
    assert heard.calls[0][1]["features"] == {"n_rooms": 3}
    assert "`plan` is no input of `house_knn` and was left out" in heard.reading


@pytest.mark.parametrize(
    ("question", "tool", "count"),
    [
        ("what are the inputs?", "get_model_info", 4),
        ("show the feature importances", "get_feature_importance", 4),
        ("describe the data", "describe_dataframe", 3),
        ("predict something", "make_prediction", 4),
    ],
)
def test_what_is_missing_is_asked_with_full_calls(question, tool, count):
    heard = Talk().ask(question)
    assert not heard.calls and heard.title.endswith("?")
    assert {name for name, _ in heard.offers} == {tool}
    assert len({args.get("model_id") or args.get("data") for _, args in heard.offers}) == count


def test_two_named_models_are_asked_about():
    heard = Talk().ask("what do pipe and ship need?")
    assert [args["model_id"] for _, args in heard.offers] == ["pipe", "ship"]


def test_an_unsure_reading_is_offered():
    heard = Talk().ask("tenure=12")
    assert heard.title.startswith("I match fixed phrasings and am not sure.")
    assert heard.offers == [("make_prediction", {"model_id": "pipe", "features": {"tenure": 12}})]


@pytest.mark.parametrize("kernel", [None, {"models": [], "frames": [], "others": {}}])
def test_an_empty_kernel_is_said(kernel):
    assert "no models in this kernel" in Talk(kernel).ask("what does pipe need?").text
    assert "no data frames in this kernel" in Talk(kernel).ask("describe the data").text
    assert Talk(kernel).ask("which models do I have?").calls == [("list_models", {})]
