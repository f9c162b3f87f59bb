"""A database in a file, or in memory."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from ..protocol.faults import Code, Fault
from .faults import refused
from .mounts import NETWORK_FILE_SYSTEMS, file_system_of

FILE = "conversations.sqlite"
BUSY_S = 10
"""How long a transaction waits for that of another process."""
CHECKED_BYTES = 64 * 2**20
"""A file up to this size is looked through when it is opened, which takes about 0.2 s."""
ROOM_BYTES = 2**18
ON_NETWORK = "The conversation store lies on a network file system: slower, and for one server at a time."


def file_in(folder: Path) -> URL:
    """The file of a data directory; a new one is readable by its owner alone."""
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise Fault(
            Code.STORE_UNAVAILABLE,
            f"The conversation store can't be made in the Jupyter data directory ({os.strerror(error.errno or 0)}).",
            "Point the setting `data_dir` at a directory that can be written to, or `db_url` at a database.",
        ) from None
    return URL.create("sqlite", database=str(path))


def notice_of(url: URL) -> str:
    return ON_NETWORK if _in_memory(url) is None and _on_network(url) else ""


def engine_of(url: URL, may_write: Callable[[], bool], alone: bool = False) -> Engine:
    """Transactions write from their beginning on, but for those with the option `reads`, or unless `may_write`.

    With `alone` no other process can use the file; it is opened even when the disk is full.
    """
    pool = _in_memory(url) or {"pool_size": 1, "max_overflow": 0}
    arguments = {"check_same_thread": False, "timeout": BUSY_S}
    engine = create_engine(url.set(drivername="sqlite"), connect_args=arguments, **pool)
    wal = _in_memory(url) is None and not _on_network(url)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # pysqlite's own transaction handling begins too late: the number is taken inside BEGIN IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        if alone:
            cursor.execute("PRAGMA locking_mode=EXCLUSIVE")
        cursor.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # What is deleted is overwritten: free pages hold nothing of it.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not may_write():
            connection.exec_driver_sql("PRAGMA query_only=ON")
            connection.exec_driver_sql("BEGIN")
        elif connection.get_execution_options().get("reads"):
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def is_damaged(connection: Connection, url: URL) -> bool:
    """Whether a look through the file finds something broken; a very large file is not looked through."""
    if url.get_backend_name() != "sqlite" or _in_memory(url) is not None:
        return False
    if os.path.getsize(str(url.database)) > CHECKED_BYTES:
        return False
    try:
        return bool(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok")
    except DBAPIError:
        return True


def sweep(engine: Engine) -> None:
    """Bring what lies in the log of changes into the file, and empty the log, which holds pages as they were."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("database is locked")
        except sqlite3.Error as error:
            raise refused(DBAPIError(None, None, error)) from None
        finally:
            connection.close()


def has_no_room(url: URL) -> bool:
    """Whether a file with something in it lies on a full disk."""
    if url.get_backend_name() != "sqlite" or _in_memory(url) is not None:
        return False
    path = Path(str(url.database))
    disk = os.statvfs(path.parent)
    return path.stat().st_size > 0 and disk.f_bavail * disk.f_frsize < ROOM_BYTES


def data_version(connection: Connection) -> int | None:
    """A number that changes when another process has written; None where the database has no such number."""
    if connection.dialect.name != "sqlite":
        return None
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def _in_memory(url: URL) -> dict[str, Any] | None:
    return {"poolclass": StaticPool} if url.database in (None, "", ":memory:") else None


def _on_network(url: URL) -> bool:
    return file_system_of(Path(str(url.database))) in NETWORK_FILE_SYSTEMS
