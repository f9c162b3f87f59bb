"""A conversation as a file: everything of it, to be read in again here or elsewhere."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .events import AnyEvent
from .records import Context, ConversationInfo, Record, TurnId, TurnState

FORMAT: Literal["jupyter_mlchat.conversation"] = "jupyter_mlchat.conversation"


class ExportedCall(Record, frozen=True):
    """The tool that a turn without an llm has called."""

    id: str
    tool: str
    args: dict[str, Any] = {}
    agent: str = ""


class ExportedTurn(Record, frozen=True, kw_only=True):
    """`run` names the kernel's process it was asked in, `answer_of` the turn whose answer it got again."""

    id: TurnId
    state: TurnState
    text: str
    created: float
    context: Context = Context()
    llm: str = ""
    route: str = ""
    prompt: str = ""
    tool: ExportedCall | None = None
    attempts: int = 0
    author: str = ""
    run: str = ""
    answer_of: str = ""


class ConversationExport(Record, frozen=True, kw_only=True):
    """Everything that is stored of a conversation, but for what it was allowed for good and what left for providers."""

    format: Literal["jupyter_mlchat.conversation"]
    version: Literal[1]
    conversation: ConversationInfo
    turns: list[ExportedTurn]
    events: list[AnyEvent]


class ChatUser(msgspec.Struct, frozen=True):
    """Of a `.chat` file. Other fields are passed over: they differ from release to release."""

    username: str = ""
    name: str = ""
    display_name: str = ""
    bot: bool | None = None


class ChatAttachment(msgspec.Struct, frozen=True):
    type: str = ""
    value: str = ""


class ChatMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`time` in seconds since the epoch, `sender` a key of the users, `attachments` keys of the attachments."""

    body: str
    sender: str
    time: float = 0.0
    deleted: bool | None = None
    attachments: list[str] | None = None


class ChatFile(msgspec.Struct, frozen=True):
    """A `.chat` file, as jupyterlab-chat writes it, with which jupyter-ai keeps its conversations."""

    messages: list[ChatMessage]
    users: dict[str, ChatUser] = {}
    attachments: dict[str, ChatAttachment] = {}
