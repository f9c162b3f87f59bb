"""The numbered journal of every conversation. `append` is the only way an event comes to be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args

import msgspec
from sqlalchemy import Connection, Row, case, func, select, update

from ..protocol import codec
from ..protocol.events import AnyEvent, Event
from ..protocol.faults import Code, Fault
from ..protocol.records import (
    AS_CONFIGURED,
    NO_PARAMETERS,
    ConversationId,
    ConversationInfo,
    Decision,
    Effect,
    KernelId,
    Memory,
    Parameters,
    TurnId,
)
from ..store.database import Database
from ..store.search import add_words
from ..store.tables import conversations, events
from . import stored
from .followers import Followers, Listener

T = TypeVar("T")
C = TypeVar("C", Parameters, Memory)
TICK_S = 1e-6
"""By how much a conversation is newer than the newest, at least."""
LOOK_S = 0.2
"""How often what other processes have written is looked for, while somebody here listens."""


class Journal:
    """Stores, numbers and fans out. Listeners are called in the loop, in order, after the commit."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self.hear: Listener = _unheard
        """Told every event that this process has made, before anybody else."""
        self._followers = Followers()
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    # -- writing ---------------------------------------------------------------------------------------

    async def append(
        self,
        conversation: ConversationId,
        new: Sequence[Event],
        also: Callable[[Connection, int], None] | None = None,
    ) -> list[Event]:
        """Number and store the durable ones of `new`, then tell the listeners all of them, in order.

        `also` runs in the same transaction with the last number given: what it writes and the events are
        one fact. Returns the events as told. Raises Fault `not_found` for an unknown conversation.
        """
        now = self._clock()
        stamped = [msgspec.structs.replace(e, conversation=conversation, time=now) for e in new]
        durable = [e for e in stamped if e.durable]
        numbered: dict[int, Event] = {}

        def write(connection: Connection) -> list[AnyEvent]:
            last = _take_numbers(connection, conversation, len(durable), now)
            first, rows = last - len(durable) + 1, []
            for seq, event in enumerate(durable, first):
                told = msgspec.structs.replace(event, seq=seq)
                numbered[id(event)] = told
                body = codec.encode_event(told)
                rows.append({"conversation": conversation, "seq": seq, "turn": event.turn, "body": body})
            if rows:
                connection.execute(events.insert(), rows)
                add_words(connection, numbered.values())
            if also is not None:
                also(connection, last)
            return self._followers.missed(connection, conversation, first)

        if durable or also is not None:
            for missed in await self._database.run(write):
                self.tell(missed)
        told = [numbered.get(id(e), e) for e in stamped]
        for event in told:
            self.hear(event)
            self.tell(event)
        return told

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """A transaction that adds no event."""
        return await self._database.run(work)

    async def query(self, work: Callable[[Connection], T]) -> T:
        """A transaction that writes nothing, and so waits for no other process that writes. Raises as `transact`."""
        return await self._database.read(work)

    def tell(self, event: Event) -> None:
        """Fan out one event that is stored already or is not durable."""
        self._followers.tell(event)

    def live(self, conversation: ConversationId, event: Event) -> None:
        """Tell an event that is not durable."""
        told = msgspec.structs.replace(event, conversation=conversation, time=self._clock())
        self.hear(told)
        self.tell(told)

    # -- listening -------------------------------------------------------------------------------------

    def listen(self, conversation: ConversationId, listener: Listener, after: int = 0) -> Callable[[], None]:
        """Call `listener` for every event from now on that is not numbered up to `after`. Returns what ends it."""
        stop = self._followers.add(conversation, listener, after)
        self._look_later()
        return stop

    async def catch_up(self, conversation: ConversationId, after: int) -> tuple[list[AnyEvent], int]:
        """For who has just begun to listen: what is stored above `after`, and the last number there is."""
        last = (await self.info(conversation)).last_seq
        self._followers.begin(conversation, last)
        return await self.read(conversation, after), last

    def close(self) -> None:
        """Look for nothing any more."""
        for waiting in (self._timer, self._looking):
            if waiting is not None:
                waiting.cancel()

    def _look_later(self) -> None:
        if self._followers and self._timer is None and self._looking is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look_now)

    def _look_now(self) -> None:
        self._timer = None
        self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        """Tell what other processes have added. A store that refuses is asked again later."""
        try:
            for event in await self._database.read(self._followers.look):
                self.tell(event)
        except Fault:
            pass
        except RuntimeError:
            # The store was closed meanwhile.
            return
        self._looking = None
        self._look_later()

    # -- reading ---------------------------------------------------------------------------------------

    async def read(self, conversation: ConversationId, after: int = 0, limit: int | None = None) -> list[AnyEvent]:
        """Durable events numbered above `after`, oldest first."""
        try:
            return await self._database.read(lambda tx: stored.page(tx, conversation, after, limit))
        except Fault:
            if not self._database.damaged:
                raise
            return await self._database.read(lambda tx: stored.salvaged(tx, conversation, after, limit))

    async def read_turn(self, turn: TurnId) -> list[AnyEvent]:
        def work(connection: Connection) -> list[AnyEvent]:
            columns = events.c.conversation, events.c.seq, events.c.body
            rows = connection.execute(select(*columns).where(events.c.turn == turn).order_by(events.c.seq))
            return [stored.decoded(*row) for row in rows]

        return await self._database.read(work)

    async def info(self, conversation: ConversationId) -> ConversationInfo:
        def work(connection: Connection) -> Row[Any] | None:
            return connection.execute(select(conversations).where(conversations.c.id == conversation)).one_or_none()

        row = await self._database.read(work)
        if row is None:
            raise not_found(conversation)
        return info_of(row)


