"""Contributions of one prediction beside shap's, counted-out Shapley values and coefficients."""

from __future__ import annotations

import importlib
import itertools
import math
import sys
import warnings
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from runtime.context import Context, cell
from runtime.people import METAS, PEOPLE, logistic, outcome
from runtime.reproduce import reproduced
from scipy.stats import spearmanr
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from jupyter_mlchat.runtime.explaining.shapley import shapley
from jupyter_mlchat.runtime.toolbox import size_of

RNG = np.random.default_rng(11)
X = pd.DataFrame(RNG.normal(size=(150, 5)), columns=["a", "b", "c", "d", "e"])
SCORE = X["a"] * 2 - X["b"] + X["c"] * X["d"]
TWO = (SCORE > 0).astype(int)
THREE = pd.cut(SCORE, [-99, -1, 1, 99], labels=False)


QUIET = {"verbose": False, "allow_writing_files": False, "random_seed": 0}


@pytest.fixture(scope="module")
def shap() -> Any:
    """The package, loaded for the comparison but as if nobody had imported it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module("shap")
    return sys.modules.pop("shap", module)


def explained(context: Context, **args: Any) -> tuple[dict[str, Any], dict[str, float], Any]:
    result = context.run("explain_prediction", top=40, **args)
    assert result["ok"], result["fault"]
    data = result["local"] or result["data"]
    shares = {card["feature"]: card["contribution"] for card in data["contributions"]}
    return data, shares, result


def adds_up(data: dict[str, Any], shares: dict[str, float]) -> None:
    assert data["base"] + sum(shares.values()) == pytest.approx(data["total"], abs=1e-5)


def agrees(context: Context, result: Any, shares: dict[str, float], tolerance: float = 1e-6) -> None:
    found = reproduced(context, result["code"])
    assert {str(k): v for k, v in found.items() if v} == pytest.approx(
        {name: value for name, value in shares.items() if value}, abs=tolerance
    )


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (xgboost.XGBClassifier(n_estimators=12), TWO),
        (xgboost.XGBClassifier(n_estimators=6), THREE),
        (xgboost.XGBRegressor(n_estimators=12), SCORE),
        (lightgbm.LGBMClassifier(n_estimators=12, verbose=-1), TWO),
        (lightgbm.LGBMClassifier(n_estimators=6, verbose=-1), THREE),
        (lightgbm.LGBMRegressor(n_estimators=12, verbose=-1), SCORE),
    ],
    ids=["xgb two", "xgb three", "xgb number", "lgb two", "lgb three", "lgb number"],
)
def test_native_treeshap_is_that_of_shap(model: Any, target: Any, shap: Any) -> None:
    model.fit(X, target)
    context = Context({"model": model, "X": X})
    for row in (0, 7, 20):
        data, shares, result = explained(context, model_id="model", row=f"X[{row}]")
        told = shap.TreeExplainer(model)(X.iloc[[row]])
        values = np.asarray(told.values)[0]
        if values.ndim == 2:
            values = values[:, int(data["explained"])]
        elif data["explained"] == 0:
            values = -values
        assert shares == pytest.approx(dict(zip(X.columns, values, strict=True)), abs=1e-6)
        assert data["method"].startswith("TreeSHAP of ")
        adds_up(data, shares)
        agrees(context, result, shares)


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (catboost.CatBoostClassifier(n_estimators=12, **QUIET), TWO),
        (catboost.CatBoostClassifier(n_estimators=6, loss_function="MultiClass", **QUIET), THREE),
        (catboost.CatBoostRegressor(n_estimators=12, **QUIET), SCORE),
        (catboost.CatBoost({"n_estimators": 6, "loss_function": "RMSE", **QUIET}), SCORE),
    ],
    ids=["two", "three", "number", "general"],
)
def test_treeshap_of_catboost_is_that_of_shap(model: Any, target: Any, shap: Any) -> None:
    model.fit(X, target)
    context = Context({"model": model, "X": X})
    for row in (0, 7):
        data, shares, _ = explained(context, model_id="model", row=f"X[{row}]")
        values = np.asarray(shap.TreeExplainer(model).shap_values(catboost.Pool(X.iloc[[row]])))[0]
        if values.ndim == 2:
            values = values[:, int(data["explained"])]
        elif data["explained"] == 0:
            values = -values
        assert shares == pytest.approx(dict(zip(X.columns, values, strict=True)), abs=1e-6)
        assert data["method"] == "TreeSHAP of catboost"
        adds_up(data, shares)


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (RandomForestClassifier(8, random_state=0), TWO),
        (RandomForestClassifier(8, random_state=0), THREE),
        (RandomForestRegressor(8, random_state=0), SCORE),
        (ExtraTreesRegressor(8, random_state=0), SCORE),
        (DecisionTreeClassifier(max_depth=4, random_state=0), TWO),
        (GradientBoostingRegressor(n_estimators=8, random_state=0), SCORE),
    ],
    ids=["forest two", "forest three", "forest number", "extra trees", "tree", "boosting"],
)
def test_forests_are_explained_by_shap_where_it_is_loaded(
    model: Any, target: Any, shap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.fit(X, target)
    monkeypatch.setitem(sys.modules, "shap", shap)
    context = Context({"model": model, "X": X})
    for row in (0, 7):
        data, shares, _ = explained(context, model_id="model", row=f"X[{row}]")
        assert data["method"] == "TreeSHAP of shap"
        explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
        values = np.asarray(explainer(X.iloc[[row]], check_additivity=False).values)[0]
        values = values if values.ndim == 1 else values[:, int(data["explained"])]
        assert shares == pytest.approx(dict(zip(X.columns, values, strict=True)), abs=1e-6)
        adds_up(data, shares)
        chances = hasattr(model, "predict_proba")
        said = model.predict_proba(X.iloc[[row]])[0] if chances else model.predict(X.iloc[[row]])
        direct = said[int(data["explained"]) if chances else 0]
        assert data["total"] == pytest.approx(direct, abs=1e-6)


def test_categories_and_early_stopping_of_boosting() -> None:
    frame = X.assign(kind=pd.Categorical(RNG.choice(["u", "v", "w"], len(X))))
    stops = {"early_stopping_rounds": 2, "n_estimators": 200, "enable_categorical": True}
    models = {
        "xgb": xgboost.XGBClassifier(**stops).fit(
            frame, TWO, eval_set=[(frame.tail(40), 1 - TWO.tail(40))], verbose=False
        ),
        "lgb": lightgbm.LGBMClassifier(n_estimators=9, verbose=-1).fit(frame, TWO),
    }
    assert models["xgb"].best_iteration < 20
    context = Context({**models, "frame": frame})
    for name, model in models.items():
        data, shares, result = explained(context, model_id=name, row="frame[3]")
        chance = model.predict_proba(frame.iloc[[3]])[0][int(data["explained"])]
        assert 1 / (1 + math.exp(-data["total"])) == pytest.approx(chance, abs=1e-6)
        adds_up(data, shares)
        if name == "lgb":
            agrees(context, result, shares)


def test_trees_behind_a_pipeline_are_told_for_raw_columns() -> None:
    from runtime.people import prepared

    model = make_pipeline(prepared(dense=True), lightgbm.LGBMClassifier(n_estimators=8, verbose=-1))
    context = Context({"model": model, "people": PEOPLE, "y": outcome(PEOPLE)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cell(context, "model.fit(people, y)")
    data, shares, result = explained(context, model_id="model", row="people[5]")
    assert data["method"] == "TreeSHAP of lightgbm" and data["scale"] == "log-odds"
    assert set(shares) == set(PEOPLE.columns) and shares["joined"] == 0
    adds_up(data, shares)
    agrees(context, result, shares)
    values = {card["feature"]: card["value"] for card in data["contributions"]}
    assert values["plan"] == PEOPLE["plan"][5]


def test_linear_models_are_told_by_their_coefficients() -> None:
    model = logistic()
    context = Context({"pipe": model, "people": PEOPLE, "y": outcome(PEOPLE)})
    cell(context, "pipe.fit(people, y)")
    data, shares, result = explained(context, model_id="pipe", row="people[2]")
    assert data["method"] == "linear coefficients" and data["scale"] == "log-odds"
    sign = 1 if data["prediction"] == "stays" else -1
    assert data["total"] == pytest.approx(sign * model.decision_function(PEOPLE.iloc[[2]])[0])
    prepared = model[:-1].transform(PEOPLE)
    by_hand = sign * model[-1].coef_[0, 0] * (prepared[2, 0] - prepared[::3, 0].mean())
    assert shares["age"] == pytest.approx(by_hand)
    adds_up(data, shares)
    agrees(context, result, shares)
    other, turned, _ = explained(context, model_id="pipe", row="people[2]", output="leaves" if sign > 0 else "stays")
    assert turned == pytest.approx({name: -value for name, value in shares.items()})
    assert other["prediction"] == data["prediction"]


def test_linear_models_of_numbers_searches_and_selections() -> None:
    context = Context(
        {
            "plain": LinearRegression().fit(X, SCORE),
            "grid": GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [1.0]}, cv=2).fit(X, SCORE),
            "chosen": RFE(LinearRegression(), n_features_to_select=2).fit(X, SCORE),
            "many": LogisticRegression(max_iter=500).fit(X, THREE),
            "X": X,
        }
    )
    for name in ("plain", "grid", "chosen"):
        data, shares, result = explained(context, model_id=name, row="X[4]")
        assert data["method"] == "linear coefficients"
        assert data["total"] == pytest.approx(context.user_ns[name].predict(X.iloc[[4]])[0])
        adds_up(data, shares)
        agrees(context, result, shares)
    data, shares, result = explained(context, model_id="many", row="X[4]", output="1")
    assert data["total"] == pytest.approx(context.user_ns["many"].decision_function(X.iloc[[4]])[0, 1])
    assert data["explained"] == 1
    adds_up(data, shares)
    agrees(context, result, shares)


def test_a_link_function_is_not_taken_for_a_sum() -> None:
    model = PoissonRegressor().fit(X, SCORE - SCORE.min())
    data, shares, _ = explained(Context({"model": model, "X": X}), model_id="model", row="X[0]")
    assert "Shapley" in data["method"] and data["total"] == pytest.approx(model.predict(X.iloc[[0]])[0])
    adds_up(data, shares)


def exact(f: Any, row: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Shapley values by their definition."""
    width = len(row)
    worth = {}
    for size in range(width + 1):
        for group in itertools.combinations(range(width), size):
            mixed = usual.copy()
            mixed[:, list(group)] = row[list(group)]
            worth[group] = f(mixed).mean()
    found = np.zeros(width)
    for column in range(width):
        others = [one for one in range(width) if one != column]
        for size in range(width):
            weight = math.factorial(size) * math.factorial(width - size - 1) / math.factorial(width)
            for group in itertools.combinations(others, size):
                joined = tuple(sorted((*group, column)))
                found[column] += weight * (worth[joined] - worth[group])
    return found


