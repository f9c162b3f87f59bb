"""The same questions to models of other libraries, which are asked in their own ways."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from runtime.context import Context
from runtime.reproduce import reproduced
from sklearn import metrics

RNG = np.random.default_rng(61)
X = pd.DataFrame(RNG.normal(size=(200, 4)), columns=list("abcd"))
NUMBER = X["a"] * 2 + X["b"] + RNG.normal(0, 0.5, 200)
TWO = (NUMBER > 0).astype(int)
THREE = pd.Series(pd.cut(NUMBER, 3, labels=False))
QUIET = {"verbose": 0, "allow_writing_files": False, "iterations": 8}


def _catboost() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("catboost")


def _formula(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formulas = importlib.import_module("statsmodels.formula.api")
        kind = formulas.logit if text.startswith("two") else formulas.ols
        return kind(text, X.assign(two=TWO, number=NUMBER)).fit(**({"disp": 0} if kind is formulas.logit else {}))


def _xgboost(objective: str, target: Any, **more: Any) -> Any:
    return xgboost.train({"objective": objective, **more}, xgboost.DMatrix(X, target), 8)


def _lightgbm(objective: str, target: Any) -> Any:
    return lightgbm.train({"objective": objective, "verbose": -1}, lightgbm.Dataset(X, target), 8)


KINDS: dict[str, tuple[Any, Any]] = {
    "xgboost two": (lambda: _xgboost("binary:logistic", TWO), TWO),
    "xgboost three": (lambda: _xgboost("multi:softprob", THREE, num_class=3), THREE),
    "xgboost number": (lambda: _xgboost("reg:squarederror", NUMBER), NUMBER),
    "lightgbm two": (lambda: _lightgbm("binary", TWO), TWO),
    "lightgbm number": (lambda: _lightgbm("regression", NUMBER), NUMBER),
    "catboost two": (lambda: _catboost().CatBoostClassifier(**QUIET).fit(X, TWO), TWO),
    "catboost three": (lambda: _catboost().CatBoostClassifier(**QUIET).fit(X, THREE), THREE),
    "catboost number": (lambda: _catboost().CatBoostRegressor(**QUIET).fit(X, NUMBER), NUMBER),
    "statsmodels two": (lambda: _formula("two ~ a + b"), TWO),
    "statsmodels number": (lambda: _formula("number ~ a + b + c"), NUMBER),
}


def answers(name: str, model: Any) -> np.ndarray:
    """Numbers by class, (n, k), or (n, 1), asked in the library's own way."""
    if "xgboost" in name:
        told = model.predict(xgboost.DMatrix(X))
    elif "catboost" in name and "number" not in name:
        told = model.predict_proba(X)
    else:
        told = np.asarray(model.predict(X))
    told = told.reshape(len(X), -1)
    return np.hstack([1 - told, told]) if "two" in name and told.shape[1] == 1 else told


@pytest.mark.parametrize("name", KINDS)
def test_every_question_is_answered_and_its_recipe_agrees(name: str) -> None:
    make, target = KINDS[name]
    model = make()
    context = Context({"model": model, "X": X, "y": target, "other": X + 3})
    direct = answers(name, model)
    number = direct.shape[1] == 1

    explained = context.run("explain_prediction", model_id="model", row="X[3]", data="X", top=9)
    data = explained["data"]
    shares = {card["feature"]: card["contribution"] for card in data["contributions"]}
    assert data["base"] + sum(shares.values()) == pytest.approx(data["total"], abs=1e-5)
    assert ("Shapley" if "statsmodels" in name else "TreeSHAP") in data["method"]
    if number:
        assert data["total"] == pytest.approx(direct[3, 0], rel=1e-5)
    else:
        assert data["prediction"] == direct[3].argmax() and data["probability"] == pytest.approx(
            direct[3].max(), rel=1e-5
        )
    found = {key: value for key, value in reproduced(context, explained["code"]).items() if abs(value) > 1e-7}
    assert found == pytest.approx({key: value for key, value in shares.items() if abs(value) > 1e-7}, abs=1e-5)

    measured = context.run("evaluate_model", model_id="model", data="X", target="y")
    told = measured["data"]["metrics"]
    if number:
        assert told["rmse"]["value"] == pytest.approx(metrics.root_mean_squared_error(target, direct[:, 0]), rel=1e-5)
    else:
        assert told["accuracy"]["value"] == pytest.approx((direct.argmax(axis=1) == target).mean())
    again = reproduced(context, measured["code"])
    assert {key: value[0] for key, value in again.items()} == pytest.approx(
        {key: one["value"] for key, one in told.items()}, rel=1e-4
    )

    changed = context.run("what_if", model_id="model", row="X[3]", changes={"a": "doubled"})
    before, after = reproduced(context, changed["code"])
    assert after - before == pytest.approx(changed["data"]["delta"], abs=1e-6)
    curve = context.run("get_partial_dependence", model_id="model", features=["a"], data="X")
    assert reproduced(context, curve["code"]) == pytest.approx(
        [one["mean"] for one in curve["data"]["curve"]], abs=1e-6
    )
    low = int(direct[:, 0].argmin())
    wish = {"at_least": float(np.median(direct))} if number else {}
    assert context.run("find_counterfactual", model_id="model", row=f"X[{low}]", **wish)["data"]["found"]
    assert context.run("analyze_errors", model_id="model", data="X", target="y")["ok"]
    assert context.run("suggest_inputs", model_id="model")["ok"]
    moved = context.run("check_drift", model_id="model", data="other", reference="X")["data"]
    assert moved["drifted"] == moved["columns"]
    interval = context.run("get_prediction_interval", model_id="model", row="X[3]", data="X", target="y")
    assert interval["ok"]
    shown = reproduced(context, interval["code"])
    if number:
        assert list(shown) == pytest.approx([interval["data"]["low"], interval["data"]["high"]], rel=1e-4)
    else:
        assert shown == interval["data"]["classes"]


def test_reading_tools_leave_everything_as_it_was() -> None:
    context = Context({"model": KINDS["lightgbm two"][0](), "X": X.copy(), "y": TWO.copy(), "other": X + 1})
    filters, state = list(warnings.filters), np.random.get_state()[1].tolist()  # type: ignore[index]
    names, options = sorted(context.user_ns), pd.get_option("display.max_rows")
    for tool, args in (
        ("explain_prediction", {"row": "X[3]"}), ("evaluate_model", {"data": "X", "target": "y", "by": "a"}),
        ("analyze_errors", {"data": "X", "target": "y"}), ("what_if", {"data": "X", "changes": {"a": 1}}),
        ("what_if", {"row": "X[3]", "sweep": "a"}), ("get_partial_dependence", {"features": ["a", "b"]}),
        ("find_counterfactual", {"row": "X[3]"}), ("find_similar_examples", {"row": "X[3]"}),
        ("suggest_inputs", {}), ("check_drift", {"data": "other"}), ("check_leakage", {"data": "X", "target": "y"}),
        ("check_fairness", {"group": "a", "data": "X", "target": "y"}), ("check_freshness", {}),
        ("get_threshold_curve", {"data": "X", "target": "y"}),
        ("get_prediction_interval", {"row": "X[3]", "data": "X"}),
    ):  # fmt: skip
        context.running = 7
        assert context.run(tool, model_id="model", **args)["ok"], tool
    assert warnings.filters == filters and np.random.get_state()[1].tolist() == state  # type: ignore[index]
    assert sorted(context.user_ns) == names and pd.get_option("display.max_rows") == options
    pd.testing.assert_frame_equal(context.user_ns["X"], X)
    pd.testing.assert_series_equal(context.user_ns["y"], TWO)
