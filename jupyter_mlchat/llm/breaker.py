"""A provider that failed several times in a row is left alone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..protocol.faults import Code

FAILURES = 3
"""In a row; after so many a provider rests. Each has been tried again by `HostedLlm` before it counts."""
REST_S = 30.0
LONGEST_REST_S = 300.0
DOWN = frozenset({Code.LLM_UNREACHABLE, Code.LLM_TIMEOUT, Code.LLM_UNAVAILABLE, Code.LLM_RATE_LIMITED, Code.LLM_QUOTA})
"""What a provider's own trouble ends as. A wrong key or name is nothing that passes by itself."""


@dataclass
class _Record:
    failures: int = 0
    resting_until: float = 0.0
    probing: bool = False


class Breakers:
    """One for all llms of a service; safe to use from several threads. Times in seconds of `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._records: dict[str, _Record] = {}

    def ask(self, provider: str) -> float:
        """0 when it may be asked; else for how many seconds it rests. After its rest one call may try it."""
        with self._lock:
            record = self._records.get(provider, _Record())
            left = record.resting_until - self._clock()
            if record.failures < FAILURES:
                return 0.0
            if left > 0 or record.probing:
                return max(left, 1.0)
            record.probing = True
            return 0.0

    def failed(self, provider: str) -> None:
        """The provider was asked and is down. The rest doubles with every try in vain."""
        with self._lock:
            record = self._records.setdefault(provider, _Record())
            record.failures, record.probing = record.failures + 1, False
            again = record.failures - FAILURES
            if again >= 0:
                record.resting_until = self._clock() + min(REST_S * 2**again, LONGEST_REST_S)

    def answered(self, provider: str) -> None:
        """The provider was asked and is there, whatever it answered."""
        with self._lock:
            self._records.pop(provider, None)

    def left(self, provider: str) -> None:
        """The provider was asked, but nobody waited for what comes: that says nothing about it."""
        with self._lock:
            if provider in self._records:
                self._records[provider].probing = False
