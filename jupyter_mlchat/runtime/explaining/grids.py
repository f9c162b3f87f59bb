"""Values to try for one column: its categories, or numbers spread over its usual range."""

from __future__ import annotations

from typing import Any

from .. import budget, leaving, peek
from ..signature import Column
from ..toolbox import Local

MAX_LEVELS = 20
MAX_GRID = 50
"""Of fewer different values a grid may be the values themselves."""


def grid_of(column: Column, values: list[Any], size: int) -> list[Any]:
    """Of `values`, those of a sample, quantiles without the outermost; or the categories. Empty when unknown."""
    if column.categories is not None:
        return list(column.categories[:MAX_LEVELS])
    if column.role == "boolean":
        return [False, True]
    numpy = peek.library("numpy")
    numbers = [float(v) for v in values if isinstance(v, (int, float)) and not isinstance(v, bool) and v == v]
    if numpy is None or column.role != "numeric":
        return []
    low, high = column.p01, column.p99
    if numbers:
        distinct = sorted(set(numbers))
        if len(distinct) <= size:
            inside = [v for v in distinct if low is None or high is None or low <= v <= high]
            return [_whole(column, value) for value in inside or distinct]
        bounds = numpy.quantile(numbers, [0.05, 0.95]).tolist()
        low, high = (low if low is not None else bounds[0]), (high if high is not None else bounds[1])
    if low is None or high is None:
        return []
    return list(dict.fromkeys(_whole(column, v) for v in numpy.linspace(low, high, size).tolist()))


def _whole(column: Column, value: float) -> Any:
    return round(value) if column.is_integer else budget.figure(value)


def told(column: Column, value: Any, sample: list[Any] | None = None) -> Any:
    """A value of a grid as it may be told. `sample` are the values it was made of, where they are not the training
    data's."""
    leaves = column.categories_leave if column.categories is not None else column.statistics_leave
    return value if leaves or column.role == "boolean" or _of_many(column, sample or []) else Local(value)


def _of_many(column: Column, sample: list[Any]) -> bool:
    """Whether the grid goes over quantiles of these values, and of enough of them."""
    if column.categories is not None or column.p01 is not None or column.p99 is not None:
        return False
    numbers = [v for v in sample if isinstance(v, (int, float)) and not isinstance(v, bool) and v == v]
    distinct = len(set(numbers))
    return distinct > MAX_GRID and leaving.statistics_may_leave(column.name, len(numbers), distinct)
