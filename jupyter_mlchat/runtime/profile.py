"""What a column of data holds, from a sample: dtype, role, levels with counts, range and middle."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from . import frames, leaving, peek
from .adapters.base import Role

MAX_ROWS = 100_000
MAX_CELLS = 4_000_000
MAX_LEVELS = 200
"""Text with more different values than this is not a category."""


@dataclass(frozen=True)
class Profile:
    """`counts` maps each level to its rows in the sample; None without levels.

    `p01` and `p99` lie further in for few rows (see `leaving.tails`). `whole`: not of a sample.
    """

    dtype: str
    role: Role
    rows: int
    nulls: int
    distinct: int | None
    whole: bool
    counts: dict[Any, int] | None = None
    low: float | None = None
    high: float | None = None
    p01: float | None = None
    p99: float | None = None
    median: float | None = None
    mean: float | None = None
    std: float | None = None
    mode: Any = None


def sample_of(frame: Any) -> Any:
    """At most 100,000 rows and 4 million cells, evenly spread."""
    return frames.strided(frame, max(100, min(MAX_ROWS, MAX_CELLS // max(1, frames.width_of(frame)))))


def profile(values: Any, *, whole: bool, dtype: str | None = None) -> Profile:
    """Of a pandas series or a one-dimensional array. `dtype` is what its own library calls the column."""
    dtype = dtype or str(values.dtype)
    is_array = frames.kind_of(values) == "numpy"
    series = _pandas().Series(values) if is_array and _pandas() is not None else values
    if frames.kind_of(series) == "numpy":
        return _of_array(dtype, series, whole)
    types = _pandas().api.types
    if types.is_bool_dtype(series.dtype):
        return _levels(dtype, "boolean", series, whole)
    if types.is_numeric_dtype(series.dtype) and not types.is_complex_dtype(series.dtype):
        return _numeric(dtype, "numeric", series.to_numpy(dtype="float64", na_value=float("nan")), whole)
    if types.is_datetime64_any_dtype(series.dtype):
        nulls = int(series.isna().sum())
        return Profile(dtype, "datetime", len(series), nulls, int(series.nunique()), whole)
    return _levels(dtype, "categorical", series, whole)


def _of_array(dtype: str, values: Any, whole: bool) -> Profile:
    """Where pandas is not loaded."""
    kind = values.dtype.kind
    if kind in "iuf":
        return _numeric(dtype, "numeric", values.astype(float), whole)
    if kind in "mM":
        return Profile(dtype, "datetime", len(values), 0, len(set(values.tolist())), whole)
    known = [value for value in values.tolist() if value is not None]
    if not all(isinstance(value, (str, int, float)) for value in known):
        return Profile(dtype, "text", len(values), len(values) - len(known), None, whole)
    role: Role = "boolean" if known and all(type(value) is bool for value in known) else "categorical"
    return _counted(dtype, role, dict(Counter(known).most_common()), len(values), len(values) - len(known), whole)


def _numeric(dtype: str, role: Role, values: Any, whole: bool) -> Profile:
    numpy = peek.library("numpy")
    assert numpy is not None, "an array can't exist without numpy"
    known = values[numpy.isfinite(values)]
    rows, count = len(values), len(known)
    if not count:
        return Profile(dtype, role, rows, rows, 0, whole)
    low_tail, high_tail = leaving.tails(count)
    low, p01, median, p99, high = numpy.quantile(known, [0, low_tail, 0.5, high_tail, 1]).tolist()
    distinct = len(numpy.unique(known))
    std = float(known.std(ddof=1)) if count > 1 else None
    return Profile(
        dtype, role, rows, int(numpy.isnan(values).sum()), distinct, whole,
        None, low, high, p01, p99, median, float(known.mean()), std,
    )  # fmt: skip


def _levels(dtype: str, role: Role, series: Any, whole: bool) -> Profile:
    nulls = int(series.isna().sum())
    try:
        found = series.value_counts()
        counts = dict(zip(found.index.tolist(), found.tolist(), strict=True))
    except TypeError:  # lists and dicts in an object column can't be counted
        return Profile(dtype, "text", len(series), nulls, None, whole)
    return _counted(dtype, role, counts, len(series), nulls, whole)


def _counted(dtype: str, role: Role, counts: dict[Any, int], rows: int, nulls: int, whole: bool) -> Profile:
    distinct = sum(1 for count in counts.values() if count)
    mode = next(iter(counts), None)
    is_category = dtype == "category" or dtype.startswith("Enum") or role == "boolean"
    if not all(isinstance(level, (str, int, float)) for level in counts):
        return Profile(dtype, "text", rows, nulls, distinct, whole)
    if not is_category and (distinct > MAX_LEVELS or (distinct > 20 and 2 * distinct > rows - nulls)):
        return Profile(dtype, "text", rows, nulls, distinct, whole)
    return Profile(dtype, role, rows, nulls, distinct, whole or is_category, counts, mode=mode)


def _pandas() -> Any:
    return peek.library("pandas")
