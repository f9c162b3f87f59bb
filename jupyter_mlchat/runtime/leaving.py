"""What may leave for a provider: names and aggregates, never a value that points at one person or row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

MAX_LEVELS = 50
MIN_ROWS = 10
"""Every level must stand for at least so many rows; a statistic too."""
MAX_LEVEL_LENGTH = 60
MAX_TAIL = 0.1

_PII = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+"  # e-mail
    r"|\d{3}-\d{2}-\d{4}"  # social security number
    r"|(?:\+?\d[\s().-]{0,3}){8,}"  # telephone, card and account numbers
    r"|\b[A-Za-z]{2}\d{2}(?:\s?[A-Za-z0-9]{4}){3,}"  # IBAN
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"  # IP addresses
    r"|(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{1,4}"
    r"|\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"  # hardware address
)
_HOLDING_VALUES = re.compile(r"\b(enum|categorical|category|sparse)[(\[].*", re.I | re.S)
_IDENTIFIER = re.compile(
    r"(^|[_\s.-])(id|uuid|guid|ssn|iban|phone|telephone|mobile|card|account)s?([_\s.-]|no|nr|number|$)", re.I
)


def levels_may_leave(levels: Iterable[Any], counts: Mapping[Any, int] | None) -> bool:
    """Category names: at most 50 levels, each known to be on at least 10 rows, none that looks personal."""
    known = list(levels)
    if counts is None or len(known) > MAX_LEVELS:
        return False
    return all(counts.get(level, 0) >= MIN_ROWS for level in known) and not any(map(looks_personal, known))


def classes_may_leave(labels: Iterable[Any], counts: Mapping[Any, int] | None) -> bool:
    """Class names: as categories, but also when their counts are unknown."""
    known = list(labels)
    if counts is not None:
        return levels_may_leave(known, counts)
    return len(known) <= MAX_LEVELS and not any(map(looks_personal, known))


def statistics_may_leave(name: str, values: int, distinct: int) -> bool:
    """Of a numeric column with so many values: not of a handful of rows, and not of numbers that identify."""
    return values >= MIN_ROWS and not (_IDENTIFIER.search(name) is not None and distinct > 0.9 * values)


def tails(values: int) -> tuple[float, float]:
    """The quantiles that stand for a range: 1 % and 99 %, further in where under two values lie beyond."""
    tail = min(MAX_TAIL, max(0.01, 2 / values)) if values else 0.01
    return tail, 1 - tail


def blurred(
    low: float, high: float, p01: float | None, p99: float | None, *, whole: bool = False
) -> tuple[float, float]:
    """Ends of a range that hold its exact ones and don't tell them: further out than the usual range by a power of two
    of its width. Somebody who tries values until one is called too large finds these and not the largest value."""
    if p01 is None or p99 is None:
        return -math.inf, math.inf
    unit = max((p99 - p01) / 32 or max(abs(p99), 1.0) / 32, 2.5 if whole else 0.0)
    return p01 - _power(unit, p01 - low), p99 + _power(unit, high - p99)


def _power(unit: float, beyond: float) -> float:
    """The least of 1, 2, 4, ... times `unit` that is not below `beyond`."""
    if not math.isfinite(unit) or not math.isfinite(beyond):
        return math.inf
    return unit * 2.0 ** max(0, math.ceil(math.log2(beyond / unit))) if beyond > unit else unit


def looks_personal(value: Any) -> bool:
    text = str(value)
    return len(text) > MAX_LEVEL_LENGTH or _PII.search(text) is not None


def told_dtype(dtype: str | None) -> str | None:
    """A type without the values that some libraries write into it: `Enum(categories=['Ann', 'Bob'])`."""
    return (
        dtype if dtype is None else re.sub(r"(?i)\b(enum|categorical|category|sparse)[(\[].*", r"\1", dtype, flags=re.S)
    )


def option_may_leave(name: str, value: Any) -> bool:
    """A constructor argument: numbers, switches, the libraries' own words, not text that came from data."""
    if type(value) is not str:
        return True
    from_data = name.rpartition("__")[2] in (
        "fill_value",
        "missing_values",
        "pos_label",
        "vocabulary",
        "text",
    )
    return not from_data and re.fullmatch(r"[a-z0-9_.+^ -]{1,40}", value) is not None
