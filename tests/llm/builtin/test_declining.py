"""What the engine must not do: act on what it did not understand."""

from __future__ import annotations

import pytest
from llm.builtin.talk import LONELY, Talk

OUT_OF_SCOPE = [
    "train a new forest on homes",
    "refit pipe with more data",
    "plot tenure against plan",
    "merge homes and grades",
    "fill the missing values of homes with the mean",
    "sort homes by price",
    "rename pipe to churn",
    "one-hot encode city",
    "save pipe to disk",
    "convert house_knn to onnx",
    "install catboost",
    "write a function that adds two numbers",
    "explain accuracy",
    "what is drift?",
    "why is the sky blue",
    "fit a better model",
    "explain gradient descent",
    "what is a random forest?",
    "what does overfitting mean?",
    "who won the election",
    "tell me a joke",
    "how well does pipe do on seniors?",
    "one-hot encode plan for me",
    "encode the columns of homes",
    "show the first rows of homes",
    "list all variables",
    "don't predict with pipe",
    "hello",
    "who are you?",
    "thanks!",
    "stop",
    "qwe rty uio",
    "",
    "!!!",
]
CONDITIONS = [
    "what matters to pipe for customers older than 60?",
    "mean price of homes where n_rooms > 3",
    "average score per pupil in grades",
    "how good is pipe on X_test for customers with plan basic?",
    "where is pipe wrong for customers with tenure over 24?",
    "where is pipe wrong for plan=basic?",
    "compare pipe and ship for plan basic",
    "predict X_test with pipe for customers who are not on the basic plan",
    "describe homes for houses smaller than 90",
    "median price of homes between 10 and 20",
    "chances of people over 60 in pipe",
    "importance for pipe among those with tenure 3",
]


@pytest.mark.parametrize("question", OUT_OF_SCOPE)
def test_out_of_scope_is_declined_in_words(question):
    heard = Talk().ask(question)
    assert not heard.calls
    assert heard.text or (heard.title and heard.offers)


@pytest.mark.parametrize("question", CONDITIONS)
def test_a_condition_is_never_ignored(question):
    heard = Talk().ask(question)
    assert not heard.calls
    assert "can't restrict" in heard.text + heard.title


def test_a_condition_offers_the_whole_by_name():
    heard = Talk().ask("describe homes where price > 3")
    assert heard.offers[0] == ("describe_dataframe", {"data": "homes", "columns": ["price"]})
    assert "For all of it instead?" in heard.title


def test_a_whole_frame_with_values_is_asked_about():
    heard = Talk().ask("predict X_test with pipe, plan=basic")
    assert {tuple(sorted(args)) for _, args in heard.offers} == {("features", "model_id"), ("data", "model_id")}


@pytest.mark.parametrize("name", ["lightgbm_v3", "models['xgb']", "pipe2", "hause_knn", "house_kn", "X_tset"])
def test_unknown_identifiers_are_not_guessed(name):
    for question in (f"what does {name} need?", f"predict with {name}: tenure=3"):
        heard = Talk().ask(question)
        assert not heard.calls
        assert f"There is no `{name}` in this kernel." in heard.title + heard.text


def test_unknown_data_is_not_guessed():
    heard = Talk().ask("predict X_new with pipe")
    assert not heard.calls
    assert "There is no `X_new`" in heard.text and "`X_test`" in heard.text


@pytest.mark.parametrize("question", ["what does foo need?", "predict with foo: height=3", "importance of foo"])
def test_a_strange_word_in_the_place_of_a_model_is_asked_about(question):
    heard = Talk(LONELY).ask(question)
    assert not heard.calls
    assert '"foo"' in heard.title
    assert [args["model_id"] for _, args in heard.offers] == ["net"]


def test_what_can_be_done_instead_is_offered():
    heard = Talk().ask("plot what matters to pipe")
    assert heard.title.startswith("I don't draw plots.")
    assert ("get_feature_importance", {"model_id": "pipe"}) in heard.offers


def test_common_words_are_not_columns():
    """Columns called like everyday words count only where a value follows."""
    from llm.builtin.talk import frame, model

    kernel = {
        "models": [model("m1", "SVC", ["count", "type", "model"])],
        "frames": [frame("data", ["count"]), frame("other", ["z"])],
        "others": {},
    }
    assert Talk(kernel).ask("what type of model is m1?").calls[0][1]["detail"] == "summary"
    assert Talk(kernel).ask("what data do I have here").calls == [("list_dataframes", {})]
    assert Talk(kernel).ask("describe data").calls == [("describe_dataframe", {"data": "data"})]
    heard = Talk(kernel).ask("predict with m1: count=3, type 4")
    assert heard.calls[0][1]["features"] == {"count": 3, "type": 4}
