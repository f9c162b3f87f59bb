"""The journal: numbers without gaps, in one transaction with what they belong to, and told in order."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlchat.chat import threads
from jupyter_mlchat.chat.journal import Journal
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol.events import Event, Notice, TextDelta
from jupyter_mlchat.protocol.faults import Fault
from jupyter_mlchat.protocol.records import Context, ConversationId
from jupyter_mlchat.store.database import Database, open_database


async def new_conversation(database: Database) -> ConversationId:
    context = Context(notebook=uuid.uuid4().hex)
    info = await database.run(lambda tx: threads.open_conversation(tx, Caller("local"), context))
    return info.id


@given(batches=st.lists(st.lists(st.booleans(), max_size=5), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_durable_events_are_numbered_without_a_gap_and_told_in_order(batches: list[list[bool]]) -> None:
    async def scenario() -> None:
        database = await open_database("sqlite:///:memory:", Path())
        journal = Journal(database)
        conversation = await new_conversation(database)
        told: list[Event] = []
        journal.listen(conversation, told.append)
        made: list[Event] = []
        for batch in batches:
            new: list[Event] = [
                Notice(text=f"{len(made)}") if durable else TextDelta(offset=0, text="x") for durable in batch
            ]
            made += new
            await journal.append(conversation, new)
        assert [type(e) for e in told] == [type(e) for e in made]
        stored = await journal.read(conversation)
        assert [e.seq for e in stored] == list(range(1, len(stored) + 1))
        assert stored == [e for e in told if e.durable]
        for after in range(len(stored) + 1):
            assert await journal.read(conversation, after) == stored[after:]
        database.close()

    asyncio.run(scenario())


async def test_two_processes_worth_of_journals_on_one_file_share_the_numbers(tmp_path: Path) -> None:
    first, second = [await open_database("", tmp_path) for _ in range(2)]
    conversation = await new_conversation(first)
    journals = [Journal(first), Journal(second)]
    await asyncio.gather(*(journals[n % 2].append(conversation, [Notice(text=str(n))]) for n in range(200)))
    stored = await journals[0].read(conversation)
    assert [e.seq for e in stored] == list(range(1, 201))
    assert {e.text for e in stored if isinstance(e, Notice)} == {str(n) for n in range(200)}
    first.close()
    second.close()


async def test_what_goes_along_fails_together_with_the_events(tmp_path: Path) -> None:
    database = await open_database("", tmp_path)
    journal = Journal(database)
    conversation = await new_conversation(database)
    told: list[Event] = []
    journal.listen(conversation, told.append)

    def also(connection: object, seq: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await journal.append(conversation, [Notice(text="lost")], also)
    assert await journal.read(conversation) == [] == told
    await journal.append(conversation, [Notice(text="kept")])
    assert [e.seq for e in told] == [1]
    database.close()


async def test_an_unknown_conversation_takes_nothing(tmp_path: Path) -> None:
    database = await open_database("", tmp_path)
    with pytest.raises(Fault, match="no such conversation"):
        await Journal(database).append(ConversationId("nope"), [Notice(text="x")])
    database.close()


async def test_a_listener_that_stopped_hears_nothing_more(tmp_path: Path) -> None:
    database = await open_database("", tmp_path)
    journal = Journal(database)
    conversation = await new_conversation(database)
    told: list[Event] = []
    stop = journal.listen(conversation, told.append)
    stop()
    stop()
    await journal.append(conversation, [Notice(text="x")])
    assert told == []
    database.close()
