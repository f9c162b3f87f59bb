"""A view of a panel that has no socket: its commands arrive through its kernel, and so do its events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from ..guard.access import Caller
from ..protocol.codec import decode_command
from ..protocol.events import FaultEvent, Hello
from ..protocol.faults import record_of
from ..protocol.records import CommandId
from .connection import Connection, Listen
from .outbox import Outbox

if TYPE_CHECKING:
    from ..chat.service import ChatService

PACE_S = 1 / 30
"""Events leave at most this often, in batches."""

MAX_BATCH = 200

LEFT: dict[str, Any] = {"type": "left"}
"""Between host and kernel only: the connection is over, and the view may join again."""

Deliver = Callable[[list[dict[str, Any]]], None]
Greet = Callable[[Caller], Hello]


class PanelConnection:
    """A `Connection` as `websocket.py` makes one, with messages in place of frames. Lives in one event loop."""

    def __init__(
        self,
        service: Callable[[], Awaitable[ChatService]],
        caller: Callable[[], Awaitable[Caller]],
        greet: Greet,
        deliver: Deliver,
        log: logging.Logger,
        listen: Listen | None = None,
    ) -> None:
        self._deliver = deliver
        self._outbox = Outbox(self._overflowed)
        self._open = asyncio.ensure_future(self._connect(service, caller, greet, log, listen))
        self._writer = asyncio.ensure_future(self._write())
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, content: dict[str, Any]) -> None:
        """Obey a command, in the order of arrival. Whatever is wrong with it comes back as a `fault`."""
        task = asyncio.ensure_future(self._take(content))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        self._outbox.drop()
        if self._open.done() and not self._open.cancelled() and self._open.exception() is None:
            self._open.result().close()
        self._open.cancel()

    def _overflowed(self) -> None:
        self.close()
        self._deliver([LEFT])

    async def _connect(
        self,
        service: Callable[[], Awaitable[ChatService]],
        caller: Callable[[], Awaitable[Caller]],
        greet: Greet,
        log: logging.Logger,
        listen: Listen | None,
    ) -> Connection:
        known = await caller()
        self._outbox.put(greet(known))
        return Connection(service, known, self._outbox, log, listen)

    async def _take(self, content: dict[str, Any]) -> None:
        command_id = CommandId(str(content.get("id", "")))
        try:
            command = decode_command(msgspec.json.encode(content))
            connection = await asyncio.shield(self._open)
            connection.take(command)
        except Exception as error:
            self._outbox.put(FaultEvent(fault=record_of(error), command=command_id))

    async def _write(self) -> None:
        while (frame := await self._outbox.next()) is not None:
            batch = [frame]
            while len(batch) < MAX_BATCH and not self._outbox.is_empty:
                more = await self._outbox.next()
                if more is not None:
                    batch.append(more)
            self._deliver([msgspec.json.decode(each) for each in batch])
            await asyncio.sleep(PACE_S)
