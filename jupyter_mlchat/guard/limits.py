"""How much of it, and how fast: what one person may ask of a server, and the server of itself.

Sizes of files are the shelf's, tokens and money those of `budgets.py`.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import msgspec

from ..protocol.codec import bytes_of_pictures
from ..protocol.commands import TurnStart
from ..protocol.faults import Code, Fault
from ..settings import MLChat
from .pictures import check_pictures

WINDOW_S = 60
CONNECTION_S = 30.0
"""When somebody who could not connect may try again: nobody knows when a window is closed."""


@dataclass(frozen=True)
class Load:
    """What runs and waits: on this server, and of it the caller's own. `pace_s` is about what a turn takes."""

    queued: int
    running: int
    own: int
    pace_s: float


class Rate:
    """At most `amount` in any minute of one principal; 0 means no limit. For one thread."""

    def __init__(self, amount: int) -> None:
        self._amount = amount
        if amount > 0:
            # Not before the first question: it brings half a dozen modules.
            from limits import RateLimitItemPerMinute
            from limits.storage import MemoryStorage
            from limits.strategies import MovingWindowRateLimiter

            self._item, self._limiter = RateLimitItemPerMinute(amount), MovingWindowRateLimiter(MemoryStorage())

    def wait(self, principal: str) -> float:
        """0.0 when it was counted; else for how many seconds there is no room."""
        if self._amount <= 0 or self._limiter.hit(self._item, principal):
            return 0.0
        left = self._limiter.get_window_stats(self._item, principal).reset_time - time.time()
        if left > WINDOW_S:
            # The clock went backwards: what was counted lies in the future, and would for as long as it went.
            self._limiter.clear(self._item, principal)
            return self.wait(principal)
        return max(left, 0.1)


class Limits:
    """Each of them raises a Fault that says when to try again, where trying again helps."""

    def __init__(self, settings: MLChat) -> None:
        self._settings = settings
        self._rate = Rate(settings.rate_limit)

    def size(self, command: msgspec.Struct) -> None:
        """Of a command, whichever way it came. Raises Fault `too_large`, or `invalid_input` for what is no picture."""
        most = self._settings.max_message_bytes
        size = len(msgspec.json.encode(command)) - bytes_of_pictures(command)
        if size > most:
            raise Fault(
                Code.TOO_LARGE,
                f"The message has {size:,} bytes; at most {most:,} are taken.",
                "Say less at once, upload it as a file, or refer to a variable by its name.",
            )
        if isinstance(command, TurnStart):
            check_pictures(command.images)

    def message(self, principal: str) -> None:
        """Count one that makes the service work. Raises Fault `rate_limited`."""
        wait = self._rate.wait(principal)
        if wait:
            raise _again(Code.RATE_LIMITED, f"More than {self._settings.rate_limit} messages in a minute.", wait)

    def turn(self, load: Load) -> None:
        """Whether another turn fits. Raises Fault `rate_limited` for one's own, `server_busy` for everybody's."""
        own, line = self._settings.max_turns_per_person, self._settings.max_queued_turns
        if own and load.own >= own:
            raise _again(Code.RATE_LIMITED, f"{load.own} questions of yours run or wait already.", load.pace_s)
        if line and load.queued >= line:
            wait = load.pace_s / max(1, load.running)
            raise _again(Code.SERVER_BUSY, f"{load.queued} questions wait on this server already.", wait)


def check_connection(settings: MLChat, opened: int, own: int) -> None:
    """Whether one more fits beside those that are open, `own` of them the caller's. Raises Fault `server_busy`."""
    most, each = settings.websocket_max_connections, settings.websocket_max_connections_per_person
    if opened >= most:
        raise _again(Code.SERVER_BUSY, f"{opened} windows are connected to this server already.", CONNECTION_S)
    if each and own >= each:
        raise _again(Code.RATE_LIMITED, f"{own} windows of yours are connected already: close one.", CONNECTION_S)


def _again(code: Code, message: str, seconds: float) -> Fault:
    wait = math.ceil(seconds)
    return Fault(code, message, f"Try again in {wait} s.", retryable=True, retry_after=float(wait))
