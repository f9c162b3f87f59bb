"""One link per kernel, with a ZMQ session of its own: requests on control, our topic and status on iopub.

Two faces: a `KernelPort` for tool calls, and a connection on which the kernel's own cells send commands
up (`on_up`) and get events down (`deliver`).
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
import zmq
from jupyter_client.session import Session
from jupyter_core.utils import ensure_async

from ..protocol.faults import Code, Fault
from ..protocol.records import KernelId
from ..runtime import WIRE_VERSION
from ..runtime.wire import (
    ACK,
    MAIN,
    PROGRESS,
    REPLY,
    REQUEST,
    SUBSCRIPTION,
    UP,
    Ack,
    Progress,
    Reply,
    Request,
    RunningCell,
    Up,
)
from .attach import attachment
from .cells import RunningCells
from .patience import Headway, patient
from .port import KernelPort, OnProgress

ACK_S = 0.75
GRACE_S = 0.2
"""An ack may lie unread while this process was held up itself: it gets this long to be read."""
PATIENT_ACK_S = 5.0
POLL_S = 0.1
BUSY = "busy"


class _Flight:
    """A request on its way."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        loop = asyncio.get_running_loop()
        self.acked: asyncio.Future[None] = loop.create_future()
        self.reply: asyncio.Future[Reply] = loop.create_future()
        self.on_progress = on_progress
        self.headway = Headway()

    def fail(self, fault: Fault) -> None:
        for future in (self.acked, self.reply):
            if not future.done():
                future.set_exception(fault)
                future.exception()


