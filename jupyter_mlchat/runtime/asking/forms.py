"""A form that asks for a model's inputs: fields from its signature, what was given already filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import budget
from ..catalog import Found
from ..signature import Column, Signature
from ..toolbox import ToolContext, ToolError, plain, size_of
from ..wire import FieldDict, FormDict
from . import starting

MAX_FIELDS = 50
"""Of a wider model only the fields that must be filled are shown."""
MAX_ASKED = 200
MAX_OPTIONS = 500
_FEW_OPTIONS = 50
DETAILED_BYTES, REST_BYTES = 50_000, 200_000
"""What the fields that are searched may take: those that matter most come with their limits, others by name."""


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


def started(
    ctx: ToolContext,
    found: Found,
    sig: Signature,
    title: str,
    tool: str,
    given: Mapping[str, Any],
    row: str,
    values: Mapping[str, Any],
) -> FormDict:
    """A form over a row: the inputs that matter most and what was given are shown, the others can be searched.

    `row` is what the tool takes as that row, `values` are its own.
    """
    columns = [column for column in sig.columns if column.required]
    few = len(columns) if len(columns) <= starting.MANY else starting.ASKED
    if few < len(columns):
        columns = starting.ranked(ctx, found, sig, columns)
    chosen = [
        column
        for place, column in enumerate(columns)
        if place < few or column.name in given or column.name not in values
    ][:MAX_FIELDS]
    shown = {column.name for column in chosen}
    return {
        "title": title,
        "kind": "fields",
        "fields": [_over(column, given.get(column.name), values) for column in chosen],
        "rest": _rest([_over(column, None, values) for column in columns if column.name not in shown]),
        "start": {
            "name": "row",
            "kind": "reference",
            "value": row,
            "options": starting.offered(ctx, sig),
            "help": starting.named(sig, row),
            "required": False,
        },
        "total": len(columns),
        "tool": tool,
        "target": "features",
    }


def _over(column: Column, value: Any, values: Mapping[str, Any]) -> FieldDict:
    """One input that is the row's own when it is left alone."""
    field = field_of(column, value)
    field["default"] = values.get(column.name)
    field["required"] = column.name not in values
    return field


def _rest(fields: Iterable[FieldDict]) -> list[FieldDict]:
    kept: list[FieldDict] = []
    left = REST_BYTES
    for field in fields:
        lean: FieldDict = {"name": field["name"], "kind": "text" if field["kind"] == "choice" else field["kind"]}
        whole: FieldDict = {**field, "default": budget.figure(field["default"])}
        whole.pop("value")
        if "options" in whole:
            whole["options"] = whole["options"][:_FEW_OPTIONS]
        for one in (whole, lean):
            size = size_of(plain(one, local=True)) + 2
            if left - size >= (REST_BYTES - DETAILED_BYTES if one is whole else 0):
                kept.append(one)
                left -= size
                break
    return kept


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
        found["options"] = list(column.categories[:MAX_OPTIONS])
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
    """Where the range or the categories are from."""
    source = column.sources.get("categories") or column.sources.get("low") or ""
    return f"from {source}" if source else ""
