"""What people told of their models, kept for each notebook: the next kernel of it gets the facts again."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from ..store.database import Database
from ..store.tables import registered

MAX_BYTES = 200_000
"""Of one registration. A larger one is kept without the statistics of its columns, if that makes it fit."""
MAX_KEPT = 100
"""For one notebook; the oldest make room."""
MAX_NAME = 255


class Registrations:
    """The facts are the kernel's own: plain JSON that nobody here looks into, but for its name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, owner: str, notebook: str, facts: dict[str, Any]) -> None:
        """In place of what was kept under the same name. Nothing is kept of a kernel that has no notebook."""
        name = facts.get("name")
        body = _body(facts)
        if not notebook or not isinstance(name, str) or not 0 < len(name) <= MAX_NAME or body is None:
            return

        def write(connection: Connection) -> None:
            mine = (registered.c.owner == owner) & (registered.c.notebook == notebook)
            connection.execute(delete(registered).where(mine, registered.c.ref == name))
            row = {"owner": owner, "notebook": notebook, "ref": name, "body": body, "updated": time.time()}
            connection.execute(insert(registered).values(row))
            newest = select(registered.c.ref).where(mine).order_by(registered.c.updated.desc())
            for old in connection.execute(newest.offset(MAX_KEPT)).scalars().all():
                connection.execute(delete(registered).where(mine, registered.c.ref == old))

        await self._database.run(write)

    async def of(self, owner: str, notebook: str) -> list[dict[str, Any]]:
        """Everything kept for a notebook, oldest first."""
        if not notebook:
            return []

        def read(connection: Connection) -> list[str]:
            mine = (registered.c.owner == owner) & (registered.c.notebook == notebook)
            query = select(registered.c.body).where(mine).order_by(registered.c.updated)
            return list(connection.execute(query).scalars())

        return [msgspec.json.decode(body) for body in await self._database.run(read)]


def follow_rename(connection: Connection, owner: str, before: str, after: str) -> None:
    """A notebook has another path now: what was kept for it goes along, in place of what an earlier one left there."""
    if not before or not after or before == after:
        return
    old = (registered.c.owner == owner) & (registered.c.notebook == before)
    moved = connection.execute(select(registered.c.ref).where(old)).scalars().all()
    there = (registered.c.owner == owner) & (registered.c.notebook == after)
    for ref in moved:
        connection.execute(delete(registered).where(there, registered.c.ref == ref))
    connection.execute(update(registered).where(old).values(notebook=after))


def _body(facts: dict[str, Any]) -> str | None:
    for smaller in (facts, {**facts, "profiles": {}}):
        body = msgspec.json.encode(smaller)
        if len(body) <= MAX_BYTES:
            return body.decode()
    return None
