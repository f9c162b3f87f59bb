"""How a cell asks models whose `predict` gives probabilities or scores: the same labels and numbers as the tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xgboost
from runtime.context import Context
from runtime.reproduce import reproduced

from jupyter_mlchat.runtime.asking import containers, recipes
from jupyter_mlchat.runtime.asking.outputs import score
from jupyter_mlchat.runtime.catalog import find_model
from jupyter_mlchat.runtime.registered import STATE_KEY, facts_of
from jupyter_mlchat.runtime.signature import signature

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(200, 3)), columns=list("abc"))
TWO = (X["a"] + X["b"] / 2 + RNG.normal(size=200) / 2 > 0).astype(int)
THREE = pd.Series(pd.cut(X["a"], 3, labels=False))


def booster(objective: str, y: Any, **more: Any) -> Callable[[], Any]:
    return lambda: xgboost.train({"objective": objective, **more}, xgboost.DMatrix(X, label=y), 5)


def gbm(objective: str, y: Any, **more: Any) -> Callable[[], Any]:
    return lambda: lightgbm.train({"objective": objective, "verbose": -1, **more}, lightgbm.Dataset(X, label=y), 5)


def general(loss: str, y: Any) -> Callable[[], Any]:
    settings = {"loss_function": loss, "iterations": 5, "verbose": False, "allow_writing_files": False}
    return lambda: catboost.CatBoost(settings).fit(X, y)


MODELS: dict[str, tuple[Callable[[], Any], Any]] = {
    "xgboost binary:logistic": (booster("binary:logistic", TWO), TWO),
    "xgboost multi:softprob of two": (booster("multi:softprob", TWO, num_class=2), TWO),
    "xgboost multi:softprob of three": (booster("multi:softprob", THREE, num_class=3), THREE),
    "xgboost multi:softmax": (booster("multi:softmax", THREE, num_class=3), THREE),
    "xgboost binary:logitraw": (booster("binary:logitraw", TWO), TWO),
    "xgboost binary:hinge": (booster("binary:hinge", TWO), TWO),
    "lightgbm binary": (gbm("binary", TWO), TWO),
    "lightgbm multiclass of two": (gbm("multiclass", TWO, num_class=2), TWO),
    "lightgbm multiclass of three": (gbm("multiclass", THREE, num_class=3), THREE),
    "catboost Logloss": (general("Logloss", TWO), TWO),
    "catboost MultiClass": (general("MultiClass", THREE), THREE),
    "statsmodels Logit": (lambda: sm.Logit(TWO, X).fit(disp=0), TWO),
    "statsmodels GLM": (lambda: sm.GLM(TWO, X, family=sm.families.Binomial()).fit(), TWO),
    "statsmodels MNLogit": (lambda: sm.MNLogit(THREE, X).fit(disp=0), THREE),
}


def notebook(name: str, threshold: float | None) -> Context:
    make, y = MODELS[name]
    model = make()
    context = Context({"model": model, "X": X, "y": y})
    if threshold is not None:
        context.kept[STATE_KEY] = {"model": facts_of("model", model, X, y, threshold=threshold)}
    return context


@pytest.mark.parametrize("threshold", [None, 0.3])
@pytest.mark.parametrize("name", MODELS)
def test_expressions_give_what_the_tools_look_at(name: str, threshold: float | None) -> None:
    context = notebook(name, threshold)
    found = find_model(context, "model")  # type: ignore[arg-type]
    sig = signature(context, found)  # type: ignore[arg-type]
    scored = score(context, found, sig, containers.fitting(sig, X))  # type: ignore[arg-type]
    head = f"classes = np.asarray({sig.flat_classes()!r})"
    labels = reproduced(context, recipes.cell([head, recipes.labels_expression(found, sig, "X")]))
    assert np.array_equal(labels, scored.labels)
    asked = recipes.chances_expression(found, sig, "X")
    assert bool(asked) == (scored.scale == "probability")
    if asked:
        np.testing.assert_allclose(reproduced(context, recipes.cell([asked])), scored.values, atol=1e-6)


@pytest.mark.parametrize("threshold", [None, 0.3])
@pytest.mark.parametrize("name", MODELS)
def test_the_code_of_answers_runs_and_gives_their_numbers(name: str, threshold: float | None) -> None:
    context = notebook(name, threshold)
    told = context.run("evaluate_model", model_id="model", data="X", target="y")
    assert told["ok"], told["fault"]
    shown = reproduced(context, told["code"])
    assert {key: one["value"] for key, one in told["data"]["metrics"].items()} == pytest.approx(
        {key: one[0] for key, one in shown.items()}, rel=1e-5
    )
    told = context.run("explain_prediction", model_id="model", row="X[3]")
    assert told["ok"], told["fault"]
    shown = reproduced(context, told["code"])
    for card in told["data"]["contributions"]:
        assert card["contribution"] == pytest.approx(shown[card["feature"]], rel=1e-4, abs=1e-6)
    told = context.run("make_batch_prediction", model_id="model", data="X", into="made")
    assert told["ok"], told["fault"]
    np.testing.assert_allclose(
        np.asarray(reproduced(context, told["code"]), dtype=float), np.asarray(context.user_ns["made"], dtype=float)
    )


def test_a_raw_score_is_read_as_the_class_it_speaks_for() -> None:
    context = notebook("xgboost binary:logitraw", None)
    model = context.user_ns["model"]
    right = ((model.predict(xgboost.DMatrix(X)) > 0) == TWO).mean()
    metrics = context.data("evaluate_model", model_id="model", data="X", target="y")["metrics"]
    assert metrics["accuracy"]["value"] == pytest.approx(right, rel=1e-5)
