"""How long a piece of work is waited for: its time counts anew whenever it gets on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ..runtime.wire import Progress

T = TypeVar("T")


class Headway:
    """When work last got on, on the running loop's clock. A report that tells nothing more done is no headway."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.at = self._loop.time()
        self._done = 0.0

    def hear(self, progress: Progress) -> None:
        done = progress.get("done", 0.0)
        if done > self._done:
            self._done = done
            self.at = self._loop.time()

    def begin(self) -> None:
        """Another piece of work counts from nothing."""
        self._done = 0.0


async def patient(work: Awaitable[T], timeout_s: float | None, headway: Headway) -> T:
    """What `work` gives. Raises `asyncio.TimeoutError` when it neither ends nor gets on for so long; it is
    cancelled then, as it is when whoever waits is."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    try:
        while not task.done():
            left = None if timeout_s is None else headway.at + timeout_s - loop.time()
            if left is not None and left <= 0:
                raise asyncio.TimeoutError
            await asyncio.wait({task}, timeout=left)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    return task.result()
