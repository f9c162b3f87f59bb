"""Opening the store: rights, files that are not ours, damage, no room, locks."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.settings import MLChat
from jupyter_mlchat.store import database, mounts, sqlite
from jupyter_mlchat.store.database import Database, open_database
from jupyter_mlchat.store.tables import sent

ROW = {"turn": "t", "attempt": "a", "time": 1.0, "llm": "x", "body": b"{}"}


def add(connection: Connection) -> None:
    connection.execute(insert(sent).values(**ROW))


def count(connection: Connection) -> int:
    return len(connection.execute(select(sent.c.id)).all())


async def test_a_new_store_is_readable_by_its_owner_alone_and_in_wal_mode(tmp_path: Path) -> None:
    store = await open_database("", tmp_path / "mlchat")
    mode = await store.run(lambda tx: tx.exec_driver_sql("PRAGMA journal_mode").scalar_one())
    store.close()
    path = tmp_path / "mlchat" / sqlite.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert mode == "wal"


async def test_it_opens_again_with_what_was_in_it(db_url: str, tmp_path: Path) -> None:
    store = await open_database(db_url, tmp_path)
    await store.run(add)
    store.close()
    store = await open_database(db_url, tmp_path)
    assert await store.run(lambda tx: tx.execute(select(sent.c.turn)).scalars().all()) == ["t"]
    assert store.notice == "" == store.trouble
    store.close()


async def test_a_failing_transaction_leaves_nothing(db_url: str, tmp_path: Path) -> None:
    store = await open_database(db_url, tmp_path)

    def half(tx: Connection) -> None:
        add(tx)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.run(half)
    assert await store.run(count) == 0
    store.close()


async def test_transactions_that_write_exclude_each_other_and_readers_wait_for_none(
    db_url: str, tmp_path: Path
) -> None:
    """What is looked up and then written is one act, also between two processes."""
    stores = [await open_database(db_url, tmp_path) for _ in range(2)]

    def one_more(tx: Connection) -> None:
        there = count(tx)
        tx.execute(insert(sent).values(**{**ROW, "turn": str(there)}))

    await asyncio.gather(*(stores[n % 2].run(one_more) for n in range(60)))
    names = await stores[0].run(lambda tx: tx.execute(select(sent.c.turn).order_by(sent.c.id)).scalars().all())
    assert names == [str(n) for n in range(60)]
    let_go = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(tx: Connection) -> None:
        add(tx)
        asyncio.run_coroutine_threadsafe(let_go.wait(), loop).result(20)

    holding = asyncio.ensure_future(stores[0].run(hold))
    await asyncio.sleep(0.1)
    assert await asyncio.wait_for(stores[1].read(count), 15) == 60
    let_go.set()
    await holding
    assert await stores[1].read(count) == 61
    for store in stores:
        store.close()


async def test_text_with_a_zero_character_is_taken(db_url: str, tmp_path: Path) -> None:
    store = await open_database(db_url, tmp_path)
    await store.run(lambda tx: tx.execute(insert(sent).values(**{**ROW, "llm": "a\x00b"})))
    [told] = await store.run(lambda tx: tx.execute(select(sent.c.llm)).scalars().all())
    assert told in ("a\x00b", "a\N{REPLACEMENT CHARACTER}b")
    store.close()


# -- what can't be opened -----------------------------------------------------------------------------------


async def test_a_file_that_is_no_database_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / sqlite.FILE
    path.write_bytes(b"my diary" * 200)
    with pytest.raises(Fault) as caught:
        await open_database("", tmp_path)
    assert "not a database" in caught.value.record.message
    assert "Move it away" in caught.value.record.hint
    assert str(tmp_path) not in caught.value.record.message + caught.value.record.hint
    assert path.read_bytes() == b"my diary" * 200


async def test_a_directory_that_can_t_be_made_is_named_by_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Fault, match="Not a directory") as caught:
        await open_database("", tmp_path / "file" / "mlchat")
    assert "`data_dir`" in caught.value.record.hint
    assert str(tmp_path) not in caught.value.record.message + caught.value.record.hint


@pytest.mark.parametrize("url", ["mysql://root:secret@host/db", "what is that", "oracle://x", ""])
async def test_a_url_of_something_else_says_what_is_known(url: str, tmp_path: Path) -> None:
    if not url:
        # Empty is the file of the data directory.
        (await open_database(url, tmp_path)).close()
        assert (tmp_path / sqlite.FILE).exists()
        return
    with pytest.raises(Fault, match="`db_url`") as caught:
        await open_database(url, tmp_path)
    assert "postgresql://" in caught.value.record.hint
    assert "secret" not in caught.value.record.message + caught.value.record.hint


async def test_without_its_driver_postgresql_names_the_pip_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Fault, match="driver is not installed") as caught:
        await open_database("postgresql://me:secret@127.0.0.1/x", tmp_path)
    assert 'pip install "jupyter-mlchat[postgres]"' in caught.value.record.hint


async def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="does not answer") as caught:
        await open_database("postgresql://me:secret@127.0.0.1:9/x", tmp_path)
    assert caught.value.record.retryable
    assert "secret" not in str(caught.value.record)


async def test_the_url_may_come_from_the_environment_or_the_file_of_keys(tmp_path: Path) -> None:
    given = {"MLCHAT_DB_URL": "postgresql://me@host/db"}
    assert MLChat(environment=given, env_file="").db_url == given["MLCHAT_DB_URL"]
    (tmp_path / "keys.env").write_text("MLCHAT_DB_URL=sqlite:////srv/chat.sqlite\n")
    assert MLChat(environment={}, env_file=str(tmp_path / "keys.env")).db_url == "sqlite:////srv/chat.sqlite"
    assert MLChat(environment={}, env_file=str(tmp_path / "none")).db_url == ""


async def test_a_lost_connection_is_made_again(postgres: object, tmp_path: Path) -> None:
    url = postgres.new()  # type: ignore[attr-defined]
    store = await open_database(url, tmp_path)

    def end_myself(tx: Connection) -> None:
        tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Fault) as caught:
        await store.run(end_myself)
    assert caught.value.code is Code.STORE_UNAVAILABLE and caught.value.record.retryable
    await store.run(add)
    assert await store.run(count) == 1
    store.close()


# -- damage, no room, locks ---------------------------------------------------------------------------------


async def full_of_rows(folder: Path, rows: int = 300) -> Path:
    store = await open_database("", folder)
    await store.run(lambda tx: tx.execute(insert(sent), [{**ROW, "body": bytes(500)} for _ in range(rows)]))
    store.close()
    return folder / sqlite.FILE


async def test_a_damaged_store_is_opened_for_reading_and_never_written_to(tmp_path: Path) -> None:
    path = await full_of_rows(tmp_path)
    healthy = path.read_bytes()
    # A page in the middle of the table's rows.
    path.write_bytes(healthy[: len(healthy) // 2] + b"\xff" * 4096 + healthy[len(healthy) // 2 + 4096 :])
    damaged = path.read_bytes()
    store = await open_database("", tmp_path)
    assert store.trouble == database.READ_ONLY
    with pytest.raises(Fault, match="damaged") as caught:
        await store.run(add)
    assert "recover" in caught.value.record.hint and not caught.value.record.retryable
    assert await store.run(lambda tx: tx.execute(select(sent.c.turn).limit(1)).scalar_one()) == "t"
    store.close()
    assert path.read_bytes() == damaged


async def test_damage_that_shows_later_ends_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await full_of_rows(tmp_path)
    healthy = path.read_bytes()
    monkeypatch.setattr(sqlite, "CHECKED_BYTES", 0)
    # Behind what an opening looks at: rows alone.
    begin, end = 7 * len(healthy) // 10, 9 * len(healthy) // 10
    path.write_bytes(healthy[:begin] + b"\xff" * (end - begin) + healthy[end:])
    store = await open_database("", tmp_path)
    assert store.trouble == ""
    with pytest.raises(Fault, match="damaged"):
        await store.read(lambda tx: tx.execute(select(sent.c.body)).all())
    assert store.trouble == database.READ_ONLY
    with pytest.raises(Fault, match="nothing is written"):
        await store.run(add)
    store.close()


def no_room(tx: Connection) -> None:
    pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")


def room(tx: Connection) -> None:
    tx.exec_driver_sql("PRAGMA max_page_count=100000")


async def test_a_full_store_can_be_read_and_says_so_and_takes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await full_of_rows(tmp_path)
    store = await open_database("", tmp_path)
    await store.run(no_room)

    def much(tx: Connection) -> None:
        tx.execute(insert(sent), [{**ROW, "body": bytes(5000)} for _ in range(100)])

    with pytest.raises(Fault, match="the disk is full") as caught:
        await store.run(much)
    assert "Make room" in caught.value.record.hint and caught.value.record.retryable
    assert store.trouble == database.NO_ROOM
    assert await store.run(count) == 300 == await store.read(count)
    await store.run(room)
    await store.run(much)
    assert await store.read(count) == 400
    monkeypatch.setattr(store, "_no_room_until", 0.0)
    assert store.trouble == ""
    store.close()


WITHOUT_ROOM = """
import asyncio, resource, sys
from pathlib import Path
from jupyter_mlchat.store import sqlite
from jupyter_mlchat.store.database import Fault, open_database
from jupyter_mlchat.store.tables import sent
from sqlalchemy import select
async def main():
    store = await open_database("", Path(sys.argv[1]))
    print(len(await store.read(lambda tx: tx.execute(select(sent.c.id)).all())))
    store.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
