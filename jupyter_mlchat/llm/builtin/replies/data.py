"""Replies about data frames: which there are, what their columns hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..markdown import code, escape, table, value

Found = Mapping[str, Any]
_LEVELS = 5
_PAIRS = 5
_STRONG = 0.3
"""Of weaker correlations nobody wants to read, unless they named a column."""
_STATISTICS = ("nulls", "unique", "mean", "std", "p1", "median", "p99", "top")


def listing(args: Found, found: Found) -> str:
    frames = found.get("dataframes") or []
    if not frames:
        return "There are no data frames in this kernel yet."
    rows = [
        [
            code(frame.get("id")),
            escape(frame.get("type") or ""),
            value(frame.get("rows")),
            value(frame.get("columns")),
            _size(frame.get("memory_bytes")),
        ]
        for frame in frames
    ]
    total = int(found.get("total") or len(frames))
    head = (
        "One data frame or array in this kernel:" if total == 1 else f"{total} data frames and arrays in this kernel:"
    )
    return f"{head}\n\n{table(('name', 'type', 'rows', 'columns', 'memory'), rows)}"


def description(args: Found, found: Found) -> str:
    columns = found.get("columns") or []
    name = code(found.get("id") or args.get("data"))
    rows = found.get("rows")
    head = f"The rows of {name} are not computed yet." if rows is None else f"{name} has {value(rows)} rows."
    if not columns:
        return head
    kept = [key for key in _STATISTICS if any(column.get(key) is not None for column in columns)]
    lines = [
        [
            code(column.get("name")),
            escape(column.get("dtype") or ""),
            *(_cell(column.get(key)) for key in kept),
        ]
        for column in columns
    ]
    gaps = [column for column in columns if isinstance(column.get("nulls"), int) and column["nulls"]]
    missing = ", ".join(f"{code(column.get('name'))} {value(column['nulls'])}" for column in gaps)
    note = f"Missing values: {missing}." if gaps else ""
    if not gaps and any(column.get("nulls") == 0 for column in columns):
        note = "No missing values." if not args.get("columns") else ""
    shown = table(("column", "type", *kept), lines)
    return "\n\n".join(filter(None, (head, shown, note, _together(found, args.get("columns") or ()))))


def _together(found: Found, named: Sequence[Any]) -> str:
    """The pairs of columns that go together most; of named columns weak ones too."""
    pairs = list(found.get("correlations") or ())
    if len(named) == 2 and not pairs:
        return "Of these two no correlation can be told: it takes two columns of numbers that vary."
    strong = [one for one in pairs if named or abs(one.get("r") or 0) >= _STRONG]
    told = [f"{' and '.join(map(code, one['columns']))} ({value(one['r'])})" for one in strong[:_PAIRS]]
    if told:
        return f"Columns that go together (Pearson's r): {', '.join(told)}."
    return f"No two columns of numbers go together by more than {_STRONG} (Pearson's r)." if pairs else ""


def _cell(item: Any) -> str:
    """Empty where there is no such statistic; the most frequent levels as "pro (12)"."""
    if item is None:
        return ""
    if isinstance(item, list):
        return ", ".join(f"{value(one.get('value'))} ({value(one.get('count'))})" for one in item[:_LEVELS])
    return value(item)


def _size(count: Any) -> str:
    if not isinstance(count, (int, float)):
        return ""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f} bytes"
