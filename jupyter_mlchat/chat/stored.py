"""Reading the events of a conversation, and around those that a damaged store can't give any more."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from ..protocol import codec
from ..protocol.events import AnyEvent, Notice
from ..protocol.records import ConversationId
from ..store.tables import conversations, events


def page(connection: Connection, conversation: ConversationId, after: int, limit: int | None = None) -> list[AnyEvent]:
    """Those numbered above `after`, oldest first."""
    query = (
        select(events.c.seq, events.c.body)
        .where(events.c.conversation == conversation, events.c.seq > after)
        .order_by(events.c.seq)
    )
    rows = connection.execute(query.limit(limit) if limit is not None else query)
    return [decoded(conversation, seq, body) for seq, body in rows]


def salvaged(
    connection: Connection, conversation: ConversationId, after: int, limit: int | None = None
) -> list[AnyEvent]:
    """As `page`, one event after the other: a notice stands for each that can't be read."""
    count = select(conversations.c.last_seq).where(conversations.c.id == conversation)
    last = int(connection.execute(count).scalar_one())
    return [_one(connection, conversation, seq) for seq in range(after + 1, min(last, after + (limit or last)) + 1)]


def _one(connection: Connection, conversation: ConversationId, seq: int) -> AnyEvent:
    query = select(events.c.body).where(events.c.conversation == conversation, events.c.seq == seq)
    try:
        body = connection.execute(query).scalar_one_or_none()
    except DBAPIError:
        body = None
    return decoded(conversation, seq, body)


def decoded(conversation: ConversationId, seq: int, body: bytes | None) -> AnyEvent:
    """A notice stands for what can't be read."""
    try:
        return codec.decode_event(body or b"")
    except codec.UNREADABLE:
        text = "What was here can't be read: the conversation store is damaged."
        return Notice(conversation=conversation, seq=seq, text=text, code="damaged")
