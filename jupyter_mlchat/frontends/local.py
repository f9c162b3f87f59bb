"""The composition root of the in-process host: the same service, a direct port, a loop in a thread of its own."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import threading
import uuid
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..chat.journal import Journal
from ..chat.means import Means
from ..chat.service import ChatService
from ..connections.cells import CellConnection
from ..guard.access import LOCAL, Caller
from ..guard.greeting import hello
from ..kernel.inprocess import InProcessPort
from ..llm.catalogue import Catalogue
from ..llm.keys import open_keyring
from ..llm.registry import Llms
from ..observe.observer import Observer, Taker
from ..protocol.records import KernelId
from ..runtime.bridge import Bridge
from ..runtime.kept import on_registered
from ..runtime.registered import STATE_KEY
from ..settings import MLChat
from ..store.database import open_database

if TYPE_CHECKING:
    from ..connections.panels import PanelConnection


class LocalHost:
    """`runtime.chat.Host` in this process."""

    name = "in-process"

    def __init__(self, bridge: Bridge, settings: MLChat) -> None:
        self._bridge = bridge
        self._settings = settings
        self._kernel = KernelId(f"process-{os.getpid()}-{uuid.uuid4().hex[:8]}")
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="mlchat-service", daemon=True).start()
        self._service: asyncio.Task[ChatService] | None = None
        self._cells: dict[str, CellConnection] = {}
        self._panels: dict[str, PanelConnection] = {}
        notebook = os.path.basename(os.environ.get("JPY_SESSION_NAME", ""))
        self._caller = Caller(LOCAL, "kernel", self._kernel, notebook)
        self._told_before = bridge.tell_idle
        bridge.tell_idle = self._idle
        self._kept_before = on_registered(bridge.state, self._registered)
        for told in dict(bridge.state.get(STATE_KEY, {})).values():
            self._registered(told.to_dict())

    def _idle(self) -> None:
        """In the kernel's main thread: the cell that a turn waited for has ended."""
        if self._told_before is not None:
            # A server that greeted this kernel later wants to hear it too.
            self._told_before()

        async def go_on() -> None:
            await (await self._opened()).kernel_idle(self._kernel)

        asyncio.run_coroutine_threadsafe(go_on(), self._loop)

    def _registered(self, facts: dict[str, Any]) -> None:
        """In the thread of whoever registered a model."""
        if self._kept_before is not None:
            self._kept_before(facts)

        async def keep() -> None:
            await (await self._opened()).registrations.keep(self._caller.principal, self._caller.notebook, facts)

        asyncio.run_coroutine_threadsafe(keep(), self._loop)

    def send(self, command: dict[str, Any], channel: str) -> None:
        asyncio.run_coroutine_threadsafe(self._take(command, channel), self._loop)

    def join(self, channel: str) -> None:
        self._loop.call_soon_threadsafe(self._join, channel)

    def leave(self, channel: str) -> None:
        self._loop.call_soon_threadsafe(self._leave, channel)

    def _join(self, channel: str) -> None:
        from ..connections.panels import PanelConnection

        self._leave(channel)

        deliver = partial(self._bridge.deliver, channel)
        greet = partial(hello, self._settings)
        log = logging.getLogger(__name__)
        self._panels[channel] = PanelConnection(self._opened, self._speaker, greet, deliver, log)

    def _leave(self, channel: str) -> None:
        panel = self._panels.pop(channel, None)
        if panel is not None:
            panel.close()

    async def _take(self, content: dict[str, Any], channel: str) -> None:
        if channel in self._panels:
            self._panels[channel].take(content)
            return
        cell = self._cells.get(channel)
        if cell is None:

            def closed() -> None:
                del self._cells[channel]

            deliver = partial(self._bridge.deliver, channel)
            log = logging.getLogger(__name__)
            cell = self._cells[channel] = CellConnection(self._opened, self._speaker, deliver, closed, log)
        await cell.take(content)

    async def _speaker(self) -> Caller:
        return self._caller

    async def _opened(self) -> ChatService:
        """The one service, opened when first asked for. A failed opening is tried again."""
        if self._service is None:
            self._service = asyncio.ensure_future(self._open())
        try:
            return await self._service
        except Exception:
            self._service = None
            raise

    async def _open(self) -> ChatService:
        _import_agent()
        settings = self._settings
        log = logging.getLogger("jupyter_mlchat")
        await open_keyring(settings, log.warning)
        database = await open_database(settings.db_url, Path(settings.data_dir))
        port = InProcessPort(self._bridge, self._kernel)

        async def only(kernel: KernelId) -> InProcessPort:
            return port

        catalogue = Catalogue(settings)
        llms = Llms(settings, catalogue=catalogue)
        observer = Observer(local_takers(settings), log)
        means = Means(Journal(database), database, settings, only, llms.choose, catalogue, log, observer=observer)
        service = ChatService(means)
        await service.open()
        return service


def local_takers(settings: MLChat) -> list[Taker]:
    """The audit, where IPython's own configuration names handlers for it: there is no server to ask."""
    if "EventLogger" not in settings.config:
        return []
    from jupyter_events import EventLogger

    from ..observe.audit import Audit

    return [Audit(EventLogger(config=settings.config)).take]


def _import_agent() -> None:
    """A library below smolagents warns in every kernel without ipywidgets; the person's cell is not for that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("jupyter_mlchat.agent.loop")


def local_host(bridge: Bridge) -> LocalHost:
    """Host the chat here. Raises RuntimeError where `in_process` is switched off."""
    config = getattr(bridge.shell.ip, "config", None)
    settings = MLChat(config=config) if config is not None else MLChat()
    if not settings.in_process:
        raise RuntimeError("Hosting the chat inside a kernel is switched off (setting `in_process`).")
    return LocalHost(bridge, settings)
