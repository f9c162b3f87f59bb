"""REST of people who answer: the queue, and what becomes of a request."""

from __future__ import annotations

from ..protocol.answers import ExpertQueue
from .handler import MLChatHandler, permitted


class Queue(MLChatHandler):
    """For experts: every request that is open."""

    @permitted("read")
    async def get(self) -> None:
        self.answer(ExpertQueue(await (await self.service()).people.queue(self.caller)))


class _Command(MLChatHandler):
    """`kind` is the command that the body is, with the conversation of the path."""

    kind = ""

    @permitted("execute")
    async def post(self, conversation: str) -> None:
        command = self.command(self.kind, self.body(), conversation=conversation)
        self.answer(await (await self.service()).submit(command, self.caller))


class Mode(_Command):
    kind = "mode.change"


class Request(_Command):
    kind = "expert.request"


class Claim(_Command):
    kind = "expert.claim"


class Release(_Command):
    kind = "expert.release"


class Say(_Command):
    kind = "expert.say"


class Presence(_Command):
    kind = "presence.set"
