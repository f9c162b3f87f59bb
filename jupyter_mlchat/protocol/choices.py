"""What a conversation chooses about its answers: the route, the prompt, the parameters."""

from __future__ import annotations

from typing import Literal

from .records import AS_CONFIGURED, ConversationInfo, Memory, Record

NumberName = Literal["temperature", "max_tokens", "top_p", "top_k"]


class RouteInfo(Record, frozen=True):
    """A way to an answer. `problem` says why it can't be taken now, "" when it can."""

    name: str
    description: str
    problem: str = ""


class Prompt(Record, frozen=True):
    """Wishes for answers under a name. `text` may hold placeholders such as `{models}`; `updated` in seconds.

    `shipped` ones belong to everybody and can't be changed.
    """

    name: str
    text: str
    description: str = ""
    shipped: bool = False
    updated: float = 0.0


class Bound(Record, frozen=True):
    """What a number of `Parameters` may be for one llm. `taken` is false where it is not sent to it."""

    name: NumberName
    minimum: float
    maximum: float
    whole: bool = False
    taken: bool = True


class Choices(Record, frozen=True):
    """What can be chosen, and in `info` what the conversation has chosen; null when it is not asked about one.

    `bounds` are those of `llm`, "" when it could not be found out. `memory` is what holds in fact.
    """

    routes: list[RouteInfo]
    prompts: list[Prompt]
    bounds: list[Bound]
    llm: str = ""
    info: ConversationInfo | None = None
    memory: Memory = AS_CONFIGURED
