"""Warnings that don't cry wolf: over whole notebooks, those that are given are those a careful colleague would give."""

from __future__ import annotations

from typing import Any

import pytest
from notebooks.book import Run, run
from notebooks.test_books import QUICK

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
                told = [text for text in result["warnings"] if kind != "in_sample" or "n-sample" in text]
                assert len(told) <= 1, told
                said |= {(kind, model["id"])} if told else set()
    return said


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
