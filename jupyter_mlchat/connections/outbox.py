"""Events on their way to one client: bounded, in order, deltas merged while the client is behind."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from ..protocol.codec import MAX_EVENT_BYTES, encode_event
from ..protocol.events import Event, Referenced, TextDelta, TurnEnded

MAX_FRAMES = 1_000
MAX_BYTES = 8 * MAX_EVENT_BYTES
MERGE_LENGTH = 16_384
"""Deltas are merged up to this many characters."""

T = TypeVar("T")


def frame_of(event: Event) -> bytes:
    """An event as it is sent: a stored one that is over `MAX_EVENT_BYTES` by reference."""
    frame = encode_event(event)
    if len(frame) <= MAX_EVENT_BYTES or not event.seq:
        return frame
    reference = Referenced(
        conversation=event.conversation,
        turn=event.turn,
        attempt=event.attempt,
        seq=event.seq,
        time=event.time,
        ref=f"{event.conversation}-{event.seq}",
        stands_for=str(event.__struct_config__.tag),
        bytes=len(frame),
    )
    return encode_event(reference)


class Outbox:
    """One per client. `overflowed` is called once, when the client is too far behind."""

    def __init__(
        self, overflowed: Callable[[], None], max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES
    ) -> None:
        self._overflowed = overflowed
        self._max_frames, self._max_bytes = max_frames, max_bytes
        self._queue: deque[tuple[bytes | TextDelta, bool]] = deque()
        """Frames, and whether each counts against the bounds."""
        self._frames = self._bytes = 0
        self._replaying = False
        self._filled = asyncio.Event()
        self._ended = False
        self._holds: list[str | None] = []
        self._held: list[Event] = []
        self._told: set[str] = set()

    def put(self, event: Event) -> None:
        """Take an event. Never waits."""
        if self._holds and self._is_caused(event):
            self._held.append(event)
        else:
            self._take(event)

    async def next(self) -> bytes | None:
        """The next frame; None after the last one."""
        while not self._queue:
            if self._ended:
                return None
            self._filled.clear()
            await self._filled.wait()
        item, counts = self._queue.popleft()
        if counts:
            self._frames -= 1
            self._bytes -= _size(item)
        return item if isinstance(item, bytes) else encode_event(item)

    @property
    def is_empty(self) -> bool:
        return not self._queue

    def finish(self) -> None:
        """What is in it is still sent; nothing is taken any more."""
        self._ended = True
        self._filled.set()

    def drop(self) -> None:
        """Nothing is sent any more."""
        self._queue.clear()
        self._frames = self._bytes = 0
        self.finish()

    async def replay(self, follow: Awaitable[T]) -> T:
        """Await what hands over a conversation's past at once: its length is not the client's fault."""
        self._replaying = True
        try:
            return await follow
        finally:
            self._replaying = False

    # -- holding back ----------------------------------------------------------------------------------

    def hold(self, turn: str | None) -> Callable[[Event], None]:
        """Hold back what a command may cause, until the answer to it has been given to what is returned.

        That is everything of its `turn`, of turns this client has not heard of, and of no turn at all.
        Other turns go on.
        """
        self._holds.append(turn)

        def release(answer: Event) -> None:
            self._holds.remove(turn)
            self._take(answer)
            held, self._held = self._held, []
            for event in held:
                self.put(event)

        return release

    def _is_caused(self, event: Event) -> bool:
        if not event.conversation:
            return False  # about the connection itself
        return event.turn is None or event.turn in self._holds or event.turn not in self._told

    # -- the queue -------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        if self._ended:
            return
        if isinstance(event, TurnEnded):
            self._told.discard(str(event.turn))
        elif event.turn is not None:
            self._told.add(event.turn)
        counts = not self._replaying
        last, last_counts = self._queue[-1] if self._queue else (None, False)
        if isinstance(event, TextDelta) and isinstance(last, TextDelta) and _continues(last, event):
            longer = msgspec.structs.replace(last, text=last.text + event.text, marks=[*last.marks, *event.marks])
            self._queue[-1] = (longer, last_counts)
            self._bytes += len(event.text) if last_counts else 0
        else:
            item = event if isinstance(event, TextDelta) else frame_of(event)
            self._queue.append((item, counts))
            if counts:
                self._frames += 1
                self._bytes += _size(item)
        self._filled.set()
        if self._frames > self._max_frames or self._bytes > self._max_bytes:
            self.drop()
            self._overflowed()


def _size(item: bytes | TextDelta) -> int:
    return len(item) if isinstance(item, bytes) else len(item.text)


def _continues(last: TextDelta, event: TextDelta) -> bool:
    length = len(last.text)
    return last.attempt == event.attempt and last.offset + length == event.offset and length < MERGE_LENGTH
