"""Conditions on rows, made into `where`: "older than 60", "on the basic plan", "tenure over 24"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .names import phrase_of
from .slots import Slots

_OVER = (
    r"(?:(?:is |are |was |being )?(?:strictly )?(?:over|above|more than|greater than|higher than|larger than"
    r"|bigger than|longer than|exceeds?|exceeding|older than|beyond)|>)"
)
_UNDER = (
    r"(?:(?:is |are |was )?(?:under|below|less than|lower than|smaller than|fewer than|shorter than"
    r"|younger than|cheaper than)|<)"
)
_LEAST = r"(?:(?:is |are |of )?(?:at least|no less than|minimum)|>=)"
_MOST = r"(?:(?:is |are |of )?(?:at most|no more than|up to|maximum)|<=)"
_SAME = r"(?:is|are|equals?|equal to|of|=|==)"
_COMPARED = ((_LEAST, ">="), (_MOST, "<="), (_OVER, ">"), (_UNDER, "<"), (_SAME, "=="))
_WORDS_OF_AGE = (r"(?:older than|over the age of|aged over)", r"(?:younger than|under the age of|aged under)")
_PEOPLE = (
    r"(?:people|persons|customers?|clients|passengers|patients|users|those|rows|cases|ones|houses|homes|flats|flowers"
    r"|everyone|everybody|anyone|anybody|records|all|every)"
)
_BRIDGE = re.compile(
    rf"(?:\b(?:only|just|for|of|from|in|on|the|who|that|which|whose|with|where|having|have|has|are|is|and|a|an)\b|\b{_PEOPLE}\b"
    r"|[\s,])*(?=COND)"
)
_OF_FRAME = re.compile(rf"\b{_PEOPLE} (?:in|from|of) (?=(?:the )?FRAME\b)")
_NEGATED = re.compile(r"\b(not|n't|never|no|without|except|excluding|other than|unless|neither)\b")


@dataclass(frozen=True)
class Restriction:
    """`where` as the tools read it, its `columns`, and `rest`: the masked sentence with COND in its place."""

    where: str
    columns: tuple[str, ...]
    rest: str


def read_restriction(slots: Slots, columns: Sequence[str]) -> Restriction | None:
    """None where there is no condition, or a part of the sentence that may belong to one isn't understood."""
    found: list[tuple[int, int, str, str]] = []
    for pattern, make in _atoms():
        for match in re.finditer(pattern, slots.masked):
            if any(match.start() < b and a < match.end() for a, b, _, _ in found):
                continue
            made = make(slots, match, columns)
            if made:
                found.append((match.start(), match.end(), *made))
    if not found or _NEGATED.search(slots.masked):
        return None
    found.sort()
    parts: list[str] = []
    rest, position = "", 0
    for start, end, _, text in found:
        between = slots.masked[position:start]
        if parts:
            parts.append("or" if re.search(r"\bor\b", between) else "and")
        parts.append(text)
        rest += between + "COND"
        position = end
    rest = _OF_FRAME.sub("", _BRIDGE.sub(" ", rest + slots.masked[position:]))
    if re.search(r"\b(FEAT|CAT|NUM|PCT|PAIR|UNKNOWN|ROW)\b", rest) or ("or" in parts and "and" in parts):
        return None
    return Restriction(" ".join(parts), tuple(dict.fromkeys(one[2] for one in found)), " ".join(rest.split()))


Made = tuple[str, str] | None


