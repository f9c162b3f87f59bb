"""A cell that waits: its commands arrive through its kernel, and events go down to it, in batches."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from ..guard.access import Caller
from ..protocol.codec import decode_command
from ..protocol.commands import AnyCommand, ConversationOpen, Ping, Resume
from ..protocol.events import Event, FaultEvent, Pong, TextDelta, ends_a_cell
from ..protocol.faults import record_of
from ..protocol.records import CommandId, ConversationId, TurnId
from .outbox import frame_of
from .questions import Question, answer_to

if TYPE_CHECKING:
    from ..chat.service import ChatService

DOWN_S = 0.1
"""Events go down to a cell at most this often."""


class CellConnection:
    """One channel of one cell, in one event loop. `closed` is called once, when the cell has heard its last word."""

    def __init__(
        self,
        service: Callable[[], Awaitable[ChatService]],
        caller: Callable[[], Awaitable[Caller]],
        deliver: Callable[[list[dict[str, Any]]], None],
        closed: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        self._service, self._caller, self._deliver, self._closed, self._log = service, caller, deliver, closed, log
        self._in_order = asyncio.Lock()
        self._held: list[dict[str, Any]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._turn: TurnId | None = None
        self._stop: Callable[[], None] | None = None
        self._over = False

    async def take(self, content: dict[str, Any]) -> None:
        """Obey a command, after those before it. Whatever is wrong with it comes back as a `fault`."""
        async with self._in_order:
            command_id = CommandId(str(content.get("id") or uuid.uuid4().hex))
            try:
                await self._obey(decode_command(msgspec.json.encode(content)))
            except Exception as error:
                self._log.debug("mlchat: a command of a cell failed", exc_info=error)
                self._send(FaultEvent(fault=record_of(error), command=command_id))

    async def _obey(self, command: AnyCommand) -> None:
        if isinstance(command, Ping):
            self._send(Pong(command=command.id))
            self._close_unless_a_turn_runs()
            return
        service, caller = await self._service(), await self._caller()
        if isinstance(command, Question):
            self._send(await answer_to(service, command, caller))
            self._close_unless_a_turn_runs()
        elif isinstance(command, Resume):
            await self._follow(service, command.conversation, None, command.after, caller)
        else:
            accepted = await service.submit(command, caller)
            self._send(accepted)
            if accepted.turn is not None:
                after = max(0, accepted.seq - 1)
                await self._follow(service, accepted.conversation, accepted.turn, after, caller)
            else:
                if isinstance(command, ConversationOpen):
                    await self._follow(service, accepted.conversation, None, command.after, caller)
                self._close_unless_a_turn_runs()

    async def _follow(
        self, service: ChatService, conversation: ConversationId, turn: TurnId | None, after: int, caller: Caller
    ) -> None:
        """Hear what comes of a turn, from its command on."""
        if self._stop is not None:
            return
        self._turn = turn
        stop = await service.follow(conversation, after, caller, self._send)
        if self._over:
            # The turn was over before we had begun to listen.
            stop()
        else:
            self._stop = stop

    def _send(self, event: Event) -> None:
        if self._turn is not None and event.turn not in (None, self._turn):
            return
        raw: dict[str, Any] = msgspec.json.decode(frame_of(event))
        last = self._held[-1] if self._held else None
        if (
            isinstance(event, TextDelta)
            and last is not None
            and last["type"] == "text.delta"
            and last["offset"] + len(last["text"]) == event.offset
        ):
            last["text"] += event.text
            last["marks"] = [*last.get("marks", []), *raw.get("marks", [])]
        else:
            self._held.append(raw)
        # The cell ends with these: whoever goes on with the turn comes with a channel of its own.
        if ends_a_cell(event) or isinstance(event, FaultEvent):
            self.close()
        elif self._timer is None:
            self._flush()

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held:
            held, self._held = self._held, []
            self._deliver(held)
            self._timer = asyncio.get_running_loop().call_later(DOWN_S, self._flush)

    def _close_unless_a_turn_runs(self) -> None:
        if self._turn is None:
            self.close()

    def close(self) -> None:
        """What is held back still goes down."""
        if self._stop is not None:
            self._stop()
        self._flush()
        if self._timer is not None:
            self._timer.cancel()
        if not self._over:
            self._over = True
            self._closed()
