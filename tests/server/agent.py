"""An agent of somebody else: the SDK's real client on our address, and notebooks for it to work in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from kernels import own_client, run_cell
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client


class Agent:
    """`await agent("make_prediction", model_id="clf", ...)` returns what the tool told."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.heard: list[str] = []
        """Every answer, whole, as it came."""

    async def __call__(self, tool: str, **args: Any) -> dict[str, Any]:
        return (await self.raw(tool, **args)).structured_content

    async def raw(self, tool: str, **args: Any) -> types.CallToolResult:
        told = await self.client.call_tool(tool, args)
        self.heard.append(told.model_dump_json())
        [content] = told.content
        # The text is the twin of the structure, for clients that read only one of them.
        assert told.structured_content == json.loads(content.text)
        return told

    async def tools(self) -> dict[str, types.Tool]:
        listed = await self.client.list_tools(cache_mode="bypass")
        self.heard.append(listed.model_dump_json())
        return {tool.name: tool for tool in listed.tools}


@asynccontextmanager
async def connected(
    url: str, headers: dict[str, str], name: str = "claude-code", mode: str = "legacy"
) -> AsyncIterator[Agent]:
    """`legacy` opens a session with `initialize`; `auto` speaks the newest protocol, which has none."""
    who = types.Implementation(name=name, version="1.0")
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(
            streamable_http_client(url, http_client=http), mode=mode, client_info=who, read_timeout_seconds=60
        ) as client,
    ):
        yield Agent(client)


class Notebook:
    """A running notebook: a session of the server with its kernel."""

    def __init__(self, server: Any, fetch: Any, path: str) -> None:
        self.server, self.fetch, self.path = server, fetch, path

    async def start(self, code: str) -> None:
        kernel = {"name": "python3"}
        body = json.dumps({"path": self.path, "type": "notebook", "name": self.path, "kernel": kernel})
        answer = await self.fetch("api", "sessions", method="POST", body=body)
        self.kernel = json.loads(answer.body)["kernel"]["id"]
        self.client = own_client(self.server.kernel_manager.get_kernel(self.kernel))
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=60)
        await self.run(code)

    async def run(self, code: str) -> dict[str, Any]:
        done = await run_cell(self.client, code)
        assert done["status"] == "ok", done
        return done

    async def stop(self) -> None:
        self.client.stop_channels()
        await self.server.kernel_manager.shutdown_kernel(self.kernel, now=True)
