"""What a command that was taken says about who did what."""

from __future__ import annotations

from ..protocol.commands import (
    AnyCommand,
    ConversationDelete,
    ConversationRestore,
    ConversationUpdate,
    ToolCall,
    TurnStart,
)
from ..protocol.events import Accepted
from .records import ConversationRecord, MessageTaken, Record, Said


def taken(command: AnyCommand, accepted: Accepted, actor: str) -> Record | None:
    """None for a command whose effect is told where it happens, or that changes nothing of note."""
    conversation, turn = accepted.conversation, accepted.turn or ""
    if isinstance(command, (TurnStart, ToolCall)):
        kind: Said = "question" if isinstance(command, TurnStart) else "tool"
        return MessageTaken(actor=actor, conversation=conversation, turn=turn, kind=kind)
    if isinstance(command, ConversationUpdate) and command.llm is not None:
        detail = command.llm
        return ConversationRecord(actor=actor, conversation=conversation, action="llm_changed", detail=detail)
    if isinstance(command, ConversationDelete):
        return ConversationRecord(actor=actor, conversation=conversation, action="deleted")
    if isinstance(command, ConversationRestore):
        return ConversationRecord(actor=actor, conversation=conversation, action="restored")
    return None
