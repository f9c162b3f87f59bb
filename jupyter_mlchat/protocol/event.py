"""What every event has."""

from __future__ import annotations

from typing import ClassVar

from .records import AttemptId, ConversationId, Record, TurnId


class Event(Record, tag_field="type", kw_only=True, frozen=True):
    """`time` is seconds since the epoch. `seq` is 0 on events that are not stored."""

    durable: ClassVar[bool] = True

    conversation: ConversationId = ConversationId("")
    turn: TurnId | None = None
    attempt: AttemptId | None = None
    seq: int = 0
    time: float = 0.0
