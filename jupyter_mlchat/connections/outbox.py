"""Events on their way to one client: bounded and in order, what it is behind on merged, its past in batches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeGuard, TypeVar

import msgspec

from ..protocol.codec import MAX_EVENT_BYTES, encode_event
from ..protocol.events import Batch, Event, Referenced, TextDelta, TurnEnded

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


class Waiting(NamedTuple):
    """What is to be sent. Frames of the past do not count against the bounds, and may go together."""

    item: bytes | TextDelta
    counts: bool = True
    batched: bool = False


class Outbox:
    """One per client. `overflowed` is called once, when the client is too far behind."""

    def __init__(
        self, overflowed: Callable[[], None], max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES
    ) -> None:
        self._overflowed = overflowed
        self._max_frames, self._max_bytes = max_frames, max_bytes
        self._queue: deque[Waiting] = deque()
        self._frames = self._bytes = 0
        self._replaying = self._batched = False
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
        first = self._queue.popleft()
        if first.batched:
            return self._batch(first)
        if first.counts:
            self._frames -= 1
            self._bytes -= _size(first.item)
        return _frame(first)

    def _batch(self, first: Waiting) -> bytes:
        """It and what may go with it, as one frame."""
        frames = [_frame(first)]
        size = len(frames[0])
        while self._queue and self._queue[0].batched and size + _size(self._queue[0].item) < MAX_EVENT_BYTES:
            frames.append(_frame(self._queue.popleft()))
            size += len(frames[-1])
        more = bool(self._queue) and self._queue[0].batched
        return encode_event(Batch(events=[msgspec.Raw(frame) for frame in frames], more=more))

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

    async def replay(self, follow: Awaitable[T], batched: bool = False) -> T:
        """Await what hands over a conversation's past at once: its length is not the client's fault."""
        self._replaying, self._batched = True, batched
        try:
            return await follow
        finally:
            self._replaying = self._batched = False

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
        last = self._queue[-1] if self._queue else None
        if last is not None and isinstance(event, TextDelta) and _continues(last.item, event):
            longer = msgspec.structs.replace(
                last.item, text=last.item.text + event.text, marks=[*last.item.marks, *event.marks]
            )
            self._queue[-1] = last._replace(item=longer)
            self._bytes += len(event.text) if last.counts else 0
        else:
            item = event if isinstance(event, TextDelta) else frame_of(event)
            self._queue.append(Waiting(item, counts, self._batched and isinstance(item, bytes)))
            if counts:
                self._frames += 1
                self._bytes += _size(item)
        self._filled.set()
        if self._frames > self._max_frames or self._bytes > self._max_bytes:
            self.drop()
            self._overflowed()


def _size(item: bytes | TextDelta) -> int:
    return len(item) if isinstance(item, bytes) else len(item.text)


def _frame(waiting: Waiting) -> bytes:
    return waiting.item if isinstance(waiting.item, bytes) else encode_event(waiting.item)


def _continues(last: bytes | TextDelta, event: TextDelta) -> TypeGuard[TextDelta]:
    if isinstance(last, bytes):
        return False
    length = len(last.text)
    return last.attempt == event.attempt and last.offset + length == event.offset and length < MERGE_LENGTH
