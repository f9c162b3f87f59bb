"""An asyncio loop in its own thread: HTTP runs there, so that stopping an answer closes its connection."""

from __future__ import annotations

import asyncio
import inspect
import threading
import weakref
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from .quiet import THREAD


class Background:
    """Starts at the first `run`; ends with `close`, or when nobody holds it any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Run it in the background loop, from any thread. Cancelling the future cancels the task."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop.set_default_executor(_Threads(thread_name_prefix=THREAD))
                # The thread must not hold `self`, or nobody could ever let go of it.
                thread = threading.Thread(target=_serve, args=(self._loop,), name=THREAD, daemon=True)
                thread.start()
                self._finish = weakref.finalize(self, _stop, self._loop, thread)
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Answers under way end as cancelled. Waits a second at most."""
        with self._lock:
            if self._loop is not None:
                self._finish()
                self._loop = None


class _Threads(ThreadPoolExecutor):
    """litellm makes its coroutines in threads. One that comes when its task is over is closed, as nobody awaits it."""

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(work, *args, **kwargs)
        if (task := asyncio.current_task()) is not None:
            task.add_done_callback(lambda _: future.add_done_callback(_tidy))
        return future


def _tidy(future: Future[Any]) -> None:
    made = None if future.cancelled() or future.exception() else future.result()
    if inspect.iscoroutine(made) and inspect.getcoroutinestate(made) == inspect.CORO_CREATED:
        made.close()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join(1.0)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
