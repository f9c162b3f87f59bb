"""A form that asks for a model's inputs: fields from its signature, what was given already filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..signature import Column, Signature
from ..toolbox import ToolError
from ..wire import FieldDict, FormDict

MAX_FIELDS = 50
"""Of a wider model only the fields that must be filled are shown."""
MAX_ASKED = 200
_MAX_OPTIONS = 200


def form_of(signature: Signature, title: str, tool: str, given: Mapping[str, Any], asked: Iterable[str]) -> FormDict:
    """Raises ToolError `invalid_input` when more than 200 fields would have to be typed."""
    wanted = set(asked)
    columns = [column for column in signature.columns if column.required or column.name in given]
    if len(columns) > MAX_FIELDS:
        columns = [column for column in columns if column.name in wanted]
    if len(columns) > MAX_ASKED:
        raise ToolError(
            "invalid_input",
            f"`{signature.ref}` needs {len(columns)} more values, too many to type.",
            "Name a row of a frame instead, such as `X_test[0]`.",
            about=signature.ref,
        )
    fields = [field_of(column, given.get(column.name)) for column in columns]
    return {"title": title, "kind": "fields", "fields": fields, "tool": tool, "target": "features"}


def field_of(column: Column, value: Any) -> FieldDict:
    """One input. Its true range and all its categories are for the person who fills it in."""
    found: FieldDict = {
        "name": column.name,
        "kind": _kind(column),
        "default": column.default,
        "value": value,
        "required": column.required,
        "help": _help(column),
    }
    if column.unit:
        found["unit"] = column.unit
    if column.categories is not None:
        found["options"] = list(column.categories[:_MAX_OPTIONS])
    if column.low is not None and column.high is not None:
        found["minimum"], found["maximum"] = column.low, column.high
    return found


def _kind(column: Column) -> str:
    if column.categories is not None:
        return "choice"
    if column.role == "numeric":
        return "integer" if column.is_integer else "number"
    return {"boolean": "boolean", "datetime": "datetime", "text": "textarea"}.get(column.role or "", "text")


def _help(column: Column) -> str:
    source = column.sources.get("categories") or column.sources.get("low") or column.sources.get("role") or ""
    return f"from {source}" if source else ""
