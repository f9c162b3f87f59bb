"""A database on a PostgreSQL server: several server processes, also on several machines, may share it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from ..protocol.faults import Code, Fault

LOCK = 0x6D6C63686174
"""Of all transactions that may write, in every process: as with SQLite there is one at a time."""
CONNECT_S = 10
WAIT_S = 10
"""As long as with SQLite another process may keep the store to itself before a transaction is refused."""
IDLE_S = 60
"""Then the server ends a transaction of a process that has stopped in the middle of it."""


def engine_of(url: URL) -> Engine:
    """Raises Fault where the driver is missing."""
    if find_spec("psycopg") is None:
        raise Fault(
            Code.STORE_UNAVAILABLE,
            "`db_url` names a PostgreSQL database, and its driver is not installed.",
            'Run `pip install "jupyter-mlchat[postgres]"` where Jupyter runs, and restart it.',
            about="db_url",
        )
    # One thread uses it: one connection, looked at before each use, as a server may have been restarted.
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_S},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        from psycopg.types.string import StrDumper

        class Storable(StrDumper):
            """PostgreSQL has no text with a zero character in it."""

            def dump(self, obj: str) -> Any:
                return super().dump(obj.replace("\x00", "\N{REPLACEMENT CHARACTER}"))

        connection.adapters.register_dumper(str, Storable)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("reads"):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
            connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_S}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")

    return engine
