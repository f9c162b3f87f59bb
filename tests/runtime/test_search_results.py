"""Searches over settings: what is told of them beside their own tables."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from runtime.reproduce import reproduced
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from jupyter_mlchat.runtime.toolbox import size_of

RNG = np.random.default_rng(51)
X = pd.DataFrame(RNG.normal(size=(120, 3)), columns=["a", "b", "c"])
Y = X["a"] * 2 + np.sin(X["b"] * 3) + RNG.normal(0, 0.3, 120)


def test_a_grid_without_refit() -> None:
    grid = {"max_depth": [1, 2, 3, 4], "min_samples_leaf": [1, 10], "splitter": ["best"]}
    search = GridSearchCV(DecisionTreeRegressor(random_state=0), grid, cv=3, refit=False, return_train_score=True)
    context = Context({"grid": search.fit(X, Y)})
    result = context.run("get_search_results", model_id="grid", top=3)
    data, table = result["data"], pd.DataFrame(search.cv_results_).sort_values("rank_test_score")
    first = table.iloc[0]
    assert data["best"]["params"] == first["params"] and data["tried"] == 8 and data["folds"] == 3
    assert data["best"]["score"] == pytest.approx(first["mean_test_score"], rel=1e-5)
    assert data["train_test_gap"] == pytest.approx(first["mean_train_score"] - first["mean_test_score"], rel=1e-4)
    close = (table["mean_test_score"] >= first["mean_test_score"] - first["std_test_score"]).sum()
    assert data["within_one_std"] == close and len(data["top"]) == 3 and data["refit"] is False
    effects = {effect["setting"]: effect for effect in data["effects"]}
    means = pd.DataFrame(search.cv_results_).groupby("param_max_depth")["mean_test_score"].mean()
    assert effects["max_depth"]["means"] == pytest.approx({str(k): v for k, v in means.items()}, rel=1e-4)
    assert set(effects) == {"max_depth", "min_samples_leaf"}
    assert data["seconds_total"] > 0 and data["failed"] == 0
    shown = reproduced(context, result["code"])
    assert shown["mean_test_score"].tolist()[:3] == pytest.approx([one["score"] for one in data["top"]], rel=1e-4)


@pytest.mark.parametrize(
    ("alphas", "side"),
    [([1e-3, 1e-2, 1e-1, 1], None), ([30.0, 300.0, 3_000.0], "lowest")],
)
def test_the_best_on_the_border_is_said(alphas: list[float], side: str | None) -> None:
    truth = X["a"] * 2 + RNG.normal(0, 0.1, 120) if side else X.sum(axis=1) * 0 + Y
    search = GridSearchCV(Ridge(), {"alpha": alphas}, cv=3).fit(X, truth)
    result = Context({"grid": search}).run("get_search_results", model_id="grid")
    best = search.best_params_["alpha"]
    wanted = "lowest" if best == min(alphas) else "highest" if best == max(alphas) else None
    told = result["data"]["on_the_border"]
    assert (told[0]["side"] if told else None) == wanted and any(
        "border" in text for text in result["warnings"]
    ) is bool(wanted)
    assert side is None or wanted == side


def test_objects_failures_and_several_metrics() -> None:
    pipe = make_pipeline(StandardScaler(), Ridge())
    grid = {"standardscaler": [StandardScaler(), MinMaxScaler()], "ridge__alpha": [1.0, -5.0]}
    search = GridSearchCV(pipe, grid, cv=2, scoring=["r2", "neg_mean_absolute_error"], refit="r2", error_score=np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(X, Y)
    context = Context({"grid": search, "best": search.best_estimator_})
    result = context.run("get_search_results", model_id="grid")
    data = result["data"]
    assert data["failed"] == 2 and "2 of 4" in result["warnings"][0] and data["metric"] == "r2"
    assert data["best"]["params"]["standardscaler"] in ("StandardScaler", "MinMaxScaler")
    other = context.run("get_search_results", model_id="grid", metric="neg_mean_absolute_error")
    assert other["data"]["best"]["score"] < 0 and other["data"]["metric"] == "neg_mean_absolute_error"
    assert reproduced(context, other["code"]).shape[1] == 3
    wrong = context.run("get_search_results", model_id="grid", metric="auc")
    assert "neg_mean_absolute_error" in wrong["fault"]["hint"]
    assert context.run("get_search_results", model_id="best")["data"]["model_id"] == "grid"


def test_randomized_and_halving() -> None:
    draws = RandomizedSearchCV(Ridge(), {"alpha": np.logspace(-3, 3, 200)}, n_iter=20, cv=2, random_state=0).fit(X, Y)
    data = Context({"s": draws}).run("get_search_results", model_id="s", top=99)["data"]
    assert data["kind"] == "RandomizedSearchCV" and len(data["effects"][0]["means"]) == 4
    halving = HalvingGridSearchCV(DecisionTreeRegressor(random_state=0), {"max_depth": [1, 2, 3, 4, 5, 6]}, cv=2,
                                  random_state=0, min_resources=30).fit(X, Y)  # fmt: skip
    context = Context({"s": halving})
    told = context.run("get_search_results", model_id="s")["data"]
    assert told["best"]["params"] == halving.best_params_ and told["best"]["iteration"] == halving.n_iterations_ - 1


def test_an_optuna_study() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        optuna: Any = importlib.import_module("optuna")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(direction="minimize", sampler=optuna.samplers.RandomSampler(seed=0))

        def objective(trial: Any) -> float:
            x = trial.suggest_float("x", 0, 10)
            kind = trial.suggest_categorical("kind", ["a", "b"])
            if trial.number == 3:
                raise ValueError("no")
            return x**2 + (5 if kind == "b" else 0)

        study.optimize(objective, n_trials=40, catch=(ValueError,))
    context = Context({"study": study})
    result = context.run("get_search_results", model_id="study")
    data = result["data"]
    assert data["kind"] == "Optuna study" and data["failed"] == 1 and data["tried"] == 39
    best = data["best"]["params"]
    assert best["kind"] == study.best_params["kind"] and best["x"] == pytest.approx(study.best_params["x"], rel=1e-4)
    assert data["best"]["score"] == pytest.approx(study.best_value, rel=1e-4)
    assert data["higher_is_better"] is False and data["within_one_std"] is None
    assert {effect["setting"] for effect in data["effects"]} == {"x", "kind"}
    assert reproduced(context, result["code"])["value"].iloc[0] == pytest.approx(study.best_value)


def test_what_is_no_search_and_wide_searches() -> None:
    context = Context({"ridge": Ridge(), "grid": GridSearchCV(Ridge(), {"alpha": [1.0]})})
    refused = context.run("get_search_results", model_id="ridge")
    assert refused["fault"]["code"] == "unsupported" and "`grid`" in refused["fault"]["hint"]
    assert context.run("get_search_results", model_id="nothing")["fault"]["code"] == "unknown_model"
    assert context.run("get_search_results", model_id="grid")["fault"]["code"] == "not_fitted"
    steps = make_pipeline(*[StandardScaler() for _ in range(20)], Ridge())
    many = {f"standardscaler-{i}__with_mean": [True, False] for i in range(1, 8)}
    search = GridSearchCV(steps, many, cv=2).fit(X, Y)
    result = Context({"s": search}).run("get_search_results", model_id="s", top=99)
    assert result["ok"] and size_of(result["data"]) <= 8_000 and result["truncated"]["total"] == 128
