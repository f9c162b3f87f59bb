"""Opening the database, and the one thread that talks to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, insert, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from ..protocol.faults import Code, Fault
from . import postgres, sqlite
from .faults import DAMAGED, FULL, HINTS, reason_of, refused
from .migrations import MIGRATIONS, VERSION
from .tables import metadata, schema

T = TypeVar("T")
READ_ONLY = "The conversation store is damaged: what can be read is shown, and nothing is written to it."
NO_ROOM = "The disk of the conversation store is full: nothing new is taken until there is room."
NO_ROOM_S = 60
"""How long that is told after a transaction found no room."""


class Database:
    """All reads and writes go through one thread, one after the other, each in one transaction.

    A transaction that may write excludes those of other processes; one that only reads waits for nobody. A damaged
    file is not written to any more, also when the damage shows later.
    """

    def __init__(self, url: URL, *, alone: bool = False) -> None:
        """`alone` as in `sqlite.engine_of`."""
        self.url = url
        self.damaged = False
        self.notice = ""
        """What administrators should know of where it lies."""
        self._no_room_until = 0.0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mlchat-store")
        if url.get_backend_name() == "sqlite":
            self._engine: Engine = sqlite.engine_of(url, lambda: not self.damaged, alone)
            self.notice = sqlite.notice_of(url)
        else:
            self._engine = postgres.engine_of(url)

    @property
    def trouble(self) -> str:
        """Why nothing new is taken, for people to read; "" mostly."""
        if self.damaged:
            return READ_ONLY
        return NO_ROOM if time.monotonic() < self._no_room_until else ""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction. Raises Fault `store_unavailable` when the database refuses."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.transact, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which writes nothing. Raises as `run`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.transact, work, True)

    def transact(self, work: Callable[[Connection], T], reads: bool = False) -> T:
        """`run` and `read`, for who has no loop yet."""
        try:
            with self._engine.connect().execution_options(reads=reads) as connection, connection.begin() as transaction:
                done = work(connection)
                if self.damaged:
                    # Nothing was written; to end what met a damaged page as done would be refused.
                    transaction.rollback()
                return done
        except DBAPIError as error:
            reason = reason_of(error)
            if reason == FULL:
                self._no_room_until = time.monotonic() + NO_ROOM_S
            if reason == DAMAGED and self.url.get_backend_name() == "sqlite":
                self.damaged = True
            if self.damaged:
                raise Fault(Code.STORE_UNAVAILABLE, READ_ONLY, HINTS[DAMAGED]) from None
            raise refused(error) from None

    async def sweep(self) -> None:
        """Leave nothing of deleted rows behind, also not in what lies beside a file. PostgreSQL does so by itself."""
        await asyncio.get_running_loop().run_in_executor(self._thread, sqlite.sweep, self._engine)

    def close(self) -> None:
        self._thread.submit(self._engine.dispose).result()
        self._thread.shutdown()


async def open_database(url: str, data_dir: Path) -> Database:
    """Open and migrate. An empty `url` means SQLite under `data_dir`, readable by its owner alone.

    Raises Fault `store_unavailable` for one that can't be opened or that a newer release has written; it is left as
    it is. A damaged one is opened for reading; `notice` says so.
    """
    return await asyncio.to_thread(_open, url, data_dir)


def _open(url: str, data_dir: Path) -> Database:
    where = _checked(url) if url else sqlite.file_in(data_dir)
    try:
        return _ready(Database(where))
    except Fault:
        if not sqlite.has_no_room(where):
            raise
        # Where not even the small file can be made that processes share, one alone can read what there is.
        return _ready(Database(where, alone=True))


def _ready(database: Database) -> Database:
    try:
        if database.transact(lambda tx: sqlite.is_damaged(tx, database.url), reads=True):
            database.damaged = True
        version = database.transact(version_of, reads=True)
        if version != VERSION:
            database.transact(migrate)
    except Exception:
        database.close()
        raise
    return database


def _checked(text: str) -> URL:
    try:
        url = make_url(text)
        if url.drivername == "postgres":
            url = url.set(drivername="postgresql")
        name = url.get_backend_name()
    except ArgumentError:
        name = "no URL"
    if name not in ("sqlite", "postgresql"):
        raise Fault(
            Code.STORE_UNAVAILABLE,
            f"`db_url` is not the URL of a database that is known here ({name}).",
            "Use postgresql://USER@HOST/NAME or sqlite:////PATH, or leave it empty.",
            about="db_url",
        )
    return url


def version_of(connection: Connection) -> int:
    """0 for an empty database. Raises Fault when it was written by a newer release."""
    if not inspect(connection).has_table(schema.name):
        return 0
    version = int(connection.execute(select(schema.c.version)).scalar_one())
    if version > VERSION:
        raise Fault(
            Code.STORE_UNAVAILABLE,
            f"The conversation store has version {version}; this release knows up to {VERSION}.",
            "Upgrade jupyter-mlchat, or point `db_url` at another database.",
        )
    return version


def migrate(connection: Connection) -> None:
    """Bring the schema to `VERSION`, whatever it was. Raises Fault as `version_of`."""
    version = version_of(connection)
    if version == 0:
        metadata.create_all(connection)
        connection.execute(insert(schema).values(version=VERSION))
        return
    for step in range(version + 1, VERSION + 1):
        MIGRATIONS[step](connection)
        connection.execute(schema.update().values(version=step))
