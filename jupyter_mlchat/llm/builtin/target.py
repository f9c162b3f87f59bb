"""Which model, or which frame, a question is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .names import Names
from .scoring import frame_columns, has_pronoun
from .slots import Slots
from .thread import Thread
from .values import owners

_USED_WITH = r"\b(?:with|using|use|ask|by)\s+(?:the\s+|my\s+)?"


@dataclass(frozen=True)
class Target:
    """`ref` is "" when it must be asked, `among` then what it can be. `why` tells how it was found."""

    ref: str = ""
    why: str = ""
    among: Sequence[str] = field(default_factory=tuple)


def find_model(
    slots: Slots, names: Names, values: Mapping[str, Any], thread: Thread, *, lenient: bool = False
) -> Target:
    """Named, else the only owner of the given columns, else the one spoken of, else the only fitted one.

    Words that nothing explains may be a name we don't know: with them nothing is assumed, unless `lenient`.
    """
    named = [mention.value for mention in slots.of("model") if len(mention.entries) == 1]
    unclear = [entry.value for mention in slots.of("model") for entry in mention.entries]
    parts = [] if named or unclear else slots.values_of("part")
    able = owners(values, names) or _fitting(slots, names, values)
    if parts and able and not set(parts) <= set(able):
        return Target(among=list(dict.fromkeys([*parts, *able])))
    named = list(dict.fromkeys(named or parts))
    if len(named) == 1:
        return Target(named[0])
    if named or unclear:
        return Target(among=named or unclear)
    spoken_of = bool(thread.tool and thread.ref) and (not able or thread.ref in able)
    if slots.unknown or _strange_name(slots) or (slots.left and not lenient and not spoken_of):
        return Target(among=able or names.fitted() or list(names.models))
    if len(able) == 1:
        return Target(able[0], "" if len(names.models) == 1 else "the only model that takes this")
    if thread.ref and (has_pronoun(slots) or not able or thread.ref in able):
        return Target(thread.ref, "the model we spoke of")
    fitted = names.fitted()
    if len(fitted) == 1:
        return Target(fitted[0], "the only fitted model" if len(names.models) > 1 else "the only model")
    return Target(among=able or fitted or list(names.models))


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


def _strange_name(slots: Slots) -> bool:
    """ "predict with foo": a word in the place of a model's name that names none."""
    said = "|".join(map(re.escape, slots.left))
    return bool(said) and bool(re.search(rf"{_USED_WITH}(?:{said})\b", slots.text.lower()))
