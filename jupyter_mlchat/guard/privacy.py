"""What may leave: redaction of patterns that identify people, and the record of every byte that was sent."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import msgspec

from ..llm.base import CancelToken, Llm, LlmRequest, Message, Part

Level = Literal["schema", "aggregates"]
HELD_BACK = "(held back)"
SHAPES = frozenset("rows columns shape n_features n_categories total shown cell rank".split())
"""Numbers that describe the shape of things, not their values."""
PATTERNS = (
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")),
    ("card", re.compile(r"(?<![\d.])(?:\d[ -]?){12,15}\d(?![\d.])")),
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
        text = pattern.sub(partial(_mark, name), text)
    return text


def _mark(name: str, match: re.Match[str]) -> str:
    """A long number is a card only when its check digit says so: times and counts are long too."""
    return match[0] if name == "card" and not _luhn(match[0]) else f"[{name}]"


def _luhn(text: str) -> bool:
    digits = [int(digit) for digit in text if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def leaving(messages: Sequence[Message], level: Level) -> list[Message]:
    """Messages as they may leave. Tool results are cut to the level and redacted; what was typed leaves as typed."""
    return [
        {**message, "content": redact(_at_level(message["content"], level))}
        if message["role"] == "tool" and isinstance(message.get("content"), str)
        else message
        for message in messages
    ]


def _at_level(content: str, level: Level) -> str:
    if level != "schema":
        return content
    try:
        return json.dumps(_schema_of(json.loads(content), ""), ensure_ascii=False)
    except ValueError:
        return HELD_BACK


def _schema_of(value: Any, name: str) -> Any:
    """Names, types and shapes stay; every other number is held back."""
    if isinstance(value, dict):
        return {key: _schema_of(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_schema_of(item, name) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and name not in SHAPES:
        return HELD_BACK
    return value


class Ledger:
    """An llm that nothing reaches unrecorded: wraps another one. A local llm sends nothing and is passed through."""

    def __init__(self, llm: Llm, record: Callable[[Sent], None], level: Level = "aggregates") -> None:
        self._llm = llm
        self._record = record
        self._level = level

    @property
    def name(self) -> str:
        return self._llm.name

    @property
    def local(self) -> bool:
        return self._llm.local

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        if self._llm.local:
            return self._llm.stream(request, cancel)
        told = replace(request, messages=leaving(request.messages, self._level), catalogue=None)
        body: dict[str, Any] = {"messages": told.messages, "tools": told.tools}
        self._record(Sent(self._llm.name, time.time(), msgspec.json.encode(body)))
        return self._llm.stream(told, cancel)
