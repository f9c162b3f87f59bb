"""What a language model is to us: messages and tools in, deltas out. Anything else stays behind its own file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..protocol.records import NO_PARAMETERS, Offer, Parameters, ToolInfo, Usage


class Cancelled(Exception):
    """The turn was stopped. Never shown to anyone: the turn ends as `cancelled`."""


class CancelToken:
    """One per attempt. `cancel` may be called from any thread; callbacks run once, in that thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], object]] = []

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises `Cancelled` when the token is used."""
        if self._event.is_set():
            raise Cancelled

    def on_cancel(self, callback: Callable[[], object]) -> None:
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def cancel(self) -> None:
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            with suppress(Exception):
                callback()


Message = dict[str, Any]
"""An OpenAI chat message: `{role, content}`, with `tool_calls` or `tool_call_id` where there are tools."""


@dataclass(frozen=True)
class LlmRequest:
    """`messages` as sent to the provider; `tool_choice` "none" asks for words only.

    `catalogue` is the live namespace (`runtime.wire.Catalogue`), with `attached`, the references that the person
    pointed at, or with `fault`, why the kernel can't be looked into. Only the built-in engine gets it.
    """

    messages: Sequence[Message]
    tools: Sequence[ToolInfo] = ()
    tool_choice: Literal["auto", "none"] = "auto"
    catalogue: dict[str, Any] | None = None
    parameters: Parameters = NO_PARAMETERS


@dataclass(frozen=True)
class TextPart:
    text: str


@dataclass(frozen=True)
class ThinkingPart:
    text: str


@dataclass(frozen=True)
class ReadingPart:
    """How the question was understood, in words; shown as the step "reading the question"."""

    text: str


@dataclass(frozen=True)
class ToolCallPart:
    """A piece of a tool call. Pieces with the same `index` are one call; `arguments` are pieces of JSON text."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True)
class OffersPart:
    """The engine is not sure: it asks `title` and offers readings, of which the person picks one."""

    title: str
    offers: Sequence[Offer]


@dataclass(frozen=True)
class RetryPart:
    """The llm call is being tried again, or by `llm` where another one steps in: shown as a step and a notice."""

    number: int
    text: str
    llm: str = ""


@dataclass(frozen=True)
class NoticePart:
    """A word to the person beside the answer; `code` names its kind."""

    text: str
    code: str


@dataclass(frozen=True)
class UsagePart:
    usage: Usage


Part = TextPart | ThinkingPart | ReadingPart | ToolCallPart | OffersPart | RetryPart | NoticePart | UsagePart


def speaks(part: Part) -> bool:
    """Whether with this part an answer has begun: what came before can be tried again or by somebody else."""
    return not isinstance(part, (RetryPart, NoticePart))


class Llm(Protocol):
    """`name` is `provider/name`, or `builtin`. `local` is true when nothing leaves this machine's process."""

    @property
    def name(self) -> str: ...

    @property
    def local(self) -> bool: ...

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        """Parts as they come. Raises `Fault` with an `llm_*` code, or `Cancelled`. Called in a worker thread."""


class Around:
    """What stands before an llm and goes by its name: `stream` is its own."""

    def __init__(self, llm: Llm) -> None:
        self._llm = llm

    @property
    def name(self) -> str:
        return self._llm.name

    @property
    def local(self) -> bool:
        return self._llm.local
