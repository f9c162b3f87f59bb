"""xgboost and lightgbm through their estimators for scikit-learn, on categories and names with spaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from lightgbm import LGBMClassifier, LGBMRegressor
from runtime.context import Context, cell
from sklearn.pipeline import make_pipeline
from xgboost import XGBClassifier, XGBRegressor

from jupyter_mlchat.runtime.catalog import find_model

ROWS = 200
RNG = np.random.default_rng(6)
DATA = pd.DataFrame(
    {
        "monthly fee": RNG.normal(50, 9, ROWS),
        "age": RNG.integers(18, 80, ROWS),
        "plan": pd.Categorical(RNG.choice(["basic", "pro"], ROWS)),
    }
)
HIGH = (DATA["monthly fee"] > 50).astype(int)
MODELS: list[tuple[Any, Any]] = [
    (LGBMClassifier(n_estimators=4, verbose=-1), np.where(HIGH, "yes", "no")),
    (LGBMRegressor(n_estimators=4, verbose=-1), DATA["monthly fee"]),
    (XGBClassifier(n_estimators=4, enable_categorical=True), HIGH),
    (XGBRegressor(n_estimators=4, enable_categorical=True), DATA["monthly fee"]),
    (make_pipeline(XGBClassifier(n_estimators=4, enable_categorical=True)), HIGH),
]


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """With the keys in reverse, which these libraries would not notice in a frame."""
    return [
        {name: row[name].item() if hasattr(row[name], "item") else row[name] for name in reversed(list(row))}
        for row in frame.astype(object).to_dict("records")
    ]


@pytest.mark.parametrize(("model", "target"), MODELS, ids=lambda value: type(value).__name__)
def test_rows_give_the_direct_answers(model: Any, target: Any) -> None:
    context = Context({"model": model, "X": DATA, "y": target})
    assert context.data("list_models")["models"][0]["status"] == "unfitted"
    cell(context, "model.fit(X, y)")
    info = context.data("get_model_info", model_id="model")
    assert info["feature_names"] == list(DATA.columns) and info["status"] == "fitted"
    data = context.data("make_prediction", model_id="model", features=rows(DATA.tail(20)))
    assert data["prediction"] == model.predict(DATA.tail(20)).tolist()
    reversed_frame = Context({"model": model, "X": DATA, "y": target, "R": DATA[list(reversed(DATA.columns))]})
    reversed_frame.sources = context.sources
    whole = reversed_frame.data("make_prediction", model_id="model", data="R")
    if "counts" in whole:
        assert whole["counts"] == {str(k): v for k, v in pd.Series(model.predict(DATA)).value_counts().items()}
    else:
        assert whole["mean"] == pytest.approx(float(model.predict(DATA).mean()))
    importance = context.data("get_feature_importance", model_id="model")
    assert importance["features"][0]["feature"] == "monthly fee"


@pytest.mark.parametrize(("number", "valid"), [(0, True), (2, False)])
def test_unknown_categories(number: int, valid: bool) -> None:
    model, target = MODELS[number]
    context = Context({"model": model, "X": DATA, "y": target})
    cell(context, "model.fit(X, y)")
    row = {"monthly fee": 50, "age": 30, "plan": "gold"}
    result = context.run("validate_features", model_id="model", features=row)
    assert result["data"]["valid"] is valid
    assert result["issues"][0]["code"] == "unknown_category"


def test_an_array_leaves_no_names() -> None:
    model = LGBMRegressor(n_estimators=2, verbose=-1).fit(DATA[["monthly fee", "age"]].to_numpy(), HIGH)
    context = Context({"model": model})
    assert context.data("get_model_info", model_id="model")["feature_names"] == ["x0", "x1"]


NUMBERS = DATA[["monthly fee", "age"]]


def grown_by_xgboost() -> tuple[Any, Callable[[], None]]:
    data = xgboost.DMatrix(NUMBERS, label=HIGH)
    model = xgboost.train({"max_depth": 2}, data, 3)
    return model, lambda: model.update(data, 3)


def grown_by_lightgbm() -> tuple[Any, Callable[[], None]]:
    data = lightgbm.Dataset(NUMBERS, label=HIGH)
    model = lightgbm.train({"verbose": -1}, data, 3, keep_training_booster=True)
    return model, lambda: model.update() and None


@pytest.mark.parametrize("made", [grown_by_xgboost, grown_by_lightgbm])
def test_a_booster_that_grew_in_place_is_another_revision(made: Callable[[], tuple[Any, Callable[[], None]]]) -> None:
    model, grow = made()
    context = Context({"model": model, "held": {"inner": [model]}})
    before = find_model(context, "model")
    assert find_model(context, "model").revision == before.revision
    grow()
    after = find_model(context, "model")
    assert after.revision != before.revision and after.aliases == before.aliases
    assert find_model(context, "model").revision == after.revision


def test_an_estimator_whose_booster_grew_is_another_revision() -> None:
    model = XGBRegressor(n_estimators=3).fit(NUMBERS, HIGH)
    context = Context({"model": model})
    before = find_model(context, "model").revision
    model.get_booster().update(xgboost.DMatrix(NUMBERS, label=HIGH), 3)
    assert find_model(context, "model").revision != before
