"""Everything that is measured of one answer, and what of it is a failing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from ...protocol.evaluations import Check
from ...protocol.events import AnyEvent, Evaluation, Event
from ...protocol.records import AttemptId, Usage
from ..means import Means
from ..threads import Turn
from . import judge as judging
from . import rules
from .answered import Answered, Verdict

BY_RULES = "rules"
MINIMUM = 0.5
"""Of evaluators that the settings name no other minimum for."""


@dataclass(frozen=True)
class Findings:
    """`unanswered` are those who were asked and gave no score: where an answer is held back, that holds it."""

    checks: Sequence[Check]
    notes: Sequence[str] = ()
    usage: Usage | None = None

    @property
    def reasons(self) -> list[str]:
        """Why the answer is flagged; [] when it is not."""
        return [_said(check) for check in self.checks if check.failed]

    @property
    def unanswered(self) -> list[str]:
        return [_said(check) for check in self.checks if check.score is None and check.by != BY_RULES]

    def event(self, turn: Turn, attempt: AttemptId, answer: Answered, *, details: bool = True) -> Evaluation:
        """`details` quote the answer: they stay out of what its owner reads while it is held back."""
        checks = [one if details else _without_words(one) for one in self.checks]
        reasons = [_said(check) for check in checks if check.failed]
        return Evaluation(
            turn=turn.id,
            attempt=attempt,
            checks=checks,
            llm=answer.llm,
            prompt=answer.prompt,
            flagged=bool(reasons),
            reasons=reasons,
            notes=list(self.notes),
            usage=self.usage,
        )


def _said(check: Check) -> str:
    return f"{check.name} ({check.by}): {check.reason or f'{check.score:g} of 1'}"


def _without_words(check: Check) -> Check:
    """Rules say in words of ours what they found; a judge's or a stranger's words may quote the answer."""
    reason = check.reason if check.by == BY_RULES or check.score is None else ""
    return msgspec.structs.replace(check, details=[], reason=reason)


async def measure(
    means: Means,
    turn: Turn,
    attempt: AttemptId,
    answer: Answered,
    events: Sequence[Event | AnyEvent],
    *,
    private: bool,
    crowded: bool = False,
) -> Findings:
    """Rules, evaluators of other packages, and the judge. `crowded`: too many wait for a judge to be asked.

    Raises nothing but Fault `store_unavailable`.
    """
    settings = means.settings
    # In a thread: an answer may be long, and somebody may have made it so that patterns take their time.
    verdicts = await asyncio.to_thread(lambda: [(name, rule(answer)) for name, rule in rules.RULES.items()])
    checks = [_check(name, BY_RULES, verdict, settings.evaluation_minimum) for name, verdict in verdicts]
    given = await means.foreign.evaluate(answer, settings.evaluation_timeout)
    checks += [_check(name, by, verdict, settings.evaluation_minimum) for (name, by), verdict in given.items()]
    if not settings.evaluation_llm:
        return Findings(checks)
    why_not = judging.unfit(events, private) or ("too many answers wait to be judged" if crowded else "")
    if why_not:
        return Findings(checks, [f"No judge was asked: {why_not}."])
    judged = await judging.judge(settings.evaluation_llm, turn, attempt, events, answer.text, means)
    marks = judged.verdicts.items()
    checks += [_check(name, judged.by, verdict, settings.evaluation_minimum) for name, verdict in marks]
    return Findings(checks, [], judged.usage)


def _check(name: str, by: str, verdict: Verdict, minimums: Mapping[str, float]) -> Check:
    least = rules.MINIMUM.get(name, MINIMUM) if by == BY_RULES else MINIMUM
    with suppress(TypeError, ValueError):
        least = float(minimums.get(name, least))
    failed = verdict.score is not None and verdict.score < least
    score = None if verdict.score is None else round(verdict.score, 4)
    return Check(name, by, score, failed, verdict.reason, list(verdict.details)[: rules.MOST_DETAILS])