@pytest.mark.parametrize("width", [4, 9])
def test_own_shapley_values_beside_the_definition(width: int) -> None:
    rng = np.random.default_rng(width)
    usual = rng.normal(size=(60, width))
    target = usual[:, 0] * 3 + usual[:, 1] * usual[:, 2] + np.sin(usual[:, 3] * 2) + rng.normal(size=60) * 0.1
    model = RandomForestRegressor(20, random_state=0).fit(usual, target)
    correlations = []
    for _ in range(6):
        row = rng.normal(size=width)
        table = np.vstack([usual, row])
        told = shapley(lambda i, t=table: model.predict(t[i, np.arange(width)]), 60, width, list(range(width)))
        wanted = exact(model.predict, row, usual)
        assert told.base + told.values.sum() == pytest.approx(model.predict(row[None])[0])
        correlations.append(spearmanr(told.values, wanted).statistic)
        if width == 4:
            assert told.errors is None and told.values == pytest.approx(wanted)
        else:
            assert np.abs(told.values - wanted).max() < 0.15 * np.abs(wanted).max()
    assert np.mean(correlations) >= 0.95, correlations


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(10, random_state=0),
        SVC(),
        CalibratedClassifierCV(LogisticRegression(), cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_any_model_by_shapley_values_that_add_up(model: Any) -> None:
    model.fit(X, TWO)
    context = Context({"model": model, "X": X})
    data, shares, result = explained(context, model_id="model", row="X[9]")
    assert data["method"] == "Shapley values, all orders"
    row = X.iloc[[9]]
    if hasattr(model, "predict_proba"):
        wanted = model.predict_proba(row)[0][int(data["explained"])]
    else:
        wanted = model.decision_function(row)[0] * (1 if data["explained"] else -1)
    assert data["total"] == pytest.approx(wanted)
    adds_up(data, shares)
    agrees(context, result, shares)


def test_sampled_orders_mixed_dtypes_and_their_recipe() -> None:
    wide = pd.concat([X, X.add_prefix("more ")], axis=1).assign(kind=pd.Categorical(RNG.choice(["u", "v"], len(X))))
    model = make_pipeline(
        METAS["pipeline"][0].__class__([("n", "passthrough", list(wide.columns[:10]))]), KNeighborsRegressor()
    )
    context = Context({"model": model, "wide": wide, "y": SCORE})
    cell(context, "model.fit(wide, y)")
    data, shares, result = explained(context, model_id="model", row="wide[1]")
    assert data["method"].endswith("orders") and not data["method"].endswith("all orders")
    adds_up(data, shares)
    assert shares["kind"] == pytest.approx(0) and data["contributions"][0]["error"] > 0
    agrees(context, result, shares)
    again = explained(Context({"model": model, "wide": wide}), model_id="model", row="wide[1]")[1]
    assert again == shares


def test_an_array_model_and_what_was_typed() -> None:
    model = KNeighborsRegressor().fit(X.to_numpy(), SCORE)
    context = Context({"model": model, "A": X.to_numpy()})
    values = {f"x{i}": 0.5 for i in range(5)}
    data, shares, result = explained(context, model_id="model", features=values, data="A")
    adds_up(data, shares)
    agrees(context, result, shares)
    assert result["data"]["contributions"][0]["value"] == 0.5
    assert (
        "value"
        not in context.run("explain_prediction", model_id="model", row="A[0]", data="A")["data"]["contributions"][0]
    )
    refused = context.run("explain_prediction", model_id="model", features=values)
    assert refused["fault"]["code"] == "unsupported" and "`data`" in refused["fault"]["hint"]


def test_shap_is_used_for_other_trees_once_it_is_loaded(shap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shap", shap)
    models = {
        "forest": RandomForestClassifier(10, random_state=0).fit(X, TWO),
        "many": RandomForestClassifier(5, random_state=0).fit(X, THREE),
        "boosted": GradientBoostingClassifier(n_estimators=8, random_state=0).fit(X, TWO),
        "number": RandomForestRegressor(8, random_state=0).fit(X, SCORE),
    }
    context = Context({**models, "X": X})
    for name in models:
        data, shares, result = explained(context, model_id=name, row="X[6]")
        assert data["method"] == "TreeSHAP of shap"
        adds_up(data, shares)
        agrees(context, result, shares)


TEXTS = [
    f"{a} film, {b} {c}" for a in ("good", "bad", "dull", "great") for b in ("truly", "not") for c in ("fun", "long")
] * 4
LIKED = ["yes" if text.startswith("g") else "no" for text in TEXTS]


def test_words_of_the_asked_text_by_coefficients() -> None:
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, LIKED)
    context = Context({"model": model, "texts": pd.Series(TEXTS)})
    result = context.run("explain_prediction", model_id="model", features={"text": "A great film, never dull"})
    data = result["data"]
    told = {card["word"]: card["contribution"] for card in data["contributions"]}
    assert set(told) == {"great", "film", "dull"} and data["base"] + sum(told.values()) == pytest.approx(data["total"])
    sign = 1 if data["explained"] == "yes" else -1
    assert data["total"] == pytest.approx(sign * model.decision_function(["A great film, never dull"])[0])
    assert (told["great"] > 0) == (sign > 0)
    assert dict(reproduced(context, result["code"])) == pytest.approx(told)
    assert "truly" not in str(result["data"])
    of_row = context.run("explain_prediction", model_id="model", row="texts[3]")
    assert "good" not in str(of_row["data"]) and "good" in str(of_row["local"])


def test_words_of_any_text_model_by_leaving_them_out() -> None:
    model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(TEXTS, LIKED)
    context = Context({"model": model})
    text = "good good fun"
    result = context.run("explain_prediction", model_id="model", features={"text": text})
    told = {card["word"]: card["contribution"] for card in result["data"]["contributions"]}
    whole, short = model.predict_proba([text, "  fun"])[:, 1]
    assert result["data"]["explained"] == "yes" and told["good"] == pytest.approx(whole - short)
    assert dict(reproduced(context, result["code"])) == pytest.approx(told)


def test_missing_values_become_a_form_and_wide_models_stay_small() -> None:
    context = Context({"model": RandomForestRegressor(5, random_state=0).fit(X, SCORE), "X": X})
    asked = context.run("explain_prediction", model_id="model", features={"a": 1.0})
    assert asked["form"]["tool"] == "explain_prediction" and asked["form"]["target"] == "features"
    names = [f"a rather long name of a column number {i}" for i in range(2_000)]
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2_000)), columns=names)
    for model in (Ridge(), lightgbm.LGBMRegressor(n_estimators=5, verbose=-1), KNeighborsRegressor()):
        model.fit(wide, wide[names[0]])
        result = Context({"model": model, "wide": wide}).run(
            "explain_prediction", model_id="model", row="wide[1]", top=99
        )
        assert result["ok"] and size_of(result["data"]) <= 8_000, result["fault"]
        assert result["truncated"]["total"] == 2_000
        data = result["data"]
        shown = sum(card["contribution"] for card in data["contributions"]) + data["others"]["contribution"]
        assert data["base"] + shown == pytest.approx(data["total"], abs=1e-4)
