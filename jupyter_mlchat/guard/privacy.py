"""What may leave: redaction of patterns that identify people, and the record of every byte that was sent."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from ..llm.base import CancelToken, Llm, LlmRequest, Message, Part

PATTERNS = (
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")),
    ("card", re.compile(r"\b(?:\d[ -]?){13,16}\b")),
    ("ssn", re.compile(r"\b\d{3}-\d{2}-\d{4}\b")),
    ("phone", re.compile(r"(?<![\w.])\+?\d{1,3}[ -]\(?\d{2,4}\)?(?:[ -]\d{2,4}){2,3}(?![\w.])")),
)


@dataclass(frozen=True)
class Sent:
    """One request to a provider, exactly as it left: messages and tool schemas as JSON."""

    llm: str
    time: float
    body: bytes


def redact(text: str) -> str:
    """Replace what looks like an e-mail address, card, social security or phone number."""
    for name, pattern in PATTERNS:
        text = pattern.sub(f"[{name}]", text)
    return text


def redact_messages(messages: Sequence[Message]) -> list[Message]:
    """Redact tool results. What the person typed leaves as typed, system text is ours."""
    return [
        {**message, "content": redact(message["content"])}
        if message["role"] == "tool" and isinstance(message.get("content"), str)
        else message
        for message in messages
    ]


class Ledger:
    """An llm that nothing reaches unrecorded: wraps another one. A local llm sends nothing and is passed through."""

    def __init__(self, llm: Llm, record: Callable[[Sent], None]) -> None:
        self._llm = llm
        self._record = record

    @property
    def name(self) -> str:
        return self._llm.name

    @property
    def local(self) -> bool:
        return self._llm.local

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        if self._llm.local:
            return self._llm.stream(request, cancel)
        leaving = replace(request, messages=redact_messages(request.messages), catalogue=None)
        body: dict[str, Any] = {"messages": leaving.messages, "tools": leaving.tools}
        self._record(Sent(self._llm.name, time.time(), msgspec.json.encode(body)))
        return self._llm.stream(leaving, cancel)
