"""Numbers and names in a text that is still growing: each is found once, when nothing can change it any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from . import vocabulary as v

AHEAD = 48
"""Characters behind a token that must be there before it is read: its unit, and what it counts."""

Kind = Literal["number", "percent", "times", "ordinal", "fraction", "text", "name"]


class Near(NamedTuple):
    """The words of the sentence around a token, in order, and those of its line before that sentence."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()

    @property
    def close(self) -> frozenset[str]:
        return frozenset(self.before[-5:]) | frozenset(self.after[:4])

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.before) | frozenset(self.after)


NOWHERE = Near()


@dataclass(frozen=True)
class Token:
    """`text[start:end]` and what it may mean: (value, half a unit of its last digit) for each way to read it.

    `digits` are the significant ones.
    """

    start: int
    end: int
    text: str
    kind: Kind
    readings: tuple[tuple[float, float], ...] = ()
    digits: int = 0
    near: Near = NOWHERE
    signed: bool = False

    @property
    def whole(self) -> bool:
        """Written as a whole number, such as a count."""
        return (
            self.kind == "number" and bool(self.readings) and self.readings[0][0].is_integer() and "." not in self.text
        )


_CODE = r"(?P<code>(?<!`)(?P<ticks>`+)(?!`)(?P<inside>[^\n]+?)(?<!`)(?P=ticks)(?!`))"
_LINK = r"(?P<link>(?:https?://|www\.)[^\s)>\]]+|\]\([^)\n]{0,40}\))"
_DATED = (
    r"(?P<dated>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?|\d{1,2}:\d{2}(?::\d{2})?"
    r"|\d+\.\d+\.\d+(?:[.\w]*\w)?)(?!\w)"
)
_FIGURE = (
    r"(?P<sign>[+\-−])?(?P<figure>\d{1,3}(?:[,\u202f\u00a0'’]\d{3})+(?:\.\d+)?(?!\d)"
    r"|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
)
_POWER = r"(?P<power>[eE][+-]?\d+(?!\w))?"
_SUFFIX = (
    r"(?:(?P<ordinal>st|nd|rd|th)\b|\s?(?P<percent>%|percent\b|per cent\b|prozent\b|Prozent\b|por ciento\b|pour cent\b)"
    r"|\s?(?P<times>(?:×|x\b)(?!\s?\d)|-?fold\b|times\b)|\s?(?P<scale>k|K|M|bn|thousand|million|billion|[kMG]B)\b)?"
)
_WORDS = (
    r"(?P<fraction>(?:\b(?:a|one|two)\s(?:third|quarter)s?|\bthree\squarters|\bhalf(?=\s(?:of|the|as)\b))\b(?!-))"
    r"|(?P<word>[^\W\d_]+(?:-[^\W\d_]+)?(?![\w])|[^\W\d]\w*)"
)
_TOKEN = re.compile(
    "|".join((_CODE, _LINK, _DATED, rf"(?<![\w]){_FIGURE}{_POWER}(?:{_SUFFIX})(?!\w)", _WORDS, r"(?P<other>\d\w*)"))
)
_TO_PERCENT = re.compile(r"\s?(?:to|and|or|bis|–|-)\s?[+-]?\d{1,3}(?:[.,]\d{1,6})?\s?(?:%|percent\b)")
_IN_TEN = re.compile(r"\d\s+(?:in|out\sof|of\severy|of)\s+$")
_LEVEL = re.compile(r"[\s-]+(?:[a-z]+\s){0,2}(?:intervals?|CIs?)\b")
_NUMBERING = re.compile(
    r"[ \t>]*(?:#+[ \t]+\d+(?:\.\d+)*[.)]?(?=[ \t])|(?:[-*+][ \t]+)?[*_]*\(?\d{1,3}[.)][*_]*(?=[ \t]))"
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MAYBE_FENCE = re.compile(r" {0,3}[`~]{0,2}\Z")
MAX_POWER = 200
"""Larger powers of ten are no results, and further ones no numbers of this machine."""
_END = re.compile(r"[.;!?](?=\s|$)|\n")
_PAUSE = re.compile(r"[.;!?,)](?=[\s,.;)]|$)|\n")
_NAME_LIKE = re.compile(r"[^\W\d][\w .\-/\[\]\"':]*\Z")
_CALLS = re.compile(r"\w\(|[=+*<>{}%|]|^\W*$")


class Reader:
    """Reads one text from its beginning to its end, in any pieces: the same tokens come of the same text."""

    def __init__(self) -> None:
        self._at = 0
        self._fence = ""
        self._lead: tuple[str, ...] = ()
        self._head: list[tuple[str, ...]] = []

    def read(self, text: str, final: bool) -> Iterator[Token]:
        """The tokens that are complete in `text` and were not told before. `text` only ever grows."""
        while self._at < len(text):
            start = text.rfind("\n", 0, self._at) + 1
            newline = text.find("\n", self._at)
            whole = final or newline >= 0
            end = newline if newline >= 0 else len(text)
            if self._at == start and not self._prose(text, start, end, whole):
                if not whole:
                    return
                self._at = end + 1
                continue
            yield from self._line(text, start, end, whole)
            if not whole or self._at < end:
                return
            self._remember(text[start:end])
            self._at = end + 1

    def _prose(self, text: str, start: int, end: int, whole: bool) -> bool:
        """Is this line one of words? A fence of code is not, nor what stands in it."""
        mark = _FENCE.match(text, start, end)
        if not whole and (self._fence or mark or _MAYBE_FENCE.match(text, start)):
            return False
        if self._fence:
            if mark and mark[1].startswith(self._fence):
                self._fence = ""
            return False
        if mark:
            self._fence = mark[1]
        return mark is None

    def _line(self, text: str, start: int, end: int, whole: bool) -> Iterator[Token]:
        if self._at == start:
            if not whole and end - start < AHEAD:
                return
            numbering = _NUMBERING.match(text, start, end)
            self._at = numbering.end() if numbering else start
        while self._at < end:
            match = _TOKEN.search(text, self._at, end)
            if match is None:
                if not whole:
                    return
                break
            tick = text.find("`", self._at, match.start())
            if tick >= 0 and not whole:
                self._at = tick
                return
            if not whole and match.end() + AHEAD > end:
                self._at = match.start()
                return
            token = self._token(text, match, start, end)
            self._at = max(match.end(), self._at + 1)
            if token is not None:
                yield token
        self._at = end

    def _token(self, text: str, match: re.Match[str], start: int, end: int) -> Token | None:
        if match["code"]:
            return self._code(match, text, start, end)
        if match["link"] or match["other"]:
            return None
        if match["dated"]:
            return Token(match.start(), match.end(), match["dated"], "text")
        near = self._around(text, match, start, end)
        if match["fraction"]:
            value = v.FRACTIONS.get(" ".join(match["fraction"].lower().split()))
            read = ((value, 0.05),) if value is not None else ()
            return Token(match.start(), match.end(), match["fraction"], "fraction", read, 1, near) if read else None
        if match["word"]:
            return _spelled(match, near)
        return _figure(text, match, near)

    def _code(self, match: re.Match[str], text: str, start: int, end: int) -> Token | None:
        inside = match["inside"].strip()
        at = match.start("inside")
        figure = _TOKEN.fullmatch(inside)
        if figure is not None and figure["figure"]:
            near = self._around(text, match, start, end)
            token = _figure(inside, figure, near)
            return (
                Token(at, match.end("inside"), inside, token.kind, token.readings, token.digits, near)
                if token
                else None
            )
        if _CALLS.search(inside) or not _NAME_LIKE.match(inside):
            return None
        return Token(at, match.end("inside"), inside, "name")

    def _around(self, text: str, match: re.Match[str], start: int, end: int) -> Near:
        """The words of the sentence before and after, of a table's row and column, or above a list."""
        line = text[start:end]
        if line.lstrip().startswith("|"):
            column = text.count("|", start, match.start())
            row = tuple(v.words_of(line[: line.find("|", line.find("|") + 1)]))
            head = self._head[column] if column < len(self._head) else ()
            cell = line[line.rfind("|", 0, match.start() - start) + 1 : match.start() - start]
            rest = line[match.end() - start :].partition("|")[0]
            return Near((*row, *head, *v.words_of(cell)), tuple(v.words_of(rest[:AHEAD])))
        left = text[start : match.start()]
        cut = max((found.end() for found in _END.finditer(left)), default=0)
        begun = tuple(v.words_of(left[cut:]))
        if not cut and re.match(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]", line):
            begun = (*self._lead, *begun)
        right = text[match.end() : min(end, match.end() + AHEAD)]
        stop = _PAUSE.search(right)
        told = right[: stop.start()] if stop else right
        if not stop and len(right) == AHEAD:
            # A word that is cut off is another word.
            told = told.rpartition(" ")[0]
        return Near(begun, tuple(v.words_of(told)), tuple(v.words_of(left[:cut])))

    def _remember(self, line: str) -> None:
        """What a line says about those below it."""
        told = line.strip()
        if told.startswith("|"):
            if not self._head:
                self._head = [tuple(v.words_of(cell)) for cell in told.split("|")]
            return
        self._head = []
        if told and not re.match(r"(?:[-*+]|\d+[.)])[ \t]", told):
            self._lead = tuple(v.words_of(_END.split(told.rstrip(":"))[-1])) if told.endswith(":") else ()


def _figure(text: str, match: re.Match[str], near: Near) -> Token | None:
    sign, figure = match["sign"], match["figure"]
    start = match.start()
    if sign and start and (text[start - 1].isalnum() or text[start - 1] in ")]%"):
        sign, start = None, start + 1
    if near.before and near.before[-1] in v.NUMBERED and figure.isdigit() and not (sign or match["percent"]):
        return None
    readings = tuple(
        _readings(figure, int((match["power"] or "e0")[1:]), v.SCALES.get((match["scale"] or "").lower(), 1.0))
    )
    if sign in ("-", "−"):
        readings = tuple((-value, slack) for value, slack in readings)
    kind: Kind = (
        "ordinal" if match["ordinal"] else "percent" if match["percent"] else "times" if match["times"] else "number"
    )
    if figure in ("10", "100", "1000") and _IN_TEN.search(text, max(0, start - 16), start):
        return None
    if start and text[start - 1] in "~≈":
        near = near._replace(before=(*near.before, "about"))
    if kind == "number" and _TO_PERCENT.match(text, match.end()):
        kind = "percent"
    if kind == "percent" and figure in ("80", "90", "95", "99") and _LEVEL.match(text, match.end()):
        near = near._replace(after=("level", *near.after))
    told = text[start : match.end()]
    digits = len(re.sub(r"\D", "", figure).lstrip("0")) or 1
    digits = max(digits, len(figure.partition(".")[2]))
    return Token(start, match.end(), told, kind, readings, digits, near, bool(sign))


def _readings(figure: str, power: int, scale: float) -> Iterator[tuple[float, float]]:
    """What the digits may stand for: a comma is a decimal or parts thousands, a point does so in some languages."""
    plain = re.sub(r"[\u202f\u00a0'’ ]", "", figure)
    if power > MAX_POWER:
        return
    factor = scale * 10.0**power
    forms = []
    if plain.count(".") > 1:
        forms.append(plain.replace(".", "").replace(",", "."))
    elif "," in plain:
        grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain)
        forms += [plain.replace(",", "")] if grouped else []
        forms += [plain.replace(",", ".")] if plain.count(",") == 1 and "." not in plain else []
    else:
        forms.append(plain)
    for form in forms:
        decimals = len(form.partition(".")[2])
        yield float(form) * factor, 0.5 * 10.0**-decimals * factor
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain):
        yield float(plain.replace(".", "")) * factor, 0.0


def _spelled(match: re.Match[str], near: Near) -> Token | None:
    word = match["word"].lower()
    kind: Kind = "number"
    value: float | None = None
    if word in v.TIMES:
        kind, value = "times", v.TIMES[word]
    elif word in v.ORDINALS:
        kind, value = "ordinal", v.ORDINALS[word]
    elif word in v.COUNTS and word not in v.NOT_COUNTS:
        value = v.COUNTS[word]
    elif "-" in word:
        tens, _, ones = word.partition("-")
        if tens in v.TENS and ones in v.ONES[1:10]:
            value = v.COUNTS[tens] + v.COUNTS[ones]
    if value is None:
        return None
    return Token(
        match.start(), match.end(), match["word"], kind, ((float(value), 0.5 if kind == "times" else 0.0),), 1, near
    )
