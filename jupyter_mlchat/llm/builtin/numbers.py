"""Numbers as people write them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .names import words
from .vocabulary import NUMBER_WORDS

NUMBER = re.compile(
    r"(?<![\w.])(?P<sign>[-+]?)\$?(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?P<power>[eE][-+]?[0-9]{1,3})?(?P<scale>[kKmM]|\s?%|\spercent)?(?!\w)"
)
_SCALES = {"k": 1e3, "m": 1e6}


@dataclass(frozen=True)
class Number:
    """`percent` keeps that a % sign stood there; `value` is then the number before it."""

    start: int
    end: int
    value: int | float
    percent: bool = False
    signed: bool = False
    word: bool = False


def number_at(match: re.Match[str]) -> Number | None:
    """None for what no float can hold."""
    scale = (match["scale"] or "").strip().lower()
    written = match["sign"] + match["digits"].replace(",", "") + (match["power"] or "")
    if len(written) > 40:
        return None
    amount = float(written) * _SCALES.get(scale, 1)
    if not math.isfinite(amount):
        return None
    whole = amount == int(amount) and abs(amount) < 2**53
    return Number(
        match.start(),
        match.end(),
        int(amount) if whole and "." not in written else amount,
        percent=scale in ("%", "percent"),
        signed=bool(match["sign"]),
    )


def find_numbers(text: str, taken: Sequence[tuple[int, int]]) -> list[Number]:
    """Numbers, and number words up to twelve, outside the stretches that are taken."""
    found: list[Number] = []
    for match in NUMBER.finditer(text):
        read = number_at(match)
        if read is not None and not any(read.start < b and a < read.end for a, b in taken):
            found.append(read)
    for token in words(text):
        amount = NUMBER_WORDS.get(token.text)
        if amount is not None and not any(token.start < b and a < token.end for a, b in taken):
            found.append(Number(token.start, token.end, amount, word=True))
    return sorted(found, key=lambda number: number.start)
