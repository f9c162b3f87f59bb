"""The interpreter around a namespace: IPython with a kernel, IPython alone, or plain Python."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from .notebook.failures import Run, read_failure
from .wire import RunningCell, State

MAX_RUNS = 2_000
IPYTHON_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


class Shell:
    """Names, cells and the running cell. Reading them needs neither the main thread nor a lock."""

    def __init__(self, ip: Any | None, namespace: dict[str, Any] | None = None) -> None:
        self.ip = ip
        self._namespace = namespace
        self.hidden: set[str] = set()
        self.enabled = True
        """False: the person has switched the tools of this kernel off."""
        self._began: float | None = None
        self.on_idle: Callable[[], None] | None = None
        self.runs: dict[int, Run] = {}
        """How the cells went that ended since we are here, by number."""
        if ip is not None:
            ip.events.register("pre_run_cell", self._begin)
            ip.events.register("post_run_cell", self._end)

    def close(self) -> None:
        if self.ip is not None:
            for name, callback in (("pre_run_cell", self._begin), ("post_run_cell", self._end)):
                if callback in self.ip.events.callbacks[name]:
                    self.ip.events.unregister(name, callback)

    def begin_now(self) -> None:
        """We were loaded by a cell that is still running; its begin went by unseen."""
        self._begin()

    def _begin(self, *_: object) -> None:
        self._began = time.monotonic()

    def _end(self, result: Any = None) -> None:
        began, self._began = self._began, None
        if getattr(result, "execution_count", None) is not None:
            self._remember(result, began)
        if self.on_idle is not None:
            self.on_idle()

    def _remember(self, result: Any, began: float | None) -> None:
        error, number = result.error_before_exec or result.error_in_exec, result.execution_count
        failure = read_failure(error, self.cell_of, number) if error is not None else None
        seconds = round(time.monotonic() - began, 3) if began is not None else None
        self.runs[number] = Run(time.time(), seconds, failure)
        if len(self.runs) > MAX_RUNS:
            del self.runs[next(iter(self.runs))]

    def cell_of(self, file: str) -> int | None:
        """The number of the cell whose code was compiled under this file name."""
        numbers: dict[str, int] = getattr(self.ip.compile, "_filename_map", {}) if self.ip is not None else {}
        return numbers.get(file)

    @property
    def kernel(self) -> Any | None:
        return getattr(self.ip, "kernel", None)

    def status_topic(self) -> str:
        """Under what this kernel publishes its status on iopub; "" where that is not known."""
        topic = getattr(self.kernel, "_topic", None)
        return topic("status").decode() if topic is not None else ""

    def when_free(self, run: Callable[[], None]) -> None:
        """Have an idle kernel's main loop run something. Where a cell runs, or there is no such loop, nothing happens:
        what needs the main thread then waits for the next cell of ours."""
        loop = getattr(self.kernel, "io_loop", None)
        if loop is not None and self.running is None:
            loop.add_callback(run)

    @property
    def user_ns(self) -> dict[str, Any]:
        if self._namespace is not None:
            return self._namespace
        if self.ip is not None:
            namespace: dict[str, Any] = self.ip.user_ns
            return namespace
        return vars(sys.modules["__main__"])

    @property
    def running(self) -> tuple[int, float] | None:
        """Number of the running cell and when it began on `time.monotonic`; None when idle."""
        began = self._began
        return None if began is None else (self.last_cell, began)

    @property
    def last_cell(self) -> int:
        """The newest `In[n]`. Not `execution_count`: when that moves on differs between IPython versions."""
        return len(self.ip.history_manager.input_hist_parsed) - 1 if self.ip is not None else 0

    def names(self) -> dict[str, Any]:
        # A copy first: the main thread may be adding names. To take a few of ten thousand out of it is quicker than to
        # choose the others; "`" comes next after "_".
        copied = self.user_ns.copy()
        for name in [name for name in copied if "_" <= name < "`"]:
            del copied[name]
        for name in IPYTHON_NAMES.union(self.hidden):
            copied.pop(name, None)
        return copied

    def cells(self) -> dict[int, str]:
        """Cell sources as Python (magics already rewritten by IPython), by number."""
        if self.ip is None:
            return {}
        return {n: source for n, source in enumerate(self.ip.history_manager.input_hist_parsed) if source}

    def state(self) -> State:
        running = self.running
        cell: RunningCell | None = None
        if running is not None:
            elapsed = round(time.monotonic() - running[1], 3)
            cell = {"number": running[0], "elapsed_s": elapsed, "inside": inside_fit()}
        return {"busy": running is not None, "running": cell, "last_cell": self.last_cell}


def inside_fit() -> str:
    """`RandomForestClassifier.fit` when the main thread is inside a fit, outermost first; else ""."""
    main = threading.main_thread().ident
    frame = sys._current_frames().get(main) if main is not None else None
    found = ""
    try:
        while frame is not None:
            if frame.f_code.co_name == "fit" and "self" in frame.f_code.co_varnames[:1]:
                owner = frame.f_locals.get("self")
                found = f"{type(owner).__name__}.fit"
                del owner
            frame = frame.f_back
    finally:
        del frame
    return found
