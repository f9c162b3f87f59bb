"""What a person may choose about answers, checked before it is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from ..guard.access import DEFAULTS, Caller, admin_levels, changed_levels, decide
from ..llm.external import EXTERNAL
from ..llm.parameters import bounds, changed
from ..protocol import commands as c
from ..protocol.choices import Choices
from ..protocol.faults import Code, Fault
from ..protocol.records import AS_CONFIGURED, ConversationId, ConversationInfo, Memory
from ..settings import LOCKS
from .means import Means
from .prompts import NONE, Prompts
from .remembering import changed_memory, earlier_turns, summarises
from .routes import known_route, listed
from .spending import spent_here
from .synonyms import synonyms_of


class Chooser:
    """`own` gives the caller's conversation, or raises Fault `not_found`."""

    def __init__(
        self, means: Means, prompts: Prompts, own: Callable[[ConversationId, Caller], Awaitable[ConversationInfo]]
    ) -> None:
        self._means, self._prompts, self._own = means, prompts, own

    async def told(self, command: c.ChoicesGet, caller: Caller) -> Choices:
        """What there is to choose, and what `command.conversation` has chosen."""
        info = await self._own(command.conversation, caller) if command.conversation is not None else None
        llm = await self._llm(command.llm or (info.llm if info is not None else ""))
        prompts = await self._prompts.of(caller.principal)
        settings, memory = self._means.settings, info.memory if info is not None else AS_CONFIGURED
        capped, own = admin_levels(settings.max_effects), info.levels if info is not None else {}
        return Choices(
            listed(settings),
            prompts,
            bounds(llm),
            llm,
            info,
            Memory(earlier_turns(memory, settings), summarises(memory, settings)),
            route=(info.route if info is not None else "") or settings.route,
            prompt=(info.prompt if info is not None else "") or settings.prompt,
            policy={effect: decide(effect, [capped, own]) for effect in DEFAULTS},
            capped=list(capped),
            locked=[name for name in LOCKS if settings.locked(name)],
            budgets=await self._means.database.read(
                lambda tx: spent_here(tx, settings, caller.principal, command.conversation)
            ),
            synonyms=await self._means.database.read(lambda tx: synonyms_of(tx, info)) if info is not None else [],
        )

    async def may_choose(self, route: str | None, prompt: str | None, caller: Caller) -> tuple[str, str]:
        """Both as they are kept, "" for what is left to the settings. Raises Fault for an unknown or fixed one."""
        return await self._route(route or ""), await self._prompt(prompt or "", caller)

    async def of_conversation(
        self, command: c.ConversationUpdate, info: ConversationInfo, caller: Caller
    ) -> dict[str, Any]:
        """The columns that the command changes. Raises Fault."""
        values: dict[str, Any] = {}
        if command.route is not None:
            values["route"] = await self._route(command.route)
        if command.prompt is not None:
            values["prompt"] = await self._prompt(command.prompt, caller)
        if command.parameters:
            self.check_open("parameters")
            llm = await self._llm(command.llm or info.llm)
            new = changed(info.parameters, command.parameters, llm)
            values["parameters"] = msgspec.json.encode(new).decode()
        if command.memory:
            self.check_open("memory")
            values["memory"] = msgspec.json.encode(changed_memory(info.memory, command.memory)).decode()
        if command.levels:
            self.check_open("policy")
            values["levels"] = msgspec.json.encode(changed_levels(info.levels, command.levels, caller)).decode()
        return values

    async def _route(self, route: str) -> str:
        if not route:
            return ""
        self.check_open("route")
        known = known_route(route, self._means.settings)
        if known.startswith(EXTERNAL):
            # Where a question goes is fixed with the llm.
            self.check_open("llm")
        return known

    async def _prompt(self, prompt: str, caller: Caller) -> str:
        if not prompt:
            return ""
        self.check_open("prompt")
        return NONE if prompt == NONE else (await self._prompts.find(prompt, caller.principal)).name

    async def _llm(self, name: str) -> str:
        """The whole name of the llm that will answer; what was given where that can't be told now."""
        try:
            return (await self._means.llm(name)).name
        except Fault:
            return name

    def check_open(self, what: str) -> None:
        """Raises Fault `forbidden` for what the administrator has fixed."""
        if self._means.settings.locked(what):
            message = f"The {what} {'are' if what.endswith('s') else 'is'} fixed by your administrator."
            raise Fault(Code.FORBIDDEN, message, "Leave it out.", about=what)
