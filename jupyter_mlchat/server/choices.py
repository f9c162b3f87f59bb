"""REST of what can be chosen about answers: routes, parameters, and prompts of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..protocol.answers import PromptList
from .handler import MLChatHandler, permitted

if TYPE_CHECKING:
    from ..protocol.commands import ChoicesGet, PromptAdd


class Routes(MLChatHandler):
    """With `?conversation=ID` or `?llm=NAME` also what was chosen, and the bounds of parameters."""

    @permitted("read")
    async def get(self) -> None:
        asked = {name: self.get_query_argument(name, "") or None for name in ("conversation", "llm")}
        command = cast("ChoicesGet", self.command("choices.get", asked))
        self.answer(await (await self.service()).choices(command, self.caller))


class Prompts(MLChatHandler):
    @permitted("read")
    async def get(self) -> None:
        self.answer(PromptList(await (await self.service()).prompts.of(self.caller.principal)))

    @permitted("execute")
    async def post(self) -> None:
        service = await self.service()
        command = cast("PromptAdd", self.command("prompt.add", self.body()))
        await service.submit(command, self.caller)
        self.answer(await service.prompts.find(command.name, self.caller.principal), 201)


class OnePrompt(MLChatHandler):
    @permitted("read")
    async def get(self, prompt: str) -> None:
        self.answer(await (await self.service()).prompts.find(prompt, self.caller.principal))

    @permitted("execute")
    async def patch(self, prompt: str) -> None:
        service = await self.service()
        await service.submit(self.command("prompt.update", self.body(), name=prompt), self.caller)
        self.answer(await service.prompts.find(prompt, self.caller.principal))

    @permitted("execute")
    async def delete(self, prompt: str) -> None:
        await (await self.service()).submit(self.command("prompt.delete", {}, name=prompt), self.caller)
        self.set_status(204)
        self.finish()
