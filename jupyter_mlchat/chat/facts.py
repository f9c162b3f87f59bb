"""Tools about the service itself: same schema and results as the kernel's, but no port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row, select

from ..llm.base import Llm
from ..llm.catalogue import Catalogue
from ..protocol.answers import Contents
from ..protocol.records import Issue, ToolInfo, ToolResult
from ..store.database import Database
from ..store.tables import uploads
from .toolset import FIND_TOOLS, Toolset

UPLOAD_STATUS = ToolInfo(
    name="get_upload_status",
    description="Status of a file the person uploaded: receiving, complete, cancelled or failed, with its size.",
    parameters={
        "type": "object",
        "properties": {
            "upload_id": {"type": "string", "description": "The id that the upload was given; without it, the newest."}
        },
        "required": [],
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
FIND = ToolInfo(
    name=FIND_TOOLS,
    description=(
        "Find further tools by what they should do; they can be called from the next step on. There are tools for "
        "drift, leakage, freshness, fairness, thresholds, intervals, counterfactuals, error analysis, partial "
        "dependence, similar rows, searches over settings, the running cell, deleting, and more."
    ),
    parameters={
        "type": "object",
        "properties": {"query": {"type": "string", "description": "What the tool should do, in a few words."}},
        "required": ["query"],
        "additionalProperties": False,
    },
    effect="read",
    guidance="When none of the other tools does what was asked.",
    example="find a tool that checks for drift",
)
SERVICE_TOOLS = (UPLOAD_STATUS, COMMANDS, FIND)
STATUS = "get_system_status"


MOST_PROVIDERS = 20
USUAL = ("openai", "anthropic", "gemini", "mistral", "huggingface", "azure", "bedrock", "openrouter", "ollama_chat")
"""Providers that the status names even where nothing of them is set up."""


def about_llms(catalogue: Catalogue, llm: Llm) -> dict[str, Any]:
    """The llm in use, and how the providers stand, as far as is known now. Keys themselves stay where they are."""
    catalogue.refresh()
    provider, _, name = llm.name.partition("/")
    named = [info for info in catalogue.providers() if info.usable or info.has_key or info.name in USUAL]
    providers = [
        {
            "name": info.name,
            "status": info.status,
            "key": info.has_key,
            "models_count": info.models_count,
            "default_model": info.default_model,
        }
        for info in named[:MOST_PROVIDERS]
    ]
    return {"llm": {"name": name or provider, "provider": provider, "local": llm.local}, "providers": providers}


class Facts:
    """The service's own tools for one turn. `toolset` holds everything that this turn may call.

    `llms` tells what the status of the system says of language models: read when asked, since it reads files.
    """

    def __init__(self, database: Database, owner: str, llms: Callable[[], dict[str, Any]]) -> None:
        self._database = database
        self._owner = owner
        self._llms = llms
        self.toolset = Toolset([], limited=False)

    def tools(self) -> list[ToolInfo]:
        return list(SERVICE_TOOLS)

    def find(self, name: str) -> Callable[[dict[str, Any]], Awaitable[ToolResult]] | None:
        known = {UPLOAD_STATUS.name: self._upload_status, COMMANDS.name: self._commands, FIND.name: self._find_tools}
        return known.get(name)

    async def _find_tools(self, args: dict[str, Any]) -> ToolResult:
        found = self.toolset.find(str(args["query"]))
        tools = [{"name": tool.name, "description": _first_sentence(tool.description)} for tool in found]
        return ToolResult(ok=True, data={"tools": tools})

    def completed(self, tool: str, result: ToolResult) -> ToolResult:
        """The kernel's status with the service's part of it; every other result as it is."""
        if tool != STATUS or not result.ok:
            return result
        llms = self._llms()
        local = {**result.local, **llms} if result.local is not None else None
        return replace(result, data={**result.data, **llms}, local=local)

    async def _commands(self, args: dict[str, Any]) -> ToolResult:
        listed = [
            {"name": t.name, "description": _first_sentence(t.description), "example": t.example, "effect": t.effect}
            for t in self.toolset.available
        ]
        return ToolResult(ok=True, data={"commands": listed})

    async def _upload_status(self, args: dict[str, Any]) -> ToolResult:
        wanted = str(args.get("upload_id") or "")

        def read(connection: Connection) -> Row[Any] | None:
            query = select(uploads).where(uploads.c.owner == self._owner).order_by(uploads.c.created.desc()).limit(1)
            return connection.execute(query.where(uploads.c.id == wanted) if wanted else query).one_or_none()

        row = await self._database.run(read)
        if row is None:
            fault = {
                "code": "not_found",
                "message": "There is no upload of that id." if wanted else "You have uploaded no file yet.",
                "hint": "The id is in the answer to the upload." if wanted else "Upload one, then ask again.",
                "about": "upload_id",
            }
            return ToolResult(ok=False, fault=fault)
        data = {"upload_id": row.id, "status": row.state, "bytes": row.bytes, "received": row.received}
        contents = msgspec.json.decode(row.contents, type=Contents)
        if contents.verdict:
            data |= {"kind": contents.kind, "verdict": contents.verdict}
        issues = []
        if contents.verdict == "dangerous":
            message = "Loading this file would run code that no model needs."
            issues.append(Issue("runs_code", message, suggestion="Load it only if you know who made it."))
        if row.state == "failed":
            issues.append(Issue("upload_failed", "The file did not arrive whole.", suggestion="Upload it again."))
        # Names in a file are its author's words: they are for the person alone.
        named = {"imports": contents.imports, "reasons": contents.reasons} if contents.verdict else {}
        return ToolResult(ok=True, data=data, local={**data, "name": row.name, **named}, issues=issues)


def _first_sentence(text: str) -> str:
    head, dot, _ = text.partition(". ")
    return head + dot.strip()
