"""Conversations and turns as rows: opening, finding, and what a turn's row remembers."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, exists, func, insert, or_, select, update

from ..guard.access import Caller, no_turn
from ..protocol.events import Accepted
from ..protocol.faults import Code, Fault
from ..protocol.records import (
    CommandId,
    Context,
    ConversationId,
    ConversationInfo,
    Decision,
    Effect,
    Memory,
    Parameters,
    Record,
    ToolResult,
    TurnId,
)
from ..store.tables import commands, conversations, turns
from .journal import TICK_S, info_of, levels_of, memory_of, not_found, parameters_of


class Call(Record, frozen=True):
    """A tool call as it waits: the id the llm gave it, and its arguments. `agent` called it from outside."""

    id: str
    tool: str
    args: dict[str, Any] = {}
    agent: str = ""


def called(call: Call) -> str:
    """A direct call as the conversation tells it."""
    return f"`{call.tool}`" + (f" (asked by `{call.agent}` through MCP)" if call.agent else "")


class Pending(Record, frozen=True):
    """What a turn waits for, or with kind `resume` what its next attempt begins with.

    `revision` is that of the model when it was asked. A resumption runs `call`, or takes `result` in its place.
    """

    kind: Literal["form", "approval", "cell", "resume", "review", "person"]
    id: str
    call: Call
    effect: Effect = "read"
    offers: list[Call] = []
    target: str = ""
    revision: str = ""
    expires: float = 0.0
    approved: bool = False
    result: ToolResult | None = None
    proposed: dict[str, Any] = {}
    """What stood in the form's fields: of a row that was pointed at, say. Left as it was, nobody has typed it."""
    start: str = ""
    """The row that the form proposed to start from; "" for a form without one."""
    then: Call | None = None
    """The call that asked first, where `call` is what a person was led to by its form: it runs afterwards."""


@dataclass(frozen=True)
class Turn:
    id: TurnId
    conversation: ConversationId
    owner: str
    state: str
    text: str
    context: Context
    llm: str
    tool: Call | None
    attempts: int
    lease: float
    pending: Pending | None
    levels: dict[Effect, Decision]
    title: str
    answer_of: str
    """The turn whose answer it got again."""
    route: str
    prompt: str
    parameters: Parameters
    """As the conversation has chosen them by now."""
    author: str
    """The expert who asked it; "" for the owner."""
    reviewing: str
    memory: Memory


_OF_CONVERSATION = ("owner", "levels", "title", "parameters", "reviewing", "memory")


def load_turn(connection: Connection, turn: TurnId) -> Turn:
    row = connection.execute(
        select(turns, *(conversations.c[name] for name in _OF_CONVERSATION))
        .join(conversations, conversations.c.id == turns.c.conversation)
        .where(turns.c.id == turn)
    ).one_or_none()
    if row is None:
        raise no_turn(turn)
    return _turn_of(row)


def _turn_of(row: Row[Any]) -> Turn:
    return Turn(
        id=TurnId(row.id),
        conversation=ConversationId(row.conversation),
        owner=row.owner,
        state=row.state,
        text=row.text,
        context=msgspec.json.decode(row.context, type=Context),
        llm=row.llm,
        tool=msgspec.json.decode(row.tool, type=Call) if row.tool else None,
        attempts=row.attempts,
        lease=row.lease,
        pending=msgspec.json.decode(row.pending, type=Pending) if row.pending else None,
        levels=levels_of(row),
        title=row.title,
        answer_of=row.answer_of,
        route=row.route,
        prompt=row.prompt,
        parameters=parameters_of(row),
        author=row.author,
        reviewing=row.reviewing,
        memory=memory_of(row),
    )


def set_turn(connection: Connection, turn: TurnId, **values: Any) -> None:
    if isinstance(values.get("pending"), Pending):
        values["pending"] = msgspec.json.encode(values["pending"]).decode()
    connection.execute(update(turns).where(turns.c.id == turn).values(**values))


def already(connection: Connection, principal: str, command: str) -> Row[Any] | None:
    """The command of that id that this principal sent before, if any."""
    return connection.execute(
        select(commands).where(commands.c.principal == principal, commands.c.id == command)
    ).one_or_none()


class Known(Exception):
    """The command was taken before, perhaps a moment ago on another connection. `row` says what came of it."""

    def __init__(self, row: Row[Any]) -> None:
        super().__init__()
        self.row = row


def remember(connection: Connection, principal: str, command: str, conversation: str, turn: str, seq: int) -> None:
    """Raises `Known` for a second time, so that nothing of the transaction happens twice."""
    row = already(connection, principal, command)
    if row is not None:
        raise Known(row)
    connection.execute(
        insert(commands).values(principal=principal, id=command, conversation=conversation, turn=turn, seq=seq)
    )


