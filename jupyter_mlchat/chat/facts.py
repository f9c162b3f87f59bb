"""Tools about the service itself: same schema and results as the kernel's, but no port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, Row, select

from ..protocol.records import Issue, ToolInfo, ToolResult
from ..store.database import Database
from ..store.tables import uploads

UPLOAD_STATUS = ToolInfo(
    name="get_upload_status",
    description="Status of a file the person uploaded: receiving, complete, cancelled or failed, with its size.",
    parameters={
        "type": "object",
        "properties": {"upload_id": {"type": "string", "description": "The id that the upload was given."}},
        "required": ["upload_id"],
        "additionalProperties": False,
    },
    effect="read",
    example="what happened to my upload?",
)
COMMANDS = ToolInfo(
    name="get_available_commands",
    description="What this assistant can do: its tools, each with what it does and an example question.",
    parameters={"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    effect="read",
    example="what can you do?",
)


class Facts:
    """The service's own tools for one turn. `available` is everything that this turn may call."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner
        self.available: list[ToolInfo] = []

    def tools(self) -> list[ToolInfo]:
        return [UPLOAD_STATUS, COMMANDS]

    def find(self, name: str) -> Callable[[dict[str, Any]], Awaitable[ToolResult]] | None:
        return {UPLOAD_STATUS.name: self._upload_status, COMMANDS.name: self._commands}.get(name)

    async def _commands(self, args: dict[str, Any]) -> ToolResult:
        listed = [
            {"name": t.name, "description": _first_sentence(t.description), "example": t.example, "effect": t.effect}
            for t in self.available
        ]
        return ToolResult(ok=True, data={"commands": listed})

    async def _upload_status(self, args: dict[str, Any]) -> ToolResult:
        wanted = str(args["upload_id"])

        def read(connection: Connection) -> Row[Any] | None:
            query = select(uploads).where(uploads.c.id == wanted, uploads.c.owner == self._owner)
            return connection.execute(query).one_or_none()

        row = await self._database.run(read)
        if row is None:
            fault = {
                "code": "not_found",
                "message": "There is no upload of that id.",
                "hint": "The id is in the answer to the upload.",
                "about": "upload_id",
            }
            return ToolResult(ok=False, fault=fault)
        data = {"upload_id": row.id, "status": row.state, "bytes": row.bytes, "received": row.received}
        issues = []
        if row.state == "failed":
            issues.append(Issue("upload_failed", "The file did not arrive whole.", suggestion="Upload it again."))
        return ToolResult(ok=True, data=data, local={**data, "name": row.name}, issues=issues)


def _first_sentence(text: str) -> str:
    head, dot, _ = text.partition(". ")
    return head + dot.strip()
