"""What left for providers on behalf of a turn. What holds an answer that is held back is not told before a reviewer
has looked at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ..protocol.records import SentRequest
from ..settings import MLChat
from ..store.evaluating import reviews
from ..store.tables import conversations, sent, turns
from .evaluating.policy import policy_of
from .threads import Turn

HELD_BACK = {"held_back": "It holds an answer that a reviewer is to look at first."}


def sent_for(connection: Connection, turn: Turn, settings: MLChat) -> list[SentRequest]:
    """Every request, whole and in order."""
    unread = unread_attempts(connection, turn.owner)
    # A judge may be reading it just now.
    now = turn.state == "active" and policy_of(turn, settings) == "hold"
    rows = connection.execute(select(sent).where(sent.c.turn == turn.id).order_by(sent.c.id))
    return [
        SentRequest(r.llm, r.attempt, r.time, HELD_BACK if now or r.attempt in unread else msgspec.json.decode(r.body))
        for r in rows
    ]


def unread_attempts(connection: Connection, owner: str) -> set[str]:
    """Attempts of a person whose answers are held back."""
    held = (reviews.c.owner == owner) & reviews.c.held & reviews.c.state.in_(("open", "withdrawn"))
    return set(connection.execute(select(reviews.c.attempt).where(held)).scalars())


def as_told(values: Mapping[str, Any], unread: set[str]) -> dict[str, Any]:
    """A row that tells of an attempt, without the words of an answer that is held back."""
    if values.get("attempt") not in unread:
        return dict(values)
    hidden: dict[str, Any] = {"answer": "", "marks": "[]", "reasons": "[]", "checks": "[]", "body": HELD_BACK}
    return {**values, **{name: empty for name, empty in hidden.items() if name in values}}


def running_attempts(connection: Connection, owner: str) -> set[str]:
    """Those that have sent something and have not ended."""
    mine = select(turns.c.id).join(conversations, conversations.c.id == turns.c.conversation)
    active = mine.where(conversations.c.owner == owner, turns.c.state == "active")
    return set(connection.execute(select(sent.c.attempt).where(sent.c.turn.in_(active))).scalars())
