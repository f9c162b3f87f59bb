"""Which turns run: one of a conversation at a time, `max_active_turns` in all, the rest in line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from ..protocol.events import ApprovalClosed, Event, FormClosed, ReviewClosed, TurnEnded
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId, KernelId, TurnEnd, TurnId
from ..store.tables import events, turns
from . import leases, threads
from .journal import Journal
from .means import Means
from .reviews import withdraw
from .summaries import sum_up
from .threads import Turn
from .turn import Attempt

STOP_TRIES, STOP_S = 100, 0.02
PACE_S = 5.0
"""About what a turn takes, until one has run."""
HEED_S = 0.3
"""How often it is asked whether another process wants a turn stopped that runs here, or has ended one we wait for."""


@dataclass
class Running:
    """What runs in a conversation. `attempt` is None while the turn is being taken and the attempt is being made."""

    turn: TurnId
    attempt: Attempt | None = None
    stopped: bool = False


class TurnQueue:
    """Lives in the service's loop. `waits_for_cell` hears of a turn that has begun to wait for one."""

    def __init__(self, means: Means, waits_for_cell: Callable[[Turn], Coroutine[Any, Any, None]]) -> None:
        self._means, self._waits_for_cell = means, waits_for_cell
        self._journal = means.journal
        self._line: list[tuple[TurnId, ConversationId]] = []
        self._running: dict[ConversationId, Running] = {}
        self._for_cells: set[TurnId] = set()
        """The turns that wait for a cell of one of our kernels."""
        self._restless: list[Attempt] = []
        """Those that have ended before their code did."""
        self._leases = leases.Leases(means.settings.lease)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False
        self.pace_s = PACE_S
        """About what an attempt takes, the last ones most of all."""
        self.after_turn: Callable[[], None] = lambda: None
        """Called whenever an attempt has ended."""

    @property
    def length(self) -> int:
        return len(self._line)

    @property
    def active(self) -> int:
        return len(self._running)

    def line(self) -> tuple[int, int]:
        """How many turns wait for others, and how many run."""
        return self.length, self.active

    def running(self, conversation: ConversationId) -> Attempt | None:
        there = self._running.get(conversation)
        return there.attempt if there is not None else None

    def add(self, turn: TurnId, conversation: ConversationId) -> None:
        self._for_cells.discard(turn)
        self._line.append((turn, conversation))
        self._pump()

    def drop(self, turn: TurnId) -> None:
        self._for_cells.discard(turn)
        self._line = [entry for entry in self._line if entry[0] != turn]

    async def stop(self, conversation: ConversationId) -> None:
        """End what runs, queues or waits for a cell in a conversation that is deleted; returns when it has."""

        def read(connection: Connection) -> list[Turn]:
            unended = select(turns.c.id).where(turns.c.state.in_(("queued", "waiting")))
            ids = connection.execute(unended.where(turns.c.conversation == conversation)).scalars().all()
            return [threads.load_turn(connection, TurnId(one)) for one in ids]

        for turn in await self._journal.query(read):
            if turn.state == "queued" or (turn.pending is not None and turn.pending.kind == "cell"):
                self.drop(turn.id)
                with suppress(Fault):
                    await end_unrun(self._journal, turn, "cancelled")
        await self._journal.transact(lambda tx: leases.ask_to_stop(tx, conversation=conversation))
        if conversation in self._running:
            self._stop(self._running[conversation])
        for _ in range(STOP_TRIES):
            if conversation not in self._running and not await self._journal.query(
                lambda tx: leases.runs_in(tx, conversation)
            ):
                return
            await asyncio.sleep(STOP_S)

    async def open(self) -> None:
        """Of turns whose process is gone, queued ones run here and active ones are abandoned."""
        with suppress(Fault):
            # A store that can't be written to can still be read.
            now = await self._means.database.read(threads.clock)
            await self._adopt(lambda others: {turn for turn, lease in others.items() if lease < now})
        self.spawn(self._renew())
        self.spawn(self._heed())

    async def close(self) -> None:
        """What runs ends as cancelled; what has not begun is left to whoever comes next."""
        self._closing, left = True, self._ours()
        for _ in range(100):
            for there in self._running.values():
                self._stop(there)
            if not self._running:
                break
            await asyncio.sleep(0.02)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._line = []
        with suppress(Fault):
            await self._journal.transact(lambda tx: leases.release(tx, left))

    def executes(self, kernel: KernelId | None) -> bool:
        """Whether code that an llm may have written runs in this kernel."""
        attempts = [*self._attempts(), *self._restless]
        return any(attempt.executes and attempt.turn.context.kernel == kernel for attempt in attempts)

    async def waiting_for_cell(self, kernel: KernelId) -> list[Turn]:
        """The turns that wait for a cell of `kernel`."""

        def read(connection: Connection) -> list[Turn]:
            waiting = select(turns.c.id).where(turns.c.state == "waiting", leases.FOR_CELL).order_by(turns.c.created)
            ids = connection.execute(waiting).scalars().all()
            found = [threads.load_turn(connection, TurnId(one)) for one in ids]
            return [turn for turn in found if turn.context.kernel == kernel]

        return await self._journal.query(read)

    # -- running ---------------------------------------------------------------------------------------

    def _pump(self) -> None:
        if self._closing:
            return
        for entry in list(self._line):
            if len(self._running) >= self._means.settings.max_active_turns:
                return
            turn, conversation = entry
            if conversation not in self._running:
                self._line.remove(entry)
                there = self._running[conversation] = Running(turn)
                self.spawn(self._run(there, conversation))

    async def _run(self, there: Running, conversation: ConversationId) -> None:
        try:
            turn = await self._claim(there.turn)
            if turn is not None:
                attempt = there.attempt = Attempt(turn, self._means)
                self._means.observer.story.runs(turn.id, turn.owner, turn.prompt)
                began = time.monotonic()
                await attempt.run()
                if attempt.executes:
                    # Now: there is no moment at which it counts as neither.
                    self._restless.append(attempt)
                    self.spawn(self._until_rest(attempt))
                self.pace_s += 0.2 * (time.monotonic() - began - self.pace_s)
                with suppress(Fault):
                    await self._ran(await self._load(there.turn))
        finally:
            self._running.pop(conversation, None)
            self._pump()

    async def _until_rest(self, attempt: Attempt) -> None:
        try:
            await attempt.rest()
        finally:
            self._restless.remove(attempt)

    async def _claim(self, turn: TurnId) -> Turn | None:
        """The turn, once it is its turn; None where it was stopped or another process has taken it."""
        settings = self._means.settings
        while not self._closing:
            try:
                return await self._journal.transact(lambda tx: leases.claim(tx, turn, settings.host, settings.lease))
            except leases.Elsewhere:
                pass
            except Fault as fault:
                self._means.log.debug("a turn can't begin: %s", fault.record.message)
            await asyncio.sleep(HEED_S)
        return None

    async def _ran(self, turn: Turn) -> None:
        self.after_turn()
        if turn.state == "completed":
            self.spawn(sum_up(turn, self._means))
        if turn.pending is not None and turn.pending.kind == "cell":
            self._wait_for_cell(turn)

    def _wait_for_cell(self, turn: Turn) -> None:
        self._for_cells.add(turn.id)
        self.spawn(self._waits_for_cell(turn))

    async def _load(self, turn: TurnId) -> Turn:
        return await self._means.database.read(lambda tx: threads.load_turn(tx, turn))

    # -- other processes -------------------------------------------------------------------------------

    async def _renew(self) -> None:
        """Keep the leases of what runs, queues and waits for a cell here; see to what others have left."""
        while True:
            await asyncio.sleep(self._leases.seconds / 3)
            try:
                held = set(self._for_cells)
                self._for_cells -= held - await self._means.database.read(partial(leases.still_waiting, held))
                await self._journal.transact(partial(leases.renew, self._ours(), self._leases.seconds))
                await self._adopt(self._leases.expired)
            except Fault as fault:
                self._means.log.debug("leases can't be renewed: %s", fault.record.message)
            except Exception as error:
                if isinstance(error, RuntimeError) and "shutdown" in str(error):
                    # The process ends: Python has already closed its threads to new work.
                    return
                self._means.log.warning("mlchat: leases can't be renewed (%s)", type(error).__name__)

    async def _adopt(self, expired: Callable[[Mapping[TurnId, float]], Iterable[TurnId]]) -> None:
        others = await self._means.database.read(partial(leases.of_others, self._ours()))

        def read(connection: Connection) -> list[Turn]:
            first = select(turns.c.id).where(turns.c.id.in_(gone)).order_by(turns.c.conversation, ASKED)
            found = []
            for one in connection.execute(first).scalars().all():
                # One that can't be read, of a damaged row or a later release, is no reason to leave the others.
                with suppress(msgspec.DecodeError):
                    found.append(threads.load_turn(connection, TurnId(one)))
            return found

        gone = list(expired(others))
        for turn in await self._means.database.read(read) if gone else []:
            if turn.state == "queued" and turn.lease == others[turn.id]:
                self.add(turn.id, turn.conversation)
            elif turn.state == "waiting":
                self._wait_for_cell(turn)
            elif turn.state == "active" and turn.lease == others[turn.id]:
                with suppress(Fault):
                    await end_unrun(self._journal, turn, "abandoned")

    async def _heed(self) -> None:
        """Stop attempts that somebody stops in another process, or that are not ours any more."""
        while True:
            await asyncio.sleep(HEED_S)
            attempts = self._ours().running
            if not attempts:
                continue
            stop: set[TurnId] = set()
            with suppress(Fault):
                stop = await self._means.database.read(partial(leases.to_stop, attempts))
            for there in self._running.values():
                if there.turn in stop:
                    self._stop(there)

    @staticmethod
    def _stop(there: Running) -> None:
        if there.attempt is not None and not there.stopped:
            there.stopped = True
            there.attempt.cancel()

    def _ours(self) -> leases.Ours:
        taken = {there.turn for there in self._running.values()}
        running = {attempt.turn.id: attempt.number for attempt in self._attempts()}
        return leases.Ours(taken | {turn for turn, _ in self._line} | self._for_cells, running)

    def _attempts(self) -> list[Attempt]:
        return [there.attempt for there in self._running.values() if there.attempt is not None]

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run it beside the turns, until it ends or the service closes."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


