"""Answers that are to be measured, as rows: who takes one, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, insert, or_, select, update

from ...protocol.evaluations import Check
from ...protocol.records import AttemptId, TurnId, Usage
from ...store.evaluating import evaluations, scores
from ...store.tables import spending
from ..spending import today
from ..threads import Turn
from .judge import PURPOSE

MOST_TRIES = 3
"""An answer whose evaluation ended a process so often is let be."""
CLAIM_S = 300.0
"""Seconds that who has taken an answer is believed to work on it."""


@dataclass(frozen=True)
class Duty:
    """`private`: the answer was worded on this machine, from what may not leave."""

    attempt: AttemptId
    turn: TurnId
    llm: str
    prompt: str
    private: bool


def add(connection: Connection, turn: Turn, duty: Duty, host: str, *, done: bool = False) -> None:
    """In the transaction that ends the answer's turn: what is written there is not forgotten."""
    connection.execute(
        insert(evaluations).values(
            attempt=duty.attempt,
            turn=turn.id,
            conversation=turn.conversation,
            owner=turn.owner,
            day=today(),
            created=time.time(),
            llm=duty.llm,
            prompt=duty.prompt,
            state="done" if done else "due",
            private=duty.private,
            host=host,
        )
    )


def claim(connection: Connection, host: str, left_for_s: float) -> tuple[Duty, int] | None:
    """The oldest that waits here, or that another process has left alone for `left_for_s`; and how many wait.

    None when there is none.
    """
    now = time.time()
    waits = (evaluations.c.state == "due") & (evaluations.c.lease < now)
    mine = or_(evaluations.c.host == host, evaluations.c.created < now - left_for_s)
    connection.execute(update(evaluations).where(waits, evaluations.c.tries >= MOST_TRIES).values(state="given up"))
    oldest = select(evaluations).where(waits, mine).order_by(evaluations.c.created).limit(1)
    row = connection.execute(oldest).one_or_none()
    if row is None:
        return None
    taken = update(evaluations).where(evaluations.c.attempt == row.attempt, evaluations.c.lease == row.lease, waits)
    took = connection.execute(taken.values(host=host, lease=now + CLAIM_S, tries=row.tries + 1))
    if took.rowcount != 1:
        return None
    waiting = connection.execute(select(func.count()).select_from(evaluations).where(waits)).scalar_one()
    return Duty(AttemptId(row.attempt), TurnId(row.turn), row.llm, row.prompt, row.private), int(waiting)


def leave(connection: Connection, attempt: AttemptId) -> None:
    """Somebody else may take it at once; it was no fault of the answer's."""
    row = evaluations.c.attempt == attempt
    fewer = case((evaluations.c.tries > 0, evaluations.c.tries - 1), else_=0)
    connection.execute(update(evaluations).where(row).values(lease=0.0, tries=fewer))


def finish(connection: Connection, attempt: AttemptId, *, flagged: bool = False) -> bool:
    """Whether it was still to be done: an answer is measured once, whoever was faster."""
    row = (evaluations.c.attempt == attempt) & (evaluations.c.state == "due")
    done = connection.execute(update(evaluations).where(row).values(state="done", flagged=flagged, lease=0.0))
    return done.rowcount == 1


def keep(connection: Connection, turn: Turn, duty: Duty, checks: Sequence[Check], usage: Usage | None) -> None:
    """The scores, and what the judge took."""
    whose = {"owner": turn.owner, "day": today(), "conversation": turn.conversation, "turn": turn.id}
    rows = [
        {"name": c.name, "source": c.by, "score": c.score, "failed": c.failed, "attempt": duty.attempt}
        | {"llm": duty.llm, "prompt": duty.prompt, **whose}
        for c in checks
    ]
    if rows:
        connection.execute(insert(scores), rows)
    if usage is not None:
        names = ("llm", "prompt_tokens", "completion_tokens", "cost", "elapsed_ms")
        values = {name: getattr(usage, name) for name in names}
        connection.execute(insert(spending).values(**values, **whose, purpose=PURPOSE))
