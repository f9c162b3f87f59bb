"""What experts say, what they ask the assistant, and what becomes of questions when a person hands back."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Connection

from ...guard.access import Caller, check_expert
from ...protocol import commands as c
from ...protocol.events import Accepted, Event, Message, TurnEnded, TurnQueued
from ...protocol.faults import Code, Fault
from ...protocol.records import Context, TurnId
from .. import threads
from ..door import Door
from ..leases import lease
from ..means import Means
from ..queue import TurnQueue
from ..threads import Turn, accepted
from . import requests
from .requests import Request, elsewhere

T = TypeVar("T")


class Moved(Exception):
    """Other questions wait than when it was looked at."""


async def steady(act: Callable[[], Awaitable[T]]) -> T:
    """`act`, again whenever a question has come or gone while it was at work."""
    while True:
        try:
            return await act()
        except Moved:
            continue


def check_waiting(connection: Connection, request: Request, before: list[Turn]) -> None:
    now = requests.waiting_turns(connection, request.conversation)
    if [turn.id for turn in now] != [turn.id for turn in before]:
        raise Moved


class Talk:
    """Of experts who have joined. Lives in the service's loop."""

    def __init__(self, means: Means, queue: TurnQueue, door: Door) -> None:
        self._means, self._journal, self._queue, self._door = means, means.journal, queue, door

    async def say(self, command: c.ExpertSay, caller: Caller) -> Accepted:
        check_expert(caller)
        if not command.text.strip():
            raise Fault(Code.INVALID_INPUT, "The message is empty.", "Write what you want to say.", about="text")
        if command.to == "assistant":
            await self._door.check_room(caller)
            return await self._ask(command, caller)
        self._door.check_rate(caller)
        return await steady(lambda: self._say(command, caller))

    async def _say(self, command: c.ExpertSay, caller: Caller) -> Accepted:
        """All that waits is answered by this; without anything that waits it is a turn of its own."""

        def read(connection: Connection) -> tuple[Request, list[Turn]]:
            request = _held(connection, command, caller)
            return request, requests.waiting_turns(connection, request.conversation)

        request, waiting = await self._means.database.read(read)
        own = TurnId(uuid.uuid4().hex)
        answered = [turn.id for turn in waiting] or [own]
        said = Message(
            turn=answered[-1],
            role="expert",
            author=caller.principal,
            text=command.text,
            metadata=command.metadata,
            private=request.private,
        )
        by = f"{caller.principal} (a person)"
        ended = [TurnEnded(turn=turn, state="completed", answered_by=by) for turn in answered]

        def write(connection: Connection, seq: int) -> None:
            threads.remember(connection, caller.principal, command.id, request.conversation, answered[-1], seq)
            now = _held(connection, command, caller)
            if (now.mode, now.observed) != (request.mode, request.observed):
                raise Moved
            check_waiting(connection, request, waiting)
            if not waiting:
                host, where = self._means.settings.host, request.conversation
                threads.add_turn(
                    connection, own, where, command.text, Context(), "", None, host, author=caller.principal
                )
            for turn in answered:
                threads.set_turn(connection, turn, state="completed", pending="", lease=0.0)
            requests.seen(connection, request.conversation, caller.principal)

        told = await self._journal.append(request.conversation, [said, *ended], write)
        return accepted(command.id, request.conversation, answered[-1], told[0].seq + 1)

    async def _ask(self, command: c.ExpertSay, caller: Caller) -> Accepted:
        """A turn of the assistant's, in the notebook and kernel of the conversation."""
        request = await self._means.database.read(lambda tx: _held(tx, command, caller))
        if request.mode == "direct":
            message = "No assistant is in between when people talk directly."
            raise Fault(Code.CONFLICT, message, "Change the mode to `expert` first.", about="to")
        info = await self._journal.info(request.conversation)
        turn = TurnId(uuid.uuid4().hex)
        said = Message(
            turn=turn,
            role="expert",
            author=caller.principal,
            to="assistant",
            text=command.text,
            metadata=command.metadata,
        )
        queued = TurnQueued(turn=turn, position=self._queue.length + 1)
        context, settings = Context(notebook=info.notebook, kernel=info.kernel), self._means.settings

        def write(connection: Connection, seq: int) -> None:
            threads.remember(connection, caller.principal, command.id, info.id, turn, seq)
            now = _held(connection, command, caller)
            if (now.mode, now.observed) != (request.mode, request.observed):
                message = "Who answers here has changed while you asked."
                raise Fault(Code.CONFLICT, message, "Ask again.", retryable=True)
            threads.add_turn(
                connection,
                turn,
                info.id,
                command.text,
                context,
                info.llm,
                None,
                settings.host,
                info.route,
                info.prompt,
                settings.lease,
                caller.principal,
            )
            requests.seen(connection, info.id, caller.principal)

        told = await self._journal.append(info.id, [said, queued], write)
        self._queue.add(turn, info.id)
        return accepted(command.id, info.id, turn, told[-1].seq)


def _held(connection: Connection, command: c.ExpertSay, caller: Caller) -> Request:
    request = requests.known(connection, command.conversation)
    if request.state != "claimed" or request.expert != caller.principal:
        raise elsewhere(request)
    return request


def for_people_alone(turn: Turn) -> bool:
    """Whether a question was asked directly, whatever the mode is by now."""
    return turn.pending is not None and turn.pending.target == "direct"


def handed_over(waiting: list[Turn], position: int) -> list[Event]:
    """What becomes of questions that no person has answered: the assistant gets them, unless they were for people
    alone."""
    left = [turn for turn in waiting if not for_people_alone(turn)]
    return [
        *(TurnEnded(turn=turn.id, state="cancelled") for turn in waiting if for_people_alone(turn)),
        *(TurnQueued(turn=turn.id, position=position + number) for number, turn in enumerate(left, 1)),
    ]


def hand_over(connection: Connection, request: Request, waiting: list[Turn], host: str, seconds: float) -> None:
    """The same in the turns' rows. `seconds` as the setting `lease`."""
    check_waiting(connection, request, waiting)
    for turn in waiting:
        state, until = ("cancelled", 0.0) if for_people_alone(turn) else ("queued", lease(connection, seconds))
        threads.set_turn(connection, turn.id, state=state, pending="", lease=until, host=host)
