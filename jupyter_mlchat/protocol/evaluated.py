"""The events of what was measured of answers, of their reviews, and of experiments."""

from __future__ import annotations

from typing import Literal

from .evaluations import Check
from .event import Event
from .records import Usage


class Evaluation(Event, tag="evaluation", kw_only=True, frozen=True):
    """What was measured of an answer, usually after its turn has ended. `flagged` when a check failed.

    `reasons` say why. `llm` worded it, with that `prompt`. `notes` say what was not measured, and why not. `usage` is
    what the judge took, null where none was asked.
    """

    checks: list[Check]
    llm: str = ""
    prompt: str = ""
    flagged: bool = False
    reasons: list[str] = []
    notes: list[str] = []
    usage: Usage | None = None


class ReviewAsked(Event, tag="review.asked", kw_only=True, frozen=True):
    """A person is asked to look at the answer. `held`: it is not shown before that. `own`: its owner may decide."""

    review: str
    reasons: list[str] = []
    held: bool = False
    own: bool = False


class ReviewClosed(Event, tag="review.closed", kw_only=True, frozen=True):
    """`text` is the answer as it was corrected, `remark` the reviewer's word, `by` their name."""

    review: str
    outcome: Literal["approved", "corrected", "rejected", "withdrawn"]
    text: str = ""
    remark: str = ""
    by: str = ""


class ExperimentAssigned(Event, tag="experiment.assigned", kw_only=True, frozen=True):
    """The conversation takes part in a comparison; `text` says so. `llm` or `prompt` is what its arm answers with."""

    experiment: str
    arm: str
    text: str
    llm: str = ""
    prompt: str = ""
