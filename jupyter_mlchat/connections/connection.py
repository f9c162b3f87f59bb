"""One connection of one front end: commands in, obeyed in order; events of what it follows, out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from ..guard.access import Caller
from ..protocol.codec import MAX_EVENT_BYTES, encode_event
from ..protocol.commands import (
    AnyCommand,
    ConversationClose,
    ConversationOpen,
    KernelGet,
    Ping,
    Resume,
    ToolCall,
    TurnCancel,
    TurnSent,
    TurnStart,
)
from ..protocol.events import Accepted, FaultEvent, KernelChanged, Pong
from ..protocol.faults import Code, Fault, record_of
from ..protocol.records import CommandId, ConversationId, KernelId
from .outbox import Outbox
from .questions import Question, answer_to
from .states import Listener, State

if TYPE_CHECKING:
    from ..chat.service import ChatService

Listen = Callable[[KernelId, Listener], Callable[[], None]]
BACKLOG = 100
"""Commands that may wait on one connection."""


class Connection:
    """`take` what arrives, `refuse` what can't be read, `close` at the end. Nothing here raises."""

    def __init__(
        self,
        service: Callable[[], Awaitable[ChatService]],
        caller: Caller,
        outbox: Outbox,
        log: logging.Logger,
        listen: Listen | None = None,
    ) -> None:
        self._service, self._caller, self._outbox, self._log = service, caller, outbox, log
        self._listen = listen
        self._kernels: dict[ConversationId, tuple[KernelId, Callable[[], None]]] = {}
        self._commands: asyncio.Queue[AnyCommand | None] = asyncio.Queue()
        self._follows: dict[ConversationId, Callable[[], None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._attending = asyncio.Lock()
        self._spawn(self._obey_in_order())

    def take(self, command: AnyCommand) -> None:
        if isinstance(command, (TurnCancel, Ping)):
            # They wait for nobody: a turn that is to be stopped was told to this client before.
            self._spawn(self._obey(command))
        elif isinstance(command, KernelGet) and len(self._tasks) < BACKLOG:
            # A kernel may take its time, and nothing that is said meanwhile depends on the answer.
            self._spawn(self._obey(command))
        elif self._commands.qsize() < BACKLOG:
            self._commands.put_nowait(command)
        else:
            message = f"{BACKLOG} commands wait on this connection."
            self.refuse(Fault(Code.SERVER_BUSY, message, "Send fewer at once.", retryable=True), command.id)

    def refuse(self, error: Exception, command: CommandId | None) -> None:
        self._outbox.put(self._fault(error, command))

    def close(self) -> None:
        """Stop listening. Commands that had arrived are still obeyed: one that is cut off halfway would be
        stored but never run."""
        self._closed = True
        for conversation in {*self._follows, *self._kernels}:
            self._leave(conversation)
        self._commands.put_nowait(None)

    async def _obey_in_order(self) -> None:
        while (command := await self._commands.get()) is not None:
            await self._obey(command)

    async def _obey(self, command: AnyCommand) -> None:
        if isinstance(command, Ping):
            self._outbox.put(Pong(command=command.id))
            return
        if isinstance(command, ConversationClose):
            self._leave(command.conversation)
            self._outbox.put(Accepted(command=command.id, conversation=command.conversation))
            return
        if isinstance(command, Question):
            await self._tell(command)
            return
        release = self._outbox.hold(getattr(command, "turn", None))
        kernel = command.context.kernel if isinstance(command, (ConversationOpen, TurnStart, ToolCall)) else None
        try:
            service = await self._service()
            if isinstance(command, Resume):
                info = await service.people.readable(command.conversation, self._caller)
                kernel = info.kernel
                accepted = Accepted(command=command.id, conversation=info.id, seq=info.last_seq)
            else:
                accepted = await service.submit(command, self._caller)
        except Exception as error:
            release(self._fault(error, command.id))
            return
        release(accepted)
        try:
            async with self._attending:
                await self._attend(service, command, accepted)
            if kernel is not None:
                self._hear(kernel, accepted.conversation)
        except Exception as error:
            self.refuse(error, command.id)

    async def _tell(self, command: Question) -> None:
        try:
            told = await answer_to(await self._service(), command, self._caller)
            if len(encode_event(told)) > MAX_EVENT_BYTES:
                place = f"`turns/{command.turn}/sent`" if isinstance(command, TurnSent) else "REST"
                raise Fault(Code.TOO_LARGE, "The answer is too much for one frame.", f"Fetch it from {place}.")
            self._outbox.put(told)
        except Exception as error:
            self.refuse(error, command.id)

    async def _attend(self, service: ChatService, command: AnyCommand, accepted: Accepted) -> None:
        """Follow the conversation of a command, from where the client says or where the command began."""
        conversation = accepted.conversation
        if isinstance(command, (ConversationOpen, Resume)):
            after = command.after
            self._leave(conversation)
        elif accepted.turn is not None and conversation not in self._follows:
            # The number is that of `turn.queued`; right before it stands what was said or closed.
            after = max(0, accepted.seq - 2)
        else:
            return
        if not self._closed:
            follow = service.follow(conversation, after, self._caller, self._outbox.put)
            batched = isinstance(command, (ConversationOpen, Resume)) and command.batched
            self._follows[conversation] = await self._outbox.replay(follow, batched)
        if self._closed:
            self._leave(conversation)

    def _hear(self, kernel: KernelId, conversation: ConversationId) -> None:
        """Tell how the kernel of a conversation stands; the one it had before is not listened to any more."""
        known = self._kernels.get(conversation)
        if self._listen is None or self._closed or (known is not None and known[0] == kernel):
            return
        if known is not None:
            known[1]()

        def tell(state: State, detail: str) -> None:
            now = time.time()
            changed = KernelChanged(conversation=conversation, kernel=kernel, state=state, detail=detail, time=now)
            self._outbox.put(changed)

        self._kernels[conversation] = kernel, self._listen(kernel, tell)

    def _leave(self, conversation: ConversationId) -> None:
        kernel = self._kernels.pop(conversation, None)
        for stop in (self._follows.pop(conversation, None), kernel[1] if kernel is not None else None):
            if stop is not None:
                stop()

    def _fault(self, error: Exception, command: CommandId | None) -> FaultEvent:
        if not isinstance(error, Fault):
            # The trace may quote data: it is for whoever asks for it.
            self._log.error("mlchat: a command failed (%s)", type(error).__name__)
            self._log.debug("mlchat: it failed here", exc_info=error)
        return FaultEvent(fault=record_of(error), command=command)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
