"""What brings a database from one version to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Column, Connection, Table
from sqlalchemy.schema import CreateColumn

from .tables import attempts, conversations, kept_answers, prompts, registered, spending, turns

VERSION = 3


def _adds(tables: Sequence[Table], columns: Sequence[Column[str]] = ()) -> Callable[[Connection], None]:
    """A step that adds whole tables, and columns to tables that are there: those need a `server_default`."""

    def migrate(connection: Connection) -> None:
        for table in tables:
            table.create(connection)
        for column in columns:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {column.table.name} ADD COLUMN {definition}")

    return migrate


_OF_TURNS = [turns.c.run, turns.c.answer_of, turns.c.route, turns.c.prompt]
_OF_CONVERSATIONS = [conversations.c.route, conversations.c.prompt, conversations.c.parameters]

MIGRATIONS = {
    2: _adds([registered]),
    3: _adds([kept_answers, prompts, spending, attempts], [*_OF_TURNS, *_OF_CONVERSATIONS]),
}
"""Version n is made of n-1. Version 1 is the first and needs none."""
