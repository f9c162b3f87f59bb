"""People look at answers: a review is asked for, decided once, and what was decided is in the journal."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, case, delete, insert, select, update

from ..agent.binding import unverified
from ..guard.access import LOCAL, Caller, check_not_own, check_reviewer
from ..protocol import commands as c
from ..protocol.evaluations import Check, Decided, Review, ReviewState
from ..protocol.events import (
    Accepted,
    Event,
    ReviewAsked,
    ReviewClosed,
    TextSnapshot,
    TurnEnded,
)
from ..protocol.faults import Code, Fault
from ..protocol.records import AttemptId, ConversationId, Mark, TurnEnd, TurnId
from ..store.evaluating import evaluations, reviews
from ..store.tables import attempts, conversations, kept_answers, turns
from . import threads
from .evaluating.answered import answered
from .evaluating.policy import policy_of
from .means import Means
from .threads import Turn, accepted

OUTCOMES: dict[Decided, ReviewState] = {"approve": "approved", "correct": "corrected", "reject": "rejected"}
MOST_NOTE_CHARS = 4_000
BY_A_PERSON = "The person asked for it."
THUMB_DOWN = "The person's thumb is down."


@dataclass(frozen=True)
class Case:
    """An answer to look at. `private`: worded on this machine, from what may not leave; `held`: not shown yet."""

    turn: Turn
    attempt: AttemptId
    text: str
    marks: Sequence[Mark]
    answered_by: str
    reasons: Sequence[str]
    private: bool
    checks: Sequence[Check] = ()
    held: bool = False
    note: str = ""


def opening(
    one: Case, level: str, told: Sequence[str] | None = None
) -> tuple[ReviewAsked, Callable[[Connection], None]]:
    """The event that asks for a review, and what writes it down with it. `told` are the reasons as the owner may read
    them, where they are other ones."""
    review = uuid.uuid4().hex
    row = {
        "id": review,
        "conversation": one.turn.conversation,
        "turn": one.turn.id,
        "attempt": one.attempt,
        "owner": one.turn.owner,
        "state": "open",
        "held": one.held,
        "level": level,
        "private": one.private,
        "question": one.turn.text,
        "answer": one.text,
        "marks": _json(list(one.marks)),
        "answered_by": one.answered_by,
        "reasons": _json(list(one.reasons)),
        "checks": _json(list(one.checks)),
        "note": one.note[:MOST_NOTE_CHARS],
        "opened": time.time(),
    }

    def write(connection: Connection) -> None:
        connection.execute(insert(reviews).values(**row))

    asked = ReviewAsked(
        turn=one.turn.id,
        attempt=one.attempt,
        review=review,
        reasons=list(one.reasons if told is None else told),
        held=one.held,
        own=one.turn.owner == LOCAL,
    )
    return asked, write


def is_open(connection: Connection, turn: TurnId) -> bool:
    which = (reviews.c.turn == turn) & (reviews.c.state == "open")
    return connection.execute(select(reviews.c.id).where(which).limit(1)).one_or_none() is not None


def withdraw(connection: Connection, review: str) -> None:
    """The turn that waited for it was stopped."""
    which = (reviews.c.id == review) & (reviews.c.state == "open")
    connection.execute(update(reviews).where(which).values(state="withdrawn", decided=time.time()))


class Reviews:
    """For those who may review: experts, admins, and the one person of a server without identities."""

    def __init__(self, means: Means) -> None:
        self._means, self._journal = means, means.journal

    async def list(self, caller: Caller, limit: int, everything: bool = False) -> list[Review]:
        """The open ones, or all; open ones first, oldest first. Raises Fault `forbidden`."""
        check_reviewer(caller)
        order = (case((reviews.c.state == "open", 0), else_=1), reviews.c.opened)
        wanted = _shown() if everything else _shown().where(reviews.c.state == "open")
        return await self._journal.query(
            lambda tx: [_review_of(row) for row in tx.execute(wanted.order_by(*order).limit(limit))]
        )

    async def one(self, review: str, caller: Caller) -> Review:
        """Raises Fault `forbidden` or `not_found`."""
        check_reviewer(caller)
        return _review_of(await self._row(review))

    # -- asking ----------------------------------------------------------------------------------------

    async def ask(self, command: c.ReviewAsk, caller: Caller) -> Accepted:
        """The owner of an answer wants somebody to look at it."""
        turn = await self._journal.query(lambda tx: threads.load_turn(tx, command.turn))
        if turn.owner != caller.principal:
            raise Fault(Code.NOT_FOUND, "There is no such turn.", "Ask again.", about=command.turn)
        known = await self._journal.query(lambda tx: threads.already(tx, caller.principal, command.id))
        if known is not None:
            return accepted(command.id, known.conversation, known.turn, known.seq)
        seq = await self._open(turn, BY_A_PERSON, command.note, (caller, command))
        return accepted(command.id, turn.conversation, turn.id, seq)

    async def thumb(self, turn: Turn, score: int, note: str) -> None:
        """A thumb down is a failing like others: where the policy says so, it opens a review."""
        if score >= 0 or policy_of(turn, self._means.settings) == "flag":
            return
        try:
            await self._open(turn, THUMB_DOWN, note)
        except Fault as fault:
            if fault.code is not Code.CONFLICT:
                raise

    async def _open(self, turn: Turn, reason: str, note: str, by: tuple[Caller, c.ReviewAsk] | None = None) -> int:
        """Returns the number of the event. Raises Fault `conflict` where there is nothing to review."""
        told = await self._journal.read_turn(turn.id)
        said = [event for event in told if isinstance(event, TextSnapshot) and event.final and event.kind == "answer"]
        ended = [event for event in told if isinstance(event, TurnEnded)]
        if not said or turn.state != "completed" or not said[-1].attempt:
            raise Fault(Code.CONFLICT, "This turn has no answer to review.", "Ask again when it has.", about=turn.id)
        answer, attempt = answered(told, "", ""), said[-1].attempt
        private = await self._journal.query(lambda tx: _private(tx, attempt))
        by_whom = ended[-1].answered_by if ended else ""
        one = Case(turn, attempt, answer.text, answer.marks, by_whom, [reason], private, note=note)
        asked, write = opening(one, self._means.settings.privacy_floor)

        def store(connection: Connection, seq: int) -> None:
            if is_open(connection, turn.id):
                raise Fault(Code.CONFLICT, "This answer is under review already.", "Wait for the reviewer.")
            write(connection)
            if by is not None:
                caller, command = by
                threads.remember(connection, caller.principal, command.id, turn.conversation, turn.id, seq)

        stored = await self._journal.append(turn.conversation, [asked], store)
        return stored[-1].seq

    # -- deciding --------------------------------------------------------------------------------------

    async def decide(self, command: c.ReviewDecide, caller: Caller) -> Accepted:
        """Once: who comes second gets Fault `conflict`."""
        check_reviewer(caller)
        known = await self._journal.query(lambda tx: threads.already(tx, caller.principal, command.id))
        if known is not None:
            return accepted(command.id, known.conversation, known.turn, known.seq)
        corrects = command.decision == "correct"
        if corrects != bool(command.text.strip()):
            message = (
                "A correction needs the better answer." if corrects else "Only a correction has a text of its own."
            )
            raise Fault(Code.INVALID_INPUT, message, "Write it in `text`, a word about it in `remark`.", about="text")
        row = await self._row(command.review)
        if row.held:
            check_not_own(row.owner, caller)
        outcome = OUTCOMES[command.decision]
        closed = ReviewClosed(
            turn=TurnId(row.turn),
            attempt=AttemptId(row.attempt),
            review=row.id,
            outcome=outcome,  # type: ignore[arg-type]
            text=command.text,
            remark=command.remark[:MOST_NOTE_CHARS],
            by=caller.principal,
        )
        following, end = _released(row, closed) if row.held else ([], None)

        def write(connection: Connection, seq: int) -> None:
            which = (reviews.c.id == row.id) & (reviews.c.state == "open")
            values = {"state": outcome, "text": command.text, "remark": closed.remark}
            decided = {"reviewer": caller.principal, "decided": time.time(), **values}
            if connection.execute(update(reviews).where(which).values(**decided)).rowcount != 1:
                raise _too_late(connection, row.id)
            if end is not None:
                _end(connection, row, end)
            if outcome != "approved":
                # What was not right is not told again.
                first = select(turns.c.answer_of).where(turns.c.id == row.turn).scalar_subquery()
                told_again = (kept_answers.c.turn == row.turn) | (kept_answers.c.turn == first)
                connection.execute(delete(kept_answers).where(told_again))
            threads.remember(connection, caller.principal, command.id, row.conversation, row.turn, seq)

        told = await self._journal.append(ConversationId(row.conversation), [closed, *following], write)
        return accepted(command.id, row.conversation, row.turn, told[-1].seq)

    async def _row(self, review: str) -> Row[Any]:
        row = await self._journal.query(lambda tx: tx.execute(_shown().where(reviews.c.id == review)).one_or_none())
        if row is None:
            raise Fault(Code.NOT_FOUND, "There is no such review.", "List the open ones.", about=review)
        return row


def _shown() -> Any:
    """Reviews of conversations that are there."""
    there = conversations.c.id == reviews.c.conversation
    return select(reviews).join(conversations, there).where(conversations.c.deleted.is_(False))


def _released(row: Row[Any], closed: ReviewClosed) -> tuple[list[Event], TurnEnd]:
    """How a turn ends whose answer was held back: with that answer, with a better one, or without any."""
    turn, attempt = closed.turn, closed.attempt
    if closed.outcome == "rejected":
        message = "The answer was held back, and a reviewer has rejected it."
        fault = Fault(Code.DENIED, message, "Ask differently, or try again.").record
        return [TurnEnded(turn=turn, attempt=attempt, state="failed", fault=fault)], "failed"
    corrected = closed.outcome == "corrected"
    text = closed.text if corrected else row.answer
    marks = [] if corrected else msgspec.json.decode(row.marks, type=list[Mark])
    by = f"{row.answered_by}, {'corrected' if corrected else 'approved'} by a reviewer"
    said = TextSnapshot(turn=turn, attempt=attempt, text=text, final=True, marks=marks)
    loose = unverified(text, marks)
    ended = TurnEnded(turn=turn, attempt=attempt, state="completed", answered_by=by, unverified=loose)
    return [said, ended], "completed"


def _end(connection: Connection, row: Row[Any], state: TurnEnd) -> None:
    turn = threads.load_turn(connection, TurnId(row.turn))
    if turn.state != "waiting" or turn.pending is None or turn.pending.id != row.id:
        raise Fault(Code.CONFLICT, f"The turn is {turn.state}; it waits for no review.", "It was stopped meanwhile.")
    threads.set_turn(connection, turn.id, state=state, pending="", lease=0.0)
    connection.execute(update(attempts).where(attempts.c.id == row.attempt).values(state=state))


def _too_late(connection: Connection, review: str) -> Fault:
    row = connection.execute(select(reviews.c.state, reviews.c.reviewer).where(reviews.c.id == review)).one()
    by = f" by {row.reviewer}" if row.reviewer else ""
    return Fault(Code.CONFLICT, f"This review is closed: the answer was {row.state}{by}.", "Look at it again.")


def _private(connection: Connection, attempt: AttemptId) -> bool:
    """Whether the answer may hold what must not leave; where nobody knows, it may."""
    found = connection.execute(select(evaluations.c.private).where(evaluations.c.attempt == attempt)).one_or_none()
    return True if found is None else bool(found.private)


def _review_of(row: Row[Any]) -> Review:
    return Review(
        id=row.id,
        conversation=ConversationId(row.conversation),
        turn=TurnId(row.turn),
        owner=row.owner,
        state=row.state,
        held=row.held,
        question=row.question,
        answer=row.answer,
        answered_by=row.answered_by,
        reasons=msgspec.json.decode(row.reasons),
        checks=msgspec.json.decode(row.checks, type=list[Check]),
        opened=row.opened,
        note=row.note,
        decided=row.decided,
        reviewer=row.reviewer,
        text=row.text,
        remark=row.remark,
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
