"""What an attempt says while it runs: parts of the llm become steps, deltas and snapshots, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from ..agent.binding import Binder, unverified
from ..llm.base import NoticePart, OffersPart, Part, ReadingPart, RetryPart, TextPart, ThinkingPart, UsagePart
from ..protocol.events import (
    Event,
    Notice,
    StepEnded,
    StepStarted,
    TextDelta,
    TextSnapshot,
    ThinkingDelta,
    UsageReported,
)
from ..protocol.records import AttemptId, ConversationId, Mark, StepName, TurnId, Usage
from .journal import Journal

COALESCE_S = 0.025
SNAPSHOT_S = 5.0
SNAPSHOT_GROWTH = 1.5
E = TypeVar("E", bound=Event)


class Narrator:
    """One per attempt. `take` may be called from any thread; everything is told from the service's loop."""

    def __init__(
        self,
        journal: Journal,
        conversation: ConversationId,
        turn: TurnId,
        attempt: AttemptId,
        spend: Callable[..., None],
        held: Callable[[Connection], None],
    ) -> None:
        """`spend(connection, usage=...)` writes down what a call took; `held` raises when the turn is not ours."""
        self._journal, self._spend, self._held = journal, spend, held
        self._conversation, self._turn, self._attempt = conversation, turn, attempt
        self._loop = asyncio.get_running_loop()
        self._parts: asyncio.Queue[Part] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._consume())
        self._step = 0
        self._open: tuple[StepName, int, float] | None = None
        self._saved = (0, time.monotonic())
        self._trouble: BaseException | None = None
        self._stopped = False
        self.text = ""
        self.thinking = ""
        self.offers: OffersPart | None = None
        self.withheld = False
        """Nothing of the answer is told or stored before `release`."""
        self._kept: list[Event] = []
        self.binder = Binder()

    def event(self, kind: type[E], /, **values: Any) -> E:
        """An event of this turn and attempt."""
        return kind(conversation=self._conversation, turn=self._turn, attempt=self._attempt, **values)

    async def tell(self, *events: Event) -> None:
        await self._journal.append(self._conversation, events, lambda tx, seq: self._held(tx))
        self.binder.hear(events)

    def live(self, event: Event) -> None:
        self._journal.live(self._conversation, event)

    # -- parts -----------------------------------------------------------------------------------------

    def take(self, part: Part) -> None:
        self._loop.call_soon_threadsafe(self._parts.put_nowait, part)

    async def caught_up(self) -> None:
        """Everything that was taken has been told. Raises what telling raised."""
        await asyncio.sleep(0)
        await self._parts.join()
        if self._trouble is not None:
            raise self._trouble

    async def _consume(self) -> None:
        while True:
            parts = [await self._parts.get()]
            while not self._parts.empty():
                parts.append(self._parts.get_nowait())
            try:
                if self._trouble is None:
                    await self._narrate(_merged(parts))
            except Exception as error:
                self._trouble = error
            for _ in parts:
                self._parts.task_done()
            if isinstance(parts[-1], TextPart):
                await asyncio.sleep(COALESCE_S)

    async def _narrate(self, parts: list[Part]) -> None:
        for part in parts:
            if isinstance(part, TextPart):
                await self._say(part.text)
            elif isinstance(part, ThinkingPart):
                if not self.withheld:
                    self.live(self.event(ThinkingDelta, offset=len(self.thinking), text=part.text))
                self.thinking += part.text
            elif isinstance(part, ReadingPart):
                await self.step("reading", part.text)
            elif isinstance(part, RetryPart):
                await self.step("retry", part.text)
                code = "fallback" if part.llm else "retry"
                self.binder.of_results = part.llm == "builtin" if part.llm else self.binder.of_results
                await self.tell(self.event(Notice, text=part.text, code=code, llm=part.llm))
            elif isinstance(part, NoticePart):
                await self.tell(self.event(Notice, text=part.text, code=part.code))
            elif isinstance(part, UsagePart):
                await self._count(part.usage)
            elif isinstance(part, OffersPart):
                self.offers = part

    async def _count(self, usage: Usage) -> None:
        """Tell what a call took and write it down, as one fact."""
        spent = self.event(UsageReported, usage=usage)

        def write(connection: Connection, seq: int) -> None:
            self._held(connection)
            self._spend(connection, usage=usage)

        await self._journal.append(self._conversation, [spent], write)

    async def _say(self, text: str) -> None:
        if self._open is None or self._open[0] != "wording":
            await self.step("wording")
        offset = len(self.text)
        self.text += text
        marks = self.binder.read(self.text)
        if self.withheld:
            return
        self.live(self.event(TextDelta, offset=offset, text=text, marks=marks))
        length, at = self._saved
        if time.monotonic() - at > SNAPSHOT_S and len(self.text) > SNAPSHOT_GROWTH * length:
            self._saved = (len(self.text), time.monotonic())
            await self.tell(self.event(TextSnapshot, text=self.text, marks=self.binder.marks))

    def tail(self) -> TextDelta | None:
        """The answer so far as one delta, for somebody who comes in the middle of it."""
        if self.withheld or not self.text:
            return None
        return self.event(TextDelta, offset=0, text=self.text, marks=self.binder.marks)

    def release(self) -> None:
        """What was withheld is told with the end of the attempt."""
        self.withheld = False

    def all_marks(self) -> list[Mark]:
        """Those of the whole answer, which nothing is added to any more."""
        self.binder.read(self.text, final=True)
        return self.binder.marks

    @property
    def unverified(self) -> list[str]:
        """What of the answer has no source, once it is closed."""
        return [] if self.withheld else unverified(self.text, self.binder.marks)

    # -- steps -----------------------------------------------------------------------------------------

    async def step(self, name: StepName, detail: str = "") -> None:
        """Begin a step; the one before it ends."""
        ended = self._end_step()
        self._step += 1
        self._open = (name, self._step, time.monotonic())
        await self.tell(*ended, self.event(StepStarted, step=self._step, name=name, detail=detail))

    def _end_step(self, ok: bool = True) -> list[Event]:
        if self._open is None:
            return []
        _, number, began = self._open
        self._open = None
        elapsed = round(1e3 * (time.monotonic() - began), 3)
        return [self.event(StepEnded, step=number, elapsed_ms=elapsed, ok=ok)]

    async def round_ended(self, has_calls: bool) -> None:
        """What was said before a tool call was thinking aloud, not the answer."""
        await self.caught_up()
        if has_calls and self.text:
            said, self.text = self.text, ""
            self.binder.begin()
            self._saved = (0, time.monotonic())
            aloud = self.event(TextSnapshot, text=said, kind="thinking", final=True)
            if self.withheld:
                self._kept.append(aloud)
            else:
                await self.tell(aloud)

    def closing(self, ok: bool = True) -> list[Event]:
        """The last events of an attempt: its whole text, stored, and the end of its last step."""
        ended = self._end_step(ok)
        if self.withheld:
            return ended
        ended += self._kept
        if self.thinking:
            ended.append(self.event(TextSnapshot, text=self.thinking, kind="thinking", final=True))
            self.thinking = ""
        if self.text:
            self.binder.read(self.text, final=True)
            ended.append(self.event(TextSnapshot, text=self.text, final=True, marks=self.binder.marks))
        return ended

    async def stop(self) -> None:
        """Tell what is still to tell, and end."""
        if self._stopped:
            return
        self._stopped = True
        try:
            await self.caught_up()
        finally:
            self._task.cancel()


def _merged(parts: list[Part]) -> list[Part]:
    """Neighbouring pieces of text as one."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, TextPart) and isinstance(last, TextPart):
            merged[-1] = TextPart(last.text + part.text)
        elif isinstance(part, ThinkingPart) and isinstance(last, ThinkingPart):
            merged[-1] = ThinkingPart(last.text + part.text)
        else:
            merged.append(part)
    return merged
