"""Which process has a turn: taking one, keeping it, and telling when another process has gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Set
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select, tuple_, update

from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId, TurnId
from ..store.tables import turns
from .threads import Turn, clock, load_turn, set_turn


class Elsewhere(Exception):
    """The conversation has a turn that runs, in another process."""


class Superseded(Exception):
    """This attempt is not the one that has the turn any more: nothing of it may be told."""


class Ours(NamedTuple):
    """The turns that a process sees to: those that wait here for whatever, and the attempts that run here."""

    waiting: Set[TurnId]
    running: Mapping[TurnId, int]

    @property
    def held(self) -> ColumnElement[bool]:
        """The rows that are its own: what stands in its line may have been begun by another, which is gone."""
        unbegun = turns.c.id.in_([*self.waiting, *self.running]) & turns.c.state.in_(("queued", "waiting"))
        begun = tuple_(turns.c.id, turns.c.attempts).in_(list(self.running.items())) & (turns.c.state == "active")
        return unbegun | begun


class Leases:
    """How long others' turns have had the same lease. Clocks of machines may differ or go back: ours need not."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self._clock = seconds, clock
        self._since: dict[TurnId, tuple[float, float]] = {}

    def expired(self, others: Mapping[TurnId, float]) -> set[TurnId]:
        """Of all turns of others, with their leases: those that are free, or were not renewed for `seconds`."""
        now, before = self._clock(), self._since
        self._since = {
            turn: before[turn] if turn in before and before[turn][0] == lease else (lease, now)
            for turn, lease in others.items()
        }
        return {turn for turn, (lease, since) in self._since.items() if lease == 0 or now - since > self.seconds}


def still_waiting(which: Iterable[TurnId], connection: Connection) -> set[TurnId]:
    """Of these turns, those that wait for a cell: others have been taken up, perhaps by another process."""
    mine = turns.c.id.in_(list(which)), turns.c.state == "waiting", FOR_CELL
    return {TurnId(turn) for turn in connection.execute(select(turns.c.id).where(*mine)).scalars()}


def lease(connection: Connection, seconds: float) -> float:
    """What stands in a turn's row: until when the process is believed."""
    return clock(connection) + seconds


def claim(connection: Connection, turn_id: TurnId, host: str, seconds: float) -> Turn | None:
    """Take a queued turn, as it was. None when it is not queued any more. Raises `Elsewhere`."""
    try:
        turn = load_turn(connection, turn_id)
    except Fault as fault:
        if fault.code is Code.NOT_FOUND:
            return None
        raise
    if turn.state != "queued":
        return None
    running = select(turns.c.id).where(turns.c.conversation == turn.conversation, turns.c.state == "active")
    if connection.execute(running.limit(1)).one_or_none() is not None:
        raise Elsewhere
    values = {"host": host, "lease": lease(connection, seconds), "stop": False}
    set_turn(connection, turn_id, state="active", attempts=turn.attempts + 1, pending="", **values)
    return turn


def check_held(connection: Connection, turn: TurnId, attempt: int) -> None:
    """Raises `Superseded` unless attempt number `attempt` has the turn."""
    row = connection.execute(select(turns.c.state, turns.c.attempts).where(turns.c.id == turn)).one_or_none()
    if row is None or tuple(row) != ("active", attempt):
        raise Superseded


def renew(ours: Ours, seconds: float, connection: Connection) -> None:
    connection.execute(update(turns).where(ours.held).values(lease=lease(connection, seconds)))


def release(connection: Connection, ours: Ours) -> None:
    """What of these has not begun, or waits for a cell, is for whoever comes next."""
    free = ours.held, turns.c.state.in_(("queued", "waiting"))
    connection.execute(update(turns).where(*free).values(lease=0.0))


def of_others(ours: Ours, connection: Connection) -> dict[TurnId, float]:
    """The leases of all turns that somebody has to see to, but for `ours`."""
    cared_for = turns.c.state.in_(("active", "queued")) | (turns.c.state == "waiting") & FOR_CELL
    rows = connection.execute(select(turns.c.id, turns.c.lease).where(cared_for, ~ours.held))
    return {TurnId(turn): held for turn, held in rows}


FOR_CELL = turns.c.pending.like('{"kind":"cell"%')
"""Turns that wait for a cell are waited for by the process that has the kernel."""


def to_stop(attempts: Mapping[TurnId, int], connection: Connection) -> set[TurnId]:
    """Of the turns with these attempts running, those that somebody stops, or that are not ours any more."""
    columns = turns.c.id, turns.c.state, turns.c.attempts, turns.c.stop
    rows = connection.execute(select(*columns).where(turns.c.id.in_(list(attempts)))).all()
    kept = {row.id for row in rows if not row.stop and (row.state, row.attempts) == ("active", attempts[row.id])}
    return set(attempts) - kept


def ask_to_stop(connection: Connection, turn: TurnId | None = None, conversation: ConversationId | None = None) -> None:
    """Whichever process runs the turn, or one of the conversation, sees it soon."""
    which = turns.c.id == turn if turn is not None else turns.c.conversation == conversation
    connection.execute(update(turns).where(which, turns.c.state == "active").values(stop=True))


def runs_in(connection: Connection, conversation: ConversationId) -> bool:
    """Whether a turn of the conversation runs, in whichever process."""
    active = select(turns.c.id).where(turns.c.conversation == conversation, turns.c.state == "active")
    return connection.execute(active.limit(1)).one_or_none() is not None
