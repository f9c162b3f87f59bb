"""Models without labels or true answers, asked to be measured: a right result, or a refusal that says why."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from sklearn.cluster import DBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, OneClassSVM
from statsmodels.api import GLM, families
from statsmodels.tsa.arima.model import ARIMA

TOOLS: dict[str, dict[str, Any]] = {
    "evaluate_model": {},
    "analyze_errors": {},
    "check_fairness": {"group": "side"},
    "get_threshold_curve": {},
    "compare_models": {},
}


@cache
def notebook() -> Context:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=120), "b": rng.normal(size=120)})
    size = (X["a"] * 2 + rng.normal(size=120)).rename("size")
    big = (size > 0).map({True: "big", False: "small"}).rename("big")
    return Context(
        {
            "X": X, "size": size, "big": big, "side": pd.Series(np.where(X["b"] > 0, "left", "right"), name="side"),
            "groups": KMeans(3, n_init=1, random_state=0).fit(X),
            "mixture": GaussianMixture(2, random_state=0).fit(X),
            "density": DBSCAN().fit(X),
            "odd": IsolationForest(n_estimators=8, random_state=0).fit(X),
            "novel": OneClassSVM().fit(X),
            "neighbors": LocalOutlierFactor(novelty=True).fit(X),
            "plane": PCA(1).fit(X),
            "scaler": make_pipeline(StandardScaler(), PCA(1)).fit(X),
            "arima": ARIMA(size.to_numpy(), order=(1, 0, 0)).fit(),
            "share": GLM(big == "big", X, family=families.Binomial()).fit(),
            "line": LinearRegression().fit(X, size),
            "mean": DummyRegressor().fit(X, size),
            "two": MultiOutputRegressor(Ridge()).fit(X, np.c_[size, -size]),
            "unlikely": SVC().fit(X, big),
            "likely": LogisticRegression().fit(X, big),
        }
    )  # fmt: skip


TARGETS = {"line": "size", "two": "size", "arima": "size", "unlikely": "big", "likely": "big", "share": "big"}
ANSWERED = {
    "line": set(TOOLS) - {"get_threshold_curve"},
    "unlikely": set(TOOLS),
    "likely": set(TOOLS),
}
"""What has to be answered; everything else has to be refused, but for what statsmodels' share of `big` can tell."""
MODELS = (
    "groups", "mixture", "density", "odd", "novel", "neighbors", "plane", "scaler", "arima", "share", "line", "two",
    "unlikely", "likely",
)  # fmt: skip
BESIDE = {"share": "likely", "unlikely": "likely", "likely": "unlikely", "line": "mean"}
"""What it is compared with; else with a regression."""


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("model", MODELS)
def test_a_result_or_a_reason(model: str, tool: str) -> None:
    both = [model, BESIDE.get(model, "line")]
    asked: dict[str, Any] = {"models": both} if tool == "compare_models" else {"model_id": model}
    result = notebook().run(tool, **asked, data="X", target=TARGETS.get(model, "size"), **TOOLS[tool])
    if tool in ANSWERED.get(model, ()):
        assert result["ok"], result["fault"]
    elif model != "share":
        assert not result["ok"], result["data"]
    if not result["ok"]:
        fault = result["fault"]
        assert fault["code"] in ("unsupported", "invalid_input") or "predicts nothing" in fault["message"], fault
        assert fault["about"] in (model, "target", "models", TARGETS.get(model)), fault
