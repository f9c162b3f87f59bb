"""From the agent's loop, in its thread, to the turn, in the service's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from ..agent.binding import unverified
from ..llm.base import Llm, Part, TextPart
from ..protocol.events import Notice
from .narrator import Narrator
from .threads import Call
from .toolcalls import ToolCalls, Waits

T = TypeVar("T")
OBJECTION = (
    "These come from no tool result and not from the person: {}. Word your answer anew without them, or call a tool "
    "that gives them. The person has not seen that answer."
)


class Hand:
    """The agent loop's `Sink`: called in its worker thread, acts in the service's loop.

    With `repairs`, words are held back until their round has ended, and once in an attempt an answer with numbers
    that have no source is not shown: the llm is told which they are, and the person that this happened.
    """

    def __init__(
        self, narrator: Narrator, calls: ToolCalls, llm: Llm, loop: asyncio.AbstractEventLoop, repairs: bool = False
    ) -> None:
        self._narrator, self._calls, self._llm, self._loop = narrator, calls, llm, loop
        self._repairs = repairs
        self._held: list[TextPart] = []
        self.waits: Waits | None = None

    def part(self, part: Part) -> None:
        if self._repairs and isinstance(part, TextPart):
            self._held.append(part)
        else:
            self._narrator.take(part)

    def round_ended(self, text: str, calls: Sequence[Any], last: bool = False) -> str:
        if self._repairs and not calls and not last and (unsourced := self._unsourced(text)):
            self._repairs, self._held = False, []
            named = ", ".join(unsourced[:20])
            told = f"An answer was not shown: {named} came of no tool result. It was worded anew."
            self._do(self._narrator.tell(self._narrator.event(Notice, text=told, code="unverified")))
            return OBJECTION.format(named)
        self.release()
        self._do(self._narrator.round_ended(bool(calls)))
        return ""

    def release(self) -> None:
        """Say what was held back."""
        held, self._held = self._held, []
        for part in held:
            self._narrator.take(part)

    def _unsourced(self, text: str) -> list[str]:
        async def read() -> list[str]:
            await self._narrator.caught_up()
            return unverified(text, self._narrator.binder.marks_of(text))

        return self._do(read())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

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
        # Asked anew: a local engine may have stepped in, and stays.
        return tool_text(result, local=self._llm.local)
