"""Where a question of many inputs starts from: a row of a frame, or the usual values; and which inputs matter most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import frames, references
from ..catalog import Found, find_frames
from ..signature import Column, Signature
from ..toolbox import ToolContext, ToolError
from .prediction import steadily

MEDIAN = "median"
"""What is said for the usual values in place of a row of a frame."""
MANY = 20
"""Of a model with more inputs not all are asked for; the others are those of the starting row."""
ASKED = 12
_OFFERED = 6


def usual(sig: Signature) -> dict[str, Any]:
    return {column.name: column.default for column in sig.columns if column.default is not None}


def named(sig: Signature, row: str) -> str:
    """What to call the row that somebody starts from."""
    if row.strip() != MEDIAN:
        return f"the row `{row.strip()[:80]}`"
    return f"the median row of `{sig.frame}` (or what the model fills empty cells with)" if sig.frame else "defaults"


def median(sig: Signature) -> dict[str, Any]:
    """Raises ToolError `invalid_input` where nothing usual is known."""
    found = usual(sig)
    if not found:
        text = f"Nothing tells what is usual for `{sig.ref}`."
        raise ToolError("invalid_input", text, "Name a row of a frame, such as `X_test[3]`.", about=sig.ref)
    return found


def ranked(ctx: ToolContext, found: Found, sig: Signature, columns: Sequence[Column]) -> list[Column]:
    """By the model's own importances; as the model has them where it tells none."""
    names = [column.name for column in sig.columns]
    known = steadily(ctx, found, lambda: found.adapter.importance(found.model, names))
    weight = dict(zip(known.names, known.values, strict=True)) if known is not None else {}
    return sorted(columns, key=lambda column: -weight.get(column.name, 0.0))


def offered(ctx: ToolContext, sig: Signature) -> list[str]:
    """Rows to start from: the usual values, and the first row of each frame that has the columns."""
    wanted = {column.name for column in sig.columns if column.required}
    rows = [
        references.item_of(ref, 0)
        for ref, value in find_frames(ctx)
        if not frames.is_lazy(value) and frames.rows_of(value) and wanted <= set(frames.columns_of(value)[0])
    ]
    return [*([MEDIAN] if usual(sig) else []), *rows[:_OFFERED]]
