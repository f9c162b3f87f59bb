"""Links to this server's kernels: opened when they start, attached by policy, and heard when they speak up."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from ..chat.service import ChatService
from ..connections.cells import CellConnection
from ..connections.panels import PanelConnection
from ..connections.states import KernelStates, Listener, State
from ..guard.access import Caller
from ..guard.greeting import hello
from ..kernel.link import KernelLink
from ..protocol.faults import Code, Fault
from ..protocol.records import KernelId
from ..runtime import WIRE_VERSION
from ..runtime.wire import Up
from ..settings import MLChat
from .callers import user_at_work


class KernelLinks:
    """One link per kernel. `manager` is the server's kernel manager, `sessions` its session manager."""

    def __init__(
        self,
        manager: Any,
        sessions: Any,
        settings: MLChat,
        service: Callable[[], Awaitable[ChatService]],
        owner: str,
        log: logging.Logger,
    ) -> None:
        self._manager, self._sessions = manager, sessions
        self._attach, self._service, self._owner, self._log = settings.attach, service, owner, log
        self._greet = partial(hello, settings)
        self.states = KernelStates(settings.attach)
        self._links: dict[KernelId, asyncio.Task[KernelLink]] = {}
        self._owners: dict[KernelId, str] = {}
        """Who started each kernel, where the server has several users."""
        self._cells: dict[tuple[KernelId, str], CellConnection] = {}
        self._panels: dict[tuple[KernelId, str], PanelConnection] = {}

    async def port(self, kernel: KernelId) -> KernelLink:
        """The link to a kernel. Raises Fault `not_found` for a kernel this server does not have."""
        if kernel not in self._manager:
            raise Fault(Code.NOT_FOUND, "This server has no such kernel.", "Open the notebook again.", about="kernel")
        if self._attach == "off":
            raise Fault(
                Code.KERNEL_NOT_ATTACHED,
                "Attaching kernels is switched off (setting `attach`).",
                "Run `%load_ext jupyter_mlchat` in the notebook: the kernel then answers by itself.",
            )
        task = self._links.get(kernel)
        if task is None:
            task = self._links[kernel] = asyncio.ensure_future(self._open(kernel))
        try:
            return await asyncio.shield(task)
        except Exception:
            # A link that failed to open must not answer for ever.
            self._links.pop(kernel, None)
            raise

    async def _open(self, kernel: KernelId) -> KernelLink:
        manager = self._manager.get_kernel(kernel)
        self.states.watch(kernel, manager)
        link = KernelLink(kernel, manager, self._on_up, partial(self.states.greeted, kernel))
        link.on_limited = partial(self.states.limited, kernel)
        link.cells.tell = partial(self.states.cell, kernel)
        await link.start()
        for callback, told, event in (
            (link.restarted, self.states.restarting, "restart"),
            (link.died, self.states.died, "dead"),
        ):
            # First that it is gone: what ran in it has not ended as cells do.
            self._manager.add_restart_callback(kernel, partial(told, kernel), event)
            self._manager.add_restart_callback(kernel, callback, event)
            self._manager.add_restart_callback(kernel, partial(self._leave_all, kernel), event)
        return link

    def listen(self, kernel: KernelId, listener: Listener) -> Callable[[], None]:
        """Tell `listener` how the kernel stands, now and at every change. Returns what ends it."""
        if self._attach != "off" and kernel in self._manager:
            self.states.watch(kernel, self._manager.get_kernel(kernel))
        return self.states.listen(kernel, listener)

    def counted(self) -> dict[str, int]:
        """This server's kernels by how they stand. One that died by itself is still the server's."""
        known = dict(self.states.all())

        def standing(kernel: KernelId) -> State:
            dead = self._manager.get_kernel(kernel).execution_state == "dead"
            return "dead" if dead else known.get(kernel, "not_attached")

        return dict(Counter(standing(kernel) for kernel in self._manager.list_kernel_ids()))

    async def on_kernel_action(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        """Jupyter's own event about a kernel."""
        if data.get("status") != "success":
            return
        kernel, action = KernelId(str(data.get("kernel_id", ""))), data["action"]
        try:
            if action in ("restart", "shutdown"):
                self._leave_all(kernel)
            if action == "start" and self._attach != "off":
                self._owners[kernel] = self._owner or user_at_work()
                link = await self.port(kernel)
                if self._attach == "start":
                    link.attach()
            elif action == "restart" and kernel in self._links:
                # Jupyter's word is of the old process: one that was killed while busy would be busy for ever.
                self._manager.get_kernel(kernel).execution_state = "starting"
                self.states.restarting(kernel)
                link = await self.port(kernel)
                link.restarted()
                if self._attach == "start":
                    link.attach()
                else:
                    # No greeting follows by itself, and the kernel's first words may be lost on the way.
                    self.states.restarted(kernel)
            elif action == "shutdown" and kernel in self._links:
                self.states.died(kernel)
                self._owners.pop(kernel, None)
                await (await self._links.pop(kernel)).close()
        except Exception as error:
            self._log.warning("mlchat: kernel %s, %s: %s", kernel, action, type(error).__name__)

    async def close(self) -> None:
        """Never raises: an exception here would keep the server from exiting."""
        links, self._links = list(self._links.values()), {}
        for task in links:
            try:
                await (await task).close()
            except Exception as error:
                self._log.debug("mlchat: closing a link: %s", type(error).__name__)
        for cell in list(self._cells.values()):
            cell.close()
        for kernel, _ in list(self._panels):
            self._leave_all(kernel)

    # -- cells that speak up ---------------------------------------------------------------------------

    async def _on_up(self, link: KernelLink, up: Up) -> None:
        kind = up.get("kind")
        try:
            if kind == "hello" and up.get("wire_version") == WIRE_VERSION:
                await link.greet()
            elif kind == "idle":
                await (await self._service()).kernel_idle(link.kernel_id)
            elif kind == "registered":
                caller = await self._caller(link.kernel_id)
                await (await self._service()).registrations.keep(caller.principal, caller.notebook, up.get("facts", {}))
            elif kind == "join":
                self._join(link, up.get("channel", ""))
            elif kind == "leave":
                self._leave(link.kernel_id, up.get("channel", ""))
            elif kind == "command":
                panel = self._panels.get((link.kernel_id, up.get("channel", "")))
                if panel is not None:
                    panel.take(up.get("command", {}))
                else:
                    await self._command(link, up.get("channel", ""), up.get("command", {}))
        except Fault as fault:
            self._log.debug("mlchat: kernel %s: %s", link.kernel_id, fault.record.message)

    def _join(self, link: KernelLink, channel: str) -> None:
        self._leave(link.kernel_id, channel)
        caller = partial(self._caller, link.kernel_id)
        deliver = partial(link.deliver, channel)
        panel = PanelConnection(self._service, caller, self._greet, deliver, self._log, self.listen)
        self._panels[link.kernel_id, channel] = panel

    def _leave(self, kernel: KernelId, channel: str) -> None:
        panel = self._panels.pop((kernel, channel), None)
        if panel is not None:
            panel.close()

    def _leave_all(self, kernel: KernelId) -> None:
        """Nobody in this kernel hears anything any more: it is gone, or another one under the same id."""
        for known, channel in list(self._panels):
            if known == kernel:
                self._leave(known, channel)
        for place in [place for place in self._cells if place[0] == kernel]:
            self._cells[place].close()

    async def _command(self, link: KernelLink, channel: str, content: dict[str, Any]) -> None:
        place = link.kernel_id, channel
        cell = self._cells.get(place)
        if cell is None:

            def closed() -> None:
                link.waiting_cells -= 1
                self._cells.pop(place, None)

            caller, deliver = partial(self._caller, link.kernel_id), partial(link.deliver, channel)
            cell = self._cells[place] = CellConnection(self._service, caller, deliver, closed, self._log)
            link.waiting_cells += 1
        await cell.take(content)

    async def kernel_of(self, notebook: str) -> KernelId | None:
        """The kernel of the session that runs this notebook, if there is one."""
        for session in await self._sessions.list_sessions():
            if session["path"] == notebook and session["kernel"]:
                return KernelId(str(session["kernel"]["id"]))
        return None

    async def notebooks(self) -> dict[str, KernelId]:
        """The Python kernel of each notebook and console that runs, by path."""
        found = {}
        for session in await self._sessions.list_sessions():
            if session["kernel"] and session["kernel"]["id"] in self._manager:
                spec = self._manager.get_kernel(session["kernel"]["id"]).kernel_spec
                if spec is None or spec.language.lower() == "python":
                    found[str(session["path"])] = KernelId(str(session["kernel"]["id"]))
        return found

    async def _caller(self, kernel: KernelId) -> Caller:
        owner = self._owner or self._owners.get(kernel, "")
        if not owner:
            raise Fault(
                Code.FORBIDDEN,
                "This server has several users, and nobody knows who started this kernel.",
                "Ask in the chat panel, where you are known, or start a kernel of your own.",
            )
        notebook = ""
        for session in await self._sessions.list_sessions():
            if session["kernel"] and session["kernel"]["id"] == kernel:
                notebook = str(session["path"])
        return Caller(owner, "kernel", kernel, notebook)