class KernelLink(KernelPort):
    """Open it with `start`. `manager` is the server's manager of this one kernel."""

    def __init__(
        self,
        kernel_id: KernelId,
        manager: Any,
        on_up: Callable[[KernelLink, Up], Awaitable[None]],
        on_greeted: Callable[[bool], None] = lambda attached: None,
    ) -> None:
        self.kernel_id = kernel_id
        self._manager = manager
        self._on_up, self._on_greeted = on_up, on_greeted
        self._client: Any = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._flights: dict[str, _Flight] = {}
        self._executes: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._attaching: asyncio.Task[None] | None = None
        self._silent_since: float | None = None
        self._last_seen = ""
        self.cells = RunningCells()
        self.attached = False
        self.dead = False
        # Cells of ours that wait: while there is one, the main thread is in our hands and not in native code.
        self.waiting_cells = 0

    async def start(self) -> None:
        # Without a session of its own, a second client of this kernel would steal our replies and we its.
        key = self._manager.session
        session = Session(key=key.key, signature_scheme=key.signature_scheme)
        self._client = self._manager.client(session=session)
        await ensure_async(self._client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=True))
        socket = self._client.iopub_channel.socket
        socket.setsockopt(zmq.SUBSCRIBE, SUBSCRIPTION)
        socket.setsockopt(zmq.UNSUBSCRIBE, b"")
        for channel, take in (
            (self._client.control_channel, self._on_control),
            (self._client.shell_channel, self._on_shell),
            (self._client.iopub_channel, self._on_iopub),
        ):
            self._spawn(self._listen(channel, take))

    async def close(self) -> None:
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        self._fail_all(Fault(Code.KERNEL_DEAD, "The kernel was shut down.", "Start it again."))
        if self._client is not None:
            self._client.stop_channels()

    # -- attaching -------------------------------------------------------------------------------------

    def attach(self) -> asyncio.Task[None]:
        """Attach in the background, when the kernel is idle; the same task for everybody who asks."""
        if self._attaching is None or (self._attaching.done() and not self.attached):
            self._attaching = self._spawn(self._attach())
        return self._attaching

    async def _attach(self) -> None:
        if self._manager.kernel_spec is not None and self._manager.kernel_spec.language.lower() != "python":
            return
        while not self.attached:
            while getattr(self._manager, "execution_state", "idle") == BUSY:
                await asyncio.sleep(POLL_S)
            reply = await self._execute(attachment())
            if reply["status"] == "ok":
                await self.greet()
            elif reply["status"] != "aborted":
                return

    async def greet(self) -> None:
        """Tell the kernel that we serve it for life, and check that it speaks our version."""
        request: Request = {"request_id": uuid.uuid4().hex, "kind": "hello", "timeout_s": 10.0}
        reply = await self._exchange(request, None, ack_s=10.0)
        told = reply.get("told") or {}
        self.attached = told.get("wire_version") == WIRE_VERSION
        self.run = str(told.get("run", ""))
        if self.attached and told.get("status_topic"):
            self._client.iopub_channel.socket.setsockopt(zmq.SUBSCRIBE, str(told["status_topic"]).encode())
        self._on_greeted(self.attached)

    async def _execute(self, expression: str) -> dict[str, Any]:
        # As an expression beside no code at all: what IPython does to the text of a cell takes longer than all else.
        content = {
            "code": "",
            "silent": True,
            "store_history": False,
            "user_expressions": {"mlchat": expression},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self._message("execute_request", content, "shell")
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._executes[message["header"]["msg_id"]] = answer
        self._send("shell", message)
        return await answer

    async def _ensure_attached(self) -> None:
        if self.dead:
            raise Fault(Code.KERNEL_DEAD, "The kernel has died.", "Restart it from the Kernel menu.")
        if self.attached:
            return
        language = self._manager.kernel_spec.language if self._manager.kernel_spec else "python"
        if language.lower() != "python":
            raise Fault(
                Code.KERNEL_UNSUPPORTED, f"The kernel speaks {language}, not Python.", "Open a Python notebook."
            )
        task = self.attach()
        await asyncio.wait({task}, timeout=ACK_S if self._is_busy() else 30.0)
        if not self.attached:
            busy = self._is_busy()
            raise Fault(
                Code.KERNEL_NOT_ATTACHED,
                "The kernel is busy and not attached yet." if busy else "The kernel could not be attached.",
                "It is attached when the running cell ends." if busy else "Restart it, or see the server's log.",
                retryable=True,
            )

    def _is_busy(self) -> bool:
        return getattr(self._manager, "execution_state", "idle") == BUSY

    def restarted(self) -> None:
        """The kernel process is a new one behind the same ports: nothing that was asked will be answered."""
        self.attached = False
        self.dead = False
        self._attaching = None
        self.remembered = frozenset()
        self._silent_since, self._last_seen = None, ""
        self.cells.none()
        for answer in self._executes.values():
            answer.cancel()
        self._executes.clear()
        hint = "Run the cells that define your models, then ask again."
        self._fail_all(Fault(Code.KERNEL_RESTARTED, "The kernel was restarted meanwhile.", hint))

    def died(self) -> None:
        self.attached, self.dead = False, True
        self.cells.none()
        self._fail_all(Fault(Code.KERNEL_DEAD, "The kernel has died.", "Restart it from the Kernel menu."))

    def _fail_all(self, fault: Fault) -> None:
        flights, self._flights = self._flights, {}
        for flight in flights.values():
            flight.fail(fault)

    # -- requests --------------------------------------------------------------------------------------

    async def request(self, request: Request, on_progress: OnProgress | None = None) -> Reply:
        await self._ensure_attached()
        return await self._exchange(request, on_progress)

    async def _exchange(self, request: Request, on_progress: OnProgress | None, ack_s: float | None = None) -> Reply:
        """One request, never sent twice: while the kernel is silent both copies would run."""
        request_id = request["request_id"]
        flight = self._flights.setdefault(request_id, _Flight(on_progress))
        if self._silent_since is None:
            self._silent_since = time.monotonic()
        self._send("control", self._message(REQUEST, dict(request), "control"))
        try:
            patience = ack_s or (PATIENT_ACK_S if self.waiting_cells else ACK_S)
            for seconds in (patience, GRACE_S):
                done, _ = await asyncio.wait({flight.acked}, timeout=seconds)
                if done:
                    break
            else:
                raise self._silence()
            flight.acked.result()
            return await patient(flight.reply, request.get("timeout_s"), flight.headway)
        finally:
            self._flights.pop(request_id, None)

    def _silence(self) -> Fault:
        now = time.monotonic()
        since = now - (self._silent_since or now)
        seen = f", last seen inside {self._last_seen}" if self._last_seen else ""
        return Fault(
            Code.KERNEL_NOT_ANSWERING,
            f"The kernel is not answering (native code) since {since:.0f} s{seen}.",
            "It answers again when that call returns; interrupt the cell if you do not want to wait.",
            retryable=True,
        )

    def _message(self, message_type: str, content: dict[str, Any], channel: str) -> dict[str, Any]:
        message: dict[str, Any] = self._client.session.msg(message_type, content)
        # Behind a gateway a message without its channel is taken for a shell message and queues.
        message["channel"] = channel
        return message

    def _send(self, channel: str, message: dict[str, Any]) -> None:
        sender = getattr(self._client, f"{channel}_channel")
        socket = getattr(sender, "socket", None)
        if socket is None:
            sender.send(message)  # behind a gateway
        else:
            # The channel's own `send` goes past the asyncio socket and swallows the signal that a reply has come.
            socket.send_multipart(self._client.session.serialize(message))

    def deliver(self, channel: str, events: list[dict[str, Any]]) -> None:
        """Events for a cell of this kernel that waits. Nobody waits for a reply to these."""
        request = {
            "request_id": uuid.uuid4().hex,
            "kind": "event",
            "args": {"channel": channel, "events": events},
        }
        self._send("control", self._message(REQUEST, request, "control"))

    # -- what arrives ----------------------------------------------------------------------------------

    async def _listen(self, channel: Any, take: Callable[[dict[str, Any]], None]) -> None:
        while True:
            message = await channel.get_msg(timeout=None)
            # A kernel is the user's process: whatever it sends, the link goes on.
            with suppress(msgspec.ValidationError, KeyError):
                take(message)

    def _on_control(self, message: dict[str, Any]) -> None:
        content, kind = message["content"], message["header"]["msg_type"]
        if kind not in (ACK, PROGRESS, REPLY):
            return
        self._silent_since = None
        flight = self._flights.get(str(content.get("request_id", "")))
        if flight is not None and not flight.acked.done():
            flight.acked.set_result(None)
        if kind == ACK:
            self._see(msgspec.convert(content, Ack).get("running"))
        elif kind == PROGRESS:
            self._on_progress(flight, msgspec.convert(content, Progress))
        elif flight is not None and not flight.reply.done():
            try:
                reply = msgspec.convert(content, Reply)
                self._see(reply.get("running"))
                flight.reply.set_result(reply)
            except msgspec.ValidationError as error:
                about = f"The kernel sent a reply that can't be read ({error})."
                flight.fail(Fault(Code.TOOL_RESULT_INVALID, about, "Restart the kernel."))

    def _see(self, running: RunningCell | None) -> None:
        self._last_seen = running["inside"] if running else ""

    def _on_progress(self, flight: _Flight | None, progress: Progress) -> None:
        if progress.get("main_needed"):
            content = {"request_id": progress["request_id"]}
            self._send("shell", self._message(MAIN, content, "shell"))
        if flight is not None:
            flight.headway.hear(progress)
            if flight.on_progress is not None:
                flight.on_progress(progress)

    def _on_shell(self, message: dict[str, Any]) -> None:
        answer = self._executes.pop(message["parent_header"].get("msg_id", ""), None)
        if answer is not None and not answer.done():
            answer.set_result(message["content"])

    def _on_iopub(self, message: dict[str, Any]) -> None:
        kind = message["header"]["msg_type"]
        if kind == UP:
            self._spawn(self._on_up(self, msgspec.convert(message["content"], Up)))
        elif kind == "status":
            self.cells.take(message)

    def _spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
