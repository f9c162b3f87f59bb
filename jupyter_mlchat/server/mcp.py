"""The address of our MCP server: who may speak there is Jupyter's to say, what is said the SDK's."""

from __future__ import annotations

from .handler import MLChatHandler, permitted


class MCPDoor(MLChatHandler):
    """Streamable HTTP: requests by POST, the server's own messages by GET, the end of a session by DELETE."""

    feature = "mcp"

    @permitted("execute")
    async def get(self) -> None:
        await (await self.parts.mcp()).answer(self)

    @permitted("execute")
    async def post(self) -> None:
        await (await self.parts.mcp()).answer(self)

    @permitted("execute")
    async def delete(self) -> None:
        await (await self.parts.mcp()).answer(self)
