"""Which value each column of a model gets from a sentence: "tenure = 3", "5 year old", "a pro customer"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .names import Mention, Names, phrase_of
from .numbers import Number
from .slots import Slots
from .vocabulary import KNOWN, STOP

_LINK = frozenset(("is", "was", "of", "at", "to", "are", "the", "a", "be", "being", "were", "with", "equal", "equals"))
_NO_LEVEL = STOP | KNOWN | frozenset("after before behind once inside within during when while".split())
"""What follows a column without being its value: "plan after encoding"."""
_AGE = re.compile(r"[\s-]*(years?[\s-]*old|yrs?\b|y/?o\b)", re.IGNORECASE)


def read_values(slots: Slots, names: Names, ref: str | None) -> dict[str, Any]:
    """Column to value. With a model, loose forms count for its columns only; explicit keys always stay."""
    refs = [ref] if ref else list(names.models)
    scope = {column for one in refs for column in names.features(one)}
    levels = {column: known for one in refs for column, known in names.categories(one).items()}
    found: dict[str, Any] = {}
    used: set[int] = set()
    for given in slots.givens:
        inside = [column for column in given.columns if column in scope]
        found.setdefault(inside[0] if inside else given.columns[0], given.value)
    _bare_categories(slots, scope, found)
    _words_after(slots, levels, found)
    _neighbours(slots, slots.of("feature"), scope, found, used)
    _ages_and_years(slots, scope, found, used)
    _yes_or_no(slots, levels, found)
    return found


def owners(values: Mapping[str, Any], names: Names) -> list[str]:
    """The models whose columns include every one of these."""
    return [ref for ref in names.models if values and set(values) <= set(names.features(ref))]


def _column(mention: Mention, scope: Iterable[str]) -> str:
    inside = [entry.value for entry in mention.entries if entry.value in scope]
    return inside[0] if inside else ""


def _bare_categories(slots: Slots, scope: set[str], found: dict[str, Any]) -> None:
    """A level names its column when only one column has it, or when that column stands beside it."""
    for mention in slots.of("category"):
        columns = {entry.owner: entry.value for entry in mention.entries if entry.owner in scope}
        beside = [c for c in columns if any(c == e.value for m in slots.beside(mention) for e in m.entries)]
        chosen = beside or (list(columns) if len(columns) == 1 else [])
        if chosen:
            found.setdefault(chosen[0], columns[chosen[0]])


def _neighbours(
    slots: Slots, features: Sequence[Mention], scope: set[str], found: dict[str, Any], used: set[int]
) -> None:
    """Numbers go to the nearest column with nothing but linking words between: "age 42", "3 tickets"."""
    candidates: list[tuple[float, int, int]] = []
    for i, number in enumerate(slots.numbers):
        for j, mention in enumerate(features):
            follows = mention.end <= number.start
            gap = slots.text[mention.end : number.start] if follows else slots.text[number.end : mention.start]
            said = re.findall(r"[^\W\d_]+", gap.lower())
            linked = set(said) <= (_LINK if follows else set()) or (follows and said[-1:] == ["to"] and len(said) < 4)
            if re.search(r"[;.!?<>]", gap) or not linked:
                continue
            distance = len(gap.strip()) + (0 if follows else 0.5) + (6 if "," in gap else 0)
            if distance < 14 and not (number.word and not follows and said):
                candidates.append((distance, i, j))
    for _, i, j in sorted(candidates):
        column = _column(features[j], scope)
        if i not in used and column and column not in found:
            found[column] = slots.numbers[i].value
            used.add(i)


def _ages_and_years(slots: Slots, scope: set[str], found: dict[str, Any], used: set[int]) -> None:
    ages = [column for column in sorted(scope) if phrase_of(column) == ("age",)]
    years = [column for column in sorted(scope) if "year" in phrase_of(column)]
    for i, number in enumerate(slots.numbers):
        if i in used or number.word:
            continue
        old = _AGE.match(slots.text, number.end) or re.search(r"\baged?\s*$", slots.text[: number.start].lower())
        target = ages if old else years if _is_year(number) else []
        if len(target) == 1 and target[0] not in found:
            found[target[0]] = number.value
            used.add(i)


def _yes_or_no(slots: Slots, levels: Mapping[str, Sequence[Any]], found: dict[str, Any]) -> None:
    """ "with a garage", "not senior": a column that says yes or no."""
    for mention in slots.of("feature"):
        column = _column(mention, levels)
        spelt = {str(level).casefold(): level for level in levels.get(column, ())}
        before = re.search(
            r"\b(no|not(?: an?)?|non|without(?: an?)?|with(?: an?)?)[\s-]+$", slots.text[: mention.start].lower()
        )
        if column and column not in found and set(spelt) == {"no", "yes"} and before:
            found[column] = spelt["yes" if before[1].startswith("with") and "out" not in before[1] else "no"]


def _is_year(number: Number) -> bool:
    return isinstance(number.value, int) and 1850 <= number.value <= 2100 and not number.percent


def _words_after(slots: Slots, levels: Mapping[str, Sequence[Any]], found: dict[str, Any]) -> None:
    """A word after a column of categories: a level, or another word, kept so that the tool can object."""
    for mention in slots.of("feature"):
        column = _column(mention, levels)
        after = re.match(r"\s+(?:is\s+|to\s+|=\s*)?['\"]?([^\W\d_][\w-]*)", slots.text[mention.end :])
        if not column or column in found or not after:
            continue
        word, start = after.group(1), mention.end + after.start(1)
        level = next((level for level in levels[column] if str(level).casefold() == word.casefold()), None)
        free = not any(other.start <= start < other.end for other in slots.mentions)
        if level is not None and (len(word) > 1 or word.isupper()):
            found[column] = level
        elif free and word.lower() not in _NO_LEVEL:
            found[column] = word


def with_levels(values: Mapping[str, Any], names: Names, ref: str) -> dict[str, Any]:
    """The same values with columns and levels spelt as the model spells them."""
    categories = names.categories(ref)
    spelt: dict[str, Any] = {}
    for column, item in values.items():
        levels = categories.get(column) or []
        spelt[column] = next((level for level in levels if str(level).casefold() == str(item).casefold()), item)
    return spelt
