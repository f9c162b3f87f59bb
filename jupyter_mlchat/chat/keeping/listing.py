"""What was said in a conversation, message by message: a view of the journal for who wants no events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ...protocol import events as e
from ...protocol.events import AnyEvent
from ...protocol.messages import MessageInfo
from ...protocol.records import AttemptId, ConversationId, TurnId, TurnState


def messages_of(
    conversation: ConversationId, events: Sequence[AnyEvent], states: dict[TurnId, TurnState]
) -> list[MessageInfo]:
    """In order. Of an answer the last that is stored of it, of a tool what it returned. `states` are the turns'."""
    asked = {x.turn: x for x in reversed(events) if isinstance(x, e.Message)}
    latest = {x.attempt: x.seq for x in events if isinstance(x, e.TextSnapshot) and x.kind == "answer"}
    return [
        told
        for event in events
        if event.turn is not None
        and (told := _message(conversation, event, states.get(event.turn, "completed"), asked, latest)) is not None
    ]


def _message(
    conversation: ConversationId,
    event: AnyEvent,
    state: TurnState,
    asked: dict[TurnId | None, e.Message],
    latest: dict[AttemptId | None, int],
) -> MessageInfo | None:
    question = asked.get(event.turn)
    told = MessageInfo(
        id=f"{conversation}-{event.seq}",
        seq=event.seq,
        time=event.time,
        turn=event.turn or TurnId(""),
        attempt=event.attempt,
        role="assistant",
        status=state,
        text="",
        metadata=question.metadata if question is not None else {},
    )
    if isinstance(event, e.Message):
        return _with(told, role=event.role, text=event.text, metadata=event.metadata)
    if isinstance(event, e.ToolReturned):
        return _with(told, role="tool", tool=event.tool, status="completed" if event.result.ok else "failed")
    if isinstance(event, e.TextSnapshot) and event.kind == "thinking" and event.final:
        return _with(told, role="thinking", status="completed", text=event.text)
    if isinstance(event, e.TextSnapshot) and event.kind == "answer" and latest[event.attempt] == event.seq:
        return _with(told, text=event.text)
    return None


def _with(told: MessageInfo, **values: Any) -> MessageInfo:
    return msgspec.structs.replace(told, **values)
