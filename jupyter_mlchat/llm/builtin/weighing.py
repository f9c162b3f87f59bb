"""What the readings, the learned rules and the ranker make of a sentence together.

A cue of a reading, or a rule, decides; the ranker, and a rule of another tool, cast doubt on it. The ranker puts in
order what is offered. By itself it never calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .ranker import DECLINE
from .reading import CALL, LEAD, Reading
from .readings import READINGS
from .scoring import Scored

DOUBTED = 0.1
"""A reading that is less likely than this to the ranker, or than another, and scores less than `PLAIN`, is offered."""
CONTRADICTED = 0.05
"""Nor when a rule of a tool that isn't less likely holds by so much more than those of its own."""
PLAIN = 3.6
OPPOSED = 0.25
"""So likely another tool: then even a plain cue is offered."""
FOREIGN = 0.5
"""So likely not ours, and with no plain cue: nothing is offered."""
HEARD = 0.4
"""The share that a rule needs to be acted on."""
AGREED = 0.55
"""The chance that the ranker must give it beside, and no other tool as much as `DOUBTED`."""
SURER = {"make_prediction": 0.75, "what_if": 0.75}
"""The same for what anything that sounds like an input is taken for."""
WEAK = 1.6
"""A cue of so little is enough for a tool to which the ranker gives `LIKELY`."""
LIKELY = 0.4
"""A prediction of values, too, must be so likely."""
CUE = 0.12
"""What a point of a cue's score adds to a chance when readings are put in order."""


@dataclass(frozen=True)
class Weighed:
    """`sure` is what to act on; `readings` what may be offered, the likeliest first; `ours` whether anything is.
    `learned` tells that a rule said it, not a cue: it lifts no refusal."""

    sure: Reading | None
    readings: Sequence[Reading]
    ours: bool
    learned: bool = False


def weigh(
    chances: Mapping[str, float],
    ranked: Sequence[Scored],
    tools: frozenset[str],
    heard: Mapping[str, float],
    *,
    ruled: bool = True,
    strict: bool = False,
) -> Weighed:
    """`chances` are the ranker's: how likely each tool is, the likeliest first; `heard` what share of which tool's
    best rule. Without `ruled` no rule is acted on; `strict` asks for a strong cue as well."""
    best: dict[str, Scored] = {}
    for one in ranked:
        best.setdefault(one.reading.tool, one)
    for reading in READINGS:
        if reading.tool in tools:
            best.setdefault(reading.tool, Scored(0.0, reading))
    weights = {tool: chances.get(tool, 0.0) + CUE * min(one.score, 4.0) for tool, one in best.items()}
    order = sorted(best, key=lambda tool: -weights[tool])
    foreign = chances.get(DECLINE, 0.0)
    cued = _cued(chances, ranked, heard, strict=strict)
    learned = _learned(chances, ranked, best, heard) if ruled and not strict and cued is None else None
    sure = cued or learned
    ours = sure is not None or not (foreign >= FOREIGN and (not ranked or ranked[0].score < CALL))
    offered = [best[tool].reading for tool in order if best[tool].reading.tool != "delete_model"]
    return Weighed(sure, offered, ours, learned is not None)


def _cued(
    chances: Mapping[str, float], ranked: Sequence[Scored], heard: Mapping[str, float], *, strict: bool
) -> Reading | None:
    leading = ranked[0] if ranked else None
    if leading is None:
        return None
    tool = leading.reading.tool
    chance, likeliest = chances.get(tool), next(iter(chances.values()), 0.0)
    if not strict and LIKELY <= likeliest == chance and WEAK <= leading.score < CALL and not leading.reading.cueless:
        return None if leading.reading.careful or leading.reading.exact else leading.reading
    if leading.score < CALL or (len(ranked) > 1 and leading.score - ranked[1].score < LEAD):
        return None
    least = LIKELY if leading.reading.cueless else DOUBTED
    doubted = chance is not None and (chance < least or chance < likeliest)
    if tool != next(iter(chances), ""):
        doubted = doubted or max(heard.values(), default=0.0) - heard.get(tool, 0.0) > CONTRADICTED
    opposed = (chance or 0.0) < DOUBTED and likeliest >= OPPOSED
    plain = leading.score >= PLAIN and not leading.reading.cueless and not opposed
    return leading.reading if plain or not doubted else None


def _learned(
    chances: Mapping[str, float], ranked: Sequence[Scored], best: Mapping[str, Scored], heard: Mapping[str, float]
) -> Reading | None:
    """What the best rule says, where the ranker holds nothing for likelier and no cue says another thing."""
    tool = next(iter(chances), "")
    share = heard.get(tool, 0.0)
    if tool not in best or share < HEARD or share < max(heard.values()) or chances[tool] < SURER.get(tool, AGREED):
        return None
    if sorted(chances.values())[-2:][0] >= DOUBTED:
        return None
    contradicted = any(one.score >= CALL and one.reading.tool != tool for one in ranked[:1])
    return None if contradicted or best[tool].reading.exact else best[tool].reading
