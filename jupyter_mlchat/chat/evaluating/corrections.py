"""Corrected answers as chat pairs, to train or to test with: only what might have left for a provider anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from ...agent.memory import turn_messages
from ...guard.access import Caller, check_reviewer
from ...guard.levels import level_of
from ...guard.personal import redact
from ...guard.privacy import leaving
from ...protocol import events as e
from ...protocol.evaluations import Correction
from ...protocol.events import AnyEvent
from ...protocol.records import Level, TurnId
from ...store.evaluating import reviews
from ...store.tables import conversations
from ..means import Means

_WIDTH: Mapping[str, int] = {"schema": 0, "aggregates": 1, "rows": 2}


async def corrections(means: Means, caller: Caller, limit: int) -> tuple[list[Correction], int]:
    """The newest `limit`, oldest first, and how many of them were left out. Raises Fault `forbidden`.

    Left out is an answer that was worded on this machine from what may not leave, that rests on rows shown to one
    provider alone, or that was worded at a wider level than is allowed now.
    """
    check_reviewer(caller)
    level = level_of(means.settings)
    there = (conversations.c.id == reviews.c.conversation) & conversations.c.deleted.is_(False)
    newest = select(reviews).join(conversations, there).where(reviews.c.state == "corrected")

    def read(connection: Connection) -> Sequence[Row[Any]]:
        return connection.execute(newest.order_by(reviews.c.decided.desc()).limit(limit)).all()

    found: list[Correction] = []
    rows = await means.journal.query(read)
    for row in reversed(rows):
        told = await means.journal.read_turn(TurnId(row.turn))
        if not _stays(row, told, level):
            found.append(_pair(row, told, level))
    return found, len(rows) - len(found)


def _stays(row: Row[Any], told: Sequence[AnyEvent], level: Level) -> bool:
    disclosed = any(isinstance(event, e.ToolCalled) and event.effect == "disclose" for event in told)
    alone = any(isinstance(event, e.Message) and event.private for event in told)
    return row.private or disclosed or alone or _WIDTH.get(row.level, 2) > _WIDTH[level]


def _pair(row: Row[Any], told: Sequence[AnyEvent], level: Level) -> Correction:
    answers = (e.TextSnapshot, e.TurnEnded, e.ReviewClosed)
    before = turn_messages([event for event in told if not isinstance(event, answers)])
    return Correction(leaving(before, level), redact(row.answer), redact(row.text))
