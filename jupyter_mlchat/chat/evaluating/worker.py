"""Measures answers after their turns have ended: one at a time, in no one's way, each once."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection

from ...protocol.events import Event, TurnEnded
from ...protocol.faults import Code, Fault
from ...protocol.records import TurnId
from .. import threads
from ..means import Means
from ..reviews import Case, is_open, opening
from ..threads import Turn
from . import duties
from .answered import answered
from .duties import Duty
from .measuring import measure
from .policy import policy_of

LEFT_FOR_S = 60.0
"""Seconds after which an answer of another process is measured here: that one has ended, or has too much to do."""
MOST_JUDGED = 200
"""With more answers than that waiting, no judge is asked: rules take no time and cost nothing."""


class Worker:
    """What waits is in the store, not here: a restart loses nothing, and memory holds one answer."""

    def __init__(self, means: Means) -> None:
        self._means, self._journal = means, means.journal
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.idle = asyncio.Event()
        """Set while nothing waits here."""

    def open(self) -> None:
        self._task = asyncio.ensure_future(self._work())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """A turn has ended."""
        self.idle.clear()
        self._woken.set()

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            try:
                while await self._next():
                    pass
            except Fault as fault:
                self._means.log.debug("mlchat: answers could not be evaluated now: %s", fault.record.message)
            if not self._woken.is_set():
                self.idle.set()
            try:
                await asyncio.wait_for(self._woken.wait(), LEFT_FOR_S)
            except asyncio.TimeoutError:
                continue

    async def _next(self) -> bool:
        """Measure one answer; False when none waits. Raises Fault `store_unavailable`."""
        host = self._means.settings.host
        claimed = await self._journal.transact(lambda tx: duties.claim(tx, host, LEFT_FOR_S))
        if claimed is None:
            return False
        duty, waiting = claimed
        try:
            await self._measure(duty, crowded=waiting > MOST_JUDGED)
        except asyncio.CancelledError:
            await asyncio.shield(self._journal.transact(lambda tx: duties.leave(tx, duty.attempt)))
            raise
        except Fault as fault:
            if fault.code is Code.STORE_UNAVAILABLE:
                raise
            await self._give_up(duty, fault.code.value)
        except Exception as error:
            # It may quote the answer: the name of its type is all that is logged.
            await self._give_up(duty, type(error).__name__)
        return True

    async def _give_up(self, duty: Duty, why: str) -> None:
        self._means.log.debug("mlchat: an answer could not be evaluated (%s)", why)
        await self._journal.transact(lambda tx: duties.finish(tx, duty.attempt))

    async def _measure(self, duty: Duty, crowded: bool) -> None:
        turn = await self._journal.query(lambda tx: threads.load_turn(tx, TurnId(duty.turn)))
        told = await self._journal.read_turn(turn.id)
        answer = answered(told, duty.llm, duty.prompt)
        found = await measure(self._means, turn, duty.attempt, answer, told, private=duty.private, crowded=crowded)
        evaluation = found.event(turn, duty.attempt, answer)
        events: list[Event] = [evaluation]
        opens = None
        if found.reasons and policy_of(turn, self._means.settings) != "flag" and not await self._is_open(turn):
            by = next((event.answered_by for event in reversed(told) if isinstance(event, TurnEnded)), duty.llm)
            one = Case(turn, duty.attempt, answer.text, answer.marks, by, found.reasons, duty.private, found.checks)
            asked, opens = opening(one, self._means.settings.privacy_floor)
            events.append(asked)

        def write(connection: Connection, seq: int) -> None:
            if not duties.finish(connection, duty.attempt, flagged=bool(found.reasons)):
                raise Fault(Code.CONFLICT, "Another process has evaluated this answer.")
            duties.keep(connection, turn, duty, found.checks, found.usage)
            if opens is not None:
                opens(connection)

        await self._journal.append(turn.conversation, events, write)

    async def _is_open(self, turn: Turn) -> bool:
        return await self._journal.query(lambda tx: is_open(tx, turn.id))
