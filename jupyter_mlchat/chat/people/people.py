"""Who answers in a conversation: the assistant, or a person who was asked for; and who may therefore read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection

from ...guard.access import Caller, check_expert
from ...observe.records import AccessRecord
from ...protocol import commands as c
from ...protocol.events import Accepted, ConversationDeleted, Event, Message, ModeChanged
from ...protocol.faults import Code, Fault
from ...protocol.records import ConversationId, ConversationInfo, HelpRequest
from .. import threads
from ..door import Door
from ..followers import Listener
from ..means import Means
from ..queue import TurnQueue
from ..threads import Turn, accepted
from . import requests
from .calling import Calling
from .desk import Desk
from .presence import Presences
from .requests import Request
from .talk import Talk

Handler = Callable[[Any, Caller], Awaitable[Accepted]]


class People:
    """Where no expert is named, everything is refused. Lives in the service's loop."""

    def __init__(self, means: Means, queue: TurnQueue, door: Door) -> None:
        self._means, self._journal, self._read, self._door = means, means.journal, means.database.read, door
        self.on = bool(means.settings.experts)
        self._calling = Calling(means)
        desk = self._desk = Desk(means, queue, self._calling)
        self._presences = Presences(means, desk.lost)
        self._commands: dict[type[Any], Handler] = {
            c.ModeChange: self._change_mode,
            c.ExpertRequest: desk.ask,
            c.ExpertClaim: desk.claim,
            c.ExpertRelease: desk.release,
            c.ExpertSay: Talk(means, queue, door).say,
            c.PresenceSet: self._set_presence,
        }

    @property
    def handlers(self) -> dict[type[Any], Handler]:
        return dict.fromkeys(self._commands, self._take)

    async def open(self) -> None:
        if self.on:
            self._presences.open()
            await self._calling.open()

    async def close(self) -> None:
        await self._presences.close()
        await self._calling.close()

    # -- who may read, and who answers -----------------------------------------------------------------

    async def readable(self, conversation: ConversationId, caller: Caller, action: str = "") -> ConversationInfo:
        """The caller's own conversation; for an expert also one that is in the queue, or that they have.

        Raises Fault `not_found` for any other. `action` is what the audit calls an expert's access.
        """

        def read(connection: Connection) -> ConversationInfo:
            request = requests.find(connection, conversation) if self.on and caller.is_expert else None
            if request is None or request.state == "closed" or request.expert not in ("", caller.principal):
                return threads.own_conversation(connection, caller, conversation)
            return threads.own_conversation(connection, Caller(request.owner), conversation)

        try:
            info = await self._read(read)
        except Fault as fault:
            self._audit(caller, action, conversation, fault=fault.code.value)
            raise
        if info.owner != caller.principal:
            self._audit(caller, action, conversation, info.owner)
        return info

    def heard_by(self, info: ConversationInfo, caller: Caller, listener: Listener) -> Listener:
        """`listener`, for an expert as long as they may read the conversation. `info` is what was readable last."""
        return listener if info.owner == caller.principal else _while_readable(info, caller, listener)

    def followed(
        self, info: ConversationInfo, caller: Caller, listener: Listener, stop: Callable[[], None]
    ) -> Callable[[], None]:
        """`listener` hears the conversation until `stop`: others hear who is there. Returns what ends both."""
        if not self.on:
            return stop
        left = self._presences.joined(info, caller, listener)

        def end() -> None:
            stop()
            left()

        return end

    async def answering(self, info: ConversationInfo) -> Request | None:
        """The request that a question waits for; None when the assistant answers."""
        if not self.on or info.mode == "assistant":
            return None
        found = await self._read(lambda tx: requests.find(tx, info.id))
        return found if found is not None and found.state != "closed" else None

    async def check_retry(self, turn: Turn) -> None:
        """Raises Fault where a person answers, and for what was said to a person alone."""
        info = await self._journal.info(turn.conversation)
        if await self.answering(info) is not None:
            raise Fault(Code.CONFLICT, "A person answers here now.", "Ask them, or go back to the assistant first.")
        said = await self._journal.read_turn(turn.id)
        if any(isinstance(event, Message) and event.private for event in said):
            raise Fault(Code.CONFLICT, "This was said to a person alone.", "Ask the assistant in a new message.")

    async def queue(self, caller: Caller) -> list[HelpRequest]:
        """Every open request. Raises Fault where there are no experts, and for who is none."""
        self._check_on()
        check_expert(caller)
        self._audit(caller, "experts.queue", "")
        return await self._read(requests.queue)

    # -- commands --------------------------------------------------------------------------------------

    async def _take(self, command: Any, caller: Caller) -> Accepted:
        self._check_on()
        if not isinstance(command, (c.PresenceSet, c.ExpertSay)):
            # What is said counts where it is said.
            self._door.check_rate(caller)
        action = "" if isinstance(command, c.PresenceSet) else str(command.__struct_config__.tag)
        try:
            taken = await self._commands[type(command)](command, caller)
        except Fault as fault:
            self._audit(caller, action, command.conversation, fault=fault.code.value)
            raise
        self._audit(caller, action, command.conversation)
        return taken

    async def _change_mode(self, command: c.ModeChange, caller: Caller) -> Accepted:
        return await self._desk.change_mode(command, caller, await self.readable(command.conversation, caller))

    async def _set_presence(self, command: c.PresenceSet, caller: Caller) -> Accepted:
        info = await self.readable(command.conversation, caller)
        if info.mode != "assistant":
            if info.owner != caller.principal:
                await self._journal.transact(lambda tx: requests.seen(tx, info.id, caller.principal))
            self._presences.tell(info, caller.principal, command.state)
        return accepted(command.id, info.id, "", info.last_seq)

    def _check_on(self) -> None:
        if not self.on:
            message = "Nobody can be asked for here: no expert is named."
            raise Fault(Code.UNSUPPORTED, message, "The administrator names them in the setting `experts`.")

    def _audit(self, caller: Caller, action: str, conversation: str, owner: str = "", fault: str = "") -> None:
        """What somebody with a role did, or tried; "" is nothing to speak of."""
        if action and caller.is_expert:
            self._means.observer.tell(
                AccessRecord(
                    actor=caller.principal,
                    role="admin" if caller.is_admin else "expert",
                    action=action,
                    conversation=conversation,
                    owner=owner,
                    fault=fault,
                )
            )


def _while_readable(info: ConversationInfo, caller: Caller, listener: Listener) -> Listener:
    """Ends with the event that takes the conversation away from this expert: one that is later than `info`."""
    readable = True

    def hear(event: Event) -> None:
        nonlocal readable
        if readable:
            listener(event)
        if event.seq <= info.last_seq:
            return
        if isinstance(event, ModeChanged):
            readable = readable and event.mode != "assistant" and event.expert in ("", caller.principal)
        elif isinstance(event, ConversationDeleted):
            readable = False

    return hear
