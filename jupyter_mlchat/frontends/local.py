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

import msgspec

from ..chat.journal import Journal
from ..chat.service import ChatService
from ..chat.turn import Means
from ..guard.access import LOCAL, Caller
from ..kernel.inprocess import InProcessPort
from ..llm.registry import Llms
from ..protocol.codec import decode_command, encode_event
from ..protocol.commands import Ping, Resume, TurnSent
from ..protocol.events import Event, FaultEvent, Pong, Sent, ends_a_cell
from ..protocol.faults import Fault
from ..protocol.records import CommandId, KernelId
from ..runtime.bridge import Bridge
from ..settings import MLChat
from ..store.database import open_database

if TYPE_CHECKING:
    from ..server.panels import PanelConnection


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
        self._stops: dict[str, Any] = {}
        self._panels: dict[str, PanelConnection] = {}
        self._in_order = asyncio.Lock()
        notebook = os.path.basename(os.environ.get("JPY_SESSION_NAME", ""))
        self._caller = Caller(LOCAL, "kernel", self._kernel, notebook)
        self._told_before = bridge.tell_idle
        bridge.tell_idle = self._idle

    def _idle(self) -> None:
        """In the kernel's main thread: the cell that a turn waited for has ended."""
        if self._told_before is not None:
            # A server that greeted this kernel later wants to hear it too.
            self._told_before()

        async def go_on() -> None:
            await (await self._opened()).kernel_idle(self._kernel)

        asyncio.run_coroutine_threadsafe(go_on(), self._loop)

    def send(self, command: dict[str, Any], channel: str) -> None:
        asyncio.run_coroutine_threadsafe(self._take(command, channel), self._loop)

    def join(self, channel: str) -> None:
        self._loop.call_soon_threadsafe(self._join, channel)

    def leave(self, channel: str) -> None:
        self._loop.call_soon_threadsafe(self._leave, channel)

    def _join(self, channel: str) -> None:
        from ..server.panels import PanelConnection

        self._leave(channel)

        async def caller() -> Caller:
            return self._caller

        deliver = partial(self._bridge.deliver, channel)
        self._panels[channel] = PanelConnection(self._opened, caller, deliver, logging.getLogger(__name__))

    def _leave(self, channel: str) -> None:
        panel = self._panels.pop(channel, None)
        if panel is not None:
            panel.close()

    async def _take(self, content: dict[str, Any], channel: str) -> None:
        if channel in self._panels:
            self._panels[channel].take(content)
            return
        async with self._in_order:
            await self._answer(content, channel)

    async def _answer(self, content: dict[str, Any], channel: str) -> None:
        command_id = CommandId(str(content.get("id", "")))
        try:
            command = decode_command(msgspec.json.encode(content))
            service = await self._opened()
            if isinstance(command, Ping):
                self._tell(channel, Pong(command=command.id))
                return
            if isinstance(command, TurnSent):
                requests = await service.sent(command.turn, self._caller)
                self._tell(channel, Sent(command=command.id, turn=command.turn, requests=requests))
                return
            if isinstance(command, Resume):
                conversation, after, turn = command.conversation, command.after, None
            else:
                accepted = await service.submit(command, self._caller)
                self._tell(channel, accepted)
                conversation, turn = accepted.conversation, accepted.turn
                after = max(0, accepted.seq - 1) if turn is not None else 0
                if channel in self._stops:
                    return

            over = turn is None

            def listen(event: Event) -> None:
                nonlocal over
                if turn is None or event.turn in (None, turn):
                    self._tell(channel, event)
                if event.turn == turn and ends_a_cell(event):
                    over = True
                    self._stops.pop(channel, _nothing)()

            stop = await service.follow(conversation, after, self._caller, listen)
            if over:
                stop()
            else:
                self._stops[channel] = stop
        except Fault as fault:
            self._tell(channel, FaultEvent(fault=fault.record, command=command_id))
        except Exception as error:
            logging.getLogger(__name__).debug("in-process host", exc_info=error)
            record = _internal(error)
            self._tell(channel, FaultEvent(fault=record, command=command_id))

    def _tell(self, channel: str, event: Event) -> None:
        self._bridge.deliver(channel, [msgspec.json.decode(encode_event(event))])

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
        database = await open_database(settings.db_url, Path(settings.data_dir))
        port = InProcessPort(self._bridge, self._kernel)

        async def only(kernel: KernelId) -> InProcessPort:
            return port

        log = logging.getLogger("jupyter_mlchat")
        service = ChatService(Means(Journal(database), database, settings, only, Llms(settings).choose, log))
        await service.open()
        return service


def _import_agent() -> None:
    """A library below smolagents warns in every kernel without ipywidgets; the person's cell is not for that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("jupyter_mlchat.agent.loop")


def _nothing() -> None:
    return None


def _internal(error: Exception) -> Any:
    from ..protocol.faults import Code, FaultRecord

    return FaultRecord(Code.INTERNAL, f"Something of ours failed ({type(error).__name__}).", "Try again.")


def local_host(bridge: Bridge) -> LocalHost:
    """Host the chat here. Raises RuntimeError where `in_process` is switched off."""
    config = getattr(bridge.shell.ip, "config", None)
    settings = MLChat(config=config) if config is not None else MLChat()
    if not settings.in_process:
        raise RuntimeError("Hosting the chat inside a kernel is switched off (setting `in_process`).")
    return LocalHost(bridge, settings)
