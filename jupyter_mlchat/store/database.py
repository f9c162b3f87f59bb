"""Opening the database, and the one thread that talks to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool

from ..protocol.faults import Code, Fault
from .migrations import MIGRATIONS, VERSION
from .tables import metadata, schema

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "lustre"})
T = TypeVar("T")


class Database:
    """All reads and writes go through one thread, one after the other, each in one transaction."""

    def __init__(self, engine: Engine, notice: str = "") -> None:
        self._engine = engine
        self.notice = notice
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mlchat-store")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction. Raises Fault `store_unavailable` when the database refuses."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except (OperationalError, DatabaseError) as error:
            raise Fault(
                Code.STORE_UNAVAILABLE,
                f"The conversation store can't be used ({type(error.orig).__name__}: {_reason(error)}).",
                "Nothing was lost. Check that the disk has room and the database file is writable.",
                retryable=True,
            ) from None

    def close(self) -> None:
        self._thread.submit(self._engine.dispose).result()
        self._thread.shutdown()


def _reason(error: DatabaseError) -> str:
    text = str(error.orig).partition("\n")[0]
    known = ("disk is full", "locked", "readonly", "malformed", "not a database", "unable to open", "disk I/O")
    return next((word for word in known if word in text), "database error")


async def open_database(url: str, data_dir: Path) -> Database:
    """Open and migrate. An empty `url` means SQLite under `data_dir`, readable by its owner alone."""
    return await asyncio.to_thread(_open, url, data_dir)


def _open(url: str, data_dir: Path) -> Database:
    notice = ""
    if not url:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = data_dir / "conversations.sqlite"
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        url = f"sqlite:///{path}"
        network = file_system_of(path) in NETWORK_FILE_SYSTEMS
        if network:
            notice = "The conversation store lies on a network file system: slower, and for one server at a time."
        engine = _sqlite(url, wal=not network)
    elif url.startswith("sqlite"):
        engine = _sqlite(url, wal=":memory:" not in url and url != "sqlite://")
    else:
        engine = create_engine(url, pool_pre_ping=True)
    try:
        with engine.begin() as connection:
            migrate(connection)
    except (OperationalError, DatabaseError) as error:
        engine.dispose()
        raise Fault(
            Code.STORE_UNAVAILABLE,
            f"The conversation store can't be opened ({_reason(error)}).",
            "Check the setting `db_url`, the rights of the Jupyter data directory, and free disk space.",
        ) from None
    return Database(engine, notice)


def migrate(connection: Connection) -> None:
    """Bring the schema to `VERSION`. Raises Fault when the database was written by a newer release."""
    if not inspect(connection).has_table(schema.name):
        metadata.create_all(connection)
        connection.execute(insert(schema).values(version=VERSION))
        return
    version = connection.execute(select(schema.c.version)).scalar_one()
    if version > VERSION:
        raise Fault(
            Code.STORE_UNAVAILABLE,
            f"The conversation store has version {version}; this release knows up to {VERSION}.",
            "Upgrade jupyter-mlchat, or point `db_url` at another database.",
        )
    for step in range(version + 1, VERSION + 1):
        MIGRATIONS[step](connection)
        connection.execute(schema.update().values(version=step))


def _sqlite(url: str, wal: bool) -> Engine:
    memory = {"poolclass": StaticPool} if not wal and ":memory:" in url else {}
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10}, **memory)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # pysqlite's own transaction handling begins too late: the number is taken inside BEGIN IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def file_system_of(path: Path) -> str:
    """The type of the file system that holds `path`, from /proc/mounts; "" where that can't be told."""
    try:
        mounts = Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return ""
    target = str(path.resolve())
    best, kind = "", ""
    for line in mounts:
        fields = line.split()
        if len(fields) > 2 and len(fields[1]) >= len(best) and _below(target, fields[1]):
            best, kind = fields[1], fields[2]
    return kind


def _below(target: str, mount: str) -> bool:
    return mount == "/" or target == mount or target.startswith(mount.rstrip("/") + "/")