ASKED = select(func.min(events.c.seq)).where(events.c.turn == turns.c.id).scalar_subquery()
"""Turns of a conversation in the order they were asked in, whatever the clock said."""


async def end_unrun(
    journal: Journal,
    turn: Turn,
    state: TurnEnd,
    closed: Event | None = None,
    also: Callable[[Connection, int], None] | None = None,
) -> int:
    """End a turn that no attempt runs; what it waited for is closed with it. Returns the number of its last event.

    `also` as in `Journal.append`. Raises Fault `conflict` when the turn has gone on meanwhile.
    """
    new: list[Event] = [closed] if closed is not None else []
    pending = turn.pending
    if pending is not None and closed is None:
        if pending.kind == "form":
            new.append(FormClosed(turn=turn.id, form=pending.id, outcome="cancelled"))
        elif pending.kind == "approval":
            new.append(ApprovalClosed(turn=turn.id, approval=pending.id, outcome="cancelled"))
        elif pending.kind == "review":
            new.append(ReviewClosed(turn=turn.id, review=pending.id, outcome="withdrawn"))
    new.append(TurnEnded(turn=turn.id, state=state))

    def write(connection: Connection, seq: int) -> None:
        current = threads.load_turn(connection, turn.id)
        threads.check_same(turn, current)
        if state == "abandoned" and current.lease != turn.lease:
            raise Fault(Code.CONFLICT, "The turn runs.", "Stop it first.")
        threads.set_turn(connection, turn.id, state=state, pending="", lease=0.0)
        if pending is not None and pending.kind == "review":
            withdraw(connection, pending.id)
        if also is not None:
            also(connection, seq)

    told = await journal.append(turn.conversation, new, write)
    return told[-1].seq
