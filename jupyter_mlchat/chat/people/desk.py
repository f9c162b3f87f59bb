"""The desk where a person is asked for: who has a request, and what may become of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection

from ...guard.access import Caller, check_admin, check_expert
from ...protocol import commands as c
from ...protocol.events import Accepted, Event, ModeChanged
from ...protocol.faults import Code, Fault
from ...protocol.records import ConversationId, ConversationInfo
from .. import threads
from ..means import Means
from ..queue import TurnQueue
from ..threads import accepted
from . import requests
from .calling import Calling
from .requests import Request, elsewhere
from .talk import for_people_alone, hand_over, handed_over, steady

MAX_NOTE = 2_000
"""Characters of what is written when asking."""
MAX_NAME = 255

Also = Callable[[Connection, int], None]


def _nothing(connection: Connection, seq: int) -> None:
    """No command to remember, and nothing more to write."""


class Desk:
    """Every change is one transaction that looks whether the request is still as it was: of two, one wins."""

    def __init__(self, means: Means, queue: TurnQueue, calling: Calling) -> None:
        self._means, self._journal, self._read = means, means.journal, means.database.read
        self._queue, self._calling = queue, calling

    async def ask(self, command: c.ExpertRequest, caller: Caller) -> Accepted:
        note = command.text.strip()
        if len(note) > MAX_NOTE:
            raise Fault(Code.TOO_LARGE, f"The note is longer than {MAX_NOTE} characters.", "Say it shorter.")
        where = command.conversation
        info = await self._read(lambda tx: threads.own_conversation(tx, caller, where))
        before = await self._found(where)
        if before is not None and before.state != "closed":
            return await self._switch(command, caller, before, note)
        changed = ModeChanged(
            mode=command.mode, why="requested", by=caller.principal, note=note, observed=command.observe
        )

        remember = _remember(command, caller)

        def write(connection: Connection, seq: int) -> None:
            remember(connection, seq)
            current = requests.find(connection, where)
            if current is not None and current.state != "closed":
                raise Fault(Code.CONFLICT, "A person was asked for already.", "Wait for them.")
            requests.ask(connection, where, info.owner, command.mode, note, command.observe)
            threads.set_conversation(connection, where, mode=command.mode)

        told = await self._journal.append(where, [changed], write)
        asked = await self._known(where)
        await self._calling.tell(asked, "requested", caller.principal)
        return accepted(command.id, where, "", told[-1].seq)

    async def change_mode(self, command: c.ModeChange, caller: Caller, info: ConversationInfo) -> Accepted:
        """`info` is of what the caller may read: their own, or a request that is theirs to take or that they have."""
        request = await self._found(info.id)
        has_joined = request is not None and request.state == "claimed" and request.expert == caller.principal
        if info.owner != caller.principal and not has_joined:
            raise Fault(Code.FORBIDDEN, "Only who has joined may change who answers.", "Take the request first.")
        if request is None or request.state == "closed":
            if command.mode == "assistant":
                return accepted(command.id, info.id, "", info.last_seq)
            asking = c.ExpertRequest(id=command.id, conversation=info.id, mode=command.mode, observe=command.observe)
            return await self.ask(asking, caller)
        if command.mode == "assistant":
            return await steady(partial(self._end, command, caller, request))
        return await self._switch(command, caller, request)

    async def claim(self, command: c.ExpertClaim, caller: Caller) -> Accepted:
        check_expert(caller)
        request = await self._known(command.conversation)
        expert = command.expert or caller.principal
        assigned = expert != caller.principal
        if assigned:
            check_admin(caller)
        if request.state == "closed" or (request.state == "claimed" and not assigned):
            raise elsewhere(request)
        if len(expert) > MAX_NAME:
            raise Fault(Code.INVALID_INPUT, f"A name has at most {MAX_NAME} characters.", about="expert")
        if expert == request.owner:
            raise Fault(Code.CONFLICT, "Nobody answers a request of their own.", "Leave it to somebody else.")
        values = {"state": "claimed", "expert": expert, "seen": time.time()}
        return await self._pass_on(command, caller, request, values, "assigned" if assigned else "claimed")

    async def release(self, command: c.ExpertRelease, caller: Caller) -> Accepted:
        check_expert(caller)
        request = await self._known(command.conversation)
        if request.state != "claimed" or (request.expert != caller.principal and not caller.is_admin):
            raise elsewhere(request)
        return await self._pass_on(
            command, caller, request, {"state": "queued", "expert": "", "told": False}, "released"
        )

    async def lost(self, request: Request) -> None:
        """The expert is gone: back into the queue."""
        changed = ModeChanged(mode=request.mode, why="lost", observed=request.observed)
        values = {"state": "queued", "expert": "", "told": False}
        await self._change(request, values, changed)
        await self._calling.tell(replace(request, state="queued", expert=""), "lost", "")

    # -- changes -----------------------------------------------------------------------------------------

    async def _pass_on(
        self,
        command: c.ExpertClaim | c.ExpertRelease,
        caller: Caller,
        request: Request,
        values: dict[str, Any],
        why: Literal["claimed", "assigned", "released"],
    ) -> Accepted:
        changed = ModeChanged(
            mode=request.mode,
            why=why,
            expert=values["expert"],
            by=caller.principal,
            observed=request.observed,
        )
        seq = await self._change(request, values, changed, remember=_remember(command, caller))
        await self._calling.tell(
            replace(request, state=values["state"], expert=values["expert"]), why, caller.principal
        )
        return accepted(command.id, request.conversation, "", seq)

    async def _switch(
        self, command: c.ModeChange | c.ExpertRequest, caller: Caller, request: Request, note: str = ""
    ) -> Accepted:
        if (command.mode, command.observe) == (request.mode, request.observed) and note in ("", request.note):
            return accepted(command.id, request.conversation, "", 0)
        changed = ModeChanged(
            mode=command.mode,
            why="switched",
            expert=request.expert,
            by=caller.principal,
            note=note,
            observed=command.observe,
        )
        values = {"mode": command.mode, "observed": command.observe, "note": note or request.note}
        seq = await self._change(request, values, changed, remember=_remember(command, caller))
        return accepted(command.id, request.conversation, "", seq)

    async def _end(self, command: c.ModeChange, caller: Caller, request: Request) -> Accepted:
        """Back to the assistant."""
        waiting = await self._read(lambda tx: requests.waiting_turns(tx, request.conversation))
        more = handed_over(waiting, self._queue.length)
        host, seconds = self._means.settings.host, self._means.settings.lease

        def also(connection: Connection, seq: int) -> None:
            hand_over(connection, request, waiting, host, seconds)

        changed = ModeChanged(mode="assistant", why="ended", by=caller.principal)
        seq = await self._change(request, {"state": "closed"}, changed, more, _remember(command, caller), also)
        for turn in waiting:
            if not for_people_alone(turn):
                self._queue.add(turn.id, turn.conversation)
        await self._calling.tell(replace(request, state="closed"), "ended", caller.principal)
        return accepted(command.id, request.conversation, "", seq)

    async def _change(
        self,
        before: Request,
        values: dict[str, Any],
        changed: ModeChanged,
        more: Sequence[Event] = (),
        remember: Also = _nothing,
        also: Also = _nothing,
    ) -> int:
        """Returns the number of the last event. Raises Fault `conflict` when somebody was faster."""

        def write(connection: Connection, seq: int) -> None:
            remember(connection, seq)
            current = requests.known(connection, before.conversation)
            if current != before:
                raise elsewhere(current)
            requests.change(connection, before.conversation, **values)
            threads.set_conversation(connection, before.conversation, mode=changed.mode)
            also(connection, seq)

        return (await self._journal.append(before.conversation, [changed, *more], write))[-1].seq

    async def _found(self, conversation: ConversationId) -> Request | None:
        return await self._read(lambda tx: requests.find(tx, conversation))

    async def _known(self, conversation: ConversationId) -> Request:
        return await self._read(lambda tx: requests.known(tx, conversation))


def _remember(command: c.ModeChange | c.ExpertRequest | c.ExpertClaim | c.ExpertRelease, caller: Caller) -> Also:
    def remember(connection: Connection, seq: int) -> None:
        threads.remember(connection, caller.principal, command.id, command.conversation, "", seq)

    return remember
