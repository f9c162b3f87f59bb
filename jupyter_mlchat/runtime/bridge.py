"""The kernel's side of every tool call: three lanes, main-thread jobs, request ids, deadlines.

Transport-free: `submit` takes a request and a function to emit with. `channel.py` binds it to a kernel's
sockets; the in-process port calls it directly.
"""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import WIRE_VERSION
from .calls import CallContext, failed, refused, run_tool
from .kept import recall
from .lanes import Job, Lane
from .shell import Shell
from .toolbox import NeedsIdle, Tool, Toolbox, ToolError
from .wire import ACK, PROGRESS, REPLY, Reply, Request, Result

KEPT_RESULTS = 16
DEFAULT_TIMEOUT_S = 60.0
Emit = Callable[[str, Any], None]
GiveToMain = Callable[[Job], None]


class Inbox(queue.SimpleQueue[tuple[str, Any]]):
    """What one listener hears: `("event", event)`, and `("job", job)` where it waits on the main thread."""

    def give(self, job: Job) -> None:
        self.put(("job", job))


_LATE = {
    "late": ("deadline", "came after its deadline and was not started.", "Ask again."),
    "stuck": (
        "kernel_not_answering",
        "was not started: three earlier tool calls never returned.",
        "Restart the kernel to free it.",
    ),
    "withdrawn": ("deadline", "was withdrawn before it started.", "Ask again."),
}