def _unheard(event: Event) -> None:
    """Nobody observes."""


def info_of(row: Row[Any]) -> ConversationInfo:
    return ConversationInfo(
        id=ConversationId(row.id),
        owner=row.owner,
        title=row.title,
        notebook=row.notebook,
        kernel=KernelId(row.kernel) if row.kernel else None,
        llm=row.llm,
        route=row.route,
        prompt=row.prompt,
        # The very word that is the default, or it would be sent.
        mode="assistant" if row.mode == "assistant" else row.mode,
        parameters=parameters_of(row),
        reviewing=row.reviewing,
        memory=memory_of(row),
        levels=levels_of(row),
        imported=row.imported,
        created=row.created,
        updated=row.updated,
        last_seq=row.last_seq,
        deleted=row.deleted,
    )


def parameters_of(row: Row[Any]) -> Parameters:
    return _chosen(row.parameters, NO_PARAMETERS)


def memory_of(row: Row[Any]) -> Memory:
    return _chosen(row.memory, AS_CONFIGURED)


def levels_of(row: Row[Any]) -> dict[Effect, Decision]:
    try:
        return msgspec.json.decode(row.levels, type=dict[Effect, Decision])
    except msgspec.DecodeError:
        # Who knows what was forbidden: nothing goes on unasked.
        return dict.fromkeys(get_args(Effect), "ask")


def _chosen(body: str, default: C) -> C:
    """What is damaged is chosen anew; a conversation stays readable without it."""
    if body == "{}":
        return default
    try:
        return msgspec.json.decode(body, type=type(default))
    except msgspec.DecodeError:
        return default


def adopt(connection: Connection, conversation: ConversationId, told: Sequence[Event]) -> None:
    """Make events of another journal the first ones of a new conversation, numbered anew, with their own times."""
    numbered = [
        msgspec.structs.replace(event, conversation=conversation, seq=seq) for seq, event in enumerate(told, start=1)
    ]
    rows = [
        {"conversation": conversation, "seq": event.seq, "turn": event.turn, "body": codec.encode_event(event)}
        for event in numbered
    ]
    if rows:
        connection.execute(events.insert(), rows)
        add_words(connection, numbered)


def not_found(conversation: str) -> Fault:
    return Fault(
        Code.NOT_FOUND, "There is no such conversation.", "List yours, or begin a new one.", about=conversation
    )


def _take_numbers(connection: Connection, conversation: ConversationId, count: int, now: float) -> int:
    """Reserve `count` numbers; returns the last. The row is locked by the update until the commit."""
    every = conversations.alias()
    newest = select(func.max(every.c.updated)).where(every.c.owner == conversations.c.owner).scalar_subquery()
    # Which is the newest does not depend on the clock, which may go back.
    updated = case((newest < now, now), else_=newest + TICK_S)
    changed = connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation)
        .values(last_seq=conversations.c.last_seq + count, updated=updated)
        .returning(conversations.c.last_seq)
    )
    last = changed.scalar_one_or_none()
    if last is None:
        raise not_found(conversation)
    return int(last)
