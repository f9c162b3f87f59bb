"""A store that an earlier release has written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, inspect, select
from store.earlier import SINCE, as_version_2

from jupyter_mlchat.store.database import open_database
from jupyter_mlchat.store.migrations import VERSION
from jupyter_mlchat.store.tables import conversations, kept_answers, prompts, registered, schema, turns

CONVERSATION = {"id": "c", "owner": "me", "notebook": "n.ipynb", "created": 1.0, "updated": 1.0}


def as_version_1(connection: Connection) -> None:
    as_version_2(connection)
    registered.drop(connection)
    connection.execute(schema.update().values(version=1))


def shape(connection: Connection) -> dict[str, set[str]]:
    told = inspect(connection)
    return {table: {column["name"] for column in told.get_columns(table)} for table in told.get_table_names()}


@pytest.mark.parametrize("earlier", [as_version_1, as_version_2])
async def test_an_old_store_becomes_a_new_one_with_what_was_in_it(
    tmp_path: Path, earlier: Callable[[Connection], None]
) -> None:
    def fill(connection: Connection) -> None:
        connection.execute(insert(conversations).values(**CONVERSATION))
        connection.execute(insert(turns).values(id="t", conversation="c", state="completed", text="hi", created=1.0))

    store = await open_database("", tmp_path)
    new = await store.run(shape)
    await store.run(fill)
    await store.run(earlier)
    old = await store.run(shape)
    store.close()
    for table, columns in SINCE.items():
        assert new[table] - old[table] == set(columns)
    store = await open_database("", tmp_path)
    assert await store.run(shape) == new
    turn = await store.run(lambda tx: tx.execute(select(turns)).one())
    assert (turn.text, turn.run, turn.answer_of, turn.route, turn.prompt) == ("hi", "", "", "", "")
    conversation = await store.run(lambda tx: tx.execute(select(conversations)).one())
    assert (conversation.notebook, conversation.route, conversation.parameters) == ("n.ipynb", "", "{}")
    for table in (kept_answers, prompts, registered):
        assert await store.run(lambda tx, table=table: tx.execute(select(table)).all()) == []
    assert await store.run(lambda tx: tx.execute(select(schema.c.version)).scalar_one()) == VERSION
    store.close()
