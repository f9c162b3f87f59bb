"""Where models are wrong, how they treat groups, thresholds and intervals: beside numbers worked out directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import BayesianRidge, LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from jupyter_mlchat.runtime.evaluating import rates
from jupyter_mlchat.runtime.toolbox import size_of

RNG = np.random.default_rng(41)
ROWS = 900
INPUTS = ["a", "b"]


def shops() -> pd.DataFrame:
    """In the south, for the old, the answer is the other way round."""
    frame = pd.DataFrame(RNG.normal(size=(ROWS, 2)), columns=INPUTS).assign(
        shop=RNG.choice(["north", "south"], ROWS), age=RNG.integers(18, 90, ROWS), sex=RNG.choice(["f", "m"], ROWS)
    )
    turned = (frame["shop"] == "south") & (frame["age"] > 60)
    yes = (frame["a"] > 0) ^ turned
    return frame.assign(answer=np.where(yes, "yes", "no"), money=frame["a"] * 4 + np.where(turned, 6, 0))


def notebook(model: Any, target: str = "answer") -> Context:
    frame = shops()
    context = Context({"model": model, "train": frame[:500], "test": frame[500:].reset_index(drop=True)})
    cell(context, f"X_train, y_train = train[{INPUTS!r}], train[{target!r}]")
    cell(context, "model.fit(X_train, y_train)")
    return context


def test_the_worst_rows_and_slices_of_classes() -> None:
    context = notebook(RandomForestClassifier(30, random_state=0, min_samples_leaf=20))
    result = context.run("analyze_errors", model_id="model", data="test", target="answer")
    data, test, model = result["data"], context.user_ns["test"], context.user_ns["model"]
    chance = model.predict_proba(test[INPUTS])
    own = chance[np.arange(len(test)), (test["answer"] == "yes").astype(int)]
    assert data["worst_rows"][0]["row"] == int(np.argmax(1 - own)) and "truth" not in data["worst_rows"][0]
    assert "truth" in result["local"]["worst_rows"][0]
    top = data["worst_slices"][0]
    assert top["where"]["shop"] == "south" and top["where"]["age"].startswith("over") and top["low"] > 0
    low, _, high = top["where"]["age"].removeprefix("over ").partition(" up to ")
    part = (test["shop"] == "south") & (test["age"] > float(low)) & (test["age"] <= float(high or 99))
    assert top["n"] == part.sum() and top["loss"] == pytest.approx((1 - own)[part].mean(), rel=1e-3)
    assert data["mean_loss"] == pytest.approx((1 - own).mean())
    assert reproduced(context, result["code"]) == pytest.approx(1 - own)
    mistakes = metrics.confusion_matrix(test["answer"], model.predict(test[INPUTS]), labels=["no", "yes"])
    assert {(one["truth"], one["prediction"]): one["n"] for one in data["confused"]} == {
        ("no", "yes"): mistakes[0, 1], ("yes", "no"): mistakes[1, 0],
    }  # fmt: skip


def test_the_worst_of_numbers_and_of_a_good_model() -> None:
    context = notebook(LinearRegression(), "money")
    data = context.run("analyze_errors", model_id="model", data="test", target="money")["data"]
    assert data["worst_slices"][0]["where"]["shop"] == "south" and data["confused"] is None
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(400, 12)), columns=list("abcdefghijkl"))
    fine = Context(
        {"m": LinearRegression().fit(noise, noise["a"]), "noise": noise, "y": noise["a"] + rng.normal(size=400)}
    )
    assert fine.run("analyze_errors", model_id="m", data="noise", target="y")["data"]["worst_slices"] == []


def test_groups_are_compared_by_rates_with_intervals() -> None:
    context = notebook(LogisticRegression())
    result = context.run("check_fairness", model_id="model", group="sex", data="test", target="answer")
    data, test, model = result["data"], context.user_ns["test"], context.user_ns["model"]
    said = model.predict(test[INPUTS]) == "yes"
    for card in data["groups"]:
        part = (test["sex"] == card["group"]).to_numpy()
        true = (test["answer"] == "yes").to_numpy()[part]
        assert card["n"] == part.sum() and card["selected"]["value"] == pytest.approx(said[part].mean(), rel=1e-5)
        assert card["true_positive_rate"]["value"] == pytest.approx(said[part][true].mean(), rel=1e-5)
        assert card["false_positive_rate"]["value"] == pytest.approx(said[part][~true].mean(), rel=1e-5)
        assert card["selected"]["low"] < card["selected"]["value"] < card["selected"]["high"]
    gap, groups = data["differences"][0], {card["group"]: card for card in data["groups"]}
    wanted = groups[gap["group"]]["selected"]["value"] - groups[gap["than"]]["selected"]["value"]
    assert gap["selected"]["value"] == pytest.approx(wanted, abs=1e-5)
    assert gap["selected"]["low"] < wanted < gap["selected"]["high"] and data["model_uses_it"] is False
    shown = reproduced(context, result["code"])
    assert shown == pytest.approx({name: card["selected"]["value"] for name, card in groups.items()}, rel=1e-5)
    assert not {"fair", "unfair", "biased"} & set(str(result["data"]).lower().replace("'", " ").split())
    one = context.run("check_fairness", model_id="model", group="nothing", data="test", target="answer")
    assert one["fault"]["code"] == "invalid_input"


def test_small_groups_stay_with_the_person() -> None:
    context = notebook(LogisticRegression())
    test = context.user_ns["test"]
    test.loc[:3, "sex"] = "rare one"
    result = context.run("check_fairness", model_id="model", group="sex", data="test", target="answer")
    assert "rare one" not in str(result["data"]) and "rare one" in str(result["local"])


def test_intervals_of_shares() -> None:
    assert rates.share(0, 0) == {"value": None, "low": None, "high": None}
    told = rates.share(8, 10)
    assert (told["low"], told["high"]) == (pytest.approx(0.4901625), pytest.approx(0.9433178))
    gap = rates.gap(56, 70, 48, 80)  # the example of Newcombe (1998), method 10
    assert (gap["low"], gap["high"]) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_a_threshold_curve_and_the_cheapest_threshold() -> None:
    context = notebook(LogisticRegression())
    result = context.run(
        "get_threshold_curve", model_id="model", data="test", target="answer", cost_false_alarm=1, cost_miss=5
    )
    data, test, model = result["data"], context.user_ns["test"], context.user_ns["model"]
    chance = model.predict_proba(test[INPUTS])[:, 1]
    true = test["answer"] == "yes"
    for one in data["curve"]:
        said = chance >= one["threshold"]
        assert one["recall"] == pytest.approx(metrics.recall_score(true, said), rel=1e-3)
        cost = (said & ~true).sum() + 5 * (~said & true).sum()
        assert one["cost"] == cost
    assert data["cheapest"]["cost"] == min(one["cost"] for one in data["curve"]) and data["positive"] == "yes"
    shown = reproduced(context, result["code"])
    assert [recall for _, recall in shown] == pytest.approx([one["recall"] for one in data["curve"]], rel=1e-3)
    scores = notebook(LinearSVC(dual=False)).run("get_threshold_curve", model_id="model", data="test", target="answer")
    assert scores["data"]["scale"] == "score" and scores["data"]["cheapest"] is None
    number = notebook(LinearRegression(), "money").run(
        "get_threshold_curve", model_id="model", data="test", target="money"
    )
    assert number["fault"]["code"] == "unsupported"


def test_conformal_intervals_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(2_000, 2)), columns=INPUTS)
    money = frame["a"] * 3 + rng.normal(size=2_000)
    context = Context({"model": LinearRegression(), "X_train": frame[:500], "y_train": money[:500],
                       "X_test": frame[500:1_000], "y_test": money[500:1_000], "new": frame[1_000:]})  # fmt: skip
    cell(context, "model.fit(X_train, y_train)")
    held = 0
    for row in range(100):
        result = context.run("get_prediction_interval", model_id="model", row=f"new[{row}]", level=0.8)
        held += result["data"]["low"] <= money.iloc[1_000 + row] <= result["data"]["high"]
    assert 68 <= held <= 92
    assert "conformal" in result["data"]["method"] and result["data"]["held_out_rows"] == 500
    assert list(reproduced(context, result["code"])) == pytest.approx([result["data"]["low"], result["data"]["high"]])


def test_a_set_of_classes_and_other_ways() -> None:
    context = notebook(LogisticRegression())
    result = context.run(
        "get_prediction_interval", model_id="model", row="test[0]", level=0.95, data="test", target="answer"
    )
    assert set(result["data"]["classes"]) == {"yes", "no"}
    assert set(reproduced(context, result["code"])) == {"yes", "no"}
    bayes = notebook(BayesianRidge(), "money")
    told = bayes.run("get_prediction_interval", model_id="model", row="test[0]")["data"]
    mean, std = bayes.user_ns["model"].predict(bayes.user_ns["test"][INPUTS].iloc[[0]], return_std=True)
    assert told["high"] == pytest.approx(mean[0] + 1.6448536 * std[0])
    forest = Context({"model": RandomForestRegressor(20, random_state=0), "X": shops()[INPUTS], "y": shops()["money"]})
    cell(forest, "model.fit(X, y)")
    spread = forest.run("get_prediction_interval", model_id="model", row="X[3]")["data"]
    assert spread["is_interval"] is False and "not an interval" in spread["method"]
    assert spread["low"] <= spread["prediction"] <= spread["high"]
    none = Context({"model": LinearRegression().fit(shops()[INPUTS], shops()["money"])})
    refused = none.run("get_prediction_interval", model_id="model", features={"a": 1, "b": 1})
    assert refused["fault"]["code"] == "unsupported" and "held-out" in refused["fault"]["hint"]
    wrong = none.run("get_prediction_interval", model_id="model", features={"a": 1, "b": 1}, level=9)
    assert wrong["fault"]["about"] == "level"


def test_wide_frames_stay_small() -> None:
    wide = pd.DataFrame(
        np.random.default_rng(0).normal(size=(120, 2_000)), columns=[f"column number {i}" for i in range(2_000)]
    )
    wide["y"] = np.where(wide["column number 3"] > 0, "yes", "no")
    context = Context({"model": LogisticRegression(), "wide": wide})
    cell(context, "model.fit(wide.drop(columns='y'), wide['y'])")
    for name, args in (
        ("analyze_errors", {}), ("check_fairness", {"group": "column number 8"}), ("get_threshold_curve", {}),
        ("get_prediction_interval", {"row": "wide[3]"}),
    ):  # fmt: skip
        result = context.run(name, model_id="model", data="wide", **args)
        assert result["ok"] and size_of(result["data"]) <= 8_000, result.get("fault")
        assert result["warnings"][0].startswith("In-sample")
