"""A conversation as a list of messages."""

from __future__ import annotations

from typing import Any, Literal

from .records import AttemptId, Record, TurnId, TurnState


class MessageInfo(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One message. `id` fetches its event from `blobs/ID`; `metadata` came along with it or, of what was answered,
    with the question. `status` is that of its turn; of a tool, and of what was thought aloud, how that went.
    """

    id: str
    seq: int
    time: float
    turn: TurnId
    attempt: AttemptId | None
    role: Literal["user", "expert", "assistant", "thinking", "tool"]
    status: TurnState
    text: str
    tool: str = ""
    metadata: dict[str, Any] = {}


class MessageList(Record, frozen=True):
    """Oldest first. `next` is the `after` of the next page, null when this was the last."""

    messages: list[MessageInfo]
    next: int | None
