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
from sklearn.neighbors import KNeighborsClassifier

from jupyter_mlchat.runtime.toolbox import Toolbox, size_of
from jupyter_mlchat.runtime.tools import MODULES

COLUMNS = 2_000
MAX_BYTES = 8_000
MAX_SECONDS = 10.0
"""Of this thread's own time: ten times what anything may take."""
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
            "line": LinearRegression(), "near": KNeighborsClassifier(),
            "other": RandomForestClassifier(4, max_depth=3, random_state=0),
            "grid": GridSearchCV(LinearRegression(), {"fit_intercept": [True, False]}, cv=2),
        }
    )  # fmt: skip
    cell(context, "forest.fit(X_train, y_train)\nother.fit(X_train, y_train)\nnear.fit(X_train, y_train)")
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
    *(("get_feature_importance", {"model_id": model, **HELD}) for model in ("forest", "line", "near")),
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


def test_too_many_missing_values_start_from_a_row() -> None:
    context = notebook()
    form = context.run("make_prediction", model_id="line", features=dict.fromkeys(NAMES[5:8], 0.5))["form"]
    assert form["start"]["value"] == "median" and "median row" in form["start"]["help"]
    assert {"median", "X_train[0]", "X_test[0]"} <= set(form["start"]["options"])
    shown = {field["name"]: field for field in form["fields"]}
    assert {*NAMES[:5], *NAMES[5:8]} <= set(shown), "what matters most, and what was given"
    assert len(shown) < 20 and not any(field["required"] for field in shown.values())
    assert shown[NAMES[6]]["value"] == 0.5 and shown[NAMES[0]]["value"] is None
    assert len(form["rest"]) + len(shown) == form["total"] == COLUMNS
    assert form["rest"][0]["default"] is not None and "minimum" in form["rest"][0]
    assert form["rest"][-1]["kind"] == "number" and size_of(form) < 230_000
    features = {NAMES[0]: 2.0, NAMES[5]: 0.5}
    found = context.run("make_prediction", model_id="line", features=features, row="median")
    X = context.user_ns["X_train"]
    usual = X.median().to_frame().T.assign(**features)
    assert found["data"]["prediction"] == pytest.approx(context.user_ns["line"].predict(usual)[0])
    told = [issue for issue in found["issues"] if issue["code"] == "starting_row"]
    assert "median row" in told[0]["message"] and "X_train" in told[0]["message"]


def test_few_missing_values_of_many_are_just_asked_for() -> None:
    given = dict.fromkeys(NAMES[3:], 0.5)
    form = notebook().run("make_prediction", model_id="line", features=given)["form"]
    assert [field["name"] for field in form["fields"]] == NAMES[:3] and "start" not in form


def test_without_a_usual_row_too_many_are_no_form() -> None:
    model = LinearRegression().fit(np.eye(300), np.arange(300))
    context = Context({"model": model})
    fault = context.run("make_prediction", model_id="model", features={})["fault"]
    assert fault["code"] == "invalid_input" and "300 more values" in fault["message"]
    fault = context.run("make_prediction", model_id="model", features={}, row="median")["fault"]
    assert "usual" in fault["message"] and "row of a frame" in fault["hint"]


def test_names_beyond_all_measure_are_left_to_the_search() -> None:
    names = ["__proto__", 'a"b', "two\nlines", "🌧", *(f"{'long' * 60} {i}" for i in range(1_500))]
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, len(names))), columns=names)
    context = Context({"X": X, "y": X.iloc[:, 0] + X.iloc[:, 1], "model": LinearRegression()})
    cell(context, "model.fit(X, y)")
    form = context.run("suggest_inputs", model_id="model", ask=True)["form"]
    assert size_of(form) < 256 * 1024 and form["total"] == len(names) > len(form["rest"]) + len(form["fields"])
    found = context.run("suggest_inputs", model_id="model", ask=True, row="row 2 of X", features={"__proto__": 9.0})
    assert found["ok"] and found["data"]["start"] == "the row `row 2 of X`"
    direct = context.user_ns["model"].predict(X.iloc[[2]].assign(__proto__=9.0))[0]
    assert found["data"]["prediction"] == pytest.approx(direct)
