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

from jupyter_mlchat.runtime import displays
from jupyter_mlchat.runtime.figures import Bars, Heat, Lines, figure_of
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
]


@pytest.fixture(scope="module")
def context() -> Context:
    bunch = load_breast_cancer(as_frame=True)
    X = bunch.data.iloc[:, :4].rename(columns={"mean texture": "price in $ or $"})
    clf = LogisticRegression(max_iter=5_000).fit(X, bunch.target)
    return Context({"clf": clf, "reg": Ridge().fit(X, bunch.data.iloc[:, 5]), "X": X, "y": bunch.target})


@pytest.mark.parametrize(("tool", "args", "shape"), CASES)
def test_an_answer_that_is_better_seen_has_a_figure(
    context: Context, tool: str, args: dict[str, Any], shape: type
) -> None:
    result = context.run(tool, **{"model_id": "clf", **args})
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
