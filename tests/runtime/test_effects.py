"""Partial dependence beside scikit-learn's, counterfactuals that hold, and neighbours."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from runtime.people import PEOPLE, logistic, outcome
from runtime.reproduce import reproduced
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from jupyter_mlchat.runtime.toolbox import size_of

RNG = np.random.default_rng(31)
X = pd.DataFrame(RNG.normal(size=(200, 4)), columns=["a", "b", "c", "d"])
Y = (X["a"] + X["b"] > 0).map({True: "yes", False: "no"})
THREE = pd.cut(X["a"], [-9, -0.5, 0.5, 9], labels=["low", "mid", "high"]).astype(str)


def numbers(model: Any, target: Any = Y) -> Context:
    context = Context({"model": model, "X": X, "y": target})
    cell(context, "model.fit(X, y)")
    return context


def test_partial_dependence_is_that_of_scikit_learn() -> None:
    context = numbers(RandomForestClassifier(20, random_state=0))
    result = context.run("get_partial_dependence", model_id="model", features=["a"])
    curve = result["data"]["curve"]
    wanted = partial_dependence(
        context.user_ns["model"], X, ["a"], custom_values={"a": [point["value"] for point in curve]}, method="brute"
    )
    assert [point["mean"] for point in curve] == pytest.approx(wanted["average"][0]) and len(curve) == 15
    assert result["data"]["about"] == "yes" and result["data"]["rows"] == 200
    assert all(point["p10"] <= point["mean"] <= point["p90"] for point in curve)
    assert reproduced(context, result["code"]) == pytest.approx([point["mean"] for point in curve])
    assert curve[0]["value"] > X["a"].min() and curve[-1]["value"] < X["a"].max()


def test_of_two_inputs_categories_and_directions() -> None:
    context = Context({"pipe": logistic(), "people": PEOPLE, "y": outcome(PEOPLE)})
    cell(context, "pipe.fit(people, y)")
    both = context.run("get_partial_dependence", model_id="pipe", features=["age", "plan"])
    assert len(both["data"]["curve"]) == 18 and len(both["data"]["curve"][0]["value"]) == 2
    assert reproduced(context, both["code"]) == pytest.approx([point["mean"] for point in both["data"]["curve"]])
    region = context.run("get_partial_dependence", model_id="pipe", features=["Region"])
    assert {point["value"] for point in region["data"]["curve"]} == {"north", "south", "east"}
    assert reproduced(context, region["code"]) == pytest.approx([point["mean"] for point in region["data"]["curve"]])
    age = context.data("get_partial_dependence", model_id="pipe", features=["age"], output="leaves")
    assert age["direction"] == "falling" and age["about"] == "leaves"
    wrong = context.run("get_partial_dependence", model_id="pipe", features=["joined"])
    assert wrong["fault"]["code"] == "invalid_input"


def test_texts_have_no_partial_dependence() -> None:
    model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(["good film", "bad film"], ["yes", "no"])
    for name, args in (
        ("get_partial_dependence", {"features": ["text"]}),
        ("find_counterfactual", {"features": {"text": "a"}}),
    ):
        fault = Context({"m": model}).run(name, model_id="m", **args)["fault"]
        assert fault["code"] == "unsupported" and "not for text" in fault["message"]


@pytest.mark.parametrize("model", [RandomForestClassifier(20, random_state=0), SVC(), LogisticRegression()])
def test_a_counterfactual_holds_and_is_near(model: Any) -> None:
    context = numbers(model)
    for row in range(6):
        result = context.run("find_counterfactual", model_id="model", row=f"X[{row}]", immutable=["a"])
        data = result["data"]
        before = model.predict(X.iloc[[row]])[0]
        assert data["found"] and data["wanted"] != before == data["before"]["prediction"]
        for option in result["local"]["options"]:
            changes = {change["column"]: change["to"] for change in option["changes"]}
            assert "a" not in changes
            assert model.predict(X.iloc[[row]].assign(**changes))[0] == data["wanted"] == option["after"]["prediction"]
        assert list(reproduced(context, result["code"])) == [data["wanted"]] * len(data["options"])
        assert all("distance" not in option for option in data["options"]), "it would tell where the row lies"
        distances = [option["distance"] for option in result["local"]["options"]]
        assert distances == sorted(distances)


def test_a_counterfactual_of_a_line_stops_close_behind_it() -> None:
    model = LogisticRegression(C=1e6).fit(X[["a"]], X["a"] > 0.3)
    context = Context({"model": model, "X": X})
    row = int(X["a"].argmin())
    option = context.data("find_counterfactual", model_id="model", row=f"X[{row}]")["options"][0]
    assert option["changes"][0]["to"] == pytest.approx(0.3, abs=0.08)


def test_a_number_can_be_wished_for_and_wishes_that_are_met_or_vain_are_told() -> None:
    context = numbers(LinearRegression(), X["a"] * 3 + X["b"])
    result = context.run("find_counterfactual", model_id="model", row="X[0]", at_least=4.0)
    option = result["data"]["options"][0]
    assert 4.0 <= option["after"]["prediction"] < 4.3
    fault = context.run("find_counterfactual", model_id="model", row="X[0]", at_least=-99.0)["fault"]
    assert "already" in fault["message"]
    assert context.run("find_counterfactual", model_id="model", row="X[0]")["fault"]["about"] == "at_least"
    vain = context.run("find_counterfactual", model_id="model", row="X[0]", at_least=1e6)
    assert vain["data"]["found"] is False and vain["data"]["closest"]["after"]["prediction"] > 4
    many = numbers(RandomForestClassifier(10, random_state=0), THREE)
    label = many.user_ns["model"].predict(X.iloc[[0]])[0]
    wanted = next(name for name in ("low", "high") if name != label)
    chosen = many.run("find_counterfactual", model_id="model", row="X[0]", output=wanted)["data"]
    assert chosen["options"][0]["after"]["prediction"] == wanted
    same = many.run("find_counterfactual", model_id="model", row="X[0]", output=label)
    assert "already" in same["fault"]["message"]


def test_neighbours_are_the_nearest_and_come_with_the_truth() -> None:
    context = Context({"pipe": logistic(), "people": PEOPLE, "y": outcome(PEOPLE)})
    cell(context, "pipe.fit(people, y)")
    result = context.run("find_similar_examples", model_id="pipe", row="people[9]", k=4)
    examples = result["data"]["examples"]
    assert examples[0]["row"] == 9 and examples[0]["distance"] == 0 and len(examples) == 4
    assert [one["distance"] for one in examples] == sorted(one["distance"] for one in examples)
    assert examples[1]["truth"] == outcome(PEOPLE)[examples[1]["row"]]
    assert examples[1]["values"]["age"] == PEOPLE["age"][examples[1]["row"]]
    assert reproduced(context, result["code"]).index.tolist() == [one["row"] for one in examples]
    tool = context.toolbox.get("find_similar_examples")
    assert tool.effect == "disclose"


def test_wide_models_stay_small_and_quick() -> None:
    rng = np.random.default_rng(0)
    names = [f"a rather long name of column number {i}" for i in range(2_000)]
    wide = pd.DataFrame(rng.normal(size=(60, 2_000)), columns=names)
    context = Context({"model": LinearRegression(), "wide": wide, "y": wide[names[3]] * 5})
    cell(context, "model.fit(wide, y)")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_partial_dependence", {"features": [names[3]]}),
        ("get_partial_dependence", {"features": [names[3], names[5]], "grid": 10}),
        ("find_counterfactual", {"row": "wide[0]", "at_least": 5.0}),
        ("find_similar_examples", {"row": "wide[0]", "k": 20}),
    ]
    for name, args in calls:
        began = time.monotonic()
        result = context.run(name, model_id="model", **args)
        assert result["ok"], result["fault"]
        assert size_of(result["data"]) <= 8_000 and time.monotonic() - began < 20


def test_a_forest_of_numbers_with_an_array() -> None:
    model = RandomForestRegressor(10, random_state=0).fit(X.to_numpy(), X["a"])
    context = Context({"model": model, "A": X.to_numpy()})
    curve = context.run("get_partial_dependence", model_id="model", features=["x0"], data="A")["data"]["curve"]
    grid = [point["value"] for point in curve]
    wanted = partial_dependence(model, X.to_numpy(), [0], custom_values={0: grid}, method="brute")["average"][0]
    assert [point["mean"] for point in curve] == pytest.approx(wanted)
