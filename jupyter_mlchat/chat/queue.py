"""Which turns run: one of a conversation at a time, `max_active_turns` in all, the rest in line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from sqlalchemy import Connection, Update, select, update

from ..protocol.events import ApprovalClosed, Event, FormClosed, TurnEnded
from ..protocol.records import ConversationId, KernelId, TurnEnd, TurnId
from ..store.tables import turns
from . import threads
from .journal import Journal
from .means import Means
from .threads import LEASE_S, Turn
from .turn import Attempt


class TurnQueue:
    """Lives in the service's loop. `waits_for_cell` hears of a turn that has begun to wait for one."""

    def __init__(self, means: Means, waits_for_cell: Callable[[Turn], Coroutine[Any, Any, None]]) -> None:
        self._means, self._waits_for_cell = means, waits_for_cell
        self._journal = means.journal
        self._line: list[tuple[TurnId, ConversationId]] = []
        # None while the attempt is being made.
        self._running: dict[ConversationId, Attempt | None] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def length(self) -> int:
        return len(self._line)

    def running(self, conversation: ConversationId) -> Attempt | None:
        return self._running.get(conversation)

    def add(self, turn: TurnId, conversation: ConversationId) -> None:
        self._line.append((turn, conversation))
        self._pump()

    def drop(self, turn: TurnId) -> None:
        self._line = [entry for entry in self._line if entry[0] != turn]

    async def open(self) -> None:
        """Of turns whose process is gone, queued ones run here and active ones are abandoned."""

        def read(connection: Connection) -> list[Turn]:
            unended = select(turns.c.id).where(turns.c.state.in_(("active", "queued")), turns.c.lease < time.time())
            ids = connection.execute(unended.order_by(turns.c.created)).scalars().all()
            return [threads.load_turn(connection, TurnId(one)) for one in ids]

        for turn in await self._journal.transact(read):
            if turn.state == "queued":
                self.add(turn.id, turn.conversation)
            else:
                await end_unrun(self._journal, turn, "abandoned")
        for turn in await self.waiting_for_cell():
            self._spawn(self._waits_for_cell(turn))
        self._spawn(self._renew())

    async def close(self) -> None:
        for attempt in self._attempts():
            attempt.cancel()
        for _ in range(100):
            if not self._running:
                break
            await asyncio.sleep(0.02)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def executes(self, kernel: KernelId | None) -> bool:
        """Whether code that an llm may have written runs in this kernel."""
        return any(attempt.executes and attempt.turn.context.kernel == kernel for attempt in self._attempts())

    async def waiting_for_cell(self, kernel: KernelId | None = None) -> list[Turn]:
        """The turns that wait for a cell, of `kernel` or of all."""

        def read(connection: Connection) -> list[Turn]:
            waiting = select(turns.c.id).where(turns.c.state == "waiting").order_by(turns.c.created)
            ids = connection.execute(waiting).scalars().all()
            found = [threads.load_turn(connection, TurnId(one)) for one in ids]
            for_cells = [turn for turn in found if turn.pending is not None and turn.pending.kind == "cell"]
            return [turn for turn in for_cells if kernel in (None, turn.context.kernel)]

        return await self._journal.transact(read)

    def _pump(self) -> None:
        for entry in list(self._line):
            if len(self._running) >= self._means.settings.max_active_turns:
                return
            turn, conversation = entry
            if conversation not in self._running:
                self._line.remove(entry)
                self._running[conversation] = None
                self._spawn(self._run(turn, conversation))

    async def _run(self, turn_id: TurnId, conversation: ConversationId) -> None:
        try:
            turn = await self._load(turn_id)
            if turn.state == "queued":
                attempt = Attempt(turn, self._means)
                self._running[conversation] = attempt
                await attempt.run()
                turn = await self._load(turn_id)
                if turn.pending is not None and turn.pending.kind == "cell":
                    self._spawn(self._waits_for_cell(turn))
        finally:
            self._running.pop(conversation, None)
            self._pump()

    async def _load(self, turn: TurnId) -> Turn:
        return await self._journal.transact(lambda tx: threads.load_turn(tx, turn))

    async def _renew(self) -> None:
        """Keep the leases of what runs and queues here."""
        while True:
            await asyncio.sleep(LEASE_S / 3)
            ids = [attempt.turn.id for attempt in self._attempts()] + [turn for turn, _ in self._line]
            if ids:
                query = update(turns).where(turns.c.id.in_(ids)).values(lease=time.time() + LEASE_S)
                await self._journal.transact(partial(_execute, query))

    def _attempts(self) -> list[Attempt]:
        return [attempt for attempt in self._running.values() if attempt is not None]

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _execute(query: Update, connection: Connection) -> None:
    connection.execute(query)


async def end_unrun(journal: Journal, turn: Turn, state: TurnEnd, closed: Event | None = None) -> int:
    """End a turn that no attempt runs; what it waited for is closed with it. Returns the number of its last event."""
    events: list[Event] = [closed] if closed is not None else []
    pending = turn.pending
    if pending is not None and closed is None:
        if pending.kind == "form":
            events.append(FormClosed(turn=turn.id, form=pending.id, outcome="cancelled"))
        elif pending.kind == "approval":
            events.append(ApprovalClosed(turn=turn.id, approval=pending.id, outcome="cancelled"))
    events.append(TurnEnded(turn=turn.id, state=state))

    def write(connection: Connection, seq: int) -> None:
        threads.set_turn(connection, turn.id, state=state, pending="", lease=0.0)

    told = await journal.append(turn.conversation, events, write)
    return told[-1].seq
