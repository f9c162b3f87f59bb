"""The one place that is told what happens, and that tells everybody who takes note of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ..protocol.commands import AnyCommand
from ..protocol.events import Accepted, Event
from .commands import taken
from .records import Record
from .story import Story

Taker = Callable[[Record], None]
"""Takes note of a record. May be called in any thread."""


class Observer:
    """Never raises and never waits: whatever becomes of an observation, the turn goes on."""

    def __init__(self, takers: Sequence[Taker] = (), log: logging.Logger | None = None) -> None:
        self._takers = list(takers)
        self._log = log or logging.getLogger(__name__)
        self._warned: set[int] = set()
        self.story = Story(self.tell)

    def took(self, command: AnyCommand, accepted: Accepted, actor: str) -> None:
        """A command was taken of `actor`."""
        if (record := taken(command, accepted, actor)) is not None:
            self.tell(record)

    def tell(self, record: Record) -> None:
        for number, taker in enumerate(self._takers):
            try:
                taker(record)
            except Exception as error:
                # Once aloud: an audit that stopped should be noticed, and not by every line of the log.
                level = logging.DEBUG if number in self._warned else logging.WARNING
                self._warned.add(number)
                self._log.log(level, "mlchat: an observation was lost (%s)", type(error).__name__)

    def hear(self, event: Event) -> None:
        """An event as the journal has just told it."""
        if not self._takers:
            return
        try:
            self.story.hear(event)
        except Exception as error:
            self._log.debug("mlchat: an event was not understood (%s)", type(error).__name__)
