"""The socket of one front end: commands in, in order; events out, bounded."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..protocol.codec import MAX_COMMAND_BYTES, decode_command
from ..protocol.commands import AnyCommand, ConversationClose, ConversationOpen, Ping, Resume, TurnCancel
from ..protocol.events import Accepted, Event, FaultEvent, Hello, Pong
from ..protocol.faults import Close, Code, Fault
from ..protocol.records import CommandId, ConnectionId, ConversationId, TurnId
from .callers import caller_of
from .faults import answer_to
from .handler import RESOURCE
from .outbox import Outbox

if TYPE_CHECKING:
    from .app import Parts

MARGIN = 64 * 1024
"""A frame this much too large gets a fault; one that is larger still gets the socket closed (1009)."""
BACKLOG = 100
"""Commands that may wait on one socket."""


class MLChatSocket(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """`/mlchat/ws?conversation=ID&after=SEQ`. Origin and identity are checked as Jupyter checks its own sockets."""

    auth_resource = RESOURCE
    ping_interval = 0  # pings are ours: in seconds, and an unanswered one is counted from when it was sent

    def set_default_headers(self) -> None:
        """A socket has no headers of a page."""

    def get_compression_options(self) -> dict[str, Any] | None:
        options: dict[str, Any] | None = self.settings.get("websocket_compression_options")
        return options

    @property
    def max_message_size(self) -> int:
        return MAX_COMMAND_BYTES + MARGIN

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        user = self.current_user
        if not await ensure_async(self.authorizer.is_authorized(self, user, "execute", RESOURCE)):
            raise web.HTTPError(403)
        await super().get(*args, **kwargs)

    # -- life ------------------------------------------------------------------------------------------

    async def open(self) -> None:
        self._parts: Parts = self.settings[RESOURCE]
        self._caller = caller_of(self)
        self._outbox = Outbox(self._too_slow)
        self._commands: asyncio.Queue[AnyCommand] = asyncio.Queue(BACKLOG)
        self._follows: dict[ConversationId, Callable[[], None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ponged = asyncio.Event()
        sockets, settings = self._parts.sockets, self._parts.settings
        if len(sockets) >= settings.websocket_max_connections:
            self.close(Close.TOO_MANY, "too many connections")
            return
        from .. import __version__

        sockets.add(self)
        connection = ConnectionId(uuid.uuid4().hex)
        self._outbox.put(Hello(connection=connection, version=__version__, principal=self._caller.principal))
        self._spawn(self._write())
        self._spawn(self._beat(settings.websocket_ping_interval, settings.websocket_timeout))
        self._spawn(self._obey_in_order(self._first()))

    def on_close(self) -> None:
        self._parts.sockets.discard(self)
        self._outbox.drop()
        for conversation in list(self._follows):
            self._leave(conversation)
        for task in self._tasks:
            task.cancel()

    def _first(self) -> list[AnyCommand]:
        """The subscription that the address asks for."""
        wanted, after = self.get_query_argument("conversation", ""), self.get_query_argument("after", "0")
        if not wanted:
            return []
        if not after.isdecimal():
            fault = Fault(Code.MALFORMED, "`after` is a number.", about="after")
            self._outbox.put(self._fault(fault, None))
            return []
        return [Resume(id=CommandId("first"), conversation=ConversationId(wanted), after=int(after))]

    async def _beat(self, interval: float, timeout: float) -> None:
        """Ping; a peer that does not answer in time is gone."""
        while interval > 0:
            await asyncio.sleep(interval)
            self._ponged.clear()
            try:
                self.ping(b"")
                await asyncio.wait_for(self._ponged.wait(), timeout)
            except (asyncio.TimeoutError, WebSocketClosedError):
                self.close()
                return

    def on_pong(self, data: bytes) -> None:
        self._ponged.set()

    # -- events out ------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """One frame after the other; the next one is asked for when the last one has left."""
        try:
            while (frame := await self._outbox.next()) is not None:
                await self.write_message(frame)
        except WebSocketClosedError:
            self._outbox.drop()

    def _too_slow(self) -> None:
        self.close(Close.TOO_SLOW, "events were not read fast enough")

    def _fault(self, error: Exception, command: CommandId | None) -> FaultEvent:
        if not isinstance(error, Fault):
            self.log.error("mlchat: a command failed", exc_info=error)
        return FaultEvent(fault=answer_to(error)[1], command=command)

    # -- commands in -----------------------------------------------------------------------------------

    def on_message(self, message: str | bytes) -> None:
        try:
            command = decode_command(message)
        except Fault as fault:
            self._outbox.put(self._fault(fault, _id_in(message)))
            return
        if isinstance(command, (TurnCancel, Ping)):
            # They wait for nobody: a turn that is to be stopped was told to this client before.
            self._spawn(self._obey(command))
            return
        try:
            self._commands.put_nowait(command)
        except asyncio.QueueFull:
            busy = Fault(Code.SERVER_BUSY, f"{BACKLOG} commands wait already.", "Send fewer at once.", retryable=True)
            self._outbox.put(self._fault(busy, command.id))

    async def _obey_in_order(self, first: list[AnyCommand]) -> None:
        for command in first:
            await self._obey(command)
        while True:
            await self._obey(await self._commands.get())

    async def _obey(self, command: AnyCommand) -> None:
        if isinstance(command, Ping):
            self._outbox.put(Pong(command=command.id))
            return
        if isinstance(command, ConversationClose):
            self._leave(command.conversation)
            self._outbox.put(Accepted(command=command.id, conversation=command.conversation))
            return
        release = self._outbox.hold(getattr(command, "turn", None))
        try:
            service = await self._parts.service()
            if isinstance(command, Resume):
                info = await service.conversation(command.conversation, self._caller)
                accepted = Accepted(command=command.id, conversation=info.id, seq=info.last_seq)
            else:
                # A socket that closes now must not leave a turn that is stored but never run.
                accepted = await asyncio.shield(service.submit(command, self._caller))
        except Exception as error:
            release(self._fault(error, command.id))
            return
        release(accepted)
        try:
            await self._attend(service, command, accepted)
        except Exception as error:
            self._outbox.put(self._fault(error, command.id))

    async def _attend(self, service: Any, command: AnyCommand, accepted: Accepted) -> None:
        """Follow the conversation that a command was about, from where the client says or the command began."""
        conversation = accepted.conversation
        if isinstance(command, (ConversationOpen, Resume)):
            after = command.after
            self._leave(conversation)
        elif accepted.turn is not None and conversation not in self._follows:
            after = max(0, accepted.seq - 2)
        else:
            return
        follow = service.follow(conversation, after, self._caller, self._outbox.put)
        self._follows[conversation] = await self._outbox.replay(follow)

    def _leave(self, conversation: ConversationId) -> None:
        stop = self._follows.pop(conversation, None)
        if stop is not None:
            stop()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _id_in(message: str | bytes) -> CommandId | None:
    """The id of a command that is no command otherwise, so that its sender knows which one was refused."""
    try:
        content = msgspec.json.decode(message) if len(message) <= MAX_COMMAND_BYTES else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    found = content.get("id") if isinstance(content, dict) else None
    return CommandId(found) if isinstance(found, str) and len(found) <= 64 else None
