"""Answers that may be told again: which turn's, to which question. The words themselves stay in the journal."""

from __future__ import annotations

import time
from datetime import date

from sqlalchemy import Connection, Select, delete, insert, select, update

from ..guard.access import Caller, check_owner
from ..protocol import commands as c
from ..protocol.events import Accepted, Notice
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId, TurnId
from ..store.tables import conversations, kept_answers, turns
from . import threads
from .journal import Journal
from .repeatable import why_not
from .threads import Turn, accepted

MAX_KEPT = 500
"""Of one person. Those that were told again longest ago go first; frozen ones stay."""


class KeptAnswers:
    """`question` is a digest of a question and of everything its answer depends on."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def find(self, owner: str, question: str) -> TurnId | None:
        """The turn that answered it last, of this person."""
        newest = _answered(owner).where(kept_answers.c.question == question).order_by(kept_answers.c.used.desc())

        def read(connection: Connection) -> TurnId | None:
            found = connection.execute(newest.limit(1)).one_or_none()
            return TurnId(found.turn) if found is not None else None

        return await self._journal.query(read)

    async def frozen(self, turn: Turn) -> tuple[TurnId, date] | None:
        """The turn whose answer was frozen for this question in this notebook, and since when."""
        asked = _answered(turn.owner).where(
            kept_answers.c.frozen > 0,
            turns.c.text == turn.text,
            conversations.c.notebook == turn.context.notebook,
            conversations.c.notebook != "",
        )

        def read(connection: Connection) -> tuple[TurnId, date] | None:
            found = connection.execute(asked.order_by(kept_answers.c.frozen.desc()).limit(1)).one_or_none()
            return (TurnId(found.turn), date.fromtimestamp(found.frozen)) if found is not None else None

        return await self._journal.query(read)

    async def keep(self, turn: Turn, question: str) -> None:
        """From now on this is the answer to `question`."""

        def write(connection: Connection) -> None:
            mine = kept_answers.c.owner == turn.owner
            unfrozen = delete(kept_answers).where(mine, kept_answers.c.frozen == 0)
            connection.execute(unfrozen.where(kept_answers.c.question == question))
            _add(connection, turn, question)
            newest = select(kept_answers.c.turn).where(mine).order_by(kept_answers.c.used.desc())
            connection.execute(unfrozen.where(kept_answers.c.turn.not_in(newest.limit(MAX_KEPT).scalar_subquery())))

        await self._journal.transact(write)

    async def told_again(self, turn: Turn, answer_of: TurnId) -> None:
        """`turn` got the answer of that one."""

        def write(connection: Connection) -> None:
            threads.set_turn(connection, turn.id, answer_of=answer_of)
            row = update(kept_answers).where(kept_answers.c.turn == answer_of)
            connection.execute(row.values(used=time.time()))

        await self._journal.transact(write)

    async def freeze(self, command: c.TurnFreeze, caller: Caller) -> Accepted:
        """Keep an answer whatever changes, or no longer. Raises Fault for one that did more than read and word."""
        turn = await self._journal.query(lambda tx: threads.load_turn(tx, command.turn))
        check_owner(turn.owner, caller, command.turn)
        if turn.answer_of:
            turn = await self._journal.query(lambda tx: threads.load_turn(tx, TurnId(turn.answer_of)))
        if command.frozen:
            await self._check(turn)
        row = kept_answers.c.turn == turn.id
        there = await self._journal.query(lambda tx: tx.execute(select(kept_answers).where(row)).one_or_none())
        frozen = there.frozen if there is not None else 0.0
        if not command.frozen and not frozen:
            raise Fault(Code.CONFLICT, "This answer is not frozen.", "`%chat freeze` keeps the last answer.")
        since = frozen or time.time()

        def write(connection: Connection, seq: int) -> None:
            if there is None:
                _add(connection, turn, "")
            connection.execute(update(kept_answers).where(row).values(frozen=since if command.frozen else 0.0))

        text = "No longer frozen: the next time this is asked, it is answered anew."
        if command.frozen:
            text = (
                f"Frozen on {date.fromtimestamp(since)}: in this notebook this question gets this answer from now on."
            )
        notice = Notice(turn=command.turn, text=text, code="frozen" if command.frozen else "unfrozen")
        told = await self._journal.append(turn.conversation, [notice], write)
        return accepted(command.id, turn.conversation, "", told[-1].seq)

    async def _check(self, turn: Turn) -> None:
        reason = why_not(await self._journal.read_turn(turn.id))
        if not reason and turn.state != "completed":
            reason = f"the turn is {turn.state}"
        if not reason and not turn.context.notebook:
            reason = "it is not known which notebook it belongs to"
        if reason:
            hint = "Answers that a language model worded from what it read or predicted can be frozen."
            raise Fault(Code.CONFLICT, f"This answer can't be frozen: {reason}.", hint)


def forget_answers(connection: Connection, conversation: ConversationId) -> None:
    """Of a conversation that is deleted."""
    connection.execute(delete(kept_answers).where(kept_answers.c.conversation == conversation))


def _add(connection: Connection, turn: Turn, question: str) -> None:
    row = {"turn": turn.id, "owner": turn.owner, "conversation": turn.conversation}
    connection.execute(insert(kept_answers).values(question=question, used=time.time(), **row))


def _answered(owner: str) -> Select[tuple[str, float]]:
    """Kept answers of turns that came to their end, in conversations that are there."""
    return (
        select(kept_answers.c.turn, kept_answers.c.frozen)
        .join(turns, turns.c.id == kept_answers.c.turn)
        .join(conversations, conversations.c.id == turns.c.conversation)
        .where(kept_answers.c.owner == owner, turns.c.state == "completed", conversations.c.deleted.is_(False))
    )
