"""Questions and the one call each of them means."""

from __future__ import annotations

import pytest
from llm.builtin.talk import KERNEL, LONELY, Talk, frame, hear, model

from jupyter_mlchat.protocol.records import ToolInfo

MODEL = {"model_id": "pipe"}
PEOPLE = ["tenure", "plan", "monthly_fee", "sex"]
SHOP = {
    "models": [
        model("pipe", "Pipeline", PEOPLE, categories={"plan": ["basic", "pro"], "sex": ["f", "m"]}),
        model("rf", "RandomForestClassifier", ["a", "b"]),
        model("old_rf", "RandomForestClassifier", ["a", "b"]),
        model("grid", "GridSearchCV", ["a", "b"]),
        model("rule", "Rule", []),
    ],
    "frames": [frame("X_test", PEOPLE), frame("X_new", PEOPLE), frame("df", ["a", "b"])],
    "others": {},
}
"""A namespace that has every name of the tools' examples."""
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
    ("give me an example input for ship", "suggest_inputs", {"model_id": "ship"}),
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
    (
        "predict X_test with pipe for customers with plan basic",
        "make_prediction",
        {**MODEL, "data": "X_test", "where": 'plan == "Basic"'},
    ),
    (
        "predict X_test with pipe for customers on the pro plan with tenure over 24",
        "make_prediction",
        {**MODEL, "data": "X_test", "where": 'plan == "Pro" and tenure > 24'},
    ),
    (
        "predict homes where n_rooms >= 3",
        "make_prediction",
        {"model_id": "house_knn", "data": "homes", "where": "n_rooms >= 3"},
    ),
    ("why does pipe say that about X_test[3]?", "explain_prediction", {**MODEL, "row": "X_test[3]"}),
    ("why did pipe predict yes for tenure=3?", "explain_prediction", {**MODEL, "features": {"tenure": 3}}),
    ("explain row 3 of X_test", "explain_prediction", {**MODEL, "row": "X_test[3]"}),
    ("how accurate is pipe?", "evaluate_model", MODEL),
    ("confusion matrix of ship", "evaluate_model", {"model_id": "ship"}),
    ("how good is pipe on X_test, by plan?", "evaluate_model", {**MODEL, "data": "X_test", "by": "plan"}),
    ("compare pipe and ship", "compare_models", {"models": ["pipe", "ship"]}),
    (
        "compare pipe and ship on X_test by f1",
        "compare_models",
        {"models": ["pipe", "ship"], "data": "X_test", "metric": "f1"},
    ),
    (
        "what if the fee of X_test[3] doubled?",
        "what_if",
        {**MODEL, "row": "X_test[3]", "changes": {"monthly_fee": "doubled"}},
    ),
    (
        "what if tenure of X_test[3] were 20 % higher?",
        "what_if",
        {**MODEL, "row": "X_test[3]", "changes": {"tenure": "+20 %"}},
    ),
    (
        "what if the fee of X_test[3] was 20% bigger?",
        "what_if",
        {**MODEL, "row": "X_test[3]", "changes": {"monthly_fee": "+20 %"}},
    ),
    (
        "what if tenure rose by 5 in X_test?",
        "what_if",
        {**MODEL, "data": "X_test", "changes": {"tenure": {"add": 5}}},
    ),
    ("how does tenure affect pipe?", "get_partial_dependence", {**MODEL, "features": ["tenure"]}),
    ("give me a form for pipe", "suggest_inputs", {**MODEL, "ask": True}),
    (
        "what would have to change for X_test[3], keeping the plan?",
        "find_counterfactual",
        {**MODEL, "row": "X_test[3]", "immutable": ["plan"]},
    ),
    (
        "what would have to change for pipe to say yes for X_test[3]?",
        "find_counterfactual",
        {**MODEL, "row": "X_test[3]", "output": "yes"},
    ),
    (
        "what would have to change so that homes[2] goes over 400k?",
        "find_counterfactual",
        {"model_id": "house_knn", "row": "homes[2]", "at_least": 400_000},
    ),
    ("where is pipe wrong?", "analyze_errors", MODEL),
    (
        "80 % interval for homes[3]",
        "get_prediction_interval",
        {"model_id": "house_knn", "row": "homes[3]", "level": 0.8},
    ),
    ("which threshold should pipe have?", "get_threshold_curve", MODEL),
    (
        "best threshold for pipe if a false alarm costs 5 and a miss costs 100",
        "get_threshold_curve",
        {**MODEL, "cost_false_alarm": 5, "cost_miss": 100},
    ),
    ("is pipe up to date?", "check_freshness", MODEL),
    ("does pipe have leakage?", "check_leakage", MODEL),
    ("has X_test drifted from what pipe was trained on?", "check_drift", {**MODEL, "data": "X_test"}),
    ("is pipe fair across plan?", "check_fairness", {**MODEL, "group": "plan"}),
    ("show rows similar to X_test[3]", "find_similar_examples", {**MODEL, "row": "X_test[3]"}),
    ("which dataframes are there?", "list_dataframes", {}),
    ("what's in homes", "describe_dataframe", {"data": "homes"}),
    ("describe homes", "describe_dataframe", {"data": "homes"}),
    ("how many missing values has homes", "describe_dataframe", {"data": "homes"}),
    ("mean of score in grades", "describe_dataframe", {"data": "grades", "columns": ["score"]}),
    ("average price", "describe_dataframe", {"data": "homes", "columns": ["price"]}),
    ("correlations in homes", "describe_dataframe", {"data": "homes"}),
    ("what correlates with price?", "describe_dataframe", {"data": "homes", "columns": ["price"]}),
    (
        "how are price and year_built correlated",
        "describe_dataframe",
        {"data": "homes", "columns": ["price", "year_built"]},
    ),
    ("which columns does pipe see after encoding?", "get_model_info", {**MODEL, "detail": "feature_mapping"}),
    ("what becomes of plan after one-hot in pipe", "get_model_info", {**MODEL, "detail": "feature_mapping"}),
    (
        "how are the inputs of pipe mapped to the encoded features?",
        "get_model_info",
        {**MODEL, "detail": "feature_mapping"},
    ),
    ("permutation importance of pipe", "get_feature_importance", {**MODEL, "method": "permutation"}),
    (
        "top 3 inputs of pipe by shuffling on X_test",
        "get_feature_importance",
        {**MODEL, "method": "permutation", "data": "X_test", "top": 3},
    ),
    (
        "how much worse is pipe when tenure is shuffled?",
        "get_feature_importance",
        {**MODEL, "method": "permutation"},
    ),
    ("error analysis of pipe", "analyze_errors", MODEL),
    ("which segments does pipe struggle with?", "analyze_errors", MODEL),
    ("how does pipe encode plan?", "get_model_info", {**MODEL, "detail": "feature_mapping"}),
    ("which dataframes fit pipe?", "list_dataframes", MODEL),
    (
        "how strongly is price related to year_built in homes?",
        "describe_dataframe",
        {"data": "homes", "columns": ["price", "year_built"]},
    ),
    ("what does pipe predict for X_test[0]?", "make_prediction", {**MODEL, "row": "X_test[0]"}),
    (
        "predict with pipe for customers in X_test with tenure over 24",
        "make_prediction",
        {**MODEL, "data": "X_test", "where": "tenure > 24"},
    ),
    ("which inputs can I drop from pipe?", "get_feature_importance", {**MODEL, "least": True}),
    (
        "how does the prediction of pipe depend on tenure?",
        "get_partial_dependence",
        {**MODEL, "features": ["tenure"]},
    ),
    ("how can X_test[3] become a no with pipe?", "find_counterfactual", {**MODEL, "row": "X_test[3]", "output": "no"}),
    ("what should I enter for pipe?", "suggest_inputs", MODEL),
    ("compare X_test with the training data of pipe", "check_drift", {**MODEL, "data": "X_test"}),
    ("are rows of X_test in the training data of pipe?", "check_leakage", MODEL),
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
    heard = Talk().ask("that thing with pipe and the score")
    assert heard.title.startswith("I match fixed phrasings and am not sure.")
    assert 1 <= len(heard.offers) <= 5 and not heard.calls


