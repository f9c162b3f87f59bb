"""Every address of the extension, and who answers there."""

from __future__ import annotations

import re

from ..protocol.answers import Health
from ..protocol.openapi import document
from . import catalogue, choices, conversations, llms, turns, uploads, usage
from .handler import MLChatHandler, permitted
from .mcp import MCPDoor
from .websocket import MLChatSocket

ROOT = "/mlchat/api/"


class HealthCheck(MLChatHandler):
    """Answers when the store does, else with the fault."""

    @permitted("read")
    async def get(self) -> None:
        from .. import __version__

        await (await self.service()).conversations.newest(self.caller, 1)
        self.answer(Health(status="ok", version=__version__, sockets=len(self.parts.sockets)))


class Description(MLChatHandler):
    @permitted("read")
    async def get(self) -> None:
        from .. import __version__

        self.answer(document(__version__))


PATHS: tuple[tuple[str, type[MLChatHandler]], ...] = (
    ("health", HealthCheck),
    ("openapi.json", Description),
    ("conversations", conversations.Conversations),
    ("conversations/{conversation}", conversations.OneConversation),
    ("conversations/{conversation}/events", conversations.ConversationEvents),
    ("conversations/{conversation}/turns", turns.ConversationTurns),
    ("turns/{turn}", turns.OneTurn),
    ("turns/{turn}/cancel", turns.TurnCancel),
    ("turns/{turn}/retry", turns.TurnRetry),
    ("turns/{turn}/form", turns.TurnForm),
    ("turns/{turn}/approval", turns.TurnApproval),
    ("turns/{turn}/feedback", turns.TurnFeedback),
    ("turns/{turn}/sent", turns.TurnSent),
    ("blobs/{ref}", conversations.Blob),
    ("kernels/{kernel}/models", catalogue.KernelModels),
    ("kernels/{kernel}/frames", catalogue.KernelFrames),
    ("kernels/{kernel}/state", catalogue.KernelNow),
    ("kernels/{kernel}/displays/{ref}", catalogue.KernelDisplay),
    ("kernels/{kernel}/tools/{tool}", catalogue.KernelTool),
    ("tools", catalogue.Tools),
    ("llms", llms.AllLlms),
    ("llms/search", llms.LlmSearch),
    ("llms/{provider}", llms.LlmsOfProvider),
    ("llms/{provider}/{llm}", llms.OneLlm),
    ("providers", llms.Providers),
    ("providers/health", llms.Health),
    ("usage", usage.UsageOverview),
    ("compare", usage.Comparing),
    ("routes", choices.Routes),
    ("prompts", choices.Prompts),
    ("prompts/{prompt}", choices.OnePrompt),
    ("uploads", uploads.Uploads),
    ("uploads/{upload}", uploads.OneUpload),
)


def routes() -> list[tuple[str, type]]:
    """As `ExtensionApp.handlers` wants them: patterns without the server's base URL."""
    rest = [(ROOT + _pattern(path), handler) for path, handler in PATHS]
    return [("/mlchat/ws", MLChatSocket), ("/mlchat/mcp", MCPDoor), *rest]


def _pattern(path: str) -> str:
    # Only names of llms have slashes and colons of their own.
    pattern = re.escape(path).replace(r"\{llm\}", "(?P<llm>.+)")
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[\\w-]+)", pattern)
