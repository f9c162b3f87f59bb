"""What was typed as the input of a model: columns with values, and for models that read texts also just the text."""

from __future__ import annotations

import json
from typing import Any

from .. import frames
from ..catalog import find_frame
from ..signature import Signature
from ..toolbox import ToolContext, ToolError

TEXT = "text"
"""The one input of a model that reads texts."""
Typed = dict[str, Any] | list[Any] | str | None


def rows_of(ctx: ToolContext, sig: Signature, features: Typed) -> list[dict[str, Any]]:
    """One dict for each row. A text may also go under the name of the column that the model was fitted on.

    Raises ToolError `invalid_input` for what is no row.
    """
    if isinstance(features, str):
        features = _read(sig, features)
    rows: list[Any] = features if isinstance(features, list) else [features or {}]
    if sig.container == "text":
        rows = [{TEXT: one} if isinstance(one, str) else one for one in rows]
    if not all(isinstance(one, dict) for one in rows):
        raise ToolError("invalid_input", "Each row of features must be an object of column names with values.")
    return [_renamed(ctx, sig, one) for one in rows] if sig.container == "text" else rows


def row_of(ctx: ToolContext, sig: Signature, features: Typed) -> dict[str, Any]:
    """The only one. Raises ToolError `invalid_input` for several."""
    rows = rows_of(ctx, sig, features)
    if len(rows) != 1:
        raise ToolError("invalid_input", "Give one row.", "Ask about the others on their own.", about="features")
    return rows[0]


def _read(sig: Signature, text: str) -> Typed:
    """A model of columns may be sent its row as JSON text."""
    if sig.container == "text":
        return text
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, (dict, list)):
        return found
    raise ToolError("invalid_input", f"`{sig.ref}` takes columns with values, not a text.", about=sig.ref)


def _renamed(ctx: ToolContext, sig: Signature, row: dict[str, Any]) -> dict[str, Any]:
    if TEXT in row or len(row) != 1 or not sig.frame:
        return row
    columns, _ = frames.columns_of(find_frame(ctx, sig.frame)[1])
    ((name, value),) = row.items()
    return {TEXT: value} if columns == [name] else row
