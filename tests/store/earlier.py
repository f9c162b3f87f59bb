"""Stores as earlier releases wrote them."""

from __future__ import annotations

from sqlalchemy import Connection

from jupyter_mlchat.store.tables import metadata, schema

SINCE = {
    "mlchat_conversations": ("route", "prompt", "parameters"),
    "mlchat_turns": ("run", "answer_of", "route", "prompt"),
}
"""Columns that version 2 did not have."""
FIRST = ("schema", "conversations", "turns", "events", "commands", "sent", "registered", "uploads")


def as_version_2(connection: Connection) -> None:
    """What the release before wrote: without the columns and tables that came since."""
    for table in set(metadata.tables) - {f"mlchat_{name}" for name in FIRST}:
        connection.exec_driver_sql(f"DROP TABLE {table}")
    for table, columns in SINCE.items():
        for column in columns:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute(schema.update().values(version=2))
