"""The events that answer a question: told to whoever asked alone, and kept nowhere."""

from __future__ import annotations

from typing import ClassVar

from .choices import Choices
from .event import Event
from .records import CommandId, Found, LlmInfo, ProviderInfo, SentRequest, ToolResult


class Sent(Event, tag="sent", kw_only=True, frozen=True):
    """Every request of a turn to a provider, whole and in order."""

    durable: ClassVar[bool] = False
    command: CommandId
    requests: list[SentRequest]


class Previewed(Event, tag="preview", kw_only=True, frozen=True):
    """What a pending approval would show, for the person alone: it is stored nowhere and sent to nobody else."""

    durable: ClassVar[bool] = False
    command: CommandId
    result: ToolResult


class ChoicesTold(Event, tag="choices", kw_only=True, frozen=True):
    """What can be chosen for the answers, and what the conversation has chosen."""

    durable: ClassVar[bool] = False
    command: CommandId
    choices: Choices


class LlmsTold(Event, tag="llms", kw_only=True, frozen=True):
    """The first of `total` language models, and the providers. `close` are ids that were perhaps meant by a word.

    `complete` is false while some providers are still being asked.
    """

    durable: ClassVar[bool] = False
    command: CommandId
    llms: list[LlmInfo]
    total: int
    providers: list[ProviderInfo]
    complete: bool
    close: list[str] = []


class SearchTold(Event, tag="search", kw_only=True, frozen=True):
    """What was found, the newest first."""

    durable: ClassVar[bool] = False
    command: CommandId
    found: list[Found]


class Exported(Event, tag="exported", kw_only=True, frozen=True):
    """A conversation as the content of a file."""

    durable: ClassVar[bool] = False
    command: CommandId
    text: str