def _atoms() -> list[tuple[str, Callable[[Slots, re.Match[str], Sequence[str]], Made]]]:
    """Patterns over the masked sentence, the longest first, and what makes (column, condition) of a match."""
    made: list[tuple[str, Callable[[Slots, re.Match[str], Sequence[str]], Made]]] = [
        (r"\bFEAT (?:is |are )?between NUM (?:and|to|until) NUM\b", _between),
    ]
    for words, sign in zip(_WORDS_OF_AGE, (">", "<"), strict=True):
        made.append((rf"(?:{words}) NUM\b", _aged(sign)))
    for words, sign in _COMPARED:
        made.append((rf"\bFEAT {words} ?NUM\b", _number(sign)))
    for words, sign in _COMPARED[:4]:
        made.append((rf"{words} ?NUM FEAT\b", _number(sign)))
    made += [(r"\bPAIR\b", _pair), (r"\bFEAT (?:is |= ?|== ?)?CAT\b|\bCAT FEAT\b|\bCAT\b", _level)]
    return made


def _between(slots: Slots, match: re.Match[str], columns: Sequence[str]) -> Made:
    column = _column(slots, match, columns)
    ends = [_amount(slots, match, nth) for nth in (0, 1)]
    name = _spelt(column)
    return (column, f"{name} >= {ends[0]} and {name} <= {ends[1]}") if column and None not in ends else None


def _number(sign: str) -> Callable[[Slots, re.Match[str], Sequence[str]], Made]:
    def make(slots: Slots, match: re.Match[str], columns: Sequence[str]) -> Made:
        column, amount = _column(slots, match, columns), _amount(slots, match, 0)
        return (column, f"{_spelt(column)} {sign} {amount}") if column and amount is not None else None

    return make


def _aged(sign: str) -> Callable[[Slots, re.Match[str], Sequence[str]], Made]:
    def make(slots: Slots, match: re.Match[str], columns: Sequence[str]) -> Made:
        ages = [column for column in columns if phrase_of(column) == ("age",)]
        amount = _amount(slots, match, 0)
        return (ages[0], f"{_spelt(ages[0])} {sign} {amount}") if len(ages) == 1 and amount is not None else None

    return make


def _pair(slots: Slots, match: re.Match[str], columns: Sequence[str]) -> Made:
    given = slots.givens[_place(slots.masked, "PAIR", match.start())]
    inside = [column for column in given.columns if column in columns]
    if not inside or given.value is None or (given.number and given.number.percent):
        return None
    value = _text(given.value) if isinstance(given.value, str) else str(given.value)
    return (inside[0], f"{_spelt(inside[0])} == {value}") if value else None


def _level(slots: Slots, match: re.Match[str], columns: Sequence[str]) -> Made:
    at = match.start() + match.group().index("CAT")
    mention = slots.of("category")[_place(slots.masked, "CAT", at)]
    owners = {entry.owner: entry.value for entry in mention.entries if entry.owner in columns}
    if "FEAT" in match.group():
        named = _column(slots, match, columns)
        owners = {owner: value for owner, value in owners.items() if owner == named}
    if len(owners) != 1:
        return None
    owner, level = next(iter(owners.items()))
    value = _text(level)
    return (owner, f"{_spelt(owner)} == {value}") if value else None


def _column(slots: Slots, match: re.Match[str], columns: Sequence[str]) -> str:
    at = match.start() + match.group().index("FEAT")
    mention = slots.of("feature")[_place(slots.masked, "FEAT", at)]
    inside = [entry.value for entry in mention.entries if entry.value in columns]
    return inside[0] if len(inside) == 1 else ""


def _amount(slots: Slots, match: re.Match[str], nth: int) -> str | None:
    at = [one.start() for one in re.finditer(r"NUM", match.group())][nth] + match.start()
    plain = [number for number in slots.numbers if not number.percent]
    return f"{plain[_place(slots.masked, 'NUM', at)].value!r}"


def _place(masked: str, tag: str, at: int) -> int:
    """Which of the mentions of its kind a tag stands for: tags keep the order of the sentence."""
    return len(re.findall(rf"\b{tag}\b", masked[:at]))


def _spelt(column: str) -> str:
    return column if column.isidentifier() else f"`{column}`"


def _text(value: str) -> str:
    return "" if any(c in value for c in '"\\\n`') else f'"{value}"'
