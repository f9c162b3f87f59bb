"""Warnings that don't cry wolf: over whole notebooks, those that are given are those a careful colleague would give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from notebooks.book import Run, run
from notebooks.test_books import QUICK
from runtime.context import Context

from jupyter_mlchat.runtime.catalog import find_frames

PRECISION = 0.95
RECALL = 0.8


def given(made: Run) -> set[tuple[str, str]]:
    """(kind, model) of every warning, when every model is asked about everything; at most one warning each."""
    context = made.context
    said = set()
    tables = [ref for ref, value in find_frames(context) if len(value.shape) == 2]  # type: ignore[arg-type]
    for model in context.data("list_models", status_filter="fitted")["models"]:
        asked: list[tuple[str, str, dict[str, Any]]] = [
            ("in_sample", "evaluate_model", {}), ("leakage", "check_leakage", {}), ("stale", "check_freshness", {}),
            *(("drift", "check_drift", {"data": table}) for table in tables),
        ]  # fmt: skip
        for kind, tool, args in asked:
            result = context.run(tool, model_id=model["id"], **args)
            if result["ok"]:
                assert len(result["doubts"]) <= 1, result["doubts"]
                said |= {(kind, model["id"])} if result["doubts"] else set()
        for rows in typed(context):
            result = context.run("make_prediction", model_id=model["id"], features=rows)
            said |= {("unit", model["id"])} if result.get("doubts") else set()
    return said


def typed(context: Context) -> Iterator[list[dict[str, Any]]]:
    """Every row of every table, and every row that a cell writes down, as a person would type them."""
    for _, value in find_frames(context):  # type: ignore[arg-type]
        if hasattr(value, "columns"):
            rows = value.head(200)
            yield rows.to_dicts() if hasattr(rows, "to_dicts") else rows.to_dict("records")
    for value in context.names().values():
        if type(value) is dict and all(isinstance(key, str) for key in value):
            yield [value]


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_warnings_are_due() -> None:
    said: set[tuple[str, str, str]] = set()
    due: set[tuple[str, str, str]] = set()
    for name in QUICK:
        made = run(name)
        said |= {(name, *one) for one in given(made)}
        due |= {(name, *one) for one in made.due}
    right = said & due
    assert len(right) / len(said) >= PRECISION, said - due
    assert len(right) / len(due) >= RECALL, due - said
    for kind in {kind for _, kind, _ in due}:
        wrong = {one for one in said - due if one[1] == kind}
        assert len(wrong) <= (1 - PRECISION) * len([one for one in said if one[1] == kind]), wrong
