"""How much of it: messages per minute of one principal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from ..protocol.faults import Code, Fault

WINDOW_S = 60.0


class RateLimit:
    """At most `per_minute` messages of one principal in any 60 s; 0 means no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def check(self, principal: str) -> None:
        """Count one message. Raises Fault `rate_limited` that says when to try again."""
        if self._per_minute <= 0:
            return
        now = self._clock()
        times = self._times.setdefault(principal, deque())
        while times and now - times[0] >= WINDOW_S:
            times.popleft()
        if len(times) >= self._per_minute:
            wait = WINDOW_S - (now - times[0])
            raise Fault(
                Code.RATE_LIMITED,
                f"More than {self._per_minute} messages in a minute.",
                f"Try again in {wait:.0f} s.",
                retryable=True,
            )
        times.append(now)
