"""A turn doubts its answers once: the first warning of whether one can be trusted stays, later ones are left out.

What a tool found stands in its data all the same; only the warning is not said again and again.
"""

from __future__ import annotations

import msgspec

from ..protocol.events import ToolReturned
from ..protocol.records import ToolResult, TurnId
from .journal import Journal


class Doubts:
    """Of one turn, over all its attempts."""

    def __init__(self, journal: Journal, turn: TurnId) -> None:
        self._journal, self._turn = journal, turn
        self._told: bool | None = None

    async def once(self, result: ToolResult) -> ToolResult:
        """The result as the turn tells it."""
        if not result.doubts:
            return result
        if self._told is None:
            earlier = await self._journal.read_turn(self._turn)
            if self._told is None:
                self._told = any(isinstance(event, ToolReturned) and event.result.doubts for event in earlier)
        kept = [] if self._told else result.doubts[:1]
        self._told = True
        remarks = [text for text in result.warnings if text not in result.doubts]
        return msgspec.structs.replace(result, doubts=kept, warnings=[*kept, *remarks])
