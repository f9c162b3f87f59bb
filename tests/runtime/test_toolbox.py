"""`@tool`: a typed function becomes a schema, and what it returns becomes JSON."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlchat.runtime.toolbox import Local, Toolbox, ToolContext, ToolError, make_tool, plain, schema_of, tool


@tool(effect="predict", guidance="when asked", example="try it")
def sample(
    ctx: ToolContext,
    model_id: str,
    features: dict[str, Any] | list[dict[str, Any]] | None = None,
    detail: Literal["a", "b"] = "a",
    top: int = 10,
) -> dict[str, Any]:
    """Do a thing
    with a model.

    More that no llm needs.

    Args:
        model_id: Which one,
            by name.
        top (int): How many.

    Returns:
        A dict.
    """
    return {}


def test_hints_and_docstring_make_the_schema() -> None:
    made = make_tool(sample)
    assert made.wants_context
    assert made.describe() == {
        "name": "sample",
        "description": "Do a thing with a model. More that no llm needs.",
        "parameters": {
            "type": "object",
            "properties": {
                "model_id": {"type": "string", "description": "Which one, by name."},
                "features": {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
                "detail": {"enum": ["a", "b"], "default": "a"},
                "top": {"type": "integer", "description": "How many.", "default": 10},
            },
            "required": ["model_id"],
            "additionalProperties": False,
        },
        "effect": "predict",
        "guidance": "when asked",
        "example": "try it",
        "origin": "jupyter_mlchat",
    }


@pytest.mark.parametrize(("effect", "lane"), [("read", "reader"), ("write", "main"), ("execute", "main")])
def test_what_changes_the_kernel_runs_on_its_main_thread(effect: Any, lane: str) -> None:
    def change() -> None:
        """Change."""

    assert make_tool(tool(effect=effect)(change)).lane == lane


def test_a_parameter_without_a_type_is_named() -> None:
    def untyped(x) -> None:
        """Nothing."""

    with pytest.raises(TypeError, match="'x' of tool 'untyped' needs a type"):
        make_tool(tool()(untyped))
    with pytest.raises(TypeError, match="can't be"):
        schema_of(complex)


def test_a_missing_tool_is_answered_with_close_names() -> None:
    box = Toolbox([])
    box.add(sample, "notebook")
    with pytest.raises(ToolError) as caught:
        box.get("smaple")
    assert (caught.value.code, caught.value.hint) == ("unknown_tool", "Did you mean sample?")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(1.5), 1.5),
        (np.int64(3), 3),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.bool_(True), True),
        (float("nan"), None),
        (np.float32("inf"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp("2024-01-02"), "2024-01-02T00:00:00"),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        ({1: (2, 3)}, {"1": [2, 3]}),
        ("x" * 3000, "x" * 2000 + "..."),
    ],
)
def test_values_of_the_field_become_json(value: Any, expected: Any) -> None:
    assert plain(value, local=True) == expected


def test_what_is_local_stays_with_the_person() -> None:
    data = {"classes": Local(["a", "b"]), "range": Local([0, 100], public=[1, 99]), "n": 2, "rows": [Local(1, 0)]}
    assert plain(data, local=True) == {"classes": ["a", "b"], "range": [0, 100], "n": 2, "rows": [1]}
    assert plain(data, local=False) == {"range": [1, 99], "n": 2, "rows": [0]}


def test_what_is_not_json_is_refused_by_its_type() -> None:
    with pytest.raises(ToolError, match=r"builtins\.object, which is not JSON") as caught:
        plain({"x": object()}, local=True)
    assert caught.value.code == "tool_result_invalid"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(value=values)
def test_plain_values_are_json_and_stay_what_they_are(value: Any) -> None:
    text = json.dumps(plain(value, local=False), allow_nan=False)
    if not (isinstance(value, float) and not math.isfinite(value)):
        assert json.loads(text) == plain(value, local=True)
