"""What people meant by a question: in its notebook the built-in engine reads the same words so again."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from ..guard.access import Caller, Levels, check_owner
from ..llm.base import Message
from ..protocol import commands as c
from ..protocol.choices import Synonym
from ..protocol.events import Accepted, Notice
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationInfo, TurnId
from ..store.tables import conversations, synonyms, turns
from . import threads
from .journal import Journal
from .repeatable import digest
from .threads import Turn, accepted

MAX_MEANT = 2000
MOST_LISTED = 500
READS_ONLY: Levels = {"write": "deny", "disclose": "deny", "execute": "deny"}
"""What was not typed just now changes nothing and shows no rows, whatever the person has allowed for good."""


class Synonyms:
    """They belong to the conversation they were said in: with it they are forgotten, restored and erased."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.handlers: Mapping[type[Any], Callable[[Any, Caller], Awaitable[Accepted]]] = {
            c.SynonymAdd: self.add,
            c.SynonymDelete: self.delete,
        }

    async def of(self, turn: Turn) -> str:
        """What is meant by the question of a turn; "" where nobody has said anything else."""

        def read(connection: Connection) -> str:
            newest = select(synonyms.c.meant).where(_same(turn)).order_by(synonyms.c.updated.desc())
            return connection.execute(newest.limit(1)).scalar() or ""

        return await self._journal.query(read) if turn.text and turn.context.notebook else ""

    async def add(self, command: c.SynonymAdd, caller: Caller) -> Accepted:
        """In place of what was meant before. Raises Fault for a turn that has no question of a notebook."""
        turn = await self._asked(command.turn, caller)
        meant = " ".join(command.meant.split())
        if not meant or _plain(meant) == _plain(turn.text):
            raise Fault(Code.INVALID_INPUT, "This says nothing else.", "Write what you meant.", about="meant")
        if len(meant) > MAX_MEANT:
            message = f"This is longer than {MAX_MEANT} characters."
            raise Fault(Code.TOO_LARGE, message, "Write it as a short question.", about="meant")
        row = {"turn": turn.id, "owner": turn.owner, "conversation": turn.conversation, "said": _said(turn)}

        def write(connection: Connection) -> None:
            _forget(connection, turn)
            connection.execute(insert(synonyms).values(meant=meant, updated=time.time(), **row))

        text = f"In this notebook the built-in engine reads this as “{meant}” from now on."
        return await self._tell(command, caller, turn, Notice(turn=turn.id, text=text, code="synonym"), write)

    async def delete(self, command: c.SynonymDelete, caller: Caller) -> Accepted:
        turn = await self._asked(command.turn, caller)
        known = select(synonyms.c.turn).where(_kept(turn)).limit(1)
        if await self._journal.query(lambda tx: tx.execute(known).first()) is None:
            raise Fault(Code.CONFLICT, "This question is read as it stands.", "There is nothing to forget.")
        told = Notice(turn=turn.id, text="This is read as it stands again.", code="synonym_forgotten")
        return await self._tell(command, caller, turn, told, lambda connection: _forget(connection, turn))

    async def _asked(self, turn_id: TurnId, caller: Caller) -> Turn:
        turn = await self._journal.query(lambda tx: threads.load_turn(tx, turn_id))
        check_owner(turn.owner, caller, turn_id)
        if not turn.text or not turn.context.notebook:
            hint = "Ask from a notebook, then say what you meant."
            raise Fault(Code.CONFLICT, "This turn has no question of a notebook.", hint, about="turn")
        return turn

    async def _tell(
        self, command: c.Command, caller: Caller, turn: Turn, told: Notice, write: Callable[[Connection], None]
    ) -> Accepted:
        def write_once(connection: Connection, seq: int) -> None:
            threads.remember(connection, caller.principal, command.id, turn.conversation, turn.id, seq)
            write(connection)

        [event] = await self._journal.append(turn.conversation, [told], write_once)
        return accepted(command.id, turn.conversation, turn.id, event.seq)


def synonyms_of(connection: Connection, info: ConversationInfo) -> list[Synonym]:
    """What their owner has meant in the notebook of a conversation, the newest first."""
    if not info.notebook:
        return []
    newest = (
        select(synonyms.c.turn, turns.c.text, synonyms.c.meant)
        .join(turns, turns.c.id == synonyms.c.turn)
        .where(_within(info.owner, info.notebook))
        .order_by(synonyms.c.updated.desc(), synonyms.c.turn)
        .limit(MOST_LISTED)
    )
    return [Synonym(TurnId(row.turn), row.text, row.meant) for row in connection.execute(newest)]


def read_as(messages: Sequence[Message], said: str, meant: str) -> list[Message]:
    """The messages with the last question as it was meant."""
    asked = [at for at, one in enumerate(messages) if one.get("role") == "user" and one.get("content") == said]
    return [{**one, "content": meant} if at in asked[-1:] else one for at, one in enumerate(messages)]


def _plain(text: str) -> str:
    """The same for what differs in case, spaces and the mark at its end alone."""
    return " ".join(text.casefold().split()).rstrip(" ?!.")


def _said(turn: Turn) -> str:
    return digest(_plain(turn.text))


def _within(owner: str, notebook: str) -> ColumnElement[bool]:
    """Said by this person in this notebook, in a conversation that is there."""
    here = select(conversations.c.id).where(
        conversations.c.owner == owner, conversations.c.notebook == notebook, conversations.c.deleted.is_(False)
    )
    return (synonyms.c.owner == owner) & synonyms.c.conversation.in_(here)


def _same(turn: Turn) -> ColumnElement[bool]:
    return _within(turn.owner, turn.context.notebook) & (synonyms.c.said == _said(turn))


def _kept(turn: Turn) -> ColumnElement[bool]:
    """Also what was kept with this very turn: its notebook may have another path by now."""
    return _same(turn) | (synonyms.c.turn == turn.id)


def _forget(connection: Connection, turn: Turn) -> None:
    connection.execute(delete(synonyms).where(_kept(turn)))
