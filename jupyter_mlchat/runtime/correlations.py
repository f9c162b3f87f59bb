"""Which columns of numbers go together: Pearson's r of every pair, each over the rows that both have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import frames, peek

MAX_ROWS = 10_000
MAX_COLUMNS = 200


@dataclass(frozen=True)
class Pair:
    one: str
    other: str
    r: float
    rows: int


def pairs(columns: list[tuple[str, Any]]) -> list[Pair]:
    """Of named columns of numbers, (n,) each; the strongest first. Constant columns go with nothing."""
    numpy: Any = peek.library("numpy")
    columns = columns[:MAX_COLUMNS]
    if numpy is None or len(columns) < 2:
        return []
    table = numpy.column_stack([_numbers(numpy, values) for _, values in columns])
    r, rows = correlated(table)
    upper = numpy.triu_indices(len(columns), 1)
    found = [
        Pair(columns[i][0], columns[j][0], float(r[i, j]), int(rows[i, j]))
        for i, j in zip(*(index.tolist() for index in upper), strict=True)
        if numpy.isfinite(r[i, j])
    ]
    return sorted(found, key=lambda pair: -abs(pair.r))


def correlated(table: Any) -> tuple[Any, Any]:
    """(k, k) of r, nan where there is none, and of the rows it is over, for (n, k) of floats with nan."""
    numpy: Any = peek.library("numpy")
    known = numpy.isfinite(table)
    counts = known.sum(axis=0)
    # About the mean first: the sums below would lose the digits of large numbers otherwise.
    totals = numpy.where(known, table, 0.0).sum(axis=0)
    means = totals / numpy.maximum(counts, 1)
    x, mask = numpy.where(known, table - means, 0.0), known.astype(float)
    rows, sums, squares = mask.T @ mask, x.T @ mask, (x * x).T @ mask
    scale = numpy.maximum(rows, 1.0)
    spread = squares / scale - (sums / scale) ** 2
    product = (x.T @ x) / scale - (sums / scale) * (sums.T / scale)
    # What is left of a constant column by rounding is no spread.
    least = 1e-12 * squares.diagonal() / scale.diagonal() + 1e-24 * means**2
    varies = (rows > 2) & (spread > least[:, None]) & (least[None, :] < spread.T)
    norm = numpy.sqrt(numpy.where(varies, spread * spread.T, 1.0))
    return numpy.where(varies, numpy.clip(product / norm, -1, 1), numpy.nan), rows


def _numbers(numpy: Any, values: Any) -> Any:
    values = frames.strided(values, MAX_ROWS)
    if hasattr(values, "to_numpy") and frames.kind_of(values) == "pandas_series":
        return values.to_numpy(dtype=float, na_value=float("nan"))
    return numpy.asarray(values, dtype=float)
