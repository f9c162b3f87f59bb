"""Blocking work in threads of its own, so that whoever waits for it can leave at once."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from queue import SimpleQueue
from typing import TypeVar

from ..llm.base import Cancelled, CancelToken

T = TypeVar("T")


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Ended:
    pass


def merged(sources: Sequence[Callable[[], Iterable[T]]], cancel: CancelToken, *, at_once: int = 4) -> Iterator[T]:
    """The items of all sources as they come; `at_once` sources run at a time, in their order.

    A source that fails lets the others end first; then its error is raised. When the token is used
    `Cancelled` is raised at once, whatever a source is doing: its thread ends when it returns, what it
    yields is dropped and sources not yet begun never begin.
    """
    inbox: SimpleQueue[T | _Failed | _Ended] = SimpleQueue()
    left = threading.Event()
    waiting = iter(list(sources))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                source = None if left.is_set() or cancel.cancelled else next(waiting, None)
            if source is None:
                return
            try:
                for item in source():
                    inbox.put(item)
                    if left.is_set():
                        break
                inbox.put(_Ended())
            except BaseException as error:  # raised again where it is waited for
                inbox.put(_Failed(error))

    cancel.on_cancel(lambda: inbox.put(_Failed(Cancelled())))
    # Daemon threads, not an executor: the interpreter must be able to exit while a call hangs.
    for _ in range(min(at_once, len(sources))):
        target = contextvars.copy_context().run
        threading.Thread(target=target, args=(work,), name="mlchat-agent", daemon=True).start()
    failed: BaseException | None = None
    running = len(sources)
    try:
        while running:
            item = inbox.get()
            cancel.check()
            if isinstance(item, _Failed):
                running, failed = running - 1, failed or item.error
            elif isinstance(item, _Ended):
                running -= 1
            else:
                yield item
        if failed is not None:
            raise failed
    finally:
        left.set()
