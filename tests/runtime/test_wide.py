"""A frame and models of 2,000 columns: every tool stays within its bytes and quick, and says what it left out."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV

from jupyter_mlchat.runtime.toolbox import Toolbox, size_of
from jupyter_mlchat.runtime.tools import MODULES

COLUMNS = 2_000
MAX_BYTES = 8_000
MAX_SECONDS = 10.0
"""Of this thread's own time, ten times what it should take."""
NAMES = [f"a rather long name of measurement number {i}" for i in range(COLUMNS)]


@cache
def notebook() -> Context:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, COLUMNS)), columns=NAMES)
    y = (X.iloc[:, 0] + X.iloc[:, 1] > 0).map({True: "up", False: "down"}).rename("direction")
    size = (X.iloc[:, :5].sum(axis=1) + rng.normal(size=300)).rename("size")
    context = Context(
        {
            "X_train": X[:200], "X_test": X[200:], "y_train": y[:200], "y_test": y[200:],
            "size_train": size[:200], "size_test": size[200:],
            "forest": RandomForestClassifier(8, max_depth=5, random_state=0),
            "line": LinearRegression(), "other": RandomForestClassifier(4, max_depth=3, random_state=0),
            "grid": GridSearchCV(LinearRegression(), {"fit_intercept": [True, False]}, cv=2),
        }
    )  # fmt: skip
    cell(context, "forest.fit(X_train, y_train)\nother.fit(X_train, y_train)")
    cell(context, "line.fit(X_train, size_train)\ngrid.fit(X_train, size_train)")
    return context


ROW = {"row": "X_test[3]"}
HELD = {"data": "X_test"}
MANY = dict.fromkeys(NAMES[:300], 0.5)
DETAILS = ("summary", "signature", "steps", "feature_mapping", "parameters")
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_models", {}),
    ("list_dataframes", {}),
    ("describe_dataframe", HELD),
    ("get_system_status", {}),
    ("get_running_cell", {}),
    *((name, {"model_id": model, **args}) for model in ("forest", "line") for name, args in [
        *(("get_model_info", {"detail": detail}) for detail in DETAILS),
        ("make_prediction", ROW), ("make_prediction", HELD),
        ("validate_features", {"features": {}}), ("validate_features", {"features": {**MANY, "unheard of": 1}}),
        ("get_feature_importance", {}), ("explain_prediction", ROW),
        ("what_if", {**ROW, "changes": {NAMES[0]: "doubled"}}), ("what_if", {**ROW, "sweep": NAMES[0]}),
        ("what_if", {**HELD, "changes": {NAMES[0]: "doubled"}}),
        ("find_similar_examples", ROW), ("get_partial_dependence", {"features": NAMES[:1]}),
        ("suggest_inputs", {}), ("suggest_inputs", {"ask": True}),
        ("evaluate_model", HELD), ("analyze_errors", HELD), ("check_fairness", {**HELD, "group": NAMES[2]}),
        ("get_prediction_interval", {**ROW, **HELD}), ("check_drift", HELD), ("check_leakage", {}),
        ("check_freshness", {}),
    ]),
    ("find_counterfactual", {"model_id": "forest", **ROW}),
    ("find_counterfactual", {"model_id": "line", **ROW, "at_least": 20}),
    ("get_threshold_curve", {"model_id": "forest", **HELD}),
    ("compare_models", {"models": ["forest", "other"], **HELD}),
    ("get_search_results", {"model_id": "grid"}),
]  # fmt: skip
OURS = (
    "models", "predict", "validate", "explain", "whatif", "alternatives", "effects", "inputs", "evaluate", "errors",
    "thresholds", "checks", "search", "frames", "system",
)  # fmt: skip
CUT = {
    "get_model_info": COLUMNS, "get_feature_importance": COLUMNS, "explain_prediction": COLUMNS,
    "describe_dataframe": COLUMNS, "check_drift": 500, "suggest_inputs": COLUMNS,
}  # fmt: skip
"""How many columns there were, of answers that list them."""
MAX_CODE = 20_000


@pytest.mark.parametrize(("name", "args"), CALLS, ids=[f"{n}-{a.get('model_id', '')}" for n, a in CALLS])
def test_wide_answers_are_small_and_quick(name: str, args: dict[str, Any]) -> None:
    context = notebook()
    began = time.thread_time()
    result = context.run(name, **args)
    took = time.thread_time() - began
    assert result["ok"], result["fault"]
    assert size_of(result["data"]) <= MAX_BYTES and took < MAX_SECONDS
    assert len(result["code"]) <= MAX_CODE, "a cell that people can read"
    if name in CUT:
        assert result["truncated"]["total"] == CUT[name] > result["truncated"]["shown"] > 0


def test_every_tool_is_among_them() -> None:
    tools = {tool.name for tool in Toolbox([one for one in MODULES if one.rpartition(".")[2] in OURS]).all()}
    assert {name for name, _ in CALLS} >= tools - {"delete_model"}


def test_too_many_missing_values_are_no_form() -> None:
    fault = notebook().run("make_prediction", model_id="line", features=MANY)["fault"]
    assert fault["code"] == "invalid_input" and "1700 more values" in fault["message"]
