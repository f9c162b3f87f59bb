"""Requests for a person as rows: asked, taken, given back and ended."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from ...protocol.faults import Code, Fault
from ...protocol.records import ConversationId, HelpRequest, Mode, TurnId
from ...store.people import requests
from ...store.tables import conversations, turns
from .. import threads
from ..journal import not_found
from ..threads import Call, Pending, Turn

NO_CALL = Call("", "")


@dataclass(frozen=True)
class Request:
    """`expert` has it while it is claimed, and had it when it is closed; "" in the queue."""

    conversation: ConversationId
    id: str
    owner: str
    mode: Mode
    state: Literal["queued", "claimed", "closed"]
    asked: float
    note: str
    observed: bool
    expert: str
    title: str = field(compare=False)

    @property
    def private(self) -> bool:
        """Whether what is said now is for people alone."""
        return self.mode == "direct" and not self.observed


def _select() -> Any:
    """Rows with the title; a request of a deleted conversation is closed."""
    joined = requests.join(conversations, conversations.c.id == requests.c.conversation)
    return select(requests, conversations.c.title, conversations.c.deleted).select_from(joined)


def _request_of(row: Row[Any]) -> Request:
    return Request(
        conversation=ConversationId(row.conversation),
        id=row.id,
        owner=row.owner,
        mode=row.mode,
        state="closed" if row.deleted else row.state,
        asked=row.asked,
        note=row.note,
        observed=row.observed,
        expert=row.expert,
        title=row.title,
    )


def find(connection: Connection, conversation: ConversationId) -> Request | None:
    """The last request of a conversation, also one that is closed."""
    row = connection.execute(_select().where(requests.c.conversation == conversation)).one_or_none()
    return _request_of(row) if row is not None else None


def known(connection: Connection, conversation: ConversationId) -> Request:
    """As `find`. To who asks about a conversation that never asked for anybody, it does not exist."""
    found = find(connection, conversation)
    if found is None:
        raise not_found(conversation)
    return found


def elsewhere(request: Request) -> Fault:
    """Why it is not this caller's to act on."""
    if request.state == "claimed":
        message, hint = f"`{request.expert}` has taken this request.", "Choose another one from the queue."
    elif request.state == "queued":
        message, hint = "Nobody has taken this request now; it is in the queue.", "Take it first."
    else:
        message, hint = "This request is closed.", "The conversation is with the assistant again, or gone."
    return Fault(Code.CONFLICT, message, hint, about=request.conversation)


def ask(
    connection: Connection, conversation: ConversationId, owner: str, mode: Mode, note: str, observed: bool
) -> Request:
    """A new request, in the place of an earlier one."""
    now = time.time()
    values = {"id": uuid.uuid4().hex, "owner": owner, "mode": mode, "state": "queued", "asked": now}
    values |= {"note": note, "observed": observed, "expert": "", "seen": now, "told": False}
    if find(connection, conversation) is None:
        connection.execute(insert(requests).values(conversation=conversation, **values))
    else:
        change(connection, conversation, **values)
    return known(connection, conversation)


def change(connection: Connection, conversation: ConversationId, **values: Any) -> None:
    connection.execute(update(requests).where(requests.c.conversation == conversation).values(**values))


def told(connection: Connection, request: str) -> None:
    """The experts have heard of it, as far as they can be reached."""
    connection.execute(update(requests).where(requests.c.id == request).values(told=True))


def untold(connection: Connection) -> list[Request]:
    """What waits for an expert and was not told to them, as the process ended before."""
    rows = connection.execute(_select().where(requests.c.state == "queued", requests.c.told.is_(False)))
    return [found for row in rows if (found := _request_of(row)).state == "queued"]


def seen(connection: Connection, conversation: ConversationId, expert: str) -> None:
    mine = (requests.c.conversation == conversation, requests.c.expert == expert, requests.c.state == "claimed")
    connection.execute(update(requests).where(*mine).values(seen=time.time()))


def deserted(connection: Connection, since: float) -> list[Request]:
    """What is claimed by somebody who was last there before `since`."""
    rows = connection.execute(_select().where(requests.c.state == "claimed", requests.c.seen < since))
    return [found for row in rows if (found := _request_of(row)).state == "claimed"]


def queue(connection: Connection) -> list[HelpRequest]:
    """What waits, oldest first, then what is taken."""
    rows = connection.execute(_select().where(requests.c.state != "closed").order_by(requests.c.asked))
    open_ = [found for row in rows if (found := _request_of(row)).state != "closed"]
    line = [request for request in open_ if request.state == "queued"]
    places = {request.id: number for number, request in enumerate(line, 1)}
    return [
        HelpRequest(
            conversation=request.conversation,
            owner=request.owner,
            mode=request.mode,
            asked=request.asked,
            title=request.title,
            note=request.note,
            expert=request.expert,
            position=places.get(request.id, 0),
            waiting=len(waiting_turns(connection, request.conversation)),
        )
        for request in sorted(open_, key=lambda one: one.state != "queued")
    ]


def length(connection: Connection) -> int:
    """How many wait in the queue."""
    joined = requests.join(conversations, conversations.c.id == requests.c.conversation)
    waiting = select(func.count()).select_from(joined)
    return int(
        connection.execute(waiting.where(requests.c.state == "queued", conversations.c.deleted.is_(False))).scalar_one()
    )


# -- the questions that wait for a person ----------------------------------------------------------------------


def park(connection: Connection, turn: TurnId, request: Request) -> None:
    """Have a turn wait for a person. Raises Fault `conflict` when meanwhile another one answers."""
    current = find(connection, request.conversation)
    before = request.mode, request.observed
    if current is None or current.state == "closed" or (current.mode, current.observed) != before:
        message = "Who answers here has changed while you asked."
        raise Fault(Code.CONFLICT, message, "Ask again.", retryable=True)
    pending = Pending("person", turn, NO_CALL, target=request.mode)
    threads.set_turn(connection, turn, state="waiting", lease=0.0, pending=pending)


def waiting_turns(connection: Connection, conversation: ConversationId) -> list[Turn]:
    """The turns of a conversation that wait for a person, oldest first."""
    waiting = select(turns.c.id).where(turns.c.conversation == conversation, turns.c.state == "waiting")
    ids = connection.execute(waiting.order_by(turns.c.created)).scalars().all()
    found = [threads.load_turn(connection, TurnId(one)) for one in ids]
    return [turn for turn in found if turn.pending is not None and turn.pending.kind == "person"]
