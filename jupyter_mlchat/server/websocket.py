"""The socket of one front end: who may open it, frames in and out, and how it ends."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..connections.connection import Connection
from ..connections.outbox import Outbox
from ..guard.greeting import hello
from ..guard.limits import check_connection
from ..observe.records import ConnectionRecord, Reason
from ..protocol.codec import MAX_COMMAND_BYTES, MAX_FRAME_BYTES, decode_command, encode_event
from ..protocol.commands import Resume
from ..protocol.events import FaultEvent
from ..protocol.faults import Close, Code, Fault
from ..protocol.records import CommandId, ConversationId
from .callers import caller_of, roles_of
from .handler import RESOURCE

if TYPE_CHECKING:
    from .app import Parts

MARGIN = 64 * 1024
"""A frame this much too large is answered with a fault; a larger one closes the socket (1009)."""


class MLChatSocket(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """`/mlchat/ws?conversation=ID&after=SEQ`. Origin and identity are checked as Jupyter does for its own."""

    auth_resource = RESOURCE
    # Neither tornado's pings nor the mixin's: both count an answer from the ping before.
    ping_interval = 0

    def set_default_headers(self) -> None:
        """Those of a page make no sense here."""

    def get_compression_options(self) -> dict[str, Any] | None:
        """Off, unless the server's administrator sets them."""
        options: dict[str, Any] | None = self.settings.get("websocket_compression_options")
        return options

    @property
    def max_message_size(self) -> int:
        return MAX_FRAME_BYTES + MARGIN

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        user = self.current_user
        if not await ensure_async(self.authorizer.is_authorized(self, user, "execute", RESOURCE)):
            raise web.HTTPError(403)
        self.roles = await roles_of(self, self.settings[RESOURCE].settings)
        await super().get(*args, **kwargs)

    async def open(self) -> None:
        self._parts: Parts = self.settings[RESOURCE]
        self._outbox = Outbox(self._too_slow)
        caller = caller_of(self)
        listen = self._parts.links.listen
        self._connection = Connection(self._parts.service, caller, self._outbox, self.log, listen)
        self._ponged = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        settings = self._parts.settings
        greeting = hello(settings, caller)
        self._identity, self._began = greeting.connection, time.monotonic()
        self._reason: Reason = ""
        self.principal = caller.principal
        sockets = self._parts.sockets
        try:
            check_connection(settings, len(sockets), sum(s.principal == caller.principal for s in sockets))
        except Fault as fault:
            self._tell("refused", "too_many")
            # Said before it is hung up, since a close code has no words for when to come back.
            with suppress(WebSocketClosedError):
                await self.write_message(encode_event(FaultEvent(fault=fault.record)))
            self.close(Close.TOO_MANY, "too many connections")
            return
        sockets.add(self)
        self._tell("opened")
        self._outbox.put(greeting)
        beat = self._beat(settings.websocket_ping_interval, settings.websocket_timeout)
        self._tasks = [asyncio.ensure_future(self._write()), asyncio.ensure_future(beat)]
        self._subscribe()

    def _subscribe(self) -> None:
        """What the address asks for."""
        wanted, after = self.get_query_argument("conversation", ""), self.get_query_argument("after", "0")
        if wanted and after.isdecimal():
            conversation, number = ConversationId(wanted), int(after)
            self._connection.take(Resume(id=CommandId("address"), conversation=conversation, after=number))
        elif wanted:
            self._connection.refuse(Fault(Code.MALFORMED, "`after` is a number.", about="after"), None)

    def on_message(self, message: str | bytes) -> None:
        try:
            command = decode_command(message)
        except Fault as fault:
            self._connection.refuse(fault, _id_in(message))
            return
        self._connection.take(command)

    def _tell(self, action: Literal["opened", "refused", "closed"], reason: Reason = "") -> None:
        record = ConnectionRecord(
            actor=self.principal,
            action=action,
            connection=self._identity,
            reason=reason,
            elapsed_s=round(time.monotonic() - self._began, 3) if action == "closed" else 0.0,
        )
        self._parts.observer.tell(record)

    def on_close(self) -> None:
        if self in self._parts.sockets:
            # Without a code nobody said goodbye: the network did, or a page that crashed.
            left: Reason = "stopped" if self._parts.closing else "left" if self.close_code else "error"
            self._tell("closed", self._reason or left)
        self._parts.sockets.discard(self)
        self._outbox.drop()
        self._connection.close()
        for task in self._tasks:
            task.cancel()

    async def _write(self) -> None:
        """One frame after the other: the next is asked for when the last has left."""
        try:
            while (frame := await self._outbox.next()) is not None:
                await self.write_message(frame)
        except WebSocketClosedError:
            self._outbox.drop()

    def _too_slow(self) -> None:
        self._reason = "too_slow"
        self._connection.close()
        self.close(Close.TOO_SLOW, "events were not read fast enough")

    async def _beat(self, interval: float, timeout: float) -> None:
        """Ping every `interval` seconds; a peer that does not answer within `timeout` is gone."""
        while interval > 0:
            await asyncio.sleep(interval)
            self._ponged.clear()
            try:
                self.ping(b"")
                await asyncio.wait_for(self._ponged.wait(), timeout)
            except (asyncio.TimeoutError, WebSocketClosedError):
                self._reason = "silent"
                self.close()
                return

    def on_pong(self, data: bytes) -> None:
        self._ponged.set()


def _id_in(message: str | bytes) -> CommandId | None:
    """The id of what is otherwise no command, so that its sender knows which one was refused."""
    try:
        content = msgspec.json.decode(message) if len(message) <= MAX_COMMAND_BYTES else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    found = content.get("id") if isinstance(content, dict) else None
    return CommandId(found) if isinstance(found, str) and len(found) <= 64 else None
