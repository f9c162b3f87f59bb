"""Our tools as an MCP server. The only file that knows the SDK: it is imported with the first MCP request."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp import MCPError, types
from mcp.server import Server, ServerRequestContext
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from ..guard.access import Caller
from ..protocol.codec import MAX_COMMAND_BYTES
from ..protocol.faults import record_of
from ..protocol.records import ToolInfo
from . import asgi
from .agents import AgentTools

if TYPE_CHECKING:
    from .app import Parts
    from .handler import MLChatHandler

MAX_SESSIONS = 100
"""Open sessions of one principal."""
MAX_NAME = 40
STREAM_WATCH = "_shutdown_watcher"
INSTRUCTIONS = (
    "Tools on the live, fitted models and data frames in the person's Jupyter notebooks. `list_models` and "
    "`list_dataframes` tell what there is. Numbers come from the kernel: quote them, don't guess. What changes "
    "something or shows raw rows waits for the person to allow it in the notebook; `get_turn` tells what became of it."
)

Context = ServerRequestContext[Any, Any]


@dataclass(frozen=True)
class _Door:
    """The sessions of one principal: those of others are not found here."""

    manager: StreamableHTTPSessionManager
    running: asyncio.Task[None]


class McpSessions:
    """One MCP server for each principal, opened with its first request."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._doors: dict[str, asyncio.Future[_Door]] = {}
        self._answering: set[asyncio.Task[Any]] = set()

    async def answer(self, handler: MLChatHandler) -> None:
        """Let the SDK answer one HTTP request."""
        principal = handler.caller.principal
        if principal not in self._doors:
            self._doors[principal] = asyncio.ensure_future(self._open(principal))
        door = await asyncio.shield(self._doors[principal])
        task = asyncio.ensure_future(asgi.answer(handler, door.manager.handle_request))
        self._answering.add(task)
        try:
            await task
        except asyncio.CancelledError:
            if not self._parts.closing:
                raise
        finally:
            self._answering.discard(task)

    async def close(self) -> None:
        """End every session and every open stream."""
        doors = [await door for door in self._doors.values()]
        # The SDK's event streams leave a task behind that looks for uvicorn for ever; Jupyter would complain of it.
        idle = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") == STREAM_WATCH]
        tasks = [*self._answering, *idle, *(door.running for door in doors)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self, principal: str) -> _Door:
        manager = StreamableHTTPSessionManager(
            self._server(principal), max_sessions=MAX_SESSIONS, max_request_body_size=MAX_COMMAND_BYTES
        )
        opened = asyncio.Event()

        async def run() -> None:
            # Its sessions belong to the task that opened it, which therefore stays.
            async with manager.run():
                opened.set()
                await asyncio.Event().wait()

        running = asyncio.ensure_future(run())
        await opened.wait()
        return _Door(manager, running)

    def _server(self, principal: str) -> Server[Any]:
        from .. import __version__

        def tools(context: Context) -> AgentTools:
            return AgentTools(self._parts, Caller(principal, "agent", agent=_name_of(context)))

        async def list_tools(context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
            try:
                return types.ListToolsResult(tools=[_tool(tool) for tool in await tools(context).tools()])
            except Exception as error:
                # The SDK would tell the client whatever the exception says.
                raise MCPError(types.INTERNAL_ERROR, record_of(error).message) from None

        async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
            async def report(seconds: float, message: str) -> None:
                # Who no longer listens may still read the outcome by `get_turn`.
                with suppress(Exception):
                    await context.session.report_progress(seconds, message=message)

            told = await tools(context).call(params.name, params.arguments or {}, report)
            content: list[types.ContentBlock] = [types.TextContent(type="text", text=told.text)]
            return types.CallToolResult(
                content=content, structured_content=_structured(told.text), is_error=not told.ok
            )

        return Server(
            "jupyter_mlchat",
            version=__version__,
            instructions=INSTRUCTIONS,
            on_list_tools=list_tools,
            on_call_tool=call_tool,
        )


def _name_of(context: Context) -> str:
    """What the client calls itself, as far as it is a name: it is shown to the person."""
    told = context.session.client_params
    name = told.client_info.name if told is not None else ""
    return re.sub(r"[^\w .@/+-]", "", name, flags=re.ASCII)[:MAX_NAME].strip() or "unknown"


def _tool(tool: ToolInfo) -> types.Tool:
    changes = tool.effect in ("write", "execute")
    guidance = f"{tool.description} {tool.guidance}".strip()
    hints = types.ToolAnnotations(read_only_hint=not changes, destructive_hint=changes, open_world_hint=False)
    return types.Tool(name=tool.name, description=guidance, input_schema=tool.parameters, annotations=hints)


def _structured(text: str) -> dict[str, Any] | None:
    """The same as an object; none where it is no JSON."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
