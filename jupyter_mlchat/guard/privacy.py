"""What may leave, and the record of every byte that was sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from ..llm.base import Around, CancelToken, Llm, LlmRequest, Message, Part
from ..protocol.records import Level
from . import hidden
from .levels import at_level
from .personal import Redact, redact, redacted

Told = Callable[[LlmRequest], dict[str, Any]]
"""The body of the request that an llm makes of ours, without what lets it in."""


@dataclass(frozen=True)
class Sent:
    """One request to a provider, exactly as it left, as JSON."""

    llm: str
    time: float
    body: bytes


@dataclass(frozen=True)
class Rules:
    """`hidden` are names that nobody hears of; `words` takes out of a text what identifies people."""

    level: Level = "aggregates"
    hidden: Sequence[str] = field(default=())
    words: Redact = redact


USUAL = Rules()


def leaving(
    messages: Sequence[Message], level: Level = "aggregates", hide: Iterable[str] = (), words: Redact = redact
) -> list[Message]:
    """Messages as they may leave. Tool results are cut to the level and redacted; what was typed leaves as typed."""
    return [
        {**message, "content": redacted(at_level(message["content"], level), words)}
        if message["role"] == "tool" and isinstance(message.get("content"), str)
        else message
        for message in hidden.without(messages, hide)
    ]


class Ledger(Around):
    """An llm that nothing reaches unrecorded: wraps another one. A local llm sends nothing and is passed through."""

    def __init__(
        self, llm: Llm, record: Callable[[Sent], None], rules: Rules = USUAL, told: Told | None = None
    ) -> None:
        """`told` makes the body of a request; without it, its messages and tools."""
        super().__init__(llm)
        self._record, self._rules, self._told = record, rules, told or _plain

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        if self._llm.local:
            return self._llm.stream(request, cancel)
        rules = self._rules
        cut = leaving(request.messages, rules.level, rules.hidden, rules.words)
        told = replace(request, messages=cut, catalogue=None)
        self._record(Sent(self._llm.name, time.time(), msgspec.json.encode(self._told(told))))
        return self._llm.stream(told, cancel)


def _plain(request: LlmRequest) -> dict[str, Any]:
    return {"messages": request.messages, "tools": request.tools}
