"""Rows by the values of one column: its categories, or ranges of its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .. import budget, frames, leaving, peek
from ..asking.validation import fold
from ..catalog import find_frame
from ..toolbox import Local, ToolContext, ToolError
from .evaluation import Assessed

MAX_GROUPS = 30
MAX_DISTINCT = 10
"""Numbers with more different values are cut into ranges."""
PARTS = 4


@dataclass(frozen=True)
class Group:
    """`mask` (n,) of booleans. `source` is the condition as a cell writes it, on `{column}`."""

    name: str
    mask: Any
    leaves: bool
    source: str

    @property
    def told(self) -> Any:
        return self.name if self.leaves else Local(self.name)

    @property
    def rows(self) -> int:
        return int(self.mask.sum())


def beside(ctx: ToolContext, seen: Assessed, name: str) -> tuple[str, Any, str]:
    """A column of the frame, else a series of its length: its name, the values of the rows that were looked at, and
    how a cell writes it. Of items without a frame a series with one value for each.

    Raises ToolError `invalid_input` or `unknown_frame`.
    """
    ref, frame = seen.labelled.ref, seen.labelled.frame
    if frame is None:
        other, values = find_frame(ctx, name)
        told, values, source = other, frames.values(values, 0), f"{other}[:{seen.n}]"
        if frames.rows_of(values) < seen.n:
            raise ToolError("invalid_input", f"`{other}` doesn't have one value for each item of `{ref}`.", about=other)
    else:
        told, values, source = column_of(ctx, ref, frame, name)
    return told, values.iloc[seen.rows] if hasattr(values, "iloc") else values[seen.rows], source


def column_of(ctx: ToolContext, ref: str, frame: Any, name: str) -> tuple[str, Any, str]:
    """A column of the frame, else a series of its length: its name, (n,) values, and how a cell writes it.

    Raises ToolError `invalid_input` or `unknown_frame`.
    """
    columns, _ = frames.columns_of(frame)
    near = [one for one in columns if one == name] or [one for one in columns if fold(one) == fold(name)]
    if len(near) == 1:
        return near[0], frames.column(frame, near[0]), f"{ref}[{near[0]!r}]"
    numbered = re.fullmatch(r"x(\d+)", name)
    if not columns and numbered and len(frames.shape_of(frame)) == 2 and int(numbered[1]) < frames.width_of(frame):
        place = int(numbered[1])
        return name, frames.values(frame, place), f"{ref}[:, {place}]"
    try:
        other, values = find_frame(ctx, name)
    except ToolError:
        known = ", ".join(f"`{one[:40]}`" for one in columns[:8]) or "no names"
        raise ToolError(
            "invalid_input", f"`{ref}` has no column `{name[:80]}`.", f"It has {known}.", about=name[:80]
        ) from None
    if frames.width_of(values) != 1 or frames.rows_of(values) != frames.rows_of(frame):
        raise ToolError("invalid_input", f"`{other}` doesn't have one value for each row of `{ref}`.", about=other)
    return other, frames.values(values, 0), other


def groups_of(name: str, values: Any, most: int = MAX_GROUPS) -> list[Group]:
    """The largest first. Empty cells are a group of their own; a name leaves as categories and statistics do."""
    numpy, pandas = peek.library("numpy"), peek.library("pandas")
    if numpy is None or pandas is None:
        return []
    series = pandas.Series(values).reset_index(drop=True)
    empty = series.isna().to_numpy()
    types = pandas.api.types
    numeric = types.is_numeric_dtype(series.dtype) and not types.is_bool_dtype(series.dtype)
    distinct = series.nunique()
    if numeric and distinct > MAX_DISTINCT:
        found = _ranges(numpy, name, series.to_numpy(dtype=float, na_value=float("nan")), int(distinct))
    elif types.is_datetime64_any_dtype(series.dtype):
        found = []
    else:
        tally = series.value_counts()
        counts = dict(zip(tally.index.tolist(), tally.tolist(), strict=True))
        counts = {level: count for level, count in counts.items() if count}
        leaves = leaving.levels_may_leave(counts, counts)
        found = [
            Group(str(level), (series == level).fillna(False).to_numpy(dtype=bool), leaves, f"{{column}} == {level!r}")
            for level in list(counts)[:most]
        ]
    if empty.any():
        found.append(Group("(empty)", empty, int(empty.sum()) >= leaving.MIN_ROWS, "{column}.isna()"))
    return sorted(found, key=lambda group: -group.rows)[:most]


def _ranges(numpy: Any, name: str, values: Any, distinct: int) -> list[Group]:
    known = values[numpy.isfinite(values)]
    edges = sorted(set(numpy.quantile(known, [i / PARTS for i in range(1, PARTS)]).tolist()))
    leaves = leaving.statistics_may_leave(name, len(known), distinct)
    found = []
    for low, high in zip([None, *edges], [*edges, None], strict=True):
        mask = numpy.isfinite(values)
        tests: list[str] = []
        if low is not None:
            mask, tests = mask & (values > low), [*tests, f"({{column}} > {low!r})"]
        if high is not None:
            mask, tests = mask & (values <= high), [*tests, f"({{column}} <= {high!r})"]
        if mask.any():
            found.append(Group(_range_name(low, high), mask, leaves, " & ".join(tests)))
    return found


def _range_name(low: float | None, high: float | None) -> str:
    if low is None:
        return f"up to {budget.figure(high)}"
    return f"over {budget.figure(low)}" if high is None else f"over {budget.figure(low)} up to {budget.figure(high)}"
