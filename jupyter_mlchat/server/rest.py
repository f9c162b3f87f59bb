"""Every address of the extension, and who answers there."""

from __future__ import annotations

import re

from tornado import web

from ..protocol.openapi import document
from . import catalogue, choices, conversations, experts, files, health, llms, reviews, turns, uploads, usage
from .handler import MLChatHandler, permitted
from .mcp import MCPDoor
from .websocket import MLChatSocket

ROOT = "/mlchat/api/"


class Description(MLChatHandler):
    @permitted("read")
    async def get(self) -> None:
        from .. import __version__

        self.answer(document(__version__))


class Nowhere(MLChatHandler):
    """Every other address below ours: also what is not there is told as JSON."""

    async def prepare(self) -> None:  # type: ignore[override]
        await super().prepare()
        if not self._finished:
            raise web.HTTPError(404 if self.current_user is not None else 403)


PATHS: tuple[tuple[str, type[MLChatHandler]], ...] = (
    ("health", health.HealthCheck),
    ("metrics/summary", health.MetricsOverview),
    ("openapi.json", Description),
    ("conversations", conversations.Conversations),
    ("conversations/{conversation}", conversations.OneConversation),
    ("conversations/{conversation}/restore", conversations.ConversationRestore),
    ("conversations/{conversation}/export", files.ConversationExport),
    ("search", files.Search),
    ("export", files.Everything),
    ("conversations/{conversation}/messages", conversations.ConversationMessages),
    ("conversations/{conversation}/events", conversations.ConversationEvents),
    ("conversations/{conversation}/turns", turns.ConversationTurns),
    ("conversations/{conversation}/mode", experts.Mode),
    ("conversations/{conversation}/request", experts.Request),
    ("conversations/{conversation}/claim", experts.Claim),
    ("conversations/{conversation}/release", experts.Release),
    ("conversations/{conversation}/say", experts.Say),
    ("conversations/{conversation}/presence", experts.Presence),
    ("experts/queue", experts.Queue),
    ("turns/{turn}", turns.OneTurn),
    ("turns/{turn}/cancel", turns.TurnCancel),
    ("turns/{turn}/retry", turns.TurnRetry),
    ("turns/{turn}/form", turns.TurnForm),
    ("turns/{turn}/approval", turns.TurnApproval),
    ("turns/{turn}/feedback", turns.TurnFeedback),
    ("turns/{turn}/review", reviews.TurnReview),
    ("turns/{turn}/synonym", turns.TurnSynonym),
    ("turns/{turn}/sent", turns.TurnSent),
    ("blobs/{ref}", conversations.Blob),
    ("kernels/{kernel}/models", catalogue.KernelModels),
    ("kernels/{kernel}/frames", catalogue.KernelFrames),
    ("kernels/{kernel}/variables", catalogue.KernelVariables),
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
    ("reviews", reviews.Reviews),
    ("reviews/corrections", reviews.Corrections),
    ("reviews/{review}", reviews.OneReview),
    ("evaluations", reviews.Evaluations),
    ("experiments", reviews.Experiments),
    ("experiments/{experiment}", reviews.OneExperiment),
    ("routes", choices.Routes),
    ("prompts", choices.Prompts),
    ("prompts/{prompt}", choices.OnePrompt),
    ("uploads", uploads.Uploads),
    ("uploads/{upload}", uploads.OneUpload),
)


def routes() -> list[tuple[str, type]]:
    """As `ExtensionApp.handlers` wants them: patterns without the server's base URL."""
    rest = [(ROOT + _pattern(path), handler) for path, handler in PATHS]
    return [("/mlchat/ws", MLChatSocket), ("/mlchat/mcp", MCPDoor), *rest, (ROOT + ".*", Nowhere)]


def _pattern(path: str) -> str:
    # Only names of llms have slashes and colons of their own.
    pattern = re.escape(path).replace(r"\{llm\}", "(?P<llm>.+)")
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[\\w-]+)", pattern)
