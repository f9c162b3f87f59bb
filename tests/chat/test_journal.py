"""The journal: numbers without gaps, in one transaction with what they belong to, told in order, to every process."""

from __future__ import annotations

import asyncio
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sql_event
from sqlalchemy import select

from jupyter_mlchat.chat import threads
from jupyter_mlchat.chat.journal import LOOK_S, Journal
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol.events import Event, Notice, TextDelta
from jupyter_mlchat.protocol.faults import Fault
from jupyter_mlchat.protocol.records import Context, ConversationId
from jupyter_mlchat.store.database import Database, open_database
from jupyter_mlchat.store.tables import conversations


async def new_conversation(database: Database) -> ConversationId:
    context = Context(notebook=uuid.uuid4().hex)
    info = await database.run(lambda tx: threads.open_conversation(tx, Caller("local"), context))
    return info.id


def numbers(told: list[Event]) -> list[int]:
    return [event.seq for event in told]


async def until(wanted: int, told: list[Event], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while len(told) < wanted and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert len(told) >= wanted, f"{len(told)} of {wanted} events"


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


async def test_processes_share_the_numbers_and_each_tells_all_of_them_in_order(db_url: str, tmp_path: Path) -> None:
    databases = [await open_database(db_url, tmp_path) for _ in range(3)]
    conversation = await new_conversation(databases[0])
    journals = [Journal(database) for database in databases]
    told: list[list[Event]] = [[] for _ in journals]
    for journal, heard in zip(journals, told, strict=True):
        journal.listen(conversation, heard.append)
        await journal.catch_up(conversation, 0)
    # The third only listens.
    await asyncio.gather(*(journals[n % 2].append(conversation, [Notice(text=str(n))]) for n in range(100)))
    for heard in told:
        await until(100, heard)
    stored = await journals[0].read(conversation)
    assert numbers(list(stored)) == list(range(1, 101))
    assert {e.text for e in stored if isinstance(e, Notice)} == {str(n) for n in range(100)}
    assert told == [stored, stored, stored]
    for journal, database in zip(journals, databases, strict=True):
        journal.close()
        database.close()


async def test_who_comes_late_hears_what_the_others_hear(db_url: str, tmp_path: Path) -> None:
    here, there = [await open_database(db_url, tmp_path) for _ in range(2)]
    conversation = await new_conversation(here)
    ours, theirs = Journal(here), Journal(there)
    early: list[Event] = []
    ours.listen(conversation, early.append)
    await ours.catch_up(conversation, 0)
    await theirs.append(conversation, [Notice(text="1"), Notice(text="2")])
    late: list[Event] = []
    stop = ours.listen(conversation, late.append)
    missed, last = await ours.catch_up(conversation, 0)
    stop()
    ours.listen(conversation, late.append, last)
    late += missed
    await theirs.append(conversation, [Notice(text="3")])
    await ours.append(conversation, [Notice(text="4")])
    await until(4, late)
    await until(4, early)
    assert numbers(early) == [1, 2, 3, 4] == numbers(late)
    ours.close()
    for database in (here, there):
        database.close()


async def test_nothing_is_asked_of_the_store_while_nobody_listens(tmp_path: Path) -> None:
    database = await open_database("", tmp_path)
    conversation = await new_conversation(database)
    journal, asked = Journal(database), []
    sql_event.listen(database._engine, "begin", lambda connection: asked.append(1))
    began, stop = time.monotonic(), journal.listen(conversation, lambda event: None)
    await asyncio.sleep(0.5)
    assert 1 <= len(asked) <= (time.monotonic() - began) / LOOK_S + 2
    stop()
    await asyncio.sleep(0.3)
    asked.clear()
    await asyncio.sleep(0.5)
    assert asked == []
    database.close()


async def test_what_goes_along_fails_together_with_the_events(db_url: str, tmp_path: Path) -> None:
    database = await open_database(db_url, tmp_path)
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
    assert numbers(told) == [1]
    journal.close()
    database.close()


async def test_an_unknown_conversation_takes_nothing(db_url: str, tmp_path: Path) -> None:
    database = await open_database(db_url, tmp_path)
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


async def test_the_newest_conversation_is_the_newest_though_the_clock_goes_back(db_url: str, tmp_path: Path) -> None:
    database = await open_database(db_url, tmp_path)
    clock = [2_000_000_000.0]
    journal = Journal(database, lambda: clock[0])
    first, second = await new_conversation(database), await new_conversation(database)
    newest = select(conversations.c.id).order_by(conversations.c.updated.desc()).limit(1)
    for conversation in (first, second, first, first, second):
        await journal.append(conversation, [Notice(text="x")])
        clock[0] -= 3600
        assert await database.run(lambda tx: tx.execute(newest).scalar_one()) == conversation
    third = await new_conversation(database)
    assert await database.run(lambda tx: tx.execute(newest).scalar_one()) == third
    assert numbers(list(await journal.read(first))) == [1, 2, 3]
    database.close()


async def test_paging_costs_what_the_page_costs(db_url: str, tmp_path: Path) -> None:
    """Counted in instructions of SQLite, or as what PostgreSQL plans to do."""
    database = await open_database(db_url, tmp_path)
    journal = Journal(database)
    short, long = await new_conversation(database), await new_conversation(database)
    await journal.append(short, [Notice(text="x") for _ in range(100)])
    for _ in range(5):
        await journal.append(long, [Notice(text="x") for _ in range(2_000)])
    page = await journal.read(long, 9_000, 50)
    assert numbers(list(page)) == list(range(9_001, 9_051))
    if "sqlite" in db_url:
        costs = [await instructions(database, journal, *where) for where in ((short, 20), (long, 0), (long, 9_900))]
        assert max(costs) <= 1.2 * costs[0], costs
    else:
        sql = f"SELECT body FROM mlchat_events WHERE conversation = '{long}' AND seq > 9000 ORDER BY seq LIMIT 50"
        await database.run(lambda tx: tx.exec_driver_sql("ANALYZE"))
        plan = await database.run(lambda tx: tx.exec_driver_sql("EXPLAIN ANALYZE " + sql).scalars().all())
        told = "\n".join(plan)
        assert "Index Scan using mlchat_events_pkey" in told and "Sort" not in told, told
    database.close()


async def instructions(database: Database, journal: Journal, conversation: ConversationId, after: int) -> int:
    """How many hundreds SQLite's machine executes for one page."""
    steps = []
    raw = await database.run(lambda tx: tx.connection.dbapi_connection)
    raw.set_progress_handler(lambda: steps.append(1) and None, 100)
    assert len(await journal.read(conversation, after, 50)) == 50
    raw.set_progress_handler(None, 0)
    return len(steps)


async def test_one_who_can_not_hear_any_more_keeps_nobody_from_hearing() -> None:
    database = await open_database("sqlite:///:memory:", Path())
    journal, told = Journal(database), list[Event]()
    conversation = await new_conversation(database)

    def gone(event: Event) -> None:
        raise AssertionError("a socket that was closed")

    journal.listen(conversation, gone)
    journal.listen(conversation, told.append)
    await journal.append(conversation, [Notice(text="one"), Notice(text="two")])
    assert [event.text for event in told if isinstance(event, Notice)] == ["one", "two"]
    database.close()
