"""A few rows of a frame as they are, for a person who allowed it."""

from __future__ import annotations

import random
from typing import Any

from .. import budget, frames
from ..asking import conditions
from ..catalog import find_frame
from ..toolbox import Outcome, ToolContext, ToolError, tool

MAX_ROWS = 20
MAX_TEXT = 200
_SEED = 0


@tool(
    effect="disclose",
    guidance="Only when the person asks to see rows. For statistics use describe_dataframe.",
    example="show me 5 rows of df",
)
def sample_rows(
    ctx: ToolContext, data: str, n: int = 5, where: str | None = None, columns: list[str] | None = None
) -> Outcome:
    """Show some rows of a frame with their values, drawn at random, always the same ones.

    Args:
        data: A frame by name.
        n: How many rows, at most 20.
        where: A condition on its columns, such as `age > 40 and plan == "pro"`.
        columns: Only these columns.
    """
    if not 1 <= n <= MAX_ROWS:
        raise ToolError("invalid_input", f"Ask for 1 to {MAX_ROWS} rows.", about="n")
    ref, frame = find_frame(ctx, data)
    if frames.is_lazy(frame):
        hint = "Assign `.head(20)` of it in a cell, computed, and ask for that."
        raise ToolError("invalid_input", f"`{ref}` is not computed yet.", hint, about=ref)
    source = ref
    if where is not None:
        condition = conditions.read(where, ref, frame)
        frame, source = frame[condition.mask], f"{ref}[{condition.source}]"
    names = frames.columns_of(frame)[0] or [str(place) for place in range(frames.width_of(frame))]
    unknown = [name for name in columns or () if names.count(name) != 1]
    if unknown:
        text = f"`{ref}` has no column `{unknown[0][:80]}`, or several."
        raise ToolError("invalid_input", text, "`describe_dataframe` names its columns.", about=unknown[0][:80])
    total = frames.rows_of(frame)
    chosen = sorted(random.Random(_SEED).sample(range(total), min(n, total)))
    wanted = [name for name in names if columns is None or name in columns]
    cells = {name: frames.values(frame, names.index(name)) for name in wanted}
    rows = [{"row": place, **{name: _cell(values, place) for name, values in cells.items()}} for place in chosen]
    shown = budget.fitting(rows, 6_500)
    return Outcome(
        {"data": ref, "where": where, "columns": budget.fitting(wanted, 900), "n": len(shown), "rows": shown},
        evidence=[{"kind": "data", "text": f"`{ref}`", "ref": ref, "cell": None}],
        shown=len(shown),
        total=total,
        code=_recipe(frame, source, chosen[: len(shown)], wanted if columns is not None else None),
    )


def _cell(values: Any, place: int) -> Any:
    """A plain value, or the beginning of its text."""
    value = values.iloc[place] if frames.kind_of(values) == "pandas_series" else values[place]
    value = value.item() if hasattr(type(value), "item") else value
    if value is None or type(value) in (bool, int, float):
        return value
    text = str(value)
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def _recipe(frame: Any, source: str, places: list[int], columns: list[str] | None) -> str:
    kind = frames.kind_of(frame)
    picked = f"{source}.iloc[{places}]" if kind in ("pandas", "pandas_series") else f"{source}[{places}]"
    if kind not in ("pandas", "polars", "numpy", "pandas_series", "polars_series"):
        return ""
    return f"{picked}[{columns!r}]" if columns is not None and kind in ("pandas", "polars") else picked
