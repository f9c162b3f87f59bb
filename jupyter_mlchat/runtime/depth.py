"""One column looked at closely: how it is spread, what is odd about it, and what it goes with."""

from __future__ import annotations

from typing import Any

from . import budget, correlations, frames, leaving, peek
from .profile import Profile
from .toolbox import Local

BINS = 12
MAX_RELATED = 8
_QUANTILES = {"p5": 0.05, "p25": 0.25, "p75": 0.75, "p95": 0.95}


def of_column(name: str, values: Any, seen: Profile) -> dict[str, Any]:
    """What to add to its card; statistics of what may not leave stay with the person."""
    if seen.role == "datetime":
        return _of_times(values)
    if seen.median is None:
        return {"missing_share": _share(seen)}
    numpy: Any = peek.library("numpy")
    numbers = values.to_numpy(dtype=float, na_value=float("nan")) if hasattr(values, "to_numpy") else values
    known = numpy.asarray(numbers, dtype=float)
    known = known[numpy.isfinite(known)]
    marks = dict(zip(_QUANTILES, numpy.quantile(known, list(_QUANTILES.values())).tolist(), strict=True))
    reach = 1.5 * (marks["p75"] - marks["p25"])
    beyond = int(((known < marks["p25"] - reach) | (known > marks["p75"] + reach)).sum())
    spread = float(known.std()) if (seen.distinct or 0) > 1 else 0.0
    told: dict[str, Any] = {
        **{key: budget.figure(value) for key, value in marks.items()},
        "skew": budget.figure(float((((known - known.mean()) / spread) ** 3).mean())) if spread > 0 else None,
        "zeros": int((known == 0).sum()),
        "negative": int((known < 0).sum()),
        "beyond_1.5_iqr": beyond,
    }
    if not leaving.statistics_may_leave(name, len(known), seen.distinct or 0):
        return {"missing_share": _share(seen), **{key: Local(value) for key, value in told.items()},
                "histogram": Local(_histogram(numpy, known))}  # fmt: skip
    bins = _histogram(numpy, known)
    few = any(0 < one["n"] < leaving.MIN_ROWS for one in bins)
    return {"missing_share": _share(seen), **told, "histogram": Local(bins) if few else bins}


def _share(seen: Profile) -> float | None:
    return budget.figure(seen.nulls / seen.rows) if seen.rows else None


def _histogram(numpy: Any, known: Any) -> list[dict[str, Any]]:
    """Of equal widths between the tails; the first and the last take all that lies beyond."""
    low, high = numpy.quantile(known, leaving.tails(len(known))).tolist()
    if not low < high:
        return [{"from": budget.figure(low), "to": budget.figure(high), "n": len(known)}]
    distinct = numpy.unique(known)
    whole = len(distinct) <= 2 * BINS and bool((distinct == distinct.round()).all())
    count = min(BINS, int(high - low) + 1) if whole else BINS
    edges = numpy.linspace(low, high, count + 1)
    counts = numpy.histogram(numpy.clip(known, low, high), edges)[0].tolist()
    return [
        {"from": budget.figure(start), "to": budget.figure(end), "n": n}
        for start, end, n in zip(edges.tolist(), edges[1:].tolist(), counts, strict=False)
    ]


def _of_times(values: Any) -> dict[str, Any]:
    known = values.dropna() if hasattr(values, "dropna") else values
    if not len(known):
        return {}
    first, last = known.min(), known.max()
    low, middle, high = (known.quantile(q) for q in (leaving.tails(len(known))[0], 0.5, leaving.tails(len(known))[1]))
    enough = len(known) >= leaving.MIN_ROWS
    usual = {"p1": str(low), "median": str(middle), "p99": str(high), "days": (high - low).days}
    return {
        "earliest": Local(str(first)),
        "latest": Local(str(last)),
        **(usual if enough else {key: Local(value) for key, value in usual.items()}),
    }


def related(name: str, columns: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """The columns of numbers that one goes with most."""
    own = [pair for pair in columns if pair[0] == name]
    others = [pair for pair in columns if pair[0] != name][: correlations.MAX_COLUMNS - 1]
    found = [pair for pair in correlations.pairs([*own, *others]) if pair.one == name] if own else []
    return [card(pair) for pair in found[:MAX_RELATED]]


def card(pair: correlations.Pair) -> dict[str, Any]:
    """Of two columns; a number made of a handful of rows stays with the person."""
    r: Any = budget.figure(pair.r)
    return {
        "columns": [budget.short(pair.one), budget.short(pair.other)],
        "r": r if pair.rows >= leaving.MIN_ROWS else Local(r),
        "rows": pair.rows,
    }


def numeric(frame: Any, parts: list[tuple[str, int]], dtypes: list[str]) -> list[tuple[str, Any]]:
    """The columns of numbers among those at these places, truth values left out, with their values."""
    numpy: Any = peek.library("numpy")
    found = []
    for label, place in parts:
        kind = (dtypes[place] if len(dtypes) > place else dtypes[0] if dtypes else "").lower()
        if kind.startswith(("int", "uint", "float", "double", "decimal")):
            values = frames.values(frame, place)
            if numpy is not None and getattr(values.dtype, "kind", "f") in "iuf":
                found.append((label, values))
        if len(found) == correlations.MAX_COLUMNS:
            break
    return found
