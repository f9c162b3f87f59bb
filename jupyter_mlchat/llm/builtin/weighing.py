"""What the readings and the ranker make of a sentence together.

The readings' cues decide; the ranker casts doubt on them, and puts in order what is offered. It never calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .ranker import DECLINE
from .reading import CALL, LEAD, Reading
from .readings import READINGS
from .scoring import Scored

DOUBTED = 0.03
"""A reading that is less likely than this to the ranker, and scores less than `PLAIN`, is offered."""
OUTWEIGHED = 0.2
"""Nor is it called when another tool is so much likelier."""
OWN = 1.0
"""The same for a reading that values alone may mean."""
PLAIN = 3.1
FOREIGN = 0.5
"""So likely not ours, and with no plain cue: nothing is offered."""
CUE = 0.12
"""What a point of a cue's score adds to a chance when readings are put in order."""


@dataclass(frozen=True)
class Weighed:
    """`sure` is what to act on; `readings` what may be offered, the likeliest first; `ours` whether anything is."""

    sure: Reading | None
    readings: Sequence[Reading]
    ours: bool


def weigh(chances: Mapping[str, float], ranked: Sequence[Scored], tools: frozenset[str]) -> Weighed:
    """`chances` are the ranker's: how likely each tool is, the likeliest first."""
    best: dict[str, Scored] = {}
    for one in ranked:
        best.setdefault(one.reading.tool, one)
    for reading in READINGS:
        if reading.tool in tools:
            best.setdefault(reading.tool, Scored(0.0, reading))
    weights = {tool: chances.get(tool, 0.0) + CUE * min(one.score, 4.0) for tool, one in best.items()}
    order = sorted(best, key=lambda tool: -weights[tool])
    foreign = chances.get(DECLINE, 0.0)
    sure = _sure(chances, ranked)
    ours = sure is not None or not (foreign >= FOREIGN and (not ranked or ranked[0].score < CALL))
    return Weighed(sure, [best[tool].reading for tool in order if best[tool].reading.tool != "delete_model"], ours)


def _sure(chances: Mapping[str, float], ranked: Sequence[Scored]) -> Reading | None:
    leading = ranked[0] if ranked else None
    if leading is None or leading.score < CALL or (len(ranked) > 1 and leading.score - ranked[1].score < LEAD):
        return None
    chance, likeliest = chances.get(leading.reading.tool), next(iter(chances.values()), 0.0)
    share = OWN if leading.reading.cueless else OUTWEIGHED
    doubted = chance is not None and (chance < DOUBTED or chance < share * likeliest)
    plain = leading.score >= PLAIN and not leading.reading.cueless
    return leading.reading if plain or not doubted else None
