"""xgboost, lightgbm and catboost through their own interfaces."""

from __future__ import annotations

from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant, rows_of

ROWS = 200
RNG = np.random.default_rng(6)
DATA = pd.DataFrame(
    {
        "monthly fee": RNG.normal(50, 9, ROWS),
        "age": RNG.integers(18, 80, ROWS),
        "plan": pd.Categorical(RNG.choice(["basic", "pro"], ROWS)),
    }
)
NUMBERS = DATA[["monthly fee", "age"]].astype(float)
HIGH = (DATA["monthly fee"] > 50).astype(int)
THIRD = pd.cut(DATA["monthly fee"], 3, labels=False)
QUIET = {"verbose": -1, "min_data_in_leaf": 5}
CAT = {"iterations": 4, "verbose": 0, "allow_writing_files": False}


def xgb(parameters: dict[str, Any], X: pd.DataFrame, y: Any) -> Case:
    kinds = "category" in map(str, X.dtypes)
    model = xgboost.train(parameters, xgboost.DMatrix(X, label=y, enable_categorical=kinds), 4)

    def direct(frame: pd.DataFrame) -> Any:
        return model.predict(xgboost.DMatrix(frame, enable_categorical=kinds))

    return Case(model, X, direct, "unknown", "monthly fee", "plan" if kinds else None)


def lgb(parameters: dict[str, Any], X: pd.DataFrame, y: Any) -> Case:
    model = lightgbm.train({**QUIET, **parameters}, lightgbm.Dataset(X, label=y), 4)
    return Case(model, X, model.predict, "unknown", "monthly fee", "plan" if "plan" in X else None)


def cat(model: Any, X: pd.DataFrame, y: Any, task: str) -> Case:
    names = {"y": y}
    return Case(
        model, X, model.predict, task, "monthly fee", "plan" if "plan" in X else None, "model.fit(X_train, y)", names
    )


TEXT = DATA.assign(plan=DATA["plan"].astype(str))
CASES = {
    "xgboost logistic": lambda: xgb({"objective": "binary:logistic"}, DATA, HIGH),
    "xgboost squares": lambda: xgb({"objective": "reg:squarederror"}, NUMBERS, DATA["age"]),
    "xgboost softprob": lambda: xgb({"objective": "multi:softprob", "num_class": 3}, DATA, THIRD),
    "xgboost softmax": lambda: xgb({"objective": "multi:softmax", "num_class": 3}, NUMBERS, THIRD),
    "lightgbm binary": lambda: lgb({"objective": "binary"}, DATA, HIGH),
    "lightgbm regression": lambda: lgb({"objective": "regression"}, NUMBERS, DATA["age"]),
    "lightgbm multiclass": lambda: lgb({"objective": "multiclass", "num_class": 3}, DATA, THIRD),
    "catboost classifier": lambda: cat(
        catboost.CatBoostClassifier(**CAT, cat_features=["plan"]), DATA, np.where(HIGH, "yes", "no"), "classification"
    ),
    "catboost of text": lambda: cat(
        catboost.CatBoostClassifier(**CAT, cat_features=["plan"]), TEXT, THIRD, "classification"
    ),
    "catboost regressor": lambda: cat(catboost.CatBoostRegressor(**CAT), NUMBERS, DATA["age"], "regression"),
    "catboost plain": lambda: cat(
        catboost.CatBoost({**CAT, "loss_function": "Logloss"}), NUMBERS, HIGH, "classification"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_invariance(name: str) -> None:
    assert_invariant(CASES[name]())


def test_lightgbm_would_answer_wrongly_for_moved_columns_and_ours_does_not() -> None:
    case = CASES["lightgbm regression"]()
    moved = NUMBERS.iloc[:, ::-1]
    assert not np.array_equal(case.model.predict(moved), case.model.predict(NUMBERS))
    context = Context({"model": case.model, "X_train": NUMBERS, "moved": moved})
    told = context.data("make_prediction", model_id="model", data="moved")
    assert told["mean"] == pytest.approx(float(case.model.predict(NUMBERS).mean()), rel=1e-12)


def test_a_booster_without_any_frame_knows_its_own_columns() -> None:
    for make in ("xgboost logistic", "lightgbm binary"):
        case = CASES[make]()
        context = Context({"model": case.model})
        row = rows_of(DATA.tail(1))[0]
        told = context.data("make_prediction", model_id="model", features=row)
        assert told["prediction"] == float(case.direct(DATA.tail(1))[0])
        assert list(told["probability"]) == ["0", "1"] and told["confidence"] == max(told["probability"].values())
        codes = context.run("validate_features", model_id="model", features={**row, "plan": "gold"})["issues"]
        assert [issue["code"] for issue in codes if issue["column"] == "plan"] == ["unknown_category"]


@pytest.mark.parametrize("make", ["xgboost", "lightgbm", "catboost"])
def test_an_array_leaves_no_names(make: str) -> None:
    array, y = NUMBERS.to_numpy(), DATA["age"].to_numpy()
    if make == "xgboost":
        model: Any = xgboost.train({}, xgboost.DMatrix(array, label=y), 3)
        direct = model.predict(xgboost.DMatrix(array[:1]))
    elif make == "lightgbm":
        model = lightgbm.train(QUIET, lightgbm.Dataset(array, label=y), 3)
        direct = model.predict(array[:1])
    else:
        model = catboost.CatBoostRegressor(**CAT).fit(array, y)
        direct = model.predict(array[:1])
    context = Context({"model": model})
    assert context.data("get_model_info", model_id="model")["feature_names"] == ["x0", "x1"]
    told = context.data("make_prediction", model_id="model", features={"x1": array[0, 1], "x0": array[0, 0]})
    assert told["prediction"] == float(direct[0])


@pytest.mark.parametrize("name", ["xgboost squares", "lightgbm binary", "catboost regressor"])
def test_importance_is_gain_by_column(name: str) -> None:
    context = CASES[name]().context()
    told = context.data("get_feature_importance", model_id="model")
    assert {one["feature"] for one in told["features"]} <= set(DATA.columns)
    assert sum(one["importance"] for one in told["features"]) == pytest.approx(1)


def test_unfitted_catboost_and_a_threshold() -> None:
    model = catboost.CatBoostClassifier(**CAT)
    context = Context({"model": model})
    assert context.data("list_models")["models"][0]["status"] == "unfitted"
    model.fit(NUMBERS, HIGH)
    model.set_probability_threshold(0.7)
    assert context.data("get_model_info", model_id="model")["threshold"] == 0.7


def test_estimators_of_lightgbm_know_their_ranges_and_categories() -> None:
    model = lightgbm.LGBMClassifier(n_estimators=3, **QUIET).fit(DATA, HIGH)
    features = Context({"model": model}).data("get_model_info", model_id="model")["features"]
    fee, plan = features[0], features[2]
    assert fee["range"] == [pytest.approx(DATA["monthly fee"].min()), pytest.approx(DATA["monthly fee"].max())]
    assert plan["categories"] == ["basic", "pro"]
