"""What brings a database from one version to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Index, Table, inspect
from sqlalchemy.schema import CreateColumn

from .evaluating import arms, evaluations, reviews, scores
from .people import requests
from .search import index_all
from .tables import (
    attempts,
    by_owner,
    conversations,
    kept_answers,
    prompts,
    registered,
    spending,
    synonyms,
    turns,
    uploads,
)

VERSION = 5


def _adds(
    tables: Sequence[Table], columns: Sequence[Column[Any]] = (), indexes: Sequence[Index] = ()
) -> Callable[[Connection], None]:
    """A step that adds whole tables; and to tables that are there, indexes, and columns with a `server_default`.

    A table that an earlier step has just made is as it is today, and has them.
    """

    def migrate(connection: Connection) -> None:
        for table in tables:
            table.create(connection)
        for column in columns:
            if column.name not in {there["name"] for there in inspect(connection).get_columns(column.table.name)}:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {column.table.name} ADD COLUMN {definition}")
        for index in indexes:
            index.create(connection, checkfirst=True)

    return migrate


def _widens(columns: Sequence[Column[Any]]) -> Callable[[Connection], None]:
    """A step to a type that takes more. SQLite's columns take everything as it is."""

    def migrate(connection: Connection) -> None:
        for column in columns if connection.dialect.name != "sqlite" else []:
            wider = column.type.compile(connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {column.table.name} ALTER COLUMN {column.name} TYPE {wider}")

    return migrate


def _then(*steps: Callable[[Connection], None]) -> Callable[[Connection], None]:
    def migrate(connection: Connection) -> None:
        for step in steps:
            step(connection)

    return migrate


_OF_TURNS = [turns.c.run, turns.c.answer_of, turns.c.route, turns.c.prompt]
_OF_CONVERSATIONS = [conversations.c.route, conversations.c.prompt, conversations.c.parameters]

_SINCE_4 = [evaluations, scores, reviews, arms, requests]
_COLUMNS_SINCE_4 = [
    turns.c.stop,
    turns.c.author,
    conversations.c.mode,
    conversations.c.reviewing,
    conversations.c.memory,
    conversations.c.imported,
    uploads.c.conversation,
    uploads.c.contents,
    spending.c.purpose,
]

MIGRATIONS = {
    2: _adds([registered]),
    3: _adds([kept_answers, prompts, spending, attempts], [*_OF_TURNS, *_OF_CONVERSATIONS]),
    4: _then(_adds(_SINCE_4, _COLUMNS_SINCE_4, [by_owner]), _widens([uploads.c.bytes, uploads.c.received]), index_all),
    5: _adds([synonyms]),
}
"""Version n is made of n-1. Version 1 is the first and needs none."""
