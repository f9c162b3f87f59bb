"""The evaluation of one attempt's answer: noted for later, or done before anybody reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete

from ...protocol.events import Event, Notice, TurnWaiting
from ...protocol.records import AttemptId, Mark
from ...store.evaluating import reviews
from ..means import Means
from ..narrator import Narrator
from ..prompts import NONE
from ..reviews import Case, opening, withdraw
from ..threads import Call, Pending, Turn
from ..toolcalls import Waits
from . import duties
from .answered import answered
from .duties import Duty
from .measuring import Findings, measure
from .policy import policy_of

HELD = "The answer is held back until a reviewer has looked at it."


class Checking:
    """Of one attempt. With the policy `hold` its narrator says nothing of the answer before `release`."""

    def __init__(self, turn: Turn, attempt: AttemptId, means: Means) -> None:
        self._turn, self._attempt, self._means = turn, attempt, means
        self._wanted = means.settings.evaluations and turn.tool is None
        self.holds = self._wanted and policy_of(turn, means.settings) == "hold"
        self._done: Callable[[Connection], None] | None = None
        self.events: list[Event] = []
        """What is told with the end of the turn."""

    async def release(self, narrator: Narrator, llm: str, private: bool, answered_by: str) -> None:
        """Let the narrator say what it has withheld. Raises `Waits` for a reviewer where something speaks against."""
        if not narrator.withheld:
            return
        if not narrator.text:
            narrator.release()
            return
        await narrator.step("checking")
        told = await self._means.journal.read_turn(self._turn.id)
        marks = narrator.all_marks()
        answer = answered(told, llm, self._prompt, narrator.text, marks)
        guard = await self._guarded(answer.text, marks, answered_by, private)
        found = await measure(self._means, self._turn, self._attempt, answer, told, private=private)
        against = found.reasons + found.unanswered
        duty = self._duty(llm, private)
        evaluation = found.event(self._turn, self._attempt, answer, details=not against)

        def keep(connection: Connection) -> None:
            connection.execute(delete(reviews).where(reviews.c.id == guard))
            duties.add(connection, self._turn, duty, self._means.settings.host)
            duties.finish(connection, self._attempt, flagged=bool(found.reasons))
            duties.keep(connection, self._turn, duty, found.checks, found.usage)

        if not against:
            narrator.release()
            self.events, self._done = [evaluation], keep
            return
        names = sorted({check.name for check in found.checks if check.failed or check.score is None})
        one = Case(
            self._turn, self._attempt, answer.text, marks, answered_by, against, private, found.checks, held=True
        )
        asked, write = opening(one, self._means.settings.privacy_floor, evaluation.reasons or _named(names, found))

        def store(connection: Connection) -> None:
            keep(connection)
            write(connection)

        waiting = TurnWaiting(turn=self._turn.id, attempt=self._attempt, waits_for="review", detail="a reviewer")
        notice = Notice(turn=self._turn.id, attempt=self._attempt, text=HELD, code="held")
        pending = Pending("review", asked.review, Call("", ""))
        raise Waits(pending, [evaluation, notice, asked, waiting], store)

    async def _guarded(self, text: str, marks: Sequence[Mark], answered_by: str, private: bool) -> str:
        """Until it is decided what becomes of the answer nothing that holds it is told, however the turn ends: a judge
        that reads it leaves it in what was sent."""
        one = Case(self._turn, self._attempt, text, marks, answered_by, [], private, held=True)
        asked, write = opening(one, self._means.settings.privacy_floor)

        def store(connection: Connection) -> None:
            write(connection)
            withdraw(connection, asked.review)

        await self._means.journal.transact(store)
        return asked.review

    def write(self, connection: Connection, text: str, llm: str, private: bool) -> None:
        """In the transaction that ends the turn well: the answer is measured afterwards, or has been."""
        if self._done is not None:
            self._done(connection)
        elif self._wanted and text and llm:
            duties.add(connection, self._turn, self._duty(llm, private), self._means.settings.host)

    def _duty(self, llm: str, private: bool) -> Duty:
        return Duty(self._attempt, self._turn.id, llm, self._prompt, private)

    @property
    def _prompt(self) -> str:
        name = self._turn.prompt or self._means.settings.prompt
        return "" if name == NONE else name


def _named(names: list[str], found: Findings) -> list[str]:
    """Of those who were asked and said nothing, the names alone."""
    return [f"{name}: no score could be had." for name in names] if found.unanswered else []
