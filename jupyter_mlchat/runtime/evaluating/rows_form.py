"""Which rows a model is to be measured on, where the notebook leaves it open: a question to the person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import frames
from ..catalog import Found, find_frame, find_frames
from ..explaining import mixing
from ..signature import Signature
from ..toolbox import ToolContext, ToolError
from ..wire import FieldDict, FormDict

MAX_OPTIONS = 200


def rows_form(ctx: ToolContext, found: Found, sig: Signature, data: str | None, target: str | None) -> FormDict | None:
    """For `evaluate_model`. None where no rows suit the model, or where nothing could be their true answers."""
    known = _known(ctx, data)
    rows = {ref: value for ref, value in known if not frames.is_lazy(value) and mixing.suits(sig, ref, value)}
    answers = [target] if target is not None else _answers(ctx, sig, rows)
    if not rows or not answers:
        return None
    fields = [
        _field("data", list(rows), f"the rows that {found.ref} is asked about"),
        _field("target", answers, "what is true of these rows"),
    ]
    return {"title": f"Measure {found.ref}", "kind": "fields", "fields": fields, "tool": "evaluate_model", "target": ""}


def _known(ctx: ToolContext, data: str | None) -> Sequence[tuple[str, Any]]:
    if data is None:
        return find_frames(ctx)
    try:
        return [find_frame(ctx, data)]
    except ToolError:
        # A tensor, a data set: who has refused it has said why.
        return []


def _answers(ctx: ToolContext, sig: Signature, rows: dict[str, Any]) -> list[str]:
    """Series as long as one of the frames, then columns that are no inputs."""
    inputs, lengths = {column.name for column in sig.columns}, {frames.rows_of(value) for value in rows.values()}
    series = [
        name
        for name, value in ctx.names().items()
        if frames.kind_of(value) in ("pandas_series", "numpy", "polars_series")
        and name not in rows
        and frames.width_of(value) == 1
        and frames.rows_of(value) in lengths
    ]
    columns = [name for value in rows.values() for name in frames.columns_of(value)[0] if name not in inputs]
    return list(dict.fromkeys([*series, *columns]))


def _field(name: str, options: list[str], about: str) -> FieldDict:
    only = options[0] if len(options) == 1 else None
    return {"name": name, "kind": "choice", "options": options[:MAX_OPTIONS], "value": only, "help": about}
