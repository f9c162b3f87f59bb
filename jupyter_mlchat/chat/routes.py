"""The ways to an answer, and which llm speaks on each."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..guard.access import admin_levels
from ..llm.base import Llm, Message
from ..llm.external import EXTERNAL, agents_in, find_agent
from ..llm.parameters import check
from ..protocol.choices import RouteInfo
from ..protocol.events import Message as Said
from ..protocol.events import TurnStarted
from ..protocol.faults import Code, Fault
from ..settings import MLChat
from .facts import COMMANDS, UPLOAD_STATUS
from .means import Means
from .messages import history_for
from .threads import Turn
from .toolset import permitted

AGENT, AUTO, BUILTIN, DIRECT = "agent", "auto", "builtin", "direct"
ROUTES: Mapping[str, str] = {
    AGENT: "The llm, with the tools of the kernel.",
    DIRECT: "The llm in words alone: no tool is called.",
    BUILTIN: "The built-in engine: no language model, nothing leaves this machine.",
    AUTO: "What the built-in engine reads exactly, it answers at once and free; the rest goes to the agent.",
}
_EXTERNAL = "Another agent, at a URL of the settings: the conversation's text leaves for it, tools are not offered."


def listed(settings: MLChat) -> list[RouteInfo]:
    """Every route that can be named, each external agent as one."""
    found = [RouteInfo(name, description) for name, description in ROUTES.items()]
    for agent in agents_in(settings).values():
        try:
            agent.address()
            problem = ""
        except Fault as fault:
            problem = fault.record.message
        found.append(RouteInfo(agent.llm, _EXTERNAL, problem))
    return found


def known_route(name: str, settings: MLChat) -> str:
    """As it is kept. Raises Fault `invalid_input` with close names, `llm_unknown` for an agent that is not there."""
    wanted = name.strip()
    if wanted.partition("/")[0].lower() == EXTERNAL:
        agent = find_agent(f"{EXTERNAL}/{wanted.partition('/')[2]}", agents_in(settings))
        agent.address()
        return agent.llm
    if wanted.lower() in ROUTES:
        return wanted.lower()
    close = difflib.get_close_matches(wanted.lower(), [*ROUTES, EXTERNAL], 2)
    names = ", ".join(f"`{one}`" for one in close or [*ROUTES, EXTERNAL])
    hint = f"{'Did you mean' if close else 'Routes are'}: {names}"
    raise Fault(Code.INVALID_INPUT, f"There is no route {wanted[:40]!r}.", hint, about="route")


def route_of(turn: Turn, settings: MLChat) -> str:
    """The turn's own, else the settings'. A tool that was called directly goes no route."""
    return known_route(turn.route or settings.route or AGENT, settings) if turn.tool is None else AGENT


def in_words_alone(route: str) -> bool:
    return route == DIRECT or route.startswith(EXTERNAL)


async def llm_for(turn: Turn, route: str, means: Means) -> Llm:
    """Who answers. Raises Fault for an llm that can't be had, or that can't take the conversation's parameters."""
    if route == BUILTIN:
        return await means.llm(BUILTIN)
    if route == AUTO and await _builtin_answers(turn, means):
        with suppress(Fault):
            # An administrator may have blocked it.
            return await means.llm(BUILTIN)
    llm = await means.llm(route if route.startswith(EXTERNAL) else turn.llm)
    if turn.tool is None:
        check(turn.parameters, llm.name)
    return llm


async def _builtin_answers(turn: Turn, means: Means) -> bool:
    """Whether the built-in engine reads the question exactly. A turn that goes on keeps who began it."""
    events = await means.journal.read_turn(turn.id)
    if turn.attempts:
        started = [e for e in events if isinstance(e, TurnStarted)]
        return bool(started) and started[-1].llm == BUILTIN
    kernel = turn.context.kernel
    # A question about a picture is for who can see it.
    if kernel is None or any(e.images for e in events if isinstance(e, Said)):
        return False
    try:
        port = await means.port(kernel)
        catalogue: dict[str, Any] = {**await port.catalogue(), "attached": turn.context.attached}
        known = [*await port.tools(), UPLOAD_STATUS, COMMANDS]
    except Fault:
        # The agent says what is wrong with the kernel, or answers without it.
        return False
    levels = [admin_levels(means.settings.max_effects), turn.levels]
    tools = frozenset(tool.name for tool in permitted(known, means.settings, levels))
    *earlier, _ = await history_for(turn, means, local=True)
    # In a thread: the first reading loads the ranker.
    return await asyncio.to_thread(_reads_exactly, turn.text, catalogue, earlier, tools)


def _reads_exactly(question: str, catalogue: dict[str, Any], earlier: Sequence[Message], tools: frozenset[str]) -> bool:
    from ..llm.builtin.outcome import Do
    from ..llm.builtin.router import decide

    return isinstance(decide(question, catalogue, earlier, tools), Do)
