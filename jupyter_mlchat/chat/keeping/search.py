"""Finding what was said, in one's own conversations."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from ...guard.access import Caller
from ...protocol import codec
from ...protocol.events import Message
from ...protocol.records import ConversationId, Found
from ...store.database import Database
from ...store.search import MAX_CHARS, MAX_WORDS, matching, search, spoken, words_of
from ...store.tables import conversations, events

MOST = 500
BEFORE, AFTER = 60, 120
"""Characters of a snippet on both sides of the first word that was found."""


async def find(database: Database, caller: Caller, query: str, limit: int) -> list[Found]:
    """What has every word of `query`, or one that begins with it; the newest first. Anything may be typed."""
    words = list(dict.fromkeys(words_of(query)))[:MAX_WORDS]
    if not words:
        return []

    def read(connection: Connection) -> list[Row[Any]]:
        mine = and_(
            conversations.c.id == search.c.conversation,
            conversations.c.owner == caller.principal,
            conversations.c.deleted.is_(False),
        )
        newest = (
            select(conversations.c.id, conversations.c.title, search.c.seq, search.c.time)
            .select_from(search)
            .join(conversations, mine)
            .where(matching(connection, words))
            .order_by(search.c.time.desc(), search.c.seq.desc())
            .limit(max(1, min(limit, MOST)))
            .subquery()
        )
        # What was said is fetched of those alone.
        said = and_(events.c.conversation == newest.c.id, events.c.seq == newest.c.seq)
        query = select(newest.c.id, newest.c.title, events.c.body).join(events, said)
        return list(connection.execute(query.order_by(newest.c.time.desc(), newest.c.seq.desc())))

    rows = await database.read(read)
    # In a thread: what was said may be long.
    return await asyncio.to_thread(lambda: [_found(row, words) for row in rows])


def _found(row: Row[Any], words: Sequence[str]) -> Found:
    event = codec.decode_event(row.body)
    role = event.role if isinstance(event, Message) else "assistant"
    shown = snippet(spoken(event), words)
    return Found(ConversationId(row.id), row.title, event.turn, event.seq, event.time, role, shown)


def snippet(text: str, words: Sequence[str]) -> str:
    """The surroundings of the first of `words`, in one line; those in it stand between « and »."""
    spans = [
        match.span()
        for match in re.finditer(r"[^\W_]+", text[:MAX_CHARS])
        if any(part.startswith(word) for part in words_of(match[0]) for word in words)
    ]
    first = spans[0][0] if spans else 0
    start, end = max(0, first - BEFORE), min(len(text), first + AFTER)
    pieces, at = ["…" if start else ""], start
    for begin, stop in spans:
        if stop <= end:
            pieces += [text[at:begin], "«", text[begin:stop], "»"]
            at = stop
    return " ".join("".join([*pieces, text[at:end], "…" if end < len(text) else ""]).split())