def find_conversation(connection: Connection, caller: Caller, context: Context) -> ConversationInfo | None:
    """The newest open one of (owner, notebook), else of (owner, kernel)."""
    # What was imported counts once somebody has gone on with it: a file does not decide what a notebook's questions
    # follow. Only turns that were asked here have had a host.
    gone_on = exists().where(turns.c.conversation == conversations.c.id, turns.c.host != "")
    mine = select(conversations).where(
        conversations.c.owner == caller.principal,
        conversations.c.deleted.is_(False),
        or_(conversations.c.imported == "", gone_on),
    )
    newest = conversations.c.updated.desc()
    for column, value in (
        (conversations.c.notebook, context.notebook),
        (conversations.c.kernel, context.kernel or ""),
    ):
        if value:
            row = connection.execute(mine.where(column == value).order_by(newest).limit(1)).one_or_none()
            return info_of(row) if row is not None else None
    return None


def open_conversation(connection: Connection, caller: Caller, context: Context, llm: str = "") -> ConversationInfo:
    now = time.time()
    mine = conversations.c.owner == caller.principal
    newest = connection.execute(select(func.max(conversations.c.updated)).where(mine)).scalar() or 0.0
    new = ConversationId(uuid.uuid4().hex)
    connection.execute(
        insert(conversations).values(
            id=new,
            owner=caller.principal,
            notebook=context.notebook,
            kernel=context.kernel or "",
            llm=llm,
            created=now,
            updated=max(now, newest + TICK_S),
        )
    )
    return own_conversation(connection, caller, new)


def own_conversation(
    connection: Connection, caller: Caller, conversation: ConversationId, *, deleted: bool = False
) -> ConversationInfo:
    """The caller's conversation. A foreign, unknown or deleted one is the same fault: `not_found`."""
    row = connection.execute(
        select(conversations).where(conversations.c.id == conversation, conversations.c.owner == caller.principal)
    ).one_or_none()
    if row is None or (row.deleted and not deleted):
        raise not_found(conversation)
    return info_of(row)


def set_conversation(connection: Connection, conversation: ConversationId, **values: Any) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation).values(**values))


def allow_always(connection: Connection, turn: TurnId, effect: Effect) -> None:
    """From now on its conversation doesn't ask for this effect."""
    now = load_turn(connection, turn)
    levels = msgspec.json.encode({**now.levels, effect: "allow"}).decode()
    set_conversation(connection, now.conversation, levels=levels)


def clock(connection: Connection) -> float:
    """Seconds since the epoch by the one clock that all processes have: the database server's, or this machine's."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())


def unended(connection: Connection, owner: str) -> int:
    """How many turns of one person run or wait for their turn, on all servers of this store."""
    runs = turns.c.state.in_(("queued", "active")) & (turns.c.lease > clock(connection))
    mine = (conversations.c.owner == owner) & runs
    counted = select(func.count()).select_from(turns.join(conversations)).where(mine)
    return int(connection.execute(counted).scalar_one())


def add_turn(
    connection: Connection,
    turn: TurnId,
    conversation: ConversationId,
    text: str,
    context: Context,
    llm: str,
    tool: Call | None,
    host: str,
    route: str = "",
    prompt: str = "",
    lease: float = 30.0,
    author: str = "",
) -> None:
    connection.execute(
        insert(turns).values(
            id=turn,
            conversation=conversation,
            state="queued",
            text=text,
            context=msgspec.json.encode(context).decode(),
            llm=llm,
            tool=msgspec.json.encode(tool).decode() if tool else "",
            route=route,
            prompt=prompt,
            author=author,
            created=time.time(),
            host=host,
            lease=clock(connection) + lease,
        )
    )


def check_same(before: Turn, now: Turn) -> None:
    """Raises Fault `conflict` when a turn has gone on since it was looked at."""
    if (before.state, before.pending, before.attempts) != (now.state, now.pending, now.attempts):
        raise Fault(Code.CONFLICT, f"The turn is {now.state}.", "It was answered or stopped meanwhile.")


def accepted(command: str, conversation: str, turn: str, seq: int) -> Accepted:
    """The answer to a command that was stored; what comes of it is numbered from about `seq` on."""
    return Accepted(
        command=CommandId(command),
        conversation=ConversationId(conversation),
        turn=TurnId(turn) if turn else None,
        seq=seq,
        time=time.time(),
    )


def pending_of(turn: Turn, kind: str, wanted: str) -> Pending:
    """What the turn waits for, if it is `wanted`. Raises Fault `conflict` when it was answered already."""
    pending = turn.pending
    if turn.state != "waiting" or pending is None or pending.kind != kind or pending.id != wanted:
        raise Fault(
            Code.CONFLICT,
            f"This {kind} is not open any more; the turn is {turn.state}.",
            "Somebody has answered it, or the turn was stopped.",
        )
    if pending.expires and time.time() > pending.expires:
        raise Fault(Code.EXPIRED, f"This {kind} has expired.", "Ask again.")
    return pending


def resumed(
    pending: Pending, call: Call | None = None, *, result: ToolResult | None = None, approved: bool = False
) -> Pending:
    """What the next attempt begins with, once `pending` is answered."""
    return Pending(
        "resume",
        pending.id,
        call or pending.call,
        revision=pending.revision,
        approved=approved,
        result=result,
        then=pending.then,
    )
