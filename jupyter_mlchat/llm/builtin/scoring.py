"""How well each reading fits a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .names import Names
from .reading import CALL, FURTHER_CUE, MAX_COST, NOT_UNDERSTOOD, Reading
from .readings import READINGS
from .slots import Slots
from .thread import Thread

_PRONOUN = re.compile(r"\b(it|its|it's|this|that|the) ?(model|one|pipeline|classifier|regressor|estimator)?\b")


CHANGES = re.compile(
    r"\b(doubl\w*|twice|halv\w*|half|tripl\w*|increas\w*|decreas\w*|rais(e|ed|es)|lower(ed|s)?|higher|fewer|reduc\w*|more"
    r"|less|cut|added|plus|minus|off|zero(ed)?|rose|rises?|fell|falls?|extra|(up|down|by) (NUM|PCT))\b|[-+]"
    r" ?(NUM|PCT)|\* ?NUM|PCT"
)
_SEARCH_CLASS = re.compile(r"Search|Study")


@dataclass(frozen=True)
class Scored:
    score: float
    reading: Reading


def mentioned(slots: Slots, values: Mapping[str, Any], names: Names, thread: Thread | None = None) -> frozenset[str]:
    """What the sentence mentions, in the words that `Reading.likes` uses."""
    flags = {
        "model": bool(slots.of("model")),
        "frame": bool(slots.of("frame")),
        "feature": bool(slots.of("feature")),
        "column": bool(frame_columns(slots, names)),
        "values": bool(values),
        "no values": not values,
        "many": len(values) > 1,
        "complete": len(values) > 1 and any(set(names.features(ref)) <= set(values) for ref in names.models),
        "row": slots.row is not None,
        "unknown": bool(slots.unknown),
        "no input": not values and not slots.row and not slots.of("frame"),
        "before": bool(thread and thread.inputs),
        "no one": not values and not slots.row and not (thread and thread.inputs),
        "no feature": not slots.of("feature"),
        "two models": len(slots.values_of("model")) > 1,
        "two frames": len(slots.values_of("frame")) > 1,
        "change": CHANGES.search(slots.masked) is not None,
        "no change": CHANGES.search(slots.masked) is None and not values,
        "search": bool(searches(slots, names)),
        "no search": not searches(slots, names) and not searches(None, names),
        "model file": bool(slots.paths("model")),
        "data file": bool(slots.paths("data")),
        "each": bool(re.search(r"\b(each|every|all|whole|everything|batch|entire)\b", slots.masked)),
        "call": bool(re.search(r"MODEL(\.predict)?\(", slots.masked)),
    }
    return frozenset(flag for flag, present in flags.items() if present)


def searches(slots: Slots | None, names: Names) -> list[str]:
    """The searches over settings that are named; without a sentence all there are."""
    known = {ref: str(card.get("class_name") or "") for ref, card in names.models.items()} | names.others
    found = [ref for ref, class_name in known.items() if _SEARCH_CLASS.search(str(class_name))]
    if slots is None:
        return found
    said = [*slots.values_of("model"), *slots.values_of("part"), *slots.values_of("other")]
    return [ref for ref in found if ref in said]


def frame_columns(slots: Slots, names: Names) -> list[str]:
    """Columns of the frame that is named (of any frame, where none is), in the order they are mentioned."""
    refs = slots.values_of("frame") or list(names.frames)
    known = {str(column) for ref in refs for column in names.frames[ref].get("columns") or ()}
    said = [entry.value for mention in slots.of("feature") for entry in mention.entries]
    return [column for column in dict.fromkeys(said) if column in known]


def rank(slots: Slots, flags: frozenset[str], tools: frozenset[str]) -> list[Scored]:
    """Readings whose tool is at hand, best first."""
    scored = [Scored(_score(reading, slots, flags), reading) for reading in READINGS if reading.tool in tools]
    return sorted((one for one in scored if one.score > 0), key=lambda one: -one.score)


def _score(reading: Reading, slots: Slots, flags: frozenset[str]) -> float:
    hits = sorted((weight for cue, weight in reading.cues if re.search(cue, slots.masked)), reverse=True)
    fits = sum(weight for flag, weight in reading.likes.items() if flag in flags)
    if not hits and not (reading.cueless and "values" in flags):
        return 0.0
    cues = hits[0] + FURTHER_CUE * min(len(hits) - 1, 1) if hits else 0.0
    tolerance = reading.tolerance if "values" in flags else 1.0
    unexplained = min(len(slots.left) * NOT_UNDERSTOOD, MAX_COST) * tolerance
    score = cues + fits - unexplained
    if reading.exact and not any(re.fullmatch(cue, slots.masked) for cue, _ in reading.cues):
        return min(score, CALL - 0.1)
    return score


def has_pronoun(slots: Slots) -> bool:
    return bool(_PRONOUN.search(slots.masked))