@pytest.mark.parametrize("kernel", [None, {"models": [], "frames": [], "others": {}}])
def test_an_empty_kernel_is_said(kernel):
    assert "no models in this kernel" in Talk(kernel).ask("what does pipe need?").text
    assert "no data frames in this kernel" in Talk(kernel).ask("describe the data").text
    assert Talk(kernel).ask("which models do I have?").calls == [("list_models", {})]


def test_every_tool_reads_its_own_example():
    from jupyter_mlchat.runtime.toolbox import Toolbox
    from jupyter_mlchat.runtime.tools import MODULES

    tools = Toolbox(MODULES).all()
    infos = [ToolInfo(tool.name, "", {}, tool.effect) for tool in tools]
    examples = {tool.name: tool.example for tool in tools if tool.example}
    called = {}
    for name, example in examples.items():
        heard = hear([{"role": "user", "content": example.replace("X_train", "X_test")}], SHOP, tools=infos)
        called[name] = [call for call, _ in heard.calls]
    assert called == {name: [name] for name in examples}


@pytest.mark.parametrize(
    "question",
    ["anything similar to X_test[3]?", "who are the neighbours of X_test[3]", "show sort of rows lik X_test[3]"],
)
def test_rows_are_shown_only_when_asked_in_plain_words(question):
    assert not Talk().ask(question).calls
