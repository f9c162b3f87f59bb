"""Worker threads that can lose a job: one that overstays its time is left behind and a fresh thread goes on."""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_STUCK = 3


@dataclass
class Job:
    """`deadline` is on `time.monotonic`; it is `timeout_s` away again whenever the job gets on.

    `withdrawn` is only looked at before the job starts.
    """

    request_id: str
    run: Callable[[], None]
    deadline: float
    refuse: Callable[[str], None]
    timeout_s: float = 0.0
    withdrawn: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)
    started: bool = False
    _done: float = 0.0

    def gets_on(self, done: float) -> None:
        """A report that tells nothing more done moves no deadline, nor does a job that was told to stop."""
        if done > self._done:
            self._done = done
            if not self.cancelled.is_set():
                self.deadline = max(self.deadline, time.monotonic() + self.timeout_s)

    def start(self) -> None:
        """Run it, unless it was withdrawn or comes too late: then nothing of it happens."""
        if self.withdrawn:
            return
        if time.monotonic() > self.deadline:
            self.refuse("late")
            return
        self.started = True
        self.run()


class Lane:
    """Jobs one after the other in a daemon thread, which starts with the first job."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._running: Job | None = None
        self._thread: threading.Thread | None = None
        self._stuck = 0

    def submit(self, job: Job) -> None:
        with self._lock:
            running = self._running
            if running is not None and time.monotonic() > running.deadline:
                if self._stuck >= MAX_STUCK:
                    job.refuse("stuck")
                    return
                self._stuck += 1
                self._running = None
                self._thread = None
            self._queue.put(job)
            if self._thread is None:
                # The context of whoever asks goes along, so that a print lands with the request, not in a cell.
                context = contextvars.copy_context()
                self._thread = threading.Thread(
                    target=context.run, args=(self._work,), name=f"mlchat-{self._name}", daemon=True
                )
                self._thread.start()

    def _work(self) -> None:
        me = threading.current_thread()
        while True:
            job = self._queue.get()
            with self._lock:
                if self._thread is not me:
                    self._queue.put(job)
                    return
                self._running = job
            job.start()
            with self._lock:
                if self._thread is not me:
                    self._stuck -= 1
                    return
                self._running = None
