"""Values that a sentence gives explicitly: `a=1`, `a: 3`, `a is 3`, `{json}`, a Python dict, `f(x=1)`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .names import Names, phrase_of, words
from .numbers import NUMBER, Number, number_at
from .vocabulary import KNOWN, STOP

ARGUMENTS = frozenset(("model", "model_id", "data", "row", "top", "features", "frame", "columns"))
"""Names of tool arguments: `model=pipe` names a model, unless a column is called so."""

_SEPARATOR = re.compile(r"\s*(?:(?P<sign>(?<![=<>!~])=(?!=)|:(?!:|//))|\b(?P<word>is|equals)\b)\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\s,;:=()\[\]{}?!\"'`]+")
_QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`\n]*)`")
_CONSTANTS = {"true": True, "false": False, "none": None, "null": None, "nan": None}
MAX_DICT = 20_000


@dataclass(frozen=True)
class Given:
    """`columns` are those the key may mean, several if spellings collide; `number` if the value was one."""

    start: int
    end: int
    columns: tuple[str, ...]
    value: Any
    number: Number | None = None
    known: bool = True


def find_pairs(text: str, names: Names) -> list[Given]:
    """All of them, in order. Unknown keys are kept when `=` or a dict makes them keys."""
    found: list[Given] = []
    for block in re.finditer(r"\{[^{}]*\}", text):
        read = _read_dict(block.group())
        for key, value in (read or {}).items():
            columns = _columns(key, names)
            level = next((level for level in _levels(columns, names) if same_level(level, value)), value)
            found.append(Given(block.start(), block.end(), columns or (key,), level, known=bool(columns)))
    taken = [(given.start, given.end) for given in found]
    clear = 0
    for separator in _SEPARATOR.finditer(text):
        if separator.start() < clear or any(a <= separator.start() < b for a, b in taken):
            continue
        given = _read_pair(text, clear, separator, names)
        if given:
            found.append(given)
            clear = given.end
    return found


def _read_pair(text: str, clear: int, separator: re.Match[str], names: Names) -> Given | None:
    sign = separator["sign"] or ""
    start, columns, known = _key_before(text, clear, separator.start(), names, loose=sign == "=")
    if not columns:
        return None
    if sign == ":" and text[start : separator.start()] in names.models:
        return None  # "predict with churn: plan=pro" speaks of the model, also where a column is called churn
    read = _whole_text(text, separator.end(), columns, names) or _value_at(
        text, separator.end(), _levels(columns, names), loose=sign == "="
    )
    if read is None:
        return None
    end, value, number = read
    said = text[start : separator.start()].lower()
    if not sign and said in STOP | KNOWN and isinstance(value, str) and text[end - 1] not in "'\"`":
        return None  # "which model is rf" doesn't fill a column called model
    return Given(start, end, columns, value, number, known)


def _whole_text(text: str, start: int, columns: Sequence[str], names: Names) -> tuple[int, str, Number | None] | None:
    """For the only input of a model, words up to the end of the line: a text is never cut at its first blank."""
    alone = any(list(card.get("features", ())) == list(columns) for card in names.models.values())
    said = re.match(r"[^\n\"'`{}\[\]=]+", text[start:])
    if not alone or said is None or len(said.group().split()) < 2:
        return None
    whole = said.group().rstrip()
    return start + len(whole), whole, None


def _key_before(text: str, clear: int, end: int, names: Names, *, loose: bool) -> tuple[int, tuple[str, ...], bool]:
    quoted = re.search(r"(\"[^\"\n]+\"|'[^'\n]+'|`[^`\n]+`)$", text[clear:end])
    if quoted:
        key = quoted.group()[1:-1]
        columns = _columns(key, names)
        return clear + quoted.start(), columns or (key,), bool(columns)
    tokens = words(text[clear:end])
    if not tokens or text[clear + tokens[-1].end : end].strip(" )]%_"):
        return 0, (), False
    for width in range(min(names.width, len(tokens)), 0, -1):
        first = tokens[-width]
        if text[clear + first.start - 1 : clear + first.start] == "_":
            continue
        columns = _columns_of(tuple(token.text for token in tokens[-width:]), names)
        if columns:
            return clear + first.start, columns, True
    raw = re.search(r"[^\W\d]\w*$", text[clear:end])
    if loose and raw and raw.group() not in ARGUMENTS:
        return clear + raw.start(), (raw.group(),), False
    return 0, (), False


def _columns(key: str, names: Names) -> tuple[str, ...]:
    return _columns_of(phrase_of(key), names, key)


def _columns_of(phrase: tuple[str, ...], names: Names, spelt: str = "") -> tuple[str, ...]:
    found = tuple(entry.value for entry in names.phrases.get(phrase, ()) if entry.kind == "feature")
    return (spelt,) if spelt in found else found


def _levels(columns: Sequence[str], names: Names) -> list[Any]:
    return [
        level
        for ref in names.models
        for column, levels in names.categories(ref).items()
        if column in columns
        for level in levels
    ]


def _value_at(text: str, start: int, levels: Sequence[Any], *, loose: bool) -> tuple[int, Any, Number | None] | None:
    quoted = _QUOTED.match(text, start)
    if quoted:
        said = next(part for part in quoted.groups() if part is not None)
        return quoted.end(), next((level for level in levels if same_level(level, said)), said), None
    for level in sorted(levels, key=lambda one: -len(str(one))):
        end = start + len(str(level))
        if same_level(level, text[start:end]) and not re.match(r"\w|\.\d", text[end:]):
            return end, level, None
    number = NUMBER.match(text, start)
    read = number_at(number) if number else None
    if read is not None:
        return read.end, read.value, read
    word = _WORD.match(text, start)
    said = word.group().rstrip(".") if word else ""
    if not word or not said:
        return None
    end = start + len(said)
    if said.lower() in _CONSTANTS:
        return end, _CONSTANTS[said.lower()], None
    ordinary = said.lower() in STOP or said.lower() in KNOWN
    return (end, said, None) if loose or not (ordinary or said[0].isdigit()) else None


def same_level(level: Any, said: Any) -> bool:
    return str(level).casefold() == str(said).casefold() and str(said) != ""


def _read_dict(block: str) -> dict[str, Any] | None:
    """JSON, or a flat Python dict with quoted keys. None when it is neither; nested values are not taken."""
    if len(block) > MAX_DICT:
        return None
    try:
        read = json.loads(block)
    except (ValueError, RecursionError):
        read = dict(_python_items(block[1:-1]))
    kept = {str(key): item for key, item in read.items() if isinstance(item, (str, int, float, bool, type(None)))}
    kept = {
        key: None if isinstance(v, float) and v != v else v for key, v in kept.items() if str(v) not in ("inf", "-inf")
    }
    return kept or None


def _python_items(inside: str) -> Iterator[tuple[str, Any]]:
    position = 0
    key_at = re.compile(r"\s*,?\s*(?:\"([^\"]+)\"|'([^']+)'|([^\W\d]\w*))\s*[:=]\s*")
    while key := key_at.match(inside, position):
        read = _value_at(inside, key.end(), (), loose=True)
        if read is None:
            return
        yield (key[1] or key[2] or key[3]), read[1]
        position = read[0]