class Bridge:
    """One per kernel. `state` is the tools' own store: caches and facts the person registered."""

    def __init__(self, shell: Shell, toolbox: Toolbox) -> None:
        self.shell = shell
        self.toolbox = toolbox
        self.run = uuid.uuid4().hex
        self.state: dict[str, Any] = {}
        self.greeted = threading.Event()
        self.send_up: Callable[[dict[str, Any]], None] | None = None
        self._lock = threading.Lock()
        self._lanes = {"reader": Lane("reader"), "job": Lane("job")}
        self._flight: dict[str, tuple[Job, list[Emit]]] = {}
        self._done: OrderedDict[str, Reply] = OrderedDict()
        self._for_main: OrderedDict[str, Job] = OrderedDict()
        self._inboxes: dict[str, Inbox] = {}
        self._mains: list[GiveToMain] = []
        self.tell_idle: Callable[[], None] | None = None
        self._notify_idle = False
        self._at_work = False
        shell.on_idle = self._idle

    # -- requests ----------------------------------------------------------------------------------

    def submit(self, request: Request, emit: Emit) -> None:
        """Answer at once, or queue it. `emit` may be called from any thread. A known id never runs twice."""
        request_id = request["request_id"]
        emit(ACK, {"request_id": request_id, "running": self.shell.state()["running"]})
        kind = request["kind"]
        inline = getattr(self, f"_do_{kind}", None)
        if inline is not None:
            emit(REPLY, {"request_id": request_id, "ok": True, **inline(request.get("args", {}))})
            return
        with self._lock:
            done = self._done.get(request_id)
            flight = self._flight.get(request_id)
            if flight is not None:
                flight[1].append(emit)
            elif done is None:
                job = self._make_job(request)
                self._flight[request_id] = (job, [emit])
        if done is not None:
            emit(REPLY, done)
        elif flight is None:
            self._lanes["reader"].submit(job)

    def _make_job(self, request: Request) -> Job:
        request_id = request["request_id"]
        timeout_s = request.get("timeout_s", DEFAULT_TIMEOUT_S)

        def refuse(why: str) -> None:
            code, text, hint = _LATE[why]
            name = request.get("tool") or request["kind"]
            self._finish(request_id, failed(code, f"`{name}` {text}", hint))

        job = Job(request_id, lambda: self._route(job, request), time.monotonic() + timeout_s, refuse, timeout_s)
        return job

    def _route(self, job: Job, request: Request) -> None:
        """In the reader thread: the toolbox is loaded here, and only then is a tool's lane known."""
        if not self.shell.enabled:
            hint = "Switch them on again in the panel."
            self._finish(job.request_id, failed("kernel_off", "The tools of this kernel are switched off.", hint))
            return
        try:
            if request["kind"] == "tools":
                self._answer(job.request_id, {"tools": [tool.describe() for tool in self.toolbox.all()]})
                return
            if request["kind"] == "catalogue":
                from .catalog import catalogue

                self._answer(job.request_id, {"catalogue": catalogue(self._context(job))})
                return
            if request["kind"] == "glance":
                from .glance import glance

                self._answer(job.request_id, {"glance": glance(self._context(job))})
                return
            if request["kind"] == "display":
                from .displays import drawn

                self._answer(job.request_id, {"told": drawn(self.state, request["args"]["ref"])})
                return
            tool = self.toolbox.get(request["tool"])
        except ToolError as error:
            self._finish(job.request_id, refused(error))
            return
        except Exception as error:
            self._finish(job.request_id, failed("internal", f"Reading failed with {type(error).__name__}."))
            return
        args = request.get("args", {})
        job.run = lambda: self._run(job, tool, args)
        if tool.lane == "reader":
            job.run()
            return
        job.started = False
        if tool.lane == "job":
            self._lanes["job"].submit(job)
        else:
            self._hand_to_main(job)

    def _run(self, job: Job, tool: Tool, args: dict[str, Any]) -> None:
        try:
            result = run_tool(tool, args, self._context(job))
        except NeedsIdle as error:
            if threading.current_thread() is threading.main_thread():
                result = refused(error)
            else:
                job.started = False
                self._hand_to_main(job)
                return
        self._finish(job.request_id, result)

    def _context(self, job: Job) -> CallContext:
        def report(done: float, total: float, text: str) -> None:
            job.gets_on(done)
            self._emit(job.request_id, PROGRESS, {"done": done, "total": total, "text": text})

        return CallContext(self.shell, self.state, job.cancelled, report)

    def _emit(self, request_id: str, message_type: str, content: dict[str, Any]) -> None:
        with self._lock:
            flight = self._flight.get(request_id)
        for emit in flight[1] if flight else ():
            emit(message_type, {"request_id": request_id, **content})

    def _finish(self, request_id: str, result: Result) -> None:
        self._answer(request_id, {"result": result})

    def _answer(self, request_id: str, payload: dict[str, Any]) -> None:
        reply: Reply = {"request_id": request_id, "ok": True, **payload}  # type: ignore[typeddict-item]
        with self._lock:
            self._done[request_id] = reply
            while len(self._done) > KEPT_RESULTS:
                self._done.popitem(last=False)
            flight = self._flight.pop(request_id, None)
        for emit in flight[1] if flight else ():
            emit(REPLY, reply)

    # -- answered at once, in the control thread: nothing here may wait or touch the user's objects --

    def _do_hello(self, args: dict[str, Any]) -> dict[str, Any]:
        self.greeted.set()
        told = {"wire_version": WIRE_VERSION, "greeted": True, "run": self.run}
        told["status_topic"] = self.shell.status_topic()
        return {"told": told, "state": self.shell.state()}

    def _do_state(self, args: dict[str, Any]) -> dict[str, Any]:
        if args.get("notify_idle"):
            self._notify_idle = True
        return {"state": {**self.shell.state(), "at_work": self._at_work}}

    def _do_remember(self, args: dict[str, Any]) -> dict[str, Any]:
        recall(self.state, args.get("facts", ()))
        return {"told": {}}

    def _do_limit(self, args: dict[str, Any]) -> dict[str, Any]:
        shell = self.shell
        shell.hidden.update(args.get("hide", ()))
        shell.hidden.difference_update(args.get("show", ()))
        if args.get("enabled") is not None:
            shell.enabled = bool(args["enabled"])
        return {"told": {"hidden": sorted(shell.hidden), "enabled": shell.enabled}}

    def _do_cancel(self, args: dict[str, Any]) -> dict[str, Any]:
        """`withdrawn` is true only when nothing of the job happened or will happen."""
        with self._lock:
            flight = self._flight.get(args["request_id"])
            job = flight[0] if flight else None
            if job is not None:
                job.cancelled.set()
                # One that runs and does not look up must not hold up the next question.
                job.deadline = min(job.deadline, time.monotonic())
                if not job.started:
                    job.withdrawn = True
                    self._for_main.pop(job.request_id, None)
        if job is not None and job.withdrawn:
            job.refuse("withdrawn")
        return {"told": {"withdrawn": job is not None and job.withdrawn, "known": job is not None}}

    def _do_event(self, args: dict[str, Any]) -> dict[str, Any]:
        inbox = self._inboxes.get(args["channel"])
        if inbox is not None:
            for event in args["events"]:
                inbox.put(("event", event))
        return {"told": {"delivered": inbox is not None}}

    # -- the main thread ------------------------------------------------------------------------------

    def _hand_to_main(self, job: Job) -> None:
        """To a cell of ours that waits; else ask the service for a turn on the shell."""
        with self._lock:
            give = self._mains[-1] if self._mains else None
            if give is None:
                self._for_main[job.request_id] = job
            else:
                give(job)
        if give is None:
            cell = self.shell.running
            text = f"waiting for cell {cell[0]}" if cell else ""
            self._emit(job.request_id, PROGRESS, {"main_needed": True, "text": text})

    def run_on_main(self, request_id: str) -> None:
        """Called on the main thread by the shell channel. An unknown id was withdrawn or already ran."""
        with self._lock:
            job = self._for_main.pop(request_id, None)
        if job is not None:
            self._at_work = True
            try:
                job.start()
            finally:
                self._at_work = False

    def open_inbox(self, channel: str) -> Inbox:
        """Events for `channel` arrive here; jobs for the main thread too, while it is the newest one."""
        inbox = Inbox()
        with self._lock:
            self._inboxes[channel] = inbox
            if threading.current_thread() is threading.main_thread():
                self._mains.append(inbox.give)
                while self._for_main:
                    inbox.give(self._for_main.popitem(last=False)[1])
        return inbox

    @contextmanager
    def main_runs(self, give: GiveToMain) -> Iterator[None]:
        """Meanwhile `give`, called from any thread, takes the jobs for the main thread and has them run there."""
        with self._lock:
            self._mains.append(give)
        try:
            yield
        finally:
            with self._lock:
                self._mains.remove(give)

    def close_inbox(self, channel: str) -> None:
        """Jobs left in it are refused: nobody will run them any more."""
        with self._lock:
            inbox = self._inboxes.pop(channel, None)
            if inbox is not None and inbox.give in self._mains:
                self._mains.remove(inbox.give)
        while inbox is not None and not inbox.empty():
            kind, item = inbox.get()
            if kind == "job":
                item.withdrawn = True
                item.refuse("withdrawn")

    def deliver(self, channel: str, events: list[dict[str, Any]]) -> None:
        """Events from a host in this process."""
        self._do_event({"channel": channel, "events": events})

    def _idle(self) -> None:
        if self._notify_idle and self.tell_idle is not None:
            self._notify_idle = False
            self.tell_idle()
