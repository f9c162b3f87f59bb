"""How good answers are: what was measured of each, what people decided about them, and what that adds up to."""

from __future__ import annotations

from typing import Any, Literal

from .records import ConversationId, Record, TurnId

Reviewing = Literal["flag", "review", "hold"]
ReviewState = Literal["open", "approved", "corrected", "rejected", "withdrawn"]
Decided = Literal["approve", "correct", "reject"]
EvaluationBy = Literal["llm", "prompt", "day"]


class Check(Record, frozen=True):
    """One measure of an answer. `by` is "rules", the llm that judged, or the package of an evaluator.

    `score` goes from 0 to 1, and is null where there is nothing to measure or no score could be had; `reason` says
    which. `details` are what it was found in, such as numbers without a source: words of others, plain text.
    """

    name: str
    by: str
    score: float | None = None
    failed: bool = False
    reason: str = ""
    details: list[str] = []


class Review(Record, frozen=True, kw_only=True, omit_defaults=False):
    """An answer that a person looks at. `held`: nobody else has seen it yet. Times in seconds since the epoch.

    `note` is the word of who asked for it, `text` the correction, `remark` the word of who decided.
    """

    id: str
    conversation: ConversationId
    turn: TurnId
    owner: str
    state: ReviewState
    held: bool
    question: str
    answer: str
    answered_by: str
    reasons: list[str]
    checks: list[Check]
    opened: float
    note: str = ""
    decided: float = 0.0
    reviewer: str = ""
    text: str = ""
    remark: str = ""


class ReviewList(Record, frozen=True):
    """Open ones first, each oldest first."""

    reviews: list[Review]


class Correction(Record, frozen=True):
    """A line of the export: chat `messages` up to the question, the answer that was `rejected`, the `chosen` one."""

    messages: list[dict[str, Any]]
    rejected: str
    chosen: str


class EvaluationRow(Record, frozen=True, kw_only=True, omit_defaults=False):
    """How answers of one llm, prompt or day (`key`) did in one check. `mean` is of the `scored` ones."""

    key: str
    name: str
    by: str
    answers: int
    scored: int
    failed: int
    mean: float | None


class EvaluationReport(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Yours. `since` is a day of the server's, like 2026-01-31; `waiting` answers are still to be evaluated."""

    by: EvaluationBy
    since: str
    waiting: int
    rows: list[EvaluationRow]


class Measured(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The mean over `conversations`, each counted once by the mean of its own answers.

    `low` and `high` are the ends of the 95% interval of that mean, null with fewer than two conversations.
    """

    name: str
    conversations: int
    mean: float | None
    low: float | None
    high: float | None


class Arm(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One side of an experiment. `value` is its llm or prompt, `answers` those that came to their end."""

    arm: str
    value: str
    conversations: int
    answers: int
    measured: list[Measured]


class Experiment(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Two llms or prompts (`of`), by conversation. `arms` have what was measured so far."""

    name: str
    of: Literal["llm", "prompt"]
    arms: list[Arm]


class ExperimentList(Record, frozen=True):
    experiments: list[Experiment]
