"""Values that another unit would explain: grams for a column of kilograms, 45 for a share, cents for a price.

Precision comes first. A value is suspected when it is far outside what the model was trained on, one factor of
the column's kind of quantity brings it into the middle of that, and the column says which quantity it is: by its
unit, by its name, or by lying between 0 and 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

from .. import budget
from ..catalog import Found
from ..evaluating import warned
from ..signature import Column, Signature
from ..toolbox import ToolContext
from ..wire import EvidenceDict
from .validation import Checked

MAX_TOLD = 3
BLUR = 1.25

_WORDS: dict[str, tuple[tuple[int, ...], str]] = {
    "mass": ((1_000,), "mass weight g gram grams kg kilogram kilograms mg tonne tonnes t"),
    "length": (
        (1_000, 100),
        "length height width depth distance altitude elevation thickness diameter radius perimeter mileage "
        "mm cm m km metre metres meter meters kilometers kilometres",
    ),
    "money": (
        (100, 1_000),
        "price cost fee fare salary income wage revenue charge charges payment spend spending spent amount balance "
        "budget bill rent loan debt eur euro euros usd dollar dollars gbp chf cents € $ £",
    ),
    "duration": ((1_000,), "duration time latency delay elapsed s sec second seconds ms millisecond milliseconds"),
    "volume": ((1_000, 100), "volume l litre litres liter liters ml cl"),
    "size": ((1_000,), "bytes kb mb gb memory ram disk"),
    "power": ((1_000,), "power energy w kw kwh wh watt watts"),
    "share": ((100,), "percent percentage pct % share rate ratio fraction proportion probability discount"),
}
"""Factors between the units of a quantity that people mix up, and the words that speak of it."""
_OF_WORD = {word: (kind, factors) for kind, (factors, words) in _WORDS.items() for word in words.split()}
_SPLIT = re.compile(r"[^A-Za-z%€$£]+|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Suspect:
    """`factor` times the given value, or a `factor`th of it when `smaller`, is an everyday value of the column."""

    column: Column
    value: float
    factor: int
    smaller: bool
    kind: str
    quote: bool

    @property
    def meant(self) -> float:
        return self.value / self.factor if self.smaller else self.value * self.factor

    def text(self, ref: str) -> str:
        """Quotes what was typed; of the training data only what may leave."""
        said = f"`{budget.short(self.column.name)}`"
        said += f" = {self.value:.6g}" if self.quote else ", as given,"
        far = f"is far {'above' if self.smaller else 'below'} what `{ref}` was trained on"
        if self.kind == "share":
            units = "percent where it takes a share" if self.smaller else "a share where it takes percent"
            return f"{said} {far}; {units} would explain it."
        unit = f" It takes {self.column.unit}." if self.column.unit else ""
        if not self.quote:
            return f"{said} {far}. Another unit would explain that.{unit}"
        how = "divided" if self.smaller else "multiplied"
        return f"{said} {far}; {how} by {self.factor:,} it would be usual. Another unit would explain that.{unit}"

    def evidence(self, frame: str) -> EvidenceDict:
        where = f" in `{frame}`" if frame else ""
        usual = f"most of `{budget.short(self.column.name)}`{where} lies"
        text = f"{usual} between {self.column.p01:.6g} and {self.column.p99:.6g}"
        if self.quote:
            text += f"; {self.value:.6g} {'/' if self.smaller else 'x'} {self.factor:,} = {self.meant:.6g} does too"
        return {"kind": "unit", "text": text, "ref": frame, "cell": None}


def suspects(sig: Signature, checked: Checked, typed: frozenset[str] | None = None) -> list[Suspect]:
    """One of each column at most. `typed` names the columns whose values a message may quote; None means all."""
    found = []
    for column in sig.columns:
        outside = [value for row in checked.rows if (value := _outside(column, row.get(column.name))) is not None]
        reading = _quantity(column) if outside else None
        if reading is None:
            continue
        kind, factors = reading
        seen = next(filter(None, (_slip(column, value, factors) for value in outside)), None)
        if seen is not None:
            found.append(Suspect(column, *seen, kind, typed is None or column.name in typed))
    return found


def doubts(
    ctx: ToolContext, found: Found, sig: Signature, checked: Checked, typed: frozenset[str] | None = None
) -> tuple[list[str], list[EvidenceDict]]:
    """The warning, unless it was waved aside for this model, and what speaks for it."""
    seen = suspects(sig, checked, typed)
    told = warned.warned(ctx, "unit", [one.text(found.ref) for one in seen], found)
    return told, [one.evidence(sig.frame) for one in seen[:MAX_TOLD]] if told else []


def _quantity(column: Column) -> tuple[str, Sequence[int]] | None:
    """What a column counts, and by how much units of that differ; None where it doesn't say."""
    low, high = column.low, column.high
    known = column.role == "numeric" and column.categories is None and column.statistics_leave
    if not known or low is None or high is None or column.p01 is None or column.p99 is None or column.p01 < 0:
        return None
    # Flags are 0 and 1 too, but hardly anything between.
    if 0 <= low < high <= 1 and not column.is_integer and (column.p01, column.p99) != (0, 1):
        return _OF_WORD["share"]
    named = [word for word in _SPLIT.split(column.name) if word]
    # A single letter is a unit only behind what it measures: `weight_g`, but not `s1`.
    words = [*_SPLIT.split(column.unit), *named[:0:-1], *(word for word in named[:1] if len(word) > 1)]
    return next((_OF_WORD[word.casefold()] for word in words if word.casefold() in _OF_WORD), None)


def _outside(column: Column, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real) or column.low is None or column.high is None:
        return None
    number = float(value)
    return None if column.low <= number <= column.high or not 0 < number < math.inf else number


def _slip(column: Column, value: float, factors: Sequence[int]) -> tuple[float, int, bool] | None:
    low, high, p01, p99 = column.low, column.high, column.p01, column.p99
    assert low is not None and high is not None and p01 is not None and p99 is not None
    low, high = _outward(p01, min(low, p01)), _outward(p99, max(high, p99))
    for factor in factors:
        # Nearer to a slip of the unit than to a large, or small, value of this one.
        apart = math.sqrt(factor)
        if value >= high * apart and p01 <= value / factor <= p99:
            return value, factor, True
        if value * apart <= low and p01 <= value * factor <= p99:
            return value, factor, False
    return None


def _outward(usual: float, end: float) -> float:
    """`end`, or a little beyond: who tries many values must not find it by when the warning comes."""
    if usual <= 0 or end <= 0 or usual == end:
        return end
    steps = math.log(end / usual, BLUR)
    return usual * BLUR ** (math.ceil(steps) if steps > 0 else math.floor(steps))
