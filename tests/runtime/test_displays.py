"""Figures: kept in the kernel as numbers, drawn when they are asked for, with no trace in the process."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV

from jupyter_mlchat.runtime import displays
from jupyter_mlchat.runtime.figures import Bars, Dots, Heat, Lines, figure_of
from jupyter_mlchat.runtime.reply import Reply
from jupyter_mlchat.runtime.toolbox import ToolError

CASES: list[tuple[str, dict[str, Any], type]] = [
    ("get_feature_importance", {}, Bars),
    ("explain_prediction", {"row": "X[3]"}, Bars),
    ("get_partial_dependence", {"features": ["mean radius"]}, Lines),
    ("get_partial_dependence", {"features": ["mean radius", "price in $ or $"]}, Heat),
    ("get_threshold_curve", {"data": "X", "target": "y"}, Lines),
    ("what_if", {"row": "X[3]", "sweep": "mean radius"}, Lines),
    ("what_if", {"row": "X[3]", "sweep": "mean radius", "model_id": "reg"}, Lines),
    ("evaluate_model", {"data": "X", "target": "y"}, Heat),
    ("check_fairness", {"data": "X", "target": "y", "group": "mean radius"}, Dots),
    ("check_fairness", {"data": "X", "target": "size", "group": "mean radius", "model_id": "reg"}, Bars),
    ("analyze_errors", {"data": "X", "target": "size", "model_id": "reg"}, Dots),
    ("get_search_results", {"model_id": "grid"}, Lines),
    ("get_search_results", {"model_id": "single"}, Dots),
    ("get_prediction_interval", {"row": "X[3]", "data": "X", "target": "size", "model_id": "reg"}, Dots),
    ("describe_dataframe", {"data": "X", "model_id": None}, Bars),
    ("describe_dataframe", {"data": "X", "columns": ["mean radius"], "model_id": None}, Bars),
]


@pytest.fixture(scope="module")
def context() -> Context:
    bunch = load_breast_cancer(as_frame=True)
    X = bunch.data.iloc[:, :4].rename(columns={"mean texture": "price in $ or $"})
    clf = LogisticRegression(max_iter=5_000).fit(X, bunch.target)
    size = bunch.data.iloc[:, 5]
    grid = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, cv=2).fit(X, size)
    return Context(
        {
            "clf": clf, "reg": Ridge().fit(X, size), "X": X, "y": bunch.target, "size": size, "grid": grid,
            "single": GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=2).fit(X, size),
            "few": X[:6], "y_few": bunch.target[:6],
        }
    )  # fmt: skip


@pytest.mark.parametrize(("tool", "args", "shape"), CASES)
def test_an_answer_that_is_better_seen_has_a_figure(
    context: Context, tool: str, args: dict[str, Any], shape: type
) -> None:
    asked = {name: value for name, value in {"model_id": "clf", **args}.items() if value is not None}
    result = context.run(tool, **asked)
    assert result["ok"], result["fault"]
    figure = context.state[displays.STATE_KEY][result["display_ref"]]
    assert isinstance(figure.shape, shape)
    told = displays.drawn(context.state, result["display_ref"])
    assert told["mime"] == "image/png"
    picture = base64.b64decode(told["data"])
    assert picture.startswith(b"\x89PNG") and 2_000 < len(picture) < 100_000


def test_the_figure_shows_the_numbers_of_the_answer(context: Context) -> None:
    data = context.data("get_partial_dependence", model_id="clf", features=["mean radius"])
    figure = figure_of("get_partial_dependence", data)
    assert figure is not None and isinstance(figure.shape, Lines)
    assert figure.shape.curves == {"mean": [row["mean"] for row in data["curve"]]}
    assert figure.shape.band == ([r["p10"] for r in data["curve"]], [r["p90"] for r in data["curve"]])
    assert "clf over mean radius" in figure.title


def test_the_figure_of_a_cell_holds_no_value_of_a_row(context: Context) -> None:
    result = context.run("explain_prediction", model_id="clf", row="X[3]")
    shown = context.state[displays.STATE_KEY][result["display_ref"]].shape
    kept = context.state[displays.IN_CELLS][result["display_ref"]].shape
    assert all(" = " in name for name in shown.names) and not any("=" in name for name in kept.names)
    assert kept.values == shown.values
    assert (displays.in_cell(context.state, result["display_ref"]) or b"").startswith(b"\x89PNG")
    few = context.run("evaluate_model", model_id="clf", data="few", target="y_few")
    assert few["display_ref"] and displays.in_cell(context.state, few["display_ref"]) is None
    assert displays.in_cell(context.state, "unheard of") is None


def test_a_reply_has_the_pictures_of_its_calls(context: Context) -> None:
    reply = Reply(_draw=lambda reference: displays.in_cell(context.state, reference))
    for number, (tool, args) in enumerate([("list_models", {}), ("get_feature_importance", {"model_id": "clf"})]):
        reply.take({"type": "tool.called", "call": str(number), "tool": tool})
        result = context.run(tool, **args)
        reply.take({"type": "tool.returned", "call": str(number), "result": result})
    (figure,) = reply.figures
    assert figure._repr_png_().startswith(b"\x89PNG") and "png" not in repr(figure)
    assert len(reply.take_figures()) == 1 and reply.take_figures() == [] and len(reply.figures) == 1


def test_other_answers_have_none(context: Context) -> None:
    assert context.run("list_models")["display_ref"] == ""
    assert context.run("what_if", model_id="clf", row="X[3]", changes={"mean radius": 9})["display_ref"] == ""
    assert figure_of("evaluate_model", {"model_id": "m", "confusion": {"counts": "?"}}) is None


def test_a_figure_that_was_forgotten_says_so(context: Context) -> None:
    state: dict[str, Any] = {}
    data = context.data("get_feature_importance", model_id="clf")
    first, *_ = [displays.keep(state, "get_feature_importance", data) for _ in range(displays.MOST_KEPT + 1)]
    assert len(state[displays.STATE_KEY]) == displays.MOST_KEPT
    with pytest.raises(ToolError) as refused:
        displays.drawn(state, first)
    assert refused.value.code == "not_found"


def test_categories_are_an_axis_too() -> None:
    frame = pd.DataFrame({"plan": ["a", "b", "c"] * 40, "n": np.arange(120.0)})
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    encode = make_column_transformer((OneHotEncoder(), ["plan"]), remainder="passthrough")
    model = make_pipeline(encode, Ridge()).fit(frame, np.arange(120.0))
    context = Context({"model": model, "frame": frame})
    result = context.run("get_partial_dependence", model_id="model", features=["plan"])
    assert displays.drawn(context.state, result["display_ref"])["mime"] == "image/png"


def test_drawing_leaves_pyplot_and_every_setting_alone() -> None:
    """In a process of its own: this one may have pyplot already."""
    code = """
import sys
from jupyter_mlchat.runtime import displays
state = {}
data = {"model_id": "m", "method": "coefficients", "features": [{"feature": "a", "importance": 1.0}]}
reference = displays.keep(state, "get_feature_importance", data)
assert "matplotlib" not in sys.modules, "nothing is imported to keep one"
import matplotlib
settings = matplotlib.rcParams
# Reading "backend" in the usual way would import pyplot.
before = {name: dict.__getitem__(settings, name) for name in dict.__iter__(settings)}
assert displays.drawn(state, reference)["data"]
assert "matplotlib.pyplot" not in sys.modules
assert {name: dict.__getitem__(settings, name) for name in dict.__iter__(settings)} == before
sys.modules["matplotlib.figure"] = None
try:
    displays.drawn(state, reference)
except Exception as error:
    assert error.code == "unsupported" and "pip install matplotlib" in error.hint
else:
    raise AssertionError
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
