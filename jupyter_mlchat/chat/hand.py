"""From the agent's loop, in its thread, to the turn, in the service's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ..llm.base import Part
from .narrator import Narrator
from .threads import Call
from .toolcalls import ToolCalls, Waits


class Hand:
    """The agent loop's `Sink`: called in its worker thread, acts in the service's loop."""

    def __init__(self, narrator: Narrator, calls: ToolCalls, local: bool, loop: asyncio.AbstractEventLoop) -> None:
        self._narrator, self._calls, self._local, self._loop = narrator, calls, local, loop
        self.waits: Waits | None = None

    def part(self, part: Part) -> None:
        self._narrator.take(part)

    def round_ended(self, text: str, calls: Sequence[Any]) -> None:
        ended = self._narrator.round_ended(bool(calls))
        asyncio.run_coroutine_threadsafe(ended, self._loop).result()

    def call(self, request: Any) -> str:
        from ..agent.loop import Paused
        from ..agent.memory import tool_text

        call = Call(request.id, request.name, request.arguments or {})
        running = self._calls.run(call, error=request.error)
        try:
            result = asyncio.run_coroutine_threadsafe(running, self._loop).result()
        except Waits as waits:
            self.waits = self.waits or waits
            raise Paused from None
        return tool_text(result, local=self._local)
