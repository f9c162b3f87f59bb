"""Amounts as people spell them, written out before anything is read: "85m2", "two hundred", "5 pct", "2x the fee"."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_UNITS = {word: amount for amount, word in enumerate(f"{_ONES} eighteen nineteen".split())}
_TENS = {
    word: 10 * place for place, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_SMALL = 12
"""Words up to here stay words: "one" and "two" are often no amounts (`numbers`)."""
_WORD = rf"(?:{'|'.join([*_UNITS, *_TENS, *_SCALES])})"
_WRITTEN = re.compile(rf"\b(?:a )?{_WORD}(?:[ -](?:and )?{_WORD})*\b", re.IGNORECASE)
_DIGITS = re.compile(r"\b(\d{1,3}(?:[.,]\d{1,3})?) (hundred|thousand|million)\b", re.IGNORECASE)
_APART = re.compile(
    r"(?<![\w.])(\d+(?:[.,]\d+)?) ?(m2|m²|sqm|rooms?|rms?|yrs?|years?|mos?|months?|mths?|calls?)\b", re.IGNORECASE
)
_MEANT = {"m2": "sqm", "m²": "sqm", "mo": "months", "mos": "months"}
_PERCENT = re.compile(r"(?<=\d) ?(?:per ?cent|precent|perc|pct)\b\.?", re.IGNORECASE)
_SHARE = re.compile(r" ?(?:per ?cent|pct)\b", re.IGNORECASE)
_TIMES = re.compile(r"(?<![\w.])([23])x (?=the |our |their |a |[a-z_]{3,})", re.IGNORECASE)


def plainly(text: str) -> str:
    """The same question, with amounts in digits and units apart from them."""
    text = _DIGITS.sub(lambda m: _digits(float(m[1].replace(",", ".")) * _SCALES[m[2].lower()]), text)
    text = _WRITTEN.sub(lambda m: _amount(m[0], _SHARE.match(m.string, m.end()) is not None), text)
    text = _APART.sub(lambda m: f"{m[1]} {_MEANT.get(m[2].lower(), m[2])}", text)
    return _TIMES.sub(lambda m: "doubled " if m[1] == "2" else "tripled ", _PERCENT.sub(" %", text))


def _digits(amount: float) -> str:
    return f"{amount:.12g}"


def _amount(said: str, share: bool) -> str:
    """Digits for what the words count, the words where they count little or don't make one number."""
    words = [word for word in re.split(r"[ -]", said.lower()) if word not in ("a", "and")]
    total = _counted(words)
    return said if total is None or (total <= _SMALL and not share) else str(total)


def _counted(words: Sequence[str]) -> int | None:
    """None for a list of numbers, like "two three"."""
    total, part, last = 0, 0, 0
    for place, word in enumerate(words):
        if word in _SCALES:
            scale = _SCALES[word]
            part = max(part, 1) * scale
            if scale > 100:
                total, part = total + part, 0
            last = scale
            continue
        amount = _UNITS.get(word, _TENS.get(word, 0))
        fits = place == 0 or last >= 100 or (last in _TENS.values() and amount < 10)
        if not fits:
            return None
        part, last = part + amount, amount
    return total + part
