"""One warning an answer, and none of a kind that the person waved aside for that model."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from runtime.context import Context, cell
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier


def notebook() -> Context:
    """Two models that were fitted on every row, on two columns that tell the answer, before the data was changed."""
    iris = load_iris(as_frame=True)
    X = iris.data.assign(code=iris.target * 3, number=iris.target + 5)
    context = Context({"X": X, "y": iris.target, "late": X + 4, "pd": pd})
    context.user_ns.update(model=LogisticRegression(max_iter=5_000), tree=DecisionTreeClassifier())
    cell(context, "model.fit(X, y)\ntree.fit(X, y)")
    return context


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("evaluate_model", {"data": "X", "target": "y"}),
    ("check_leakage", {"data": "X", "target": "y"}),
    ("check_drift", {"data": "late"}),
    ("check_freshness", {}),
]


@pytest.mark.parametrize(("name", "args"), CALLS, ids=[name for name, _ in CALLS])
def test_a_warning_is_one_and_can_be_waved_aside_for_one_model(name: str, args: dict[str, Any]) -> None:
    context = notebook()
    if name == "check_freshness":
        cell(context, "X['code'] = 1")
    before = context.run(name, model_id="model", **args)
    assert len(before["warnings"]) == 1
    quiet = context.run(name, model_id="model", **args, dismiss=True)
    assert quiet["warnings"] == [] and quiet["data"] == before["data"], "what was found is still told"
    context.user_ns["alias"] = context.user_ns["model"]
    assert context.run(name, model_id="alias", **args)["warnings"] == []
    assert context.run(name, model_id="tree", **args)["warnings"]
    assert context.run(name, model_id="model", **args, dismiss=False)["warnings"] == before["warnings"]
    context.run(name, model_id="model", **args, dismiss=True)
    context.user_ns["model"] = context.user_ns["tree"]
    assert context.run(name, model_id="tree", **args)["warnings"], "another class is another model"


def test_several_findings_are_one_warning() -> None:
    told = notebook().run("check_leakage", model_id="model", data="X", target="y")
    assert len(told["data"]["findings"]) == 2 and told["warnings"][0].endswith("(and 1 more)")


def test_a_comparison_warns_once() -> None:
    context = notebook()
    args = {"models": ["model", "tree"], "data": "X", "target": "y"}
    [warning] = context.run("compare_models", **args)["warnings"]
    assert "In-sample" in warning and "and 1 more" in warning
    for model in ("model", "tree"):
        context.run("evaluate_model", model_id=model, data="X", target="y", dismiss=True)
    assert context.run("compare_models", **args)["warnings"] == []
