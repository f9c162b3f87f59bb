"""Which rows of a frame are most like one row: Gower distance, the mean of each column's own distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import frames, peek
from ..signature import Column

MAX_ROWS = 20_000


def distances(columns: Sequence[Column], row: dict[str, Any], frame: Any) -> Any:
    """(n,) between 0 (the same) and 1. Numbers by their usual range; anything else the same or not."""
    numpy: Any = peek.library("numpy")
    names, _ = frames.columns_of(frame)
    total = numpy.zeros(frames.rows_of(frame))
    counted = 0
    for place, column in enumerate(columns):
        if column.name not in row or (names and column.name not in names):
            continue
        values = frames.values(frame, names.index(column.name) if names else place)
        total += _apart(numpy, column, row[column.name], values)
        counted += 1
    return total / max(1, counted)


def _apart(numpy: Any, column: Column, own: Any, values: Any) -> Any:
    if isinstance(own, (int, float)) and not isinstance(own, bool) and column.categories is None:
        numbers = _numbers(numpy, values)
        known = numbers[numpy.isfinite(numbers)]
        low, high = column.p01, column.p99
        if (low is None or high is None or high <= low) and len(known):
            low, high = float(known.min()), float(known.max())
        width = (high - low) if low is not None and high is not None and high > low else 1.0
        return numpy.nan_to_num(numpy.minimum(numpy.abs(numbers - own) / width, 1.0), nan=1.0)
    same = numpy.asarray(values == own)
    return 1.0 - numpy.nan_to_num(same.astype(float))


def _numbers(numpy: Any, values: Any) -> Any:
    if isinstance(values.dtype, numpy.dtype) and values.dtype.kind in "fiub":
        return numpy.asarray(values, dtype=float)
    pandas: Any = peek.library("pandas")
    return pandas.to_numeric(pandas.Series(values), errors="coerce").to_numpy(dtype=float, na_value=float("nan"))
