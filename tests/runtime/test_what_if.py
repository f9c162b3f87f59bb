"""Predictions before and after a change, beside the model asked directly."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from runtime.people import PEOPLE, logistic, outcome, spending
from runtime.reproduce import reproduced
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from jupyter_mlchat.runtime.catalog import find_model
from jupyter_mlchat.runtime.explaining import changes
from jupyter_mlchat.runtime.signature import signature
from jupyter_mlchat.runtime.toolbox import ToolError, size_of


def people() -> Context:
    context = Context({"pipe": logistic(), "people": PEOPLE, "y": outcome(PEOPLE), "z": spending(PEOPLE)})
    hot = ColumnTransformer([("h", OneHotEncoder(), ["plan"]), ("n", "passthrough", ["age", "monthly fee"])])
    context.user_ns["money"] = make_pipeline(hot, LinearRegression())
    cell(context, "pipe.fit(people, y)")
    cell(context, "money.fit(people, z)")
    return context


def test_a_changed_value_of_one_row() -> None:
    context = people()
    result = context.run("what_if", model_id="pipe", row="people[4]", changes={"age": 79, "plan": "pro"})
    data, pipe = result["data"], context.user_ns["pipe"]
    before = PEOPLE.iloc[[4]]
    after = before.assign(age=79, plan="Pro")
    place = list(pipe.classes_).index(data["about"])
    assert data["before"]["prediction"] == pipe.predict(before)[0] == data["about"]
    assert data["after"]["prediction"] == pipe.predict(after)[0]
    wanted = pipe.predict_proba(after)[0, place] - pipe.predict_proba(before)[0, place]
    assert data["delta"] == pytest.approx(wanted)
    assert data["flipped"] == (pipe.predict(before)[0] != pipe.predict(after)[0])
    told = {card["column"]: card for card in data["changes"]}
    assert told["age"] == {"column": "age", "to": 79} and told["plan"]["to"] == "Pro"
    local = {card["column"]: card for card in result["local"]["changes"]}
    assert local["age"]["from"] == before["age"].iloc[0]
    shown = reproduced(context, result["code"])
    assert shown[1] - shown[0] == pytest.approx(wanted)


def test_relative_changes_keep_what_they_start_from() -> None:
    context = people()
    fee = float(PEOPLE["monthly fee"][7])
    for said, factor in (
        ("doubled", 2),
        ("+20 %", 1.2),
        ("-10%", 0.9),
        ("halved", 0.5),
        ({"percent": 50}, 1.5),
        ("x3", 3),
    ):
        result = context.run("what_if", model_id="money", row="people[7]", changes={"Monthly Fee": said})
        assert result["data"]["delta"] == pytest.approx(2.0 * fee * (factor - 1)), said
        assert "to" not in result["data"]["changes"][0]
        assert result["local"]["changes"][0]["to"] == pytest.approx(fee * factor)
        first, second = reproduced(context, result["code"])
        assert second - first == pytest.approx(result["data"]["delta"])
    assert result["data"]["flipped"] is None
    far = context.run("what_if", model_id="money", row="people[7]", changes={"age": {"multiply": 9}})
    assert far["warnings"] == [], "it would tell what stands in the row"
    assert [issue["code"] for issue in far["issues"]] == ["just_out_of_range"]
    typed = context.run("what_if", model_id="money", row="people[7]", changes={"age": 900})
    assert "leaves the range" in typed["warnings"][0]


@pytest.mark.parametrize(
    ("said", "how", "amount"),
    [
        (5, "set", 5), ("5", "set", "5"), ("-5", "set", "-5"), ("+5", "add", 5.0), ("by -5", "add", -5.0),
        ("minus 5", "add", -5.0), ({"add": -2}, "add", -2), ({"set": 3}, "set", 3), ("twice", "multiply", 2.0),
        ("20 % more", "multiply", 1.2), ("20% less", "multiply", 0.8), ("1.5x", "multiply", 1.5), ("20%", "set", "20%"),
    ],
)  # fmt: skip
def test_how_changes_are_read(said: Any, how: str, amount: Any) -> None:
    context = people()
    sig = signature(context, find_model(context, "money"))
    change = changes.read(sig, {"age": said})[0]
    assert (change.how, change.amount) == (how, pytest.approx(amount) if how == "multiply" else amount)
    with pytest.raises(ToolError, match="no input"):
        changes.read(sig, {"agee": said})
    with pytest.raises(ToolError, match="not understood"):
        changes.read(sig, {"age": {"squared": True}})


def test_a_sweep_over_numbers_and_categories() -> None:
    context = people()
    result = context.run("what_if", model_id="pipe", row="people[4]", sweep="age")
    data, pipe = result["data"], context.user_ns["pipe"]
    values = [card["value"] for card in data["sweep"]]
    assert values == sorted(values) and len(values) == 11 and all(isinstance(value, int) for value in values)
    place = list(pipe.classes_).index(data["about"])
    rows = pd.concat([PEOPLE.iloc[[4]]] * 11).assign(age=values)
    wanted = pipe.predict_proba(rows)[:, place]
    assert [card["probability"] for card in data["sweep"]] == pytest.approx(list(wanted))
    labels = pipe.predict(rows)
    flips = [[values[i], values[i + 1]] for i in range(10) if labels[i] != labels[i + 1]]
    assert data["flips_between"] == flips and len(flips) == 1
    assert reproduced(context, result["code"]) == pytest.approx(wanted)
    plans = context.run("what_if", model_id="money", row="people[4]", sweep="plan")["data"]
    assert {card["value"] for card in plans["sweep"]} == {"basic", "Pro", "enterprise"}
    chosen = context.run("what_if", model_id="money", row="people[4]", sweep="age", values=[20, 30])["data"]
    assert chosen["highest"] - chosen["lowest"] == pytest.approx(7)


def test_a_change_in_every_row_of_a_frame() -> None:
    context = people()
    result = context.run("what_if", model_id="pipe", data="people", changes={"age": "+10"}, output="stays")
    pipe, data = context.user_ns["pipe"], result["data"]
    after = PEOPLE.assign(age=PEOPLE["age"] + 10)
    place = list(pipe.classes_).index("stays")
    assert data["mean_after"] == pytest.approx(pipe.predict_proba(after)[:, place].mean())
    assert data["flipped"] == int((pipe.predict(PEOPLE) != pipe.predict(after)).sum()) and data["n"] == len(PEOPLE)
    assert reproduced(context, result["code"]) == pytest.approx([data["mean_before"], data["mean_after"]])
    everyone = context.run("what_if", model_id="pipe", data="people", changes={"region": "North"})
    assert everyone["ok"] and reproduced(context, everyone["code"])[1] == pytest.approx(everyone["data"]["mean_after"])
    arrays = Context({"m": LinearRegression().fit(PEOPLE[["age", "monthly fee"]].to_numpy(), spending(PEOPLE)),
                      "A": PEOPLE[["age", "monthly fee"]].to_numpy()})  # fmt: skip
    assert arrays.run("what_if", model_id="m", data="A", changes={"x0": "+10"})["data"]["delta"] == pytest.approx(7)


def test_a_category_of_boosting_keeps_its_dtype() -> None:
    frame = PEOPLE[["age", "region"]]
    model = lightgbm.LGBMClassifier(n_estimators=4, verbose=-1).fit(frame, outcome(PEOPLE))
    context = Context({"model": model, "frame": frame})
    result = context.run("what_if", model_id="model", row="frame[1]", changes={"region": "south"})
    after = frame.iloc[[1]].assign(region=pd.Categorical(["south"], categories=frame["region"].cat.categories))
    place = list(model.classes_).index(result["data"]["about"])
    assert result["data"]["after"]["probability"] == pytest.approx(model.predict_proba(after)[0, place])
    assert reproduced(context, result["code"])[1] == pytest.approx(model.predict_proba(after)[0, place])


@pytest.mark.parametrize(
    ("args", "about"),
    [
        ({}, "changes"), ({"changes": {"age": 1}, "sweep": "age"}, "changes"),
        ({"changes": {"region": "west"}}, "region"),
        ({"changes": {"region": "doubled"}}, "region"), ({"changes": {"age": "much"}}, "age"),
        ({"sweep": "joined"}, "joined"), ({"changes": {"age": 3}, "data": "people"}, "data"),
    ],
)  # fmt: skip
def test_what_is_refused(args: dict[str, Any], about: str) -> None:
    fault = people().run("what_if", model_id="pipe", row="people[0]", **args)["fault"]
    assert fault["code"] == "invalid_input" and fault["about"] == about


def test_inputs_of_a_small_model() -> None:
    context = people()
    result = context.run("suggest_inputs", model_id="pipe")
    told = {card["name"]: card for card in result["data"]["inputs"]}
    assert set(told) == {"age", "monthly fee", "visits", "plan", "region", "vip"} and result["form"] is None
    assert told["age"]["kind"] == "integer" and told["plan"]["options"] == ["Pro", "basic", "enterprise"]
    own = {card["name"]: card for card in result["local"]["inputs"]}["monthly fee"]["range"]
    assert own[0] < told["monthly fee"]["range"][0] < told["monthly fee"]["range"][1] < own[1]
    assert (
        told["age"]["default"] == pytest.approx(PEOPLE["age"].mean(), rel=1e-5)
        and "median row" in result["data"]["start"]
    )
    form = context.run("suggest_inputs", model_id="pipe", ask=True)["form"]
    assert [field["name"] for field in form["fields"]] == list(told) and form["tool"] == "suggest_inputs"
    values = {field["name"]: field["default"] for field in form["fields"]}
    filled = context.run("suggest_inputs", model_id="pipe", ask=True, features=values)
    direct = context.run("make_prediction", model_id="pipe", features=values)
    assert filled["data"]["prediction"] == direct["data"]["prediction"]
    again = context.run("suggest_inputs", model_id="pipe", ask=True, features={"age": 30})
    assert again["form"]["fields"][0]["value"] == 30


def test_inputs_of_a_wide_model_start_from_a_row() -> None:
    rng = np.random.default_rng(0)
    names = [f"a long name of column number {i}" for i in range(2_000)]
    wide = pd.DataFrame(rng.normal(size=(80, 2_000)), columns=names)
    context = Context({"model": LinearRegression(), "wide": wide, "y": wide[names[3]] * 5})
    cell(context, "model.fit(wide, y)")
    result = context.run("suggest_inputs", model_id="model")
    assert size_of(result["data"]) <= 8_000 and len(result["data"]["inputs"]) == 12
    assert result["data"]["inputs"][0]["name"] == names[3] and result["truncated"]["total"] == 2_000
    filled = context.run("suggest_inputs", model_id="model", ask=True, features={names[3]: 1.0})
    start = wide.median().to_frame().T.assign(**{names[3]: 1.0})
    assert filled["data"]["prediction"] == pytest.approx(context.user_ns["model"].predict(start)[0])
    assert "median row" in filled["data"]["start"]
    untouched = context.run("suggest_inputs", model_id="model", row="median", ask=True, features={})
    assert untouched["data"]["prediction"] == pytest.approx(
        context.user_ns["model"].predict(wide.median().to_frame().T)[0]
    )
    form = context.run("suggest_inputs", model_id="model", row="wide[5]", ask=True)["form"]
    assert form["start"]["value"] == "wide[5]" and form["start"]["help"] == "the row `wide[5]`"
    assert form["fields"][0]["default"] == wide[names[3]][5] and form["fields"][0]["name"] == names[3]
    of_row = context.run("suggest_inputs", model_id="model", row="wide[5]", ask=True, features={names[3]: 1.0})
    start = wide.iloc[[5]].assign(**{names[3]: 1.0})
    assert of_row["data"]["prediction"] == pytest.approx(context.user_ns["model"].predict(start)[0])


def test_the_probability_of_another_class_says_whose_it_is() -> None:
    X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0] * 10})
    model = LogisticRegression().fit(X, ["low", "low", "low", "high", "high", "high"] * 10)
    told = Context({"model": model, "X": X}).data("what_if", model_id="model", row="X[0]", changes={"a": 5})
    assert told["before"]["prediction"] == "low" and "of" not in told["before"]
    assert told["after"]["prediction"] == "high" and told["after"]["of"] == told["about"] == "low"
    direct = model.predict_proba(pd.DataFrame({"a": [5.0]}))[0, list(model.classes_).index("low")]
    assert told["after"]["probability"] == pytest.approx(direct)
