"""Changes to the inputs of an earlier prediction: "5 higher", "+20 %", "half the fee", "plan = pro"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .names import Names
from .numbers import Number
from .slots import Slots
from .values import read_values, with_levels

_UP = re.compile(
    r"\b(higher|more|up|increas\w*|rais\w*|rises?|added|extra|larger|bigger|greater|older|plus|rose|grow\w*|grew"
    r"|longer|wider|taller|heavier|thicker|deeper|stronger|warmer|hotter|richer|climb\w*)\b"
)
_DOWN = re.compile(
    r"\b(lower\w*|less|fewer|down|decreas\w*|reduc\w*|drop\w*|falls?|fell|cut\w*|smaller"
    r"|younger|minus|off|discount\w*|cheaper|knock\w*|shav\w+|shorter|narrower|lighter|thinner|weaker"
    r"|cooler|colder|poorer|shr[aiu]nk\w*)\b"
)
_ABSOLUTE = re.compile(r"\bto (be )?[-+$.]?\d|\bat\b|=")
_SHARE = re.compile(r"rate|percent|pct|share|ratio|%")
_FROM_TO = re.compile(r"\bfrom\b.*\bto\b")
_FACTORS = (
    (re.compile(r"\b(doubl\w*|twice)\b"), 2.0),
    (re.compile(r"\btripl\w*\b"), 3.0),
    (re.compile(r"\b(halv\w*|half)\b"), 0.5),
    (re.compile(r"\b(zeroed|set to zero|to zero)\b"), 0.0),
)


@dataclass(frozen=True)
class Step:
    """New value = old value * `factor` + `plus`."""

    factor: float = 1.0
    plus: float = 0.0

    def applied(self, before: float) -> float:
        after = before * self.factor + self.plus
        rounded = float(f"{after:.12g}")  # 0.3 - 0.1 is meant to be 0.2
        return int(rounded) if isinstance(before, int) and rounded == int(rounded) else rounded


def read_changes(slots: Slots, names: Names, ref: str, base: Mapping[str, Any]) -> dict[str, Any]:
    """Column to its new value; `base` holds the inputs that relative changes start from."""
    changed = read_values(slots, names, ref)
    for column, clause, numbers in _touched(slots, set(names.features(ref))):
        step = _read_step(clause, numbers)
        before = base.get(column)
        if step is None:
            if _is_open(column, clause, numbers):
                changed.pop(column, None)
            continue
        changed.pop(column, None)
        if isinstance(before, (int, float)) and not isinstance(before, bool):
            changed[column] = step.applied(before)
    return changed


def spoken_changes(slots: Slots, names: Names, ref: str) -> dict[str, Any]:
    """Column to a new value, or to a change as `what_if` reads it: "+20 %", "doubled", {"add": 5}."""
    found = with_levels(read_values(slots, names, ref), names, ref)
    for column, clause, numbers in _touched(slots, set(names.features(ref))):
        step = _read_step(clause, numbers)
        if step is not None:
            found[column] = _in_words(step)
        elif len(numbers) == 2 and _FROM_TO.search(clause):
            found[column] = numbers[1].value
        elif _is_open(column, clause, numbers):
            found.pop(column, None)
    return found


def _is_open(column: str, clause: str, numbers: list[Number]) -> bool:
    """A percentage that is of nothing told: "what if the radius was 20 %" may be more, less, or 20."""
    percent = any(number.percent for number in numbers)
    return percent and not _ABSOLUTE.search(clause) and not _SHARE.search(column.lower())


def _in_words(step: Step) -> Any:
    if step.plus:
        return {"add": step.plus}
    known = {2.0: "doubled", 3.0: "tripled", 0.5: "halved", 0.0: 0}
    return known[step.factor] if step.factor in known else f"{(step.factor - 1) * 100:+.10g} %"


def _touched(slots: Slots, columns: set[str]) -> Iterator[tuple[str, str, list[Number]]]:
    """Each column that is mentioned, with the words and numbers of its clause."""
    said = [(m.start, m.end, [entry.value for entry in m.entries]) for m in slots.of("feature")]
    said += [(given.start, given.end, list(given.columns)) for given in slots.givens]
    for a, b in _clauses(slots.text):
        numbers = [n for n in slots.numbers if a <= n.start < b]
        numbers += [g.number for g in slots.givens if g.number and a <= g.start < b]
        inside = [
            (start, end, column)
            for start, end, names in said
            if a <= start < b and (column := next((name for name in names if name in columns), ""))
        ]
        clause = slots.text[a:b].lower()
        if len({column for _, _, column in inside}) > 1:
            # A clause tells one change, of the column next to it: "is this wine the same at half the price".
            inside = [min(inside, key=lambda one: _apart(one, a, clause, numbers))]
        for _, _, column in inside:
            yield column, clause, numbers


def _apart(place: tuple[int, int, str], begin: int, clause: str, numbers: list[Number]) -> int:
    """Characters between a column and what tells the change."""
    factors = [begin + found.start() for pattern, _ in _FACTORS if (found := pattern.search(clause))]
    cue = next(iter([*factors, *(number.start for number in numbers)]), begin)
    start, end, _ = place
    return max(start - cue, cue - end)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for cut in re.finditer(r",(?!\d)|;|\band\b|\bbut\b", text):
        yield start, cut.start()
        start = cut.end()
    yield start, len(text)


def _read_step(clause: str, numbers: list[Number]) -> Step | None:
    for pattern, factor in _FACTORS:
        if pattern.search(clause):
            return Step(factor=factor)
    if not numbers:
        return None
    number = numbers[0]
    down, up = _DOWN.search(clause), _UP.search(clause)
    if number.percent and (number.signed or down or up):
        sign = -1 if down and not up and number.value > 0 else 1
        return Step(factor=1 + sign * number.value / 100)
    if (down or up) and not _ABSOLUTE.search(clause):
        return Step(plus=-abs(number.value) if down and not up else abs(number.value))
    return None
