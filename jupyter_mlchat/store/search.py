"""The words of what was said, and how each kind of database finds them: FTS5, or `to_tsvector`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    event,
    func,
    insert,
    literal_column,
    select,
    text,
)

from ..protocol import codec
from ..protocol.events import Event, Message, ReviewClosed, TextSnapshot
from .tables import events, metadata

MAX_CHARS = 200_000
"""Of one message; what comes behind is not found."""
MAX_WORDS = 16
"""Of one search."""

search = Table(
    "mlchat_search",
    # Of its own: SQLite's is a virtual table, which `create_all` can't make.
    MetaData(),
    Column("words", Text, nullable=False),
    Column("conversation", String(32), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("time", Float, nullable=False),
)
_SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")


def create_search(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        columns = "words, conversation UNINDEXED, seq UNINDEXED, time UNINDEXED"
        tokens = "tokenize = 'unicode61 remove_diacritics 0'"
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS {search.name} USING fts5({columns}, {tokens})")
        return
    search.create(connection, checkfirst=True)
    vector = "to_tsvector('simple'::regconfig, words)"
    connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS mlchat_search_words ON {search.name} USING gin ({vector})")


@event.listens_for(metadata, "after_create")
def _with_the_tables(target: MetaData, connection: Connection, **_: Any) -> None:
    create_search(connection)


def index_all(connection: Connection) -> None:
    """Index what an earlier release has stored."""
    create_search(connection)
    for conversation in connection.execute(select(events.c.conversation).distinct()).scalars().all():
        bodies = select(events.c.body).where(events.c.conversation == conversation).order_by(events.c.seq)
        add_words(connection, _readable(connection.execute(bodies).scalars()))


def _readable(bodies: Iterable[bytes]) -> Iterator[Event]:
    """Without those that are damaged."""
    for body in bodies:
        with suppress(*codec.UNREADABLE):
            yield codec.decode_event(body)


def add_words(connection: Connection, told: Iterable[Event]) -> None:
    """Let stored events be found by what they say."""
    rows = [
        {"words": words, "conversation": event.conversation, "seq": event.seq, "time": event.time}
        for event in told
        if (words := " ".join(words_of(spoken(event))))
    ]
    if rows:
        connection.execute(insert(search), rows)


def spoken(told: Event) -> str:
    """What of an event can be found: what people say, and answers, also as a reviewer has corrected them."""
    if isinstance(told, TextSnapshot):
        return told.text if told.final and told.kind == "answer" else ""
    return told.text if isinstance(told, (Message, ReviewClosed)) else ""


def words_of(said: str) -> list[str]:
    """Letters and digits alone, without case and accents: there is no syntax in them, in no database."""
    apart = unicodedata.normalize("NFKD", said[:MAX_CHARS].casefold())
    return re.findall(r"[^\W_]+", "".join(letter for letter in apart if not unicodedata.combining(letter)))


def matching(connection: Connection, words: Sequence[str]) -> ColumnElement[bool]:
    """Rows that have every one of `words`, of which there is at least one, or a longer word that begins with it."""
    wanted = list(words[:MAX_WORDS])
    if connection.dialect.name == "sqlite":
        return text(f"{search.name} MATCH :wanted").bindparams(wanted=" ".join(f'"{word}"*' for word in wanted))  # type: ignore[return-value]
    query = func.to_tsquery(_SIMPLE, " & ".join(f"{word}:*" for word in wanted))
    return func.to_tsvector(_SIMPLE, search.c.words).op("@@", is_comparison=True)(query)


def forget_words(connection: Connection, conversation: str) -> None:
    """Of a conversation that is no more."""
    connection.execute(delete(search).where(search.c.conversation == conversation))


def merge_index(connection: Connection) -> None:
    """Without this a forgotten word stays in SQLite's index until that is merged some day."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO {search.name}({search.name}) VALUES ('optimize')")
