"""A value that another unit would explain is doubted; any other that is merely unusual is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from sklearn.linear_model import LinearRegression

from jupyter_mlchat.runtime.registered import STATE_KEY, facts_of


def notebook() -> Context:
    rng = np.random.default_rng(0)
    rows = 300
    X = pd.DataFrame(
        {
            "body weight": rng.normal(70, 9, rows).clip(45, 110),
            "carried_g": rng.normal(700, 90, rows).clip(400, 1_100),
            "salePrice": rng.uniform(12, 30, rows),
            "discount": rng.uniform(0.05, 0.4, rows),
            "flag": rng.integers(0, 2, rows).astype(float),
            "s1": rng.normal(70, 9, rows).clip(45, 110),
            "dose": rng.uniform(2, 8, rows),
            "income": rng.lognormal(8, 2.5, rows),
        }
    )
    context = Context({"X": X, "y": X.sum(axis=1), "model": LinearRegression()})
    cell(context, "model.fit(X, y)")
    return context


USUAL = {
    "body weight": 70, "carried_g": 700, "salePrice": 20, "discount": 0.2, "flag": 1, "s1": 70, "dose": 5,
    "income": 3_000,
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("body weight", 71_000, "divided by 1,000"),
        ("carried_g", 0.72, "multiplied by 1,000"),
        ("salePrice", 1_999, "divided by 100"),
        ("discount", 25, "percent where it takes a share"),
    ],
)
def test_a_slip_of_the_unit_is_doubted_with_what_speaks_for_it(column: str, value: float, words: str) -> None:
    context = notebook()
    for name in ("make_prediction", "validate_features"):
        result = context.run(name, model_id="model", features={**USUAL, column: value})
        [doubt] = result["doubts"]
        assert column in doubt and words in doubt and doubt in result["warnings"]
        [line] = [one for one in result["evidence"] if one["kind"] == "unit"]
        assert "most of" in line["text"] and line["ref"] == "X"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body weight", 140),  # heavy
        ("body weight", 7_000),  # no unit is 100 of another here
        ("discount", 0.9),
        ("discount", 2.0),  # large, but no percentage that anybody would give
        ("flag", 45),
        ("s1", 71_000),  # says nothing of what it counts
        ("dose", 5_000),
        ("income", 2e9),
        ("salePrice", -1_999),
    ],
)
def test_what_is_merely_unusual_is_not(column: str, value: float) -> None:
    result = notebook().run("make_prediction", model_id="model", features={**USUAL, column: value})
    assert result["ok"] and result["doubts"] == []


def test_a_registered_unit_says_what_a_column_counts() -> None:
    context = notebook()
    facts = facts_of("model", context.user_ns["model"], context.user_ns["X"], units={"dose": "mg"})
    context.kept.setdefault(STATE_KEY, {})["model"] = facts
    [doubt] = context.run("make_prediction", model_id="model", features={**USUAL, "dose": 5_000})["doubts"]
    assert "It takes mg." in doubt


def test_of_a_referenced_row_no_value_is_told() -> None:
    context = notebook()
    context.user_ns["new"] = context.user_ns["X"].assign(**{"body weight": 71_234.5})
    result = context.run("make_prediction", model_id="model", row="new[0]")
    [doubt] = result["doubts"]
    told = doubt + " ".join(line["text"] for line in result["evidence"])
    assert "body weight" in doubt and "712" not in told and "1,000" not in told


def test_it_is_one_warning_and_can_be_waved_aside() -> None:
    context = notebook()
    slips: dict[str, Any] = {"model_id": "model", "features": {**USUAL, "discount": 25, "salePrice": 1_999}}
    [doubt] = context.run("validate_features", **slips)["doubts"]
    assert doubt.endswith("(and 1 more)")
    assert context.run("validate_features", **slips, dismiss=True)["doubts"] == []
    quiet = context.run("make_prediction", **slips)
    assert quiet["doubts"] == [] and not [one for one in quiet["evidence"] if one["kind"] == "unit"]
    assert {issue["code"] for issue in quiet["issues"]} == {"out_of_range"}, "what was found is still told"
    assert context.run("validate_features", **slips, dismiss=False)["doubts"]
