"""The names of the live namespace, and where a sentence mentions them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .vocabulary import EVERYDAY, GENERIC, KNOWN, STOP

Kind = Literal["model", "part", "frame", "other", "feature", "category"]
_RANK: dict[Kind, int] = {"model": 0, "frame": 1, "feature": 2, "category": 3, "other": 4, "part": 5}
_BEFORE_FRAME = re.compile(
    r"of|in|on|for|from|with|about|over|through|the|to|into|using|score|describe|summari[sz]e|predict|"
    r"frame|dataframe|table|dataset"
)


@dataclass(frozen=True)
class Token:
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Entry:
    """What a phrase may mean: a reference, a column, or a category with the `owner` column it belongs to."""

    kind: Kind
    value: str
    owner: str = ""


@dataclass(frozen=True)
class Mention:
    """A stretch of the sentence that names something; several `entries` where several columns fit."""

    start: int
    end: int
    entries: tuple[Entry, ...]

    @property
    def kind(self) -> Kind:
        return self.entries[0].kind

    @property
    def value(self) -> str:
        return self.entries[0].value


Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """`cards` by reference, in the order of the catalogue; `phrases` says what each run of words may mean."""

    models: dict[str, dict[str, Any]]
    frames: dict[str, dict[str, Any]]
    others: dict[str, str]
    phrases: dict[Phrase, tuple[Entry, ...]] = field(default_factory=dict)
    width: int = 1

    def features(self, ref: str) -> list[str]:
        return [str(name) for name in self.models[ref].get("features") or ()]

    def categories(self, ref: str) -> dict[str, list[Any]]:
        return self.models[ref].get("categories") or {}

    def classes(self) -> frozenset[str]:
        """What the models can predict, in lower case."""
        return frozenset(str(label).lower() for card in self.models.values() for label in card.get("classes") or ())

    def fitted(self) -> list[str]:
        """References of the models that are not known to be unfitted."""
        return [ref for ref, card in self.models.items() if card.get("fitted") is not False]


def words(text: str) -> list[Token]:
    """Runs of letters and digits, lower case; underscores part them."""
    return [Token(m.start(), m.end(), m.group().lower()) for m in re.finditer(r"[^\W_]+", text)]


def phrase_of(text: str) -> Phrase:
    return tuple(token.text for token in words(text))


def feature_phrases(name: str) -> set[Phrase]:
    """How people write a column: without units in brackets, without a leading n_, singular or plural."""
    full = phrase_of(name)
    short = phrase_of(re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", name)) or full
    found = {full, short}
    if len(short) > 1 and short[0] in ("n", "num", "nb", "number"):
        found.add(short[1:])
    for phrase in list(found):
        if phrase and len(phrase[-1]) > 2:
            last = phrase[-1]
            found.add((*phrase[:-1], last[:-1] if last.endswith("s") else last + "s"))
    return {phrase for phrase in found if phrase}


def read_names(catalogue: dict[str, Any] | None) -> Names:
    """The index over `runtime.wire.Catalogue`; an empty one where there is none."""
    data = catalogue or {}
    models = {str(card["ref"]): card for card in data.get("models") or ()}
    frames = {str(card["ref"]): card for card in data.get("frames") or ()}
    others = dict(data.get("others") or {})
    found: dict[Phrase, list[Entry]] = {}
    for phrase, entry in _entries(models, frames, others):
        known = found.setdefault(phrase, [])
        if phrase and entry not in known:
            known.append(entry)
    width = max(map(len, found), default=1)
    return Names(models, frames, others, {k: tuple(v) for k, v in found.items()}, width)


def _entries(
    models: dict[str, dict[str, Any]], frames: dict[str, dict[str, Any]], others: dict[str, str]
) -> Iterator[tuple[Phrase, Entry]]:
    for ref, card in models.items():
        for name in (ref, *(card.get("aliases") or ())):
            yield phrase_of(str(name)), Entry("model", ref)
        key = re.fullmatch(r".*\[(['\"])(.+)\1\]", ref)
        if key:
            yield phrase_of(key.group(2)), Entry("model", ref)
        for column, levels in (card.get("categories") or {}).items():
            for level in levels:
                yield phrase_of(str(level)), Entry("category", str(level), str(column))
    for ref in frames:
        yield phrase_of(ref), Entry("frame", ref)
    for ref in others:
        yield phrase_of(ref), Entry("other", ref)
    columns = {str(c) for card in models.values() for c in card.get("features") or ()}
    columns |= {str(c) for card in frames.values() for c in card.get("columns") or ()}
    spellings = {column: feature_phrases(column) for column in sorted(columns)}
    for column, phrases in spellings.items():
        for phrase in phrases:
            yield phrase, Entry("feature", column)
    yield from _column_parts(spellings)
    yield from _everyday(models)
    yield from _parts(models)


def _column_parts(columns: Mapping[str, set[Phrase]]) -> Iterator[tuple[Phrase, Entry]]:
    """The first or last word of one column alone: "the fee" of `monthly_fee`."""
    whole = {phrase for spellings in columns.values() for phrase in spellings}
    owners: dict[str, set[str]] = {}
    for column in columns:
        phrase = phrase_of(column)
        for part in {phrase[0], phrase[-1]} if len(phrase) > 1 else set():
            if len(part) > 2 and not part.endswith("ly") and part not in STOP | KNOWN and not part.isdigit():
                owners.setdefault(part, set()).add(column)
    for part, found in owners.items():
        for phrase in feature_phrases(part) if len(found) == 1 else ():
            if phrase not in whole:
                yield phrase, Entry("feature", next(iter(found)))


def _everyday(models: dict[str, dict[str, Any]]) -> Iterator[tuple[Phrase, Entry]]:
    """Class names and what people call them, where that singles out one model."""
    said: dict[Phrase, dict[str, bool]] = {}
    for ref, card in models.items():
        own, inner = str(card.get("class_name") or ""), str(card.get("estimator") or "")
        for name in {own, inner} - {""}:
            for phrase in _called(name):
                by_ref = said.setdefault(phrase, {})
                by_ref[ref] = by_ref.get(ref, False) or name == own
    for phrase, refs in said.items():
        direct = [ref for ref, is_own in refs.items() if is_own] or list(refs)
        if len(direct) == 1:
            yield phrase, Entry("model", direct[0])
    for task, phrase in (("class", ("the", "classifier")), ("regress", ("the", "regressor"))):
        of_task = [ref for ref, card in models.items() if str(card.get("task") or "").startswith(task)]
        if len(of_task) == 1:
            yield phrase, Entry("model", of_task[0])


def _called(class_name: str) -> set[Phrase]:
    base = re.sub(r"(Classifier|Regressor|CV)+$", "", class_name)
    camel = tuple(part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", base))
    said = {(class_name.lower(),), (base.lower(),), camel}
    for beginning, phrases in EVERYDAY.items():
        if class_name.startswith(beginning):
            said |= {phrase_of(phrase) for phrase in phrases}
    return {phrase for phrase in said if phrase and not set(phrase) <= STOP}


def _parts(models: dict[str, dict[str, Any]]) -> Iterator[tuple[Phrase, Entry]]:
    owners: dict[str, set[str]] = {}
    for ref in models:
        for part in phrase_of(ref):
            if len(part) > 2 and part not in GENERIC and part not in STOP and not part.isdigit():
                owners.setdefault(part, set()).add(ref)
    for part, refs in owners.items():
        if len(refs) == 1:
            yield (part,), Entry("part", next(iter(refs)))


def find_names(text: str, names: Names, taken: Sequence[tuple[int, int]] = ()) -> list[Mention]:
    """The mentions in `text`, longest first where they overlap, in the order of the sentence."""
    tokens = words(text)
    found: list[Mention] = []
    busy = list(taken)
    for width in range(min(names.width, len(tokens)), 0, -1):
        for first in range(len(tokens) - width + 1):
            run = tokens[first : first + width]
            start, end = run[0].start, run[-1].end
            entries = names.phrases.get(tuple(token.text for token in run))
            if not entries or any(start < b and a < end for a, b in busy) or _inside_word(text, start, end):
                continue
            before = tokens[first - 1].text if first else ""
            meant = _meant(entries, text, start, end, before)
            if meant:
                found.append(Mention(start, end, meant))
                busy.append((start, end))
    return sorted(found, key=lambda mention: mention.start)


def _meant(entries: Iterable[Entry], text: str, start: int, end: int, before: str) -> tuple[Entry, ...]:
    said = text[start:end]
    quoted = start > 0 and text[start - 1] in "`'\"" and text[end : end + 1] == text[start - 1]
    kept = [entry for entry in entries if quoted or _plausible(entry, said, text[end:], before)]
    if not kept:
        return ()
    exact = [entry for entry in kept if entry.value == said and entry.kind != "category"]
    best = min((exact or kept), key=lambda entry: _RANK[entry.kind])
    return tuple(entry for entry in kept if entry.kind == best.kind and (entry == best or not exact))


def _plausible(entry: Entry, said: str, after: str, before: str) -> bool:
    """Whether an unquoted word may be this name, or is just the everyday word."""
    lower = said.lower()
    ordinary = lower in STOP or lower in KNOWN
    exact = said == entry.value
    if entry.kind == "feature":
        paired = re.match(r"\s*(=(?!=)|:|is\s+[-+$.\d'\"]|(of\s+)?[-+$.]?\d)", after)
        meant = before == "of" and re.match(r"\s+(in|of|from)\b", after)  # "mean of score in grades"
        return bool(paired or meant) or (len(said) > 1 and not ordinary)
    if entry.kind == "category":
        return len(said) > 1 and not ordinary and not lower.isdigit()
    if lower in STOP or len(said) == 1:
        return exact and said not in STOP
    if entry.kind in ("frame", "other") and ordinary:
        placed = _BEFORE_FRAME.fullmatch(before) is not None or after.lstrip().startswith(":")
        return exact and entry.kind == "frame" and placed
    if entry.kind == "part":
        return not ordinary
    return exact or not ordinary or before in ("the", "my", "this", "that")


def _inside_word(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start] == "_" or text[end : end + 1] == "_"
