"""Opening the store: rights, versions, and files that are not ours."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.store import database
from jupyter_mlchat.store.tables import schema, sent


async def test_a_new_store_is_readable_by_its_owner_alone_and_in_wal_mode(tmp_path: Path) -> None:
    store = await database.open_database("", tmp_path / "mlchat")
    mode = await store.run(lambda tx: tx.exec_driver_sql("PRAGMA journal_mode").scalar_one())
    store.close()
    path = tmp_path / "mlchat" / "conversations.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert mode == "wal"


async def test_it_opens_again_with_what_was_in_it(tmp_path: Path) -> None:
    row = {"turn": "t", "attempt": "a", "time": 1.0, "llm": "x", "body": b"{}"}
    store = await database.open_database("", tmp_path)
    await store.run(lambda tx: tx.execute(insert(sent).values(**row)))
    store.close()
    store = await database.open_database("", tmp_path)
    assert await store.run(lambda tx: tx.execute(select(sent.c.turn)).scalars().all()) == ["t"]
    store.close()


async def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    store = await database.open_database("", tmp_path)
    await store.run(lambda tx: tx.execute(update(schema).values(version=99)))
    store.close()
    with pytest.raises(Fault, match="version 99") as caught:
        await database.open_database("", tmp_path)
    assert caught.value.code is Code.STORE_UNAVAILABLE
    with sqlite3.connect(tmp_path / "conversations.sqlite") as connection:
        assert connection.execute("select version from mlchat_schema").fetchone() == (99,)
    connection.close()


async def test_a_file_that_is_no_database_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    path.write_bytes(b"my diary" * 200)
    with pytest.raises(Fault) as caught:
        await database.open_database("", tmp_path)
    assert "not a database" in caught.value.record.message
    assert str(tmp_path) not in caught.value.record.message
    assert path.read_bytes().startswith(b"my diary")


async def test_a_failing_transaction_leaves_nothing(tmp_path: Path) -> None:
    store = await database.open_database("", tmp_path)
    row = {"turn": "t", "attempt": "a", "time": 1.0, "llm": "x", "body": b"{}"}

    def half(tx: database.Connection) -> None:
        tx.execute(insert(sent).values(**row))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.run(half)
    assert await store.run(lambda tx: tx.execute(select(sent)).all()) == []
    store.close()


def test_the_file_system_of_a_path_is_told(tmp_path: Path) -> None:
    assert database.file_system_of(tmp_path) not in database.NETWORK_FILE_SYSTEMS
    assert database.file_system_of(Path("/proc/self")) == "proc"
