"""The numbered journal of every conversation. `append` is the only way an event comes to be."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, select, update

from ..protocol import codec
from ..protocol.events import AnyEvent, Event
from ..protocol.faults import Code, Fault
from ..protocol.records import NO_PARAMETERS, ConversationId, ConversationInfo, KernelId, Parameters, TurnId
from ..store.database import Database
from ..store.tables import conversations, events

Listener = Callable[[Event], None]
T = TypeVar("T")


class Journal:
    """Stores, numbers and fans out. Listeners are called in the loop, in order, after the commit."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._listeners: dict[ConversationId, list[Listener]] = defaultdict(list)

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

        def write(connection: Connection) -> None:
            last = _take_numbers(connection, conversation, len(durable), now)
            rows = []
            for offset, event in enumerate(durable):
                seq = last - len(durable) + offset + 1
                told = msgspec.structs.replace(event, seq=seq)
                numbered[id(event)] = told
                body = codec.encode_event(told)
                rows.append({"conversation": conversation, "seq": seq, "turn": event.turn, "body": body})
            if rows:
                connection.execute(events.insert(), rows)
            if also is not None:
                also(connection, last)

        if durable or also is not None:
            await self._database.run(write)
        told = [numbered.get(id(e), e) for e in stamped]
        for event in told:
            self.tell(event)
        return told

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """A transaction that adds no event."""
        return await self._database.run(work)

    def tell(self, event: Event) -> None:
        """Fan out one event that is stored already or is not durable."""
        for listener in list(self._listeners.get(event.conversation, ())):
            listener(event)

    def live(self, conversation: ConversationId, event: Event) -> None:
        """Tell an event that is not durable."""
        self.tell(msgspec.structs.replace(event, conversation=conversation, time=self._clock()))

    # -- reading ---------------------------------------------------------------------------------------

    def listen(self, conversation: ConversationId, listener: Listener) -> Callable[[], None]:
        """Call `listener` for every event from now on. Returns what ends it."""
        self._listeners[conversation].append(listener)

        def stop() -> None:
            if listener in self._listeners.get(conversation, ()):
                self._listeners[conversation].remove(listener)
            if not self._listeners.get(conversation):
                self._listeners.pop(conversation, None)

        return stop

    async def read(self, conversation: ConversationId, after: int = 0, limit: int | None = None) -> list[AnyEvent]:
        """Durable events numbered above `after`, oldest first."""

        def work(connection: Connection) -> list[bytes]:
            query = (
                select(events.c.body)
                .where(events.c.conversation == conversation, events.c.seq > after)
                .order_by(events.c.seq)
            )
            return list(connection.execute(query.limit(limit) if limit is not None else query).scalars())

        return [codec.decode_event(body) for body in await self._database.run(work)]

    async def read_turn(self, turn: TurnId) -> list[AnyEvent]:
        def work(connection: Connection) -> list[bytes]:
            query = select(events.c.body).where(events.c.turn == turn).order_by(events.c.seq)
            return list(connection.execute(query).scalars())

        return [codec.decode_event(body) for body in await self._database.run(work)]

    async def info(self, conversation: ConversationId) -> ConversationInfo:
        def work(connection: Connection) -> Row[Any] | None:
            return connection.execute(select(conversations).where(conversations.c.id == conversation)).one_or_none()

        row = await self._database.run(work)
        if row is None:
            raise not_found(conversation)
        return info_of(row)


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
        parameters=parameters_of(row),
        created=row.created,
        updated=row.updated,
        last_seq=row.last_seq,
        deleted=row.deleted,
    )


def parameters_of(row: Row[Any]) -> Parameters:
    return msgspec.json.decode(row.parameters, type=Parameters) if row.parameters != "{}" else NO_PARAMETERS


def not_found(conversation: str) -> Fault:
    return Fault(
        Code.NOT_FOUND, "There is no such conversation.", "List yours, or begin a new one.", about=conversation
    )


def _take_numbers(connection: Connection, conversation: ConversationId, count: int, now: float) -> int:
    """Reserve `count` numbers; returns the last. The row is locked by the update until the commit."""
    changed = connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation)
        .values(last_seq=conversations.c.last_seq + count, updated=now)
    )
    if changed.rowcount != 1:
        raise not_found(conversation)
    return int(
        connection.execute(select(conversations.c.last_seq).where(conversations.c.id == conversation)).scalar_one()
    )
