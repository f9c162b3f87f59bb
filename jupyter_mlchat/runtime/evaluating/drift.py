"""How far one column of new data is from the same column of old data, and whether that is more than chance."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Any

from .. import peek

BINS = 10
LARGE = 0.2
"""A population stability index from here on is called large."""
NEW_SHARE = 0.01
NULL_SHARE = 0.05
_FLOOR = 1e-4


@dataclass(frozen=True)
class Drift:
    """`p` is the probability of such a distance by chance. Of categories `unseen` are those that only came now."""

    name: str
    kind: str
    psi: float
    distance: float
    p: float
    nulls_before: float
    nulls_after: float
    unseen: dict[Any, int]
    unseen_share: float
    shift: float | None
    """Of numbers: how far the mean moved, in old standard deviations."""

    def flagged(self, columns: int) -> list[str]:
        """What is beyond chance and large: `distribution`, `new_categories`, `empty_cells`."""
        found = ["distribution"] if self.psi >= LARGE and self.p < 0.01 / max(1, columns) else []
        if self.unseen_share > NEW_SHARE:
            found.append("new_categories")
        if abs(self.nulls_after - self.nulls_before) > NULL_SHARE:
            found.append("empty_cells")
        return found


def of_columns(name: str, before: Any, after: Any) -> Drift | None:
    """Of two pandas series; None for what can't be compared (dates, lists, free text)."""
    pandas: Any = peek.library("pandas")
    types = pandas.api.types
    old, new = pandas.Series(before), pandas.Series(after)
    nulls = float(old.isna().mean()), float(new.isna().mean())
    numeric = [types.is_numeric_dtype(one.dtype) and not types.is_bool_dtype(one.dtype) for one in (old, new)]
    if all(numeric):
        return _numbers(name, _known(old), _known(new), nulls)
    if any(numeric) or types.is_datetime64_any_dtype(old.dtype) or types.is_datetime64_any_dtype(new.dtype):
        return None
    try:
        counts = [one.value_counts() for one in (old, new)]
        tallies = [
            {level: count for level, count in zip(one.index.tolist(), one.tolist(), strict=True) if count}
            for one in counts
        ]
    except TypeError:
        return None
    if len(tallies[0]) > max(50, 0.5 * len(old)):
        return None
    return _levels(name, tallies[0], tallies[1], nulls)


def of_numbers(name: str, before: Any, after: Any) -> Drift | None:
    """Of two arrays (n,), (m,)."""
    numpy: Any = peek.library("numpy")
    old, new = (numpy.asarray(one, dtype=float) for one in (before, after))
    return _numbers(name, old[numpy.isfinite(old)], new[numpy.isfinite(new)], (0.0, 0.0))


def _known(series: Any) -> Any:
    numpy: Any = peek.library("numpy")
    values = series.to_numpy(dtype=float, na_value=float("nan"))
    return values[numpy.isfinite(values)]


def _numbers(name: str, old: Any, new: Any, nulls: tuple[float, float]) -> Drift | None:
    numpy: Any = peek.library("numpy")
    if len(old) < 2 or not len(new):
        return None
    edges = numpy.unique(numpy.quantile(old, [i / BINS for i in range(1, BINS)]))
    shares = [numpy.bincount(numpy.searchsorted(edges, one), minlength=len(edges) + 1) / len(one) for one in (old, new)]
    grid = numpy.sort(numpy.concatenate([old, new]))
    steps = [numpy.searchsorted(numpy.sort(one), grid, side="right") / len(one) for one in (old, new)]
    distance = float(numpy.abs(steps[0] - steps[1]).max())
    size = len(old) * len(new) / (len(old) + len(new))
    spread = float(old.std())
    shift = (float(new.mean()) - float(old.mean())) / spread if spread > 0 else None
    return Drift(
        name, "number", psi(shares[0], shares[1]), distance, _kolmogorov(distance, size), *nulls, {}, 0.0, shift
    )


def _levels(name: str, old: dict[Any, int], new: dict[Any, int], nulls: tuple[float, float]) -> Drift | None:
    if not old or not new:
        return None
    numpy: Any = peek.library("numpy")
    levels = list(dict.fromkeys([*old, *new]))
    counts = numpy.array([[one.get(level, 0) for level in levels] for one in (old, new)], dtype=float)
    shares = counts / counts.sum(axis=1, keepdims=True)
    unseen = {level: count for level, count in new.items() if level not in old}
    expected = counts.sum(axis=0) * counts.sum(axis=1, keepdims=True) / counts.sum()
    chi2 = float(((counts - expected) ** 2 / expected).sum())
    distance = float(numpy.abs(shares[0] - shares[1]).sum() / 2)
    share = sum(unseen.values()) / sum(new.values())
    p = _chi2(chi2, len(levels) - 1)
    return Drift(name, "category", psi(shares[0], shares[1]), distance, p, *nulls, unseen, share, None)


def psi(old: Any, new: Any) -> float:
    """Population stability index of two rows of shares; empty bins count as one in ten thousand."""
    numpy: Any = peek.library("numpy")
    old, new = numpy.maximum(old, _FLOOR), numpy.maximum(new, _FLOOR)
    return float(((new - old) * numpy.log(new / old)).sum())


def _kolmogorov(distance: float, size: float) -> float:
    """Two-sample Kolmogorov-Smirnov, from its series."""
    scaled = (math.sqrt(size) + 0.12 + 0.11 / math.sqrt(size)) * distance
    if scaled < 0.2:
        return 1.0
    series = sum((-1.0) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 40))
    return float(min(1.0, max(0.0, 2 * series)))


def _chi2(value: float, freedom: int) -> float:
    """Upper tail, by Wilson and Hilferty's cube root."""
    if freedom < 1:
        return 1.0
    z = ((value / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / math.sqrt(2 / (9 * freedom))
    return 1 - statistics.NormalDist().cdf(z)
