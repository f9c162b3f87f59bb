"""One turn from outside: its events as they come, until it ends or waits for somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..guard.access import Caller
from ..protocol.events import Accepted, Event, TurnEnded, TurnQueued, TurnStarted, TurnWaiting

if TYPE_CHECKING:
    from ..chat.service import ChatService


class Watch:
    """`listener` hears the events of the turn from its command on.

    `settled` is set when nothing more will come by itself, or by who stops waiting; `at_rest` tells which.
    """

    def __init__(self, accepted: Accepted, listener: Callable[[Event], None]) -> None:
        self._accepted = accepted
        self._listener = listener
        self._live = False
        self.at_rest = False
        self._stop: Callable[[], None] | None = None
        self.settled = asyncio.Event()

    async def begin(self, service: ChatService, caller: Caller) -> None:
        after = max(0, self._accepted.seq - 2)
        self._stop = await service.follow(self._accepted.conversation, after, caller, self._take)
        # Only now: a turn that was sent before may have waited, and gone on, long ago.
        self._live = True
        self._check()

    def end(self) -> None:
        if self._stop is not None:
            self._stop()

    def _take(self, event: Event) -> None:
        if event.turn != self._accepted.turn:
            return
        self._listener(event)
        if isinstance(event, (TurnWaiting, TurnEnded)):
            self.at_rest = True
        elif isinstance(event, (TurnQueued, TurnStarted)):
            self.at_rest = False
        self._check()

    def _check(self) -> None:
        if self._live and self.at_rest:
            self.settled.set()
