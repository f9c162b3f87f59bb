"""What the calls of one attempt take: as the provider says, or as is estimated where it does not get to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import msgspec

from ..protocol.records import Usage
from .base import Part, TextPart, ThinkingPart, ToolCallPart

BYTES_A_TOKEN = 4


class Meter:
    """One call at a time. `unreported` may be asked from another thread, when a call is stopped."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._llm = ""
        self._price: Callable[[int, int], float | None] = lambda prompt, completion: None
        self._prompt = self._said = 0
        self._at = 0.0

    def begin(self, llm: str, prompt_tokens: int, price: Callable[[int, int], float | None]) -> None:
        with self._lock:
            self._llm, self._price = llm, price
            self._prompt, self._said, self._at = prompt_tokens, 0, self._clock()

    def said(self, part: Part) -> None:
        """A part of the answer has come: from here on the call costs."""
        with self._lock:
            self._said += max(1, _bytes(part))

    def reported(self, usage: Usage) -> Usage:
        """What the provider says, with the time the call took."""
        with self._lock:
            self._said = 0
            return msgspec.structs.replace(usage, elapsed_ms=self._elapsed_ms())

    def unreported(self) -> Usage | None:
        """An estimate of a call that has begun to answer and of which nobody said what it took; each call once."""
        with self._lock:
            if not self._said:
                return None
            completion, self._said = -(-self._said // BYTES_A_TOKEN), 0
            cost = self._price(self._prompt, completion)
            return Usage(self._llm, self._prompt, completion, cost, self._elapsed_ms(), estimated=True)

    def _elapsed_ms(self) -> float:
        return round(1e3 * (self._clock() - self._at), 3)


def _bytes(part: Part) -> int:
    if isinstance(part, (TextPart, ThinkingPart)):
        return len(part.text.encode())
    return len(part.arguments.encode()) + len(part.name) if isinstance(part, ToolCallPart) else 0
