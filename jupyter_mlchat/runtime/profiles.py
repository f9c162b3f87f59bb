"""Profiles of many columns: those of plain numbers are measured together, which is several times as fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import frames, leaving, peek
from .profile import Profile, profile

BLOCK = 256
"""Columns that are measured at once."""


def profiles(frame: Any, places: Mapping[str, int], *, whole: bool) -> dict[str, Profile]:
    """Of the columns at these places of a frame or an array, by name. `whole`: `frame` is not a sample."""
    columns, dtypes = frames.columns_of(frame)
    kinds = dtypes if len(dtypes) == len(columns) else []
    found = _together(frame, places, kinds, whole)
    for name, place in places.items():
        if name in found:
            continue
        values = frames.values(frame, place)
        if frames.kind_of(frame) != "numpy" or not values.dtype.hasobject:
            found[name] = profile(values, whole=whole, dtype=kinds[place] if kinds else None)
    return {name: found[name] for name in places if name in found}


def _together(frame: Any, places: Mapping[str, int], kinds: list[str], whole: bool) -> dict[str, Profile]:
    """Only columns of numpy's own numbers of which every value is finite."""
    numpy: Any = peek.library("numpy")
    kind = frames.kind_of(frame)
    if kind == "pandas":
        there = [numpy.dtype(one).kind in "iuf" if isinstance(one, numpy.dtype) else False for one in frame.dtypes]
        wanted = [(name, place) for name, place in places.items() if there[place]]
    elif kind == "numpy" and frame.ndim == 2 and frame.dtype.kind in "iuf":
        wanted = list(places.items())
    else:
        return {}
    rows = frames.rows_of(frame)
    found: dict[str, Profile] = {}
    for start in range(0, len(wanted) if rows > 1 else 0, BLOCK):
        block = wanted[start : start + BLOCK]
        some = [place for _, place in block]
        picked = frame.iloc[:, some].to_numpy(dtype="float64") if kind == "pandas" else frame[:, some].astype(float)
        table = numpy.ascontiguousarray(picked.T)
        finite = numpy.isfinite(table).all(axis=1)
        if not finite.any():
            continue
        table, block = table[finite], [one for one, known in zip(block, finite.tolist(), strict=True) if known]
        ranked = numpy.sort(table, axis=1)
        low_tail, high_tail = leaving.tails(rows)
        marks = numpy.quantile(ranked, [0, low_tail, 0.5, high_tail, 1], axis=1).T.tolist()
        distinct = (1 + (numpy.diff(ranked, axis=1) != 0).sum(axis=1)).tolist()
        means, stds = table.mean(axis=1).tolist(), table.std(axis=1, ddof=1).tolist()
        for i, (name, place) in enumerate(block):
            low, p01, median, p99, high = marks[i]
            dtype = kinds[place] if kinds else str(frame.dtype)
            found[name] = Profile(
                dtype, "numeric", rows, 0, distinct[i], whole, None, low, high, p01, p99, median, means[i], stds[i]
            )  # fmt: skip
    return found
