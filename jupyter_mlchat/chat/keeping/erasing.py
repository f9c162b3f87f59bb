"""Taking a conversation out of the store for good: afterwards nothing of it is left, whatever table it lay in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, select, update

from ...protocol.records import ConversationId
from ...store.search import forget_words
from ...store.tables import attempts, conversations, metadata, spending, turns, uploads

COUNTED: Sequence[Table] = (spending, attempts)
"""What was paid and how it went stays counted, of no conversation: a budget is not won back by deleting."""


def files_of(connection: Connection, conversation: ConversationId) -> list[str] | None:
    """The ids of the uploads that were sent for it: their files go before it does. None when it was restored."""
    if not _is_deleted(connection, conversation):
        return None
    return list(connection.execute(select(uploads.c.id).where(uploads.c.conversation == conversation)).scalars())


def erase(connection: Connection, conversation: ConversationId) -> None:
    """Delete every row of it, unless it was restored meanwhile."""
    if not _is_deleted(connection, conversation):
        return
    of_it = select(turns.c.id).where(turns.c.conversation == conversation).scalar_subquery()
    for table in reversed(metadata.sorted_tables):
        if table in COUNTED:
            unnamed = update(table).where(table.c.conversation == conversation)
            connection.execute(unnamed.values(conversation="", turn=""))
        elif table not in (turns, conversations):
            if "conversation" in table.c:
                connection.execute(delete(table).where(table.c.conversation == conversation))
            elif "turn" in table.c:
                connection.execute(delete(table).where(table.c.turn.in_(of_it)))
    connection.execute(delete(turns).where(turns.c.conversation == conversation))
    connection.execute(delete(conversations).where(conversations.c.id == conversation))
    forget_words(connection, conversation)


def _is_deleted(connection: Connection, conversation: ConversationId) -> bool:
    which = (conversations.c.id == conversation) & conversations.c.deleted
    return connection.execute(select(conversations.c.id).where(which)).one_or_none() is not None
