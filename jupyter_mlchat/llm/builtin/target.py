"""Which model, or which frame, a question is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .names import Names, feature_phrases, phrase_of
from .scoring import frame_columns, has_pronoun
from .slots import Slots
from .thread import Thread
from .values import owners
from .vocabulary import GENERIC

_GROUPS = re.compile(r"\b(clusters?|clustering|segments?|segmentation|kmeans|k-means)\b")
_USED_WITH = r"\b(?:with|using|use|ask|by)\s+(?:the\s+|my\s+)?"


@dataclass(frozen=True)
class Target:
    """`ref` is "" when it must be asked, `among` then what it can be. `why` tells how it was found."""

    ref: str = ""
    why: str = ""
    among: Sequence[str] = field(default_factory=tuple)


def find_model(
    slots: Slots,
    names: Names,
    values: Mapping[str, Any],
    thread: Thread,
    *,
    lenient: bool = False,
    choosing: bool = False,
) -> Target:
    """Named, else the only owner of the given columns, else the one spoken of, else the only fitted one.

    Words that nothing explains may be a name we don't know: with them nothing is assumed, unless `lenient`. With
    `choosing`, of models that take the same and tell the same one is taken: `why` says so.
    """
    named = [mention.value for mention in slots.of("model") if len(mention.entries) == 1]
    unclear = [entry.value for mention in slots.of("model") for entry in mention.entries]
    parts = [] if named or unclear else slots.values_of("part")
    able = owners(values, names) or _fitting(slots, names, values) or _told_of(slots, names)
    if parts and able and not set(parts) <= set(able):
        return Target(among=list(dict.fromkeys([*parts, *able])))
    named = list(dict.fromkeys(named or parts))
    if len(named) == 1:
        return Target(named[0])
    if named or unclear:
        return Target(among=named or unclear)
    spoken_of = bool(thread.tool and thread.ref) and (not able or thread.ref in able)
    chosen = _one_of(able or names.fitted() or list(names.models), slots, names, thread) if choosing else None
    if slots.unknown or _strange_name(slots):
        return Target(among=able or names.fitted() or list(names.models))
    if slots.left and not lenient and not spoken_of:
        return chosen or Target(among=able or names.fitted() or list(names.models))
    if len(able) == 1:
        return Target(able[0], "" if len(names.models) == 1 else "the only model that takes this")
    if thread.ref and (not able or thread.ref in able):
        return Target(thread.ref, "the model we spoke of")
    fitted = names.fitted()
    if len(fitted) == 1:
        return Target(fitted[0], "the only fitted model" if len(names.models) > 1 else "the only model")
    return chosen or Target(among=able or fitted or list(names.models))


def _one_of(refs: Sequence[str], slots: Slots, names: Names, thread: Thread) -> Target | None:
    """One of models that are alternatives for each other, and why this one; None where they aren't."""
    alike = [
        ref for ref in refs if (names.models[ref].get("task") == "clustering") == bool(_GROUPS.search(slots.masked))
    ]
    kinds = {(names.models[ref].get("task"), frozenset(names.features(ref))) for ref in alike}
    if len(kinds) != 1 or not next(iter(kinds))[1]:
        return None
    if len(alike) == 1:
        return Target(alike[0], "the only model for this" if len(refs) > 1 else "")
    if thread.ref in alike:
        return Target(thread.ref, "the model we spoke of")
    others = f"of {len(alike)} with these inputs; name another for its answer"
    named = _named_after_target(alike, names)
    if len(named) == 1:
        return Target(named[0], f"the one named after what it tells, {others}")
    cells = {ref: names.models[ref].get("cell") for ref in alike}
    if None in cells.values():
        return Target(alike[-1], f"the last {others}")
    return Target(max(alike, key=lambda ref: int(cells[ref] or 0)), f"the last one fitted {others}")


def _named_after_target(refs: Sequence[str], names: Names) -> list[str]:
    """`price_model`, where a frame with the inputs has `price` as well."""
    inputs = set(names.features(refs[0]))
    columns = [set(map(str, card.get("columns") or ())) for card in names.frames.values()]
    targets = {word for held in columns if inputs <= held for column in held - inputs for word in phrase_of(column)}
    return [ref for ref in refs if targets & set(phrase_of(ref))]


def find_frame(slots: Slots, names: Names, thread: Thread) -> Target:
    """Named, else the only frame with the mentioned columns, else the one spoken of, else the only one."""
    named = slots.values_of("frame")
    if len(named) == 1:
        return Target(named[0])
    if named or slots.unknown:
        return Target(among=named or list(names.frames))
    said = frame_columns(slots, names)
    able = [ref for ref, card in names.frames.items() if said and set(said) <= set(card.get("columns") or ())]
    if len(able) == 1 and not slots.left:
        return Target(able[0], "the only data frame with " + ("this column" if len(said) == 1 else "these columns"))
    if slots.left:
        return Target(among=able or list(names.frames))
    if thread.frame and (has_pronoun(slots) or thread.frame in able):
        return Target(thread.frame, "the data frame we spoke of")
    if len(names.frames) == 1:
        return Target(next(iter(names.frames)), "the only data frame")
    return Target(among=able or list(names.frames))


def _fitting(slots: Slots, names: Names, values: Mapping[str, Any]) -> list[str]:
    """Without values: the models whose inputs are all columns of the named frame, or that have the named columns."""
    frames = [] if values else slots.values_of("frame")
    said = set() if values or frames else {mention.value for mention in slots.of("feature")}
    if said:
        return [ref for ref in names.models if said <= set(names.features(ref))]
    columns = set(names.frames[frames[0]].get("columns") or ()) if len(frames) == 1 else set()
    return [ref for ref in names.models if columns and names.features(ref) and set(names.features(ref)) <= columns]


def _told_of(slots: Slots, names: Names) -> list[str]:
    """The models that tell a class that is named, else those that a frame fits whose name is said."""
    said = set(re.findall(r"[^\W_]{3,}", slots.text.lower()))
    telling = [
        ref
        for ref, card in names.models.items()
        if said & {str(label).lower() for label in card.get("classes") or ()} - {"yes", "no", "true", "false"}
    ]
    frames = [ref for ref in names.frames if said & set(_spelt(ref))]
    return telling or [ref for ref in names.models if any(fits(ref, frame, names) for frame in frames)]


def _spelt(ref: str) -> set[str]:
    """A frame's name in the singular and the plural, where it is one word."""
    return {phrase[0] for phrase in feature_phrases(ref) if len(phrase) == 1 and phrase[0] not in GENERIC}


def fits(ref: str, frame: str, names: Names) -> bool:
    """Whether the frame has all inputs of the model."""
    inputs = set(names.features(ref))
    return bool(inputs) and inputs <= set(map(str, names.frames[frame].get("columns") or ()))


def _strange_name(slots: Slots) -> bool:
    """ "predict with foo": a word in the place of a model's name that names none."""
    said = "|".join(map(re.escape, slots.left))
    verb = r"(?=\W*$|\s+(?:need|take|want|expect|good|fitted))"
    placed = rf"{_USED_WITH}(?:{said})\b|\b(?:of|for|about|does|is|has)\s+(?:{said})\b{verb}"
    return bool(said) and bool(re.search(placed, slots.text.lower()))
