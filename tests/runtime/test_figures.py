"""Figures of answers that compare: a bar for each model, and for each column that moved."""

from __future__ import annotations

from runtime.context import Context
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, Ridge

from jupyter_mlchat.runtime.figures import Bars, figure_of


def notebook() -> Context:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    models = {"line": LinearRegression().fit(X[:300], y[:300]), "ridge": Ridge(50).fit(X[:300], y[:300])}
    return Context({**models, "train": X[:300], "new": X[300:] + 0.1, "true": y[300:], "held": X[300:]})


def test_models_beside_each_other() -> None:
    told = notebook().data("compare_models", models=["line", "ridge"], data="held", target="true", metric="mae")
    made = figure_of("compare_models", told)
    assert made is not None and isinstance(made.shape, Bars) and made.x == "mae, lower is better"
    best = told["models"][0]
    assert made.shape.names[0] == best["model_id"] and made.shape.values[0] == best["metrics"]["mae"]


def test_columns_that_moved() -> None:
    told = notebook().data("check_drift", model_id="line", data="new", reference="train")
    made = figure_of("check_drift", told)
    assert made is not None and isinstance(made.shape, Bars)
    assert made.shape.values == [card["psi"] for card in told["features"]] and made.title == "From train to new"