for sqlite.ROOM_BYTES in (0, 2**80):
    try:
        asyncio.run(main())
    except Fault as fault:
        print(fault)
"""


async def test_a_store_on_a_full_disk_is_opened_all_the_same(tmp_path: Path) -> None:
    """A process that may not make a file longer stands for the disk: where it has room, that is an error."""
    await full_of_rows(tmp_path)
    command = [sys.executable, "-c", WITHOUT_ROOM, str(tmp_path)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    refused, count = done.stdout.splitlines()
    assert "can't be read or written" in refused and count == "300", done.stderr


async def test_a_locked_store_is_waited_for_and_then_told(tmp_path: Path) -> None:
    store = await open_database("", tmp_path)
    other = sqlite3.connect(tmp_path / sqlite.FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    adding = asyncio.ensure_future(store.run(add))
    await asyncio.sleep(0.2)
    other.execute("COMMIT")
    await adding
    await store.run(lambda tx: tx.exec_driver_sql("PRAGMA busy_timeout=50"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Fault, match="another process keeps it locked") as caught:
        await store.run(add)
    assert caught.value.record.retryable
    assert await store.read(count) == 1
    other.close()
    await store.run(add)
    store.close()


@pytest.mark.parametrize("kind, wal", [("nfs4", False), ("ext4", True)])
async def test_on_a_network_file_system_there_is_no_wal_and_a_notice(
    kind: str, wal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: Callable[[Path], str] = lambda path: kind  # noqa: E731
    monkeypatch.setattr(sqlite, "file_system_of", told)
    for url in ("", f"sqlite:///{tmp_path / 'other'}"):
        store: Database = await open_database(url, tmp_path)
        mode = await store.run(lambda tx: tx.exec_driver_sql("PRAGMA journal_mode").scalar_one())
        assert (mode == "wal") is wal
        assert (store.notice == "") is wal
        store.close()


def test_the_file_system_of_a_path_is_told(tmp_path: Path) -> None:
    assert mounts.file_system_of(tmp_path) not in mounts.NETWORK_FILE_SYSTEMS
    assert mounts.file_system_of(Path("/proc/self")) == "proc"
