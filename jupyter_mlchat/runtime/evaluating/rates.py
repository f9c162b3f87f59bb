"""Shares of rows with their intervals, and the difference of two."""

from __future__ import annotations

import math

Z = 1.959964


def share(hits: int, rows: int) -> dict[str, float | None]:
    """Wilson's interval of 95 %; all None of no rows."""
    if not rows:
        return {"value": None, "low": None, "high": None}
    p = hits / rows
    scale = 1 + Z**2 / rows
    centre = (p + Z**2 / (2 * rows)) / scale
    half = Z * math.sqrt(p * (1 - p) / rows + Z**2 / (4 * rows**2)) / scale
    return {"value": p, "low": max(0.0, centre - half), "high": min(1.0, centre + half)}


def gap(hits: int, rows: int, other_hits: int, other_rows: int) -> dict[str, float | None]:
    """The first share minus the second, with Newcombe's interval of 95 %."""
    one, two = share(hits, rows), share(other_hits, other_rows)
    a, b = one["value"], two["value"]
    if a is None or b is None:
        return {"value": None, "low": None, "high": None}
    low = math.hypot(a - (one["low"] or 0.0), (two["high"] or 0.0) - b)
    high = math.hypot((one["high"] or 0.0) - a, b - (two["low"] or 0.0))
    return {"value": a - b, "low": a - b - low, "high": a - b + high}
