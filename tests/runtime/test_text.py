"""Models that read texts: one string, a column or a list of them, never a table; and the words of one text."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from jupyter_mlchat.runtime.magics import values_of

REVIEWS = ["a good day", "bad work and a bad end", "good work", "a bad day", "great, really great", "an awful day"] * 10
KIND = np.array(["kind", "rude", "kind", "rude", "kind", "rude"] * 10)
KIND[[3, 9, 16]] = ["kind", "kind", "rude"]
STARS = np.array([5.0, 1.0, 4.0, 2.0, 5.0, 1.0] * 10)


@pytest.fixture(scope="module")
def context() -> Context:
    frame = pd.DataFrame({"review": REVIEWS, "tone": KIND, "stars": STARS})
    names: dict[str, Any] = {
        "frame": frame,
        "reviews": frame["review"],
        "listed": list(REVIEWS),
        "one_column": frame[["review"]],
        "linear": make_pipeline(TfidfVectorizer(), LogisticRegression()),
        "bayes": make_pipeline(CountVectorizer(), MultinomialNB()),
        "rating": make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), Ridge()),
        "counted": make_pipeline(CountVectorizer(), PoissonRegressor()),
    }
    found = Context(names)
    cell(found, "linear.fit(frame['review'], frame['tone'])")
    cell(found, "bayes.fit(frame['review'], frame['tone'])")
    cell(found, "rating.fit(frame['review'], frame['stars'])")
    cell(found, "counted.fit(frame['review'], frame['stars'])")
    return found


@pytest.mark.parametrize(
    "features", ["good work", {"text": "good work"}, {"review": "good work"}, ["good work"], [{"text": "good work"}]]
)
def test_one_text_however_it_is_given(context: Context, features: Any) -> None:
    told = context.data("make_prediction", model_id="linear", features=features)
    chances = context.user_ns["linear"].predict_proba(["good work"])[0]
    many = isinstance(features, list)
    assert (told["prediction"][0] if many else told["prediction"]) == "kind"
    assert (told["probability"][0] if many else told["probability"])["kind"] == chances[0]


def test_several_texts(context: Context) -> None:
    told = context.run("make_prediction", model_id="linear", features=["good work", "awful"])
    assert told["data"]["prediction"] == context.user_ns["linear"].predict(["good work", "awful"]).tolist()
    assert reproduced(context, told["code"]).tolist() == told["data"]["prediction"]


@pytest.mark.parametrize("data", ["reviews", "listed", "one_column", 'frame["review"]', "frame.review"])
def test_a_column_or_list_of_texts(context: Context, data: str) -> None:
    told = context.run("make_prediction", model_id="linear", data=data)
    labels, counts = np.unique(context.user_ns["linear"].predict(REVIEWS), return_counts=True)
    assert told["data"]["counts"] == dict(zip(labels, counts, strict=True)) and told["data"]["n"] == 60
    assert reproduced(context, told["code"]).tolist() == context.user_ns["linear"].predict(REVIEWS).tolist()
    row = context.data("make_prediction", model_id="linear", row=f"{data}[1]")
    assert row["features"] == {"text": REVIEWS[1]} and row["prediction"] == "rude"


@pytest.mark.parametrize("tool", ["make_prediction", "evaluate_model"])
def test_a_table_is_no_text(context: Context, tool: str) -> None:
    more = {"target": "tone"} if tool == "evaluate_model" else {}
    fault = context.run(tool, model_id="linear", data="frame", **more)["fault"]
    assert fault["code"] == "invalid_input" and 'frame["review"]' in fault["hint"]


@pytest.mark.parametrize("features", [{"text": None}, {}, {"words": "good"}, None])
def test_a_missing_text_is_asked_for_in_a_text_area(context: Context, features: Any) -> None:
    result = context.run("make_prediction", model_id="linear", features=features)
    (field,) = result["form"]["fields"]
    assert (field["name"], field["kind"]) == ("text", "textarea")
    assert context.run("suggest_inputs", model_id="linear", ask=True)["form"]["fields"][0]["kind"] == "textarea"


def test_a_model_of_columns_takes_no_text() -> None:
    context = Context({"model": Ridge().fit(pd.DataFrame({"a": [1.0, 2.0]}), [1, 2])})
    for tool in ("make_prediction", "explain_prediction", "validate_features"):
        fault = context.run(tool, model_id="model", features="good")["fault"]
        assert fault["code"] == "invalid_input" and "columns" in fault["message"]
    assert context.data("make_prediction", model_id="model", features='{"a": 1.5}')["prediction"] == pytest.approx(1.5)


def test_words_of_a_linear_model_add_up_to_its_own_answer(context: Context) -> None:
    model, text = context.user_ns["linear"], "a good but awful day, unheard of"
    result = context.run("explain_prediction", model_id="linear", features=text, output="rude")
    told = result["data"]
    assert told["method"] == "coefficient x weight of the term"
    words = {card["word"]: card["contribution"] for card in told["contributions"]}
    assert set(words) == {"good", "awful", "day"}
    assert told["base"] + sum(words.values()) == pytest.approx(model.decision_function([text])[0]) == told["total"]
    weight = model[0].transform([text])[0, model[0].vocabulary_["awful"]]
    assert words["awful"] == pytest.approx(weight * model[1].coef_[0, model[0].vocabulary_["awful"]])
    assert dict(reproduced(context, result["code"])) == pytest.approx(words)


def test_pairs_of_words_are_terms_too(context: Context) -> None:
    result = context.run("explain_prediction", model_id="rating", features="good work today")
    words = {card["word"]: card["contribution"] for card in result["data"]["contributions"]}
    assert set(words) == {"good", "work", "good work"} and result["data"]["scale"] == "prediction"
    direct = context.user_ns["rating"].predict(["good work today"])[0]
    assert result["data"]["base"] + sum(words.values()) == pytest.approx(direct)


@pytest.mark.parametrize(("name", "ask"), [("bayes", "predict_proba"), ("counted", "predict")])
def test_other_models_are_asked_without_each_word(context: Context, name: str, ask: str) -> None:
    """A Poisson regression has coefficients, but their sum is not what it predicts."""
    model, text = context.user_ns[name], "Good work and BAD bad end"
    result = context.run("explain_prediction", model_id=name, features=text)
    told = result["data"]
    assert told["method"] == "leaving each word out" and told["base"] is None
    words = {card["word"]: card["contribution"] for card in told["contributions"]}
    assert set(words) == {"good", "work", "and", "bad", "end"}
    without = getattr(model, ask)([text, "Good work and   end"]).reshape(2, -1)
    place = list(model.classes_).index(told["explained"]) if name == "bayes" else 0
    assert words["bad"] == pytest.approx(without[0, place] - without[1, place])
    assert dict(reproduced(context, result["code"])) == pytest.approx(words)


def test_words_are_only_those_of_the_asked_text(context: Context) -> None:
    for model in ("linear", "bayes", "rating", "counted"):
        data = json.dumps(context.run("explain_prediction", model_id=model, features="good work")["data"])
        assert not any(word in data for word in ("awful", "great", "end"))


def test_words_of_a_referenced_text_stay_with_the_person(context: Context) -> None:
    result = context.run("explain_prediction", model_id="linear", row="reviews[1]")
    left = json.dumps({key: value for key, value in result.items() if key not in ("local", "code", "form")})
    assert not any(word in left for word in ("bad", "work", "end"))
    assert {card["word"] for card in result["local"]["contributions"]} == {"bad", "work", "and", "end"}


def test_measures_are_those_of_the_library(context: Context) -> None:
    model = context.user_ns["linear"]
    for data, target in (("listed", 'frame["tone"]'), ('frame["review"]', "frame.tone")):
        told = context.data("evaluate_model", model_id="linear", data=data, target=target)["metrics"]
        assert told["accuracy"]["value"] == accuracy_score(KIND, model.predict(REVIEWS))
        chances = model.predict_proba(REVIEWS)[:, 1]
        assert told["roc_auc"]["value"] == pytest.approx(roc_auc_score(KIND == "rude", chances))
    both = context.data("compare_models", models=["linear", "bayes"], data="reviews", target="frame.tone")
    assert {card["model_id"] for card in both["models"]} == {"linear", "bayes"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_partial_dependence", {"features": ["text"], "data": "reviews"}),
        ("check_drift", {"data": "reviews", "reference": "listed"}),
        ("get_feature_importance", {}),
        ("find_counterfactual", {"row": "reviews[0]"}),
        ("find_similar_examples", {"row": "reviews[0]", "data": "reviews"}),
        ("what_if", {"row": "reviews[0]", "sweep": "text"}),
        ("what_if", {"data": "reviews", "changes": {"text": "x"}}),
    ],
)
def test_what_needs_columns_is_not_for_text(context: Context, tool: str, arguments: dict[str, Any]) -> None:
    fault = context.run(tool, model_id="linear", **arguments)["fault"]
    assert fault["code"] == "unsupported" and "not for text" in fault["message"]
    assert "explain_prediction" in fault["hint"]


def test_another_text_in_its_place(context: Context) -> None:
    told = context.data("what_if", model_id="linear", features="good work", changes={"text": "awful work"})
    direct = context.user_ns["linear"].predict_proba(["good work", "awful work"])[:, 0]
    assert told["delta"] == pytest.approx(direct[1] - direct[0]) and told["flipped"]
    swept = context.data("what_if", model_id="linear", features="good work", sweep="text", values=["awful", "great"])
    assert [card["prediction"] for card in swept["sweep"]] == ["rude", "kind"]


AREA = [{"name": "text", "kind": "textarea"}]


@pytest.mark.parametrize(
    ("rest", "values"),
    [
        ("It's late, and a = b", {"text": "It's late, and a = b"}),
        ('text="late again"', {"text": "late again"}),
        ("12", {"text": "12"}),
    ],
)
def test_a_text_is_filled_in_as_it_is_written(rest: str, values: dict[str, Any]) -> None:
    assert values_of(AREA, rest) == values


def test_other_forms_are_filled_in_by_name() -> None:
    two = [*AREA, {"name": "fee", "kind": "number"}]
    assert values_of(two, 'text="late again" fee=3') == {"text": "late again", "fee": 3}
    with pytest.raises(ValueError, match="Give the text"):
        values_of(AREA, "  ")
