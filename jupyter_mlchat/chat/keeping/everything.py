"""All that is stored of one person, as one archive: conversations that can be read in again, tables, files."""

from __future__ import annotations

import asyncio
import re
import zipfile
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import msgspec
from sqlalchemy import Connection, LargeBinary, Row, Table, or_, select

from ...guard.access import Caller
from ...observe.records import ConversationRecord
from ...protocol.records import ConversationId
from ...store.tables import conversations, events, metadata, turns, uploads
from ..means import Means
from ..sent import as_told, running_attempts, unread_attempts
from .archive import content_of, exported
from .retention import UPLOADS

ABOUT = """\
conversations/  each conversation; POST one to `conversations` and it is there again
tables/         everything else that is stored of you, one JSON object a line
uploads/        the files you have sent
"""


async def everything_of(means: Means, caller: Caller) -> IO[bytes]:
    """A zip file, to be read from its beginning and closed, which ends it."""
    file = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", ABOUT)
            owned = select(conversations.c.id).where(conversations.c.owner == caller.principal)
            for one in await means.database.read(lambda tx: list(tx.execute(owned).scalars())):
                await _add_conversation(archive, means, caller, ConversationId(one))
            for table in _others():
                lines = await means.database.read(partial(_rows, table=table, owner=caller.principal))
                if lines:
                    name = f"tables/{table.name.removeprefix('mlchat_')}.ndjson"
                    await asyncio.to_thread(archive.writestr, name, b"\n".join(lines) + b"\n")
            mine = select(uploads).where(uploads.c.owner == caller.principal, uploads.c.state == "complete")
            for row in await means.database.read(lambda tx: list(tx.execute(mine))):
                await asyncio.to_thread(_add_file, archive, Path(means.settings.data_dir) / UPLOADS, row)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    means.observer.tell(ConversationRecord(actor=caller.principal, action="exported", detail="everything"))
    return file


async def _add_conversation(archive: zipfile.ZipFile, means: Means, caller: Caller, one: ConversationId) -> None:
    whole = await means.database.read(lambda tx: exported(tx, caller, one, deleted=True))
    content = await asyncio.to_thread(content_of, whole, "json")
    await asyncio.to_thread(archive.writestr, f"conversations/{_plain(whole.conversation.title)}{one}.json", content)


def _add_file(archive: zipfile.ZipFile, folder: Path, row: Row[Any]) -> None:
    path = folder / row.id
    if path.is_file():
        archive.write(path, f"uploads/{row.id}-{_plain(row.name)}".rstrip("-"))


def _plain(name: str) -> str:
    """What of a name is harmless in a path, with a dash behind it."""
    plain = re.sub(r"[^\w.]+", "-", name)[:60].strip("-.")
    return f"{plain}-" if plain else ""


def _others() -> list[Table]:
    """Every table that says whose a row is, by owner, conversation or turn, but for the conversations' own."""
    names = {"owner", "principal", "conversation", "turn"}
    tables = [table for table in metadata.sorted_tables if names & set(table.c.keys())]
    return [table for table in tables if table not in (conversations, turns, events)]


def _rows(connection: Connection, table: Table, owner: str) -> list[bytes]:
    """Rows as JSON. What is stored as bytes is JSON itself."""
    mine = select(conversations.c.id).where(conversations.c.owner == owner)
    whose = [table.c[name] == owner for name in ("owner", "principal") if name in table.c]
    if not whose and "conversation" in table.c:
        whose = [table.c.conversation.in_(mine)]
    elif not whose:
        whose = [table.c.turn.in_(select(turns.c.id).where(turns.c.conversation.in_(mine)))]
    binary = {column.name for column in table.c if isinstance(column.type, LargeBinary)}
    unread = unread_attempts(connection, owner) | running_attempts(connection, owner)
    rows = []
    for row in connection.execute(select(table).where(or_(*whose))).mappings():
        values = {name: msgspec.Raw(value) if value and name in binary else value for name, value in row.items()}
        rows.append(msgspec.json.encode(as_told(values, unread)))
    return rows
