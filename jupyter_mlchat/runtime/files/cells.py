"""What the texts of a column are: numbers, dates, switches or words; and where one is of another kind."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from .. import leaving

CellKind = Literal["integer", "number", "boolean", "date", "text"]
EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "nat", "<na>", "#n/a"})
MIXED_SHARE = 0.9
"""A column where so many cells are of one kind, and others not, is taken for one with wrong cells in it."""
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?|[+-]?inf(inity)?", re.I)
_COMMA = re.compile(r"[+-]?\d+,\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_NAME = re.compile(r"[a-z_][a-z0-9_.]{0,39}|[A-Za-z]\w*_\w*|[A-Z_]{2,30}|[a-z]+([A-Z][a-z]+)+")
_SWITCH = {"true": True, "false": False}


@dataclass
class Tally:
    """Of one column. `first` maps a kind to the line where it was first seen."""

    counts: dict[CellKind, int] = field(default_factory=dict)
    first: dict[CellKind, int] = field(default_factory=dict)
    empty: int = 0
    rows: int = 0
    decimal_commas: int = 0

    def see(self, text: str, line: int) -> None:
        self.rows += 1
        kind = kind_of(text)
        if kind is None:
            self.empty += 1
            return
        if kind == "text" and _COMMA.fullmatch(text.strip()):
            self.decimal_commas += 1
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.first.setdefault(kind, line)

    @property
    def kind(self) -> CellKind | None:
        """What most cells are; integers among numbers are numbers. None when all are empty."""
        kinds = dict(self.counts)
        if "number" in kinds and "integer" in kinds:
            kinds["number"] += kinds.pop("integer")
        if not kinds:
            return None
        top = max(kinds, key=lambda kind: kinds[kind])
        return top if kinds[top] >= MIXED_SHARE * sum(kinds.values()) else "text"

    @property
    def strangers(self) -> list[tuple[CellKind, int, int]]:
        """Cells of other kinds than the column's: (kind, how many, line of the first)."""
        own = self.kind
        same = ("number", "integer") if own in ("number", "integer") else (own,)
        if own == "text":
            return []
        return [(kind, count, self.first[kind]) for kind, count in self.counts.items() if kind not in same]


def kind_of(text: str) -> CellKind | None:
    """None for an empty cell."""
    value = text.strip()
    if value.casefold() in EMPTY:
        return None
    if _INTEGER.fullmatch(value):
        return "text" if len(value.lstrip("+-")) > 1 and value.lstrip("+-")[0] == "0" else "integer"
    if _NUMBER.fullmatch(value):
        return "number"
    if value.casefold() in _SWITCH:
        return "boolean"
    return "date" if _DATE.fullmatch(value) else "text"


def read(text: str, kind: CellKind | None) -> Any:
    """The value of one cell of a column of this kind; the text itself where it is of another."""
    value = text.strip()
    if kind_of(text) is None:
        return None
    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value)
        if kind == "date":
            return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return text
    return _SWITCH.get(value.casefold(), text) if kind == "boolean" else text


def looks_like_names(first: list[str], others: Iterable[list[str]]) -> bool:
    """Whether a first line holds names of columns: none is a number or empty, and below there is something else."""
    if len(first) > 1 and [name.strip() for name in first] == [str(place) for place in range(len(first))]:
        return True
    if any(kind_of(name) not in ("text", "boolean") or leaving.looks_personal(name) for name in first if name.strip()):
        return False
    named = sum(bool(name.strip()) for name in first)
    if named < max(1, len(first) - 1):
        return False
    below = list(others)
    different = any(
        kind_of(line[place]) not in ("text", None) for line in below for place in range(min(len(line), len(first)))
    )
    if different:
        return True
    # Nothing but words: a line of values must not be taken for names, which may leave.
    return all(_NAME.fullmatch(name.strip()) for name in first) and not any(set(first) & set(line) for line in below)
