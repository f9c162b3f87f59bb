"""Stores as every earlier release has written them, on both kinds of database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, inspect, make_url, select, text, update

from jupyter_mlchat.chat.journal import Journal
from jupyter_mlchat.protocol import codec
from jupyter_mlchat.protocol.events import Message, Notice
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import ConversationId, TurnId
from jupyter_mlchat.store.database import Database, open_database
from jupyter_mlchat.store.migrations import MIGRATIONS, VERSION
from jupyter_mlchat.store.tables import conversations, schema, turns

VERSIONS = Path(__file__).parent / "versions"
OLD = sorted(int(path.stem) for path in VERSIONS.glob("*.sql"))
AS_POSTGRES = {
    "BLOB": "BYTEA",
    "FLOAT": "DOUBLE PRECISION",
    "    id INTEGER": "    id SERIAL",
    "BOOLEAN DEFAULT 0": "BOOLEAN DEFAULT false",
    (
        "VIRTUAL TABLE mlchat_search USING fts5(words, conversation UNINDEXED, seq UNINDEXED, time UNINDEXED, "
        "tokenize = 'unicode61 remove_diacritics 0')"
    ): """TABLE mlchat_search (
    words TEXT NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    time DOUBLE PRECISION NOT NULL
);
CREATE INDEX ix_mlchat_search_conversation ON mlchat_search (conversation);
CREATE INDEX mlchat_search_words ON mlchat_search USING gin (to_tsvector('simple'::regconfig, words))""",
}
CONVERSATION = ConversationId("c")
QUESTION = Message(conversation=CONVERSATION, turn=TurnId("t"), seq=1, time=1.0, text="What is in pipe?")
ROWS: dict[str, dict[str, Any]] = {
    "conversations": {
        "id": "c",
        "owner": "me",
        "title": "pipe",
        "notebook": "n.ipynb",
        "kernel": "",
        "llm": "",
        "levels": "{}",
        "created": 1.0,
        "updated": 1.0,
        "last_seq": 1,
        "deleted": False,
    },
    "turns": {
        "id": "t",
        "conversation": "c",
        "state": "completed",
        "text": QUESTION.text,
        "context": "{}",
        "llm": "",
        "tool": "",
        "created": 1.0,
        "attempts": 1,
        "host": "",
        "lease": 0.0,
        "pending": "",
    },
    "events": {"conversation": "c", "seq": 1, "turn": "t", "body": codec.encode_event(QUESTION)},
    "commands": {"principal": "me", "id": "1", "conversation": "c", "turn": "t", "seq": 1},
}
SINCE_3 = {"turns": {"run": "", "answer_of": "", "route": "", "prompt": ""}}
SINCE_3["conversations"] = {"route": "", "prompt": "", "parameters": "{}"}


def write_old(url: str, version: int) -> None:
    """What release number `version` of the store left behind."""
    engine = create_engine(make_url(url).set(drivername="sqlite" if "sqlite" in url else "postgresql+psycopg"))
    statements = (VERSIONS / f"{version}.sql").read_text()
    if "sqlite" not in url:
        for before, after in AS_POSTGRES.items():
            statements = statements.replace(before, after)
    with engine.begin() as connection:
        for statement in statements.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        connection.execute(text("INSERT INTO mlchat_schema (version) VALUES (:version)"), {"version": version})
        for table, row in ROWS.items():
            row = {**row, **(SINCE_3.get(table, {}) if version >= 3 else {})}
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO mlchat_{table} ({names}) VALUES ({values})"), row)
    engine.dispose()


def shape(connection: Connection) -> dict[str, Any]:
    told, found = inspect(connection), {}
    for table in told.get_table_names():
        columns = {column["name"]: (str(column["type"]), column["nullable"]) for column in told.get_columns(table)}
        if connection.dialect.name == "sqlite":
            # One and the same there.
            columns = {name: (kind.replace("BIGINT", "INTEGER"), null) for name, (kind, null) in columns.items()}
        indexes = {index["name"]: index["column_names"] for index in told.get_indexes(table)}
        found[table] = columns, indexes, told.get_pk_constraint(table)["constrained_columns"]
    return found


@pytest.mark.parametrize("version", OLD)
async def test_an_old_store_becomes_a_new_one_with_what_was_in_it(db_url: str, version: int, tmp_path: Path) -> None:
    await asyncio.to_thread(write_old, db_url, version)
    store = await open_database(db_url, tmp_path)
    journal = Journal(store)
    assert await journal.read(CONVERSATION) == [QUESTION]
    assert (await journal.info(CONVERSATION)).title == "pipe"
    [told] = await journal.append(CONVERSATION, [Notice(text="More.")])
    assert told.seq == 2
    turn = await store.run(lambda tx: tx.execute(select(turns)).one())
    assert (turn.text, turn.route, turn.answer_of, turn.stop) == (QUESTION.text, "", "", False)
    assert await store.run(lambda tx: tx.execute(select(schema.c.version)).scalars().all()) == [VERSION]
    store.close()


@pytest.mark.parametrize("version", OLD)
async def test_it_is_made_as_a_new_one_is(db_url: str, version: int, tmp_path: Path) -> None:
    new = await open_database(f"sqlite:///{tmp_path / 'new'}", tmp_path)
    if "sqlite" not in db_url:
        new.close()
        new = await open_database(db_url, tmp_path)
    wanted = await new.run(shape)
    if "sqlite" not in db_url:
        await new.run(lambda tx: tx.exec_driver_sql("DROP SCHEMA public CASCADE"))
        await new.run(lambda tx: tx.exec_driver_sql("CREATE SCHEMA public"))
    new.close()
    await asyncio.to_thread(write_old, db_url, version)
    old = await open_database(db_url, tmp_path)
    assert await old.run(shape) == wanted
    old.close()


def test_there_is_a_step_to_every_version() -> None:
    assert sorted(MIGRATIONS) == list(range(2, VERSION + 1)) and list(range(1, VERSION)) == OLD


async def test_a_store_that_is_up_to_date_is_not_written_to(db_url: str, tmp_path: Path) -> None:
    (await open_database(db_url, tmp_path)).close()
    store = await open_database(db_url, tmp_path)
    assert await store.run(lambda tx: tx.execute(select(schema.c.version)).scalars().all()) == [VERSION]
    store.close()


async def test_processes_that_open_an_old_store_at_once_migrate_it_once(db_url: str, tmp_path: Path) -> None:
    await asyncio.to_thread(write_old, db_url, OLD[0])
    stores: list[Database] = await asyncio.gather(*(open_database(db_url, tmp_path) for _ in range(4)))
    assert await stores[0].run(lambda tx: tx.execute(select(schema.c.version)).scalars().all()) == [VERSION]
    assert await stores[3].run(lambda tx: tx.execute(select(conversations.c.id)).scalars().all()) == ["c"]
    for store in stores:
        store.close()


async def test_a_newer_store_is_refused_and_left_alone(db_url: str, tmp_path: Path) -> None:
    store = await open_database(db_url, tmp_path)
    await store.run(lambda tx: tx.execute(update(schema).values(version=99)))
    before = await store.run(shape)
    with pytest.raises(Fault, match="version 99") as caught:
        await open_database(db_url, tmp_path)
    assert caught.value.code is Code.STORE_UNAVAILABLE
    assert "Upgrade" in caught.value.record.hint
    assert await store.run(lambda tx: tx.execute(select(schema.c.version)).scalars().all()) == [99]
    assert await store.run(shape) == before
    store.close()
