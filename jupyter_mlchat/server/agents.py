"""Our tools for agents from outside: which there are, in which notebook, and a call that waits for its person."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from ..guard.access import Caller
from ..guard.features import permits_tool
from ..protocol.commands import ToolCall, TurnCancel
from ..protocol.events import Event, TurnEnded, TurnQueued, TurnStarted, TurnWaiting
from ..protocol.faults import Code, Fault, FaultRecord, record_of
from ..protocol.records import CommandId, Context, KernelId, ToolInfo, TurnId

if TYPE_CHECKING:
    from ..chat.outside import Told
    from ..chat.service import ChatService
    from ..chat.threads import Turn
    from .app import Parts

Report = Callable[[float, str], Awaitable[None]]
"""Told now and then while a call waits: the seconds so far, and for what."""

HEARTBEAT_S = 5.0
TOOLS_S = 3.0
"""How long a list of tools waits for a kernel to name its own."""
ENDS = ("completed", "failed", "cancelled", "abandoned")

LIST_NOTEBOOKS = ToolInfo(
    name="list_notebooks",
    description="The notebooks that run now, by path: the values that `notebook` takes in the other tools.",
    parameters={"type": "object", "properties": {}, "additionalProperties": False},
    effect="read",
)
GET_TURN = ToolInfo(
    name="get_turn",
    description=(
        "What became of a call that was still waiting, such as for a person to allow it. Waits a while, then tells."
    ),
    parameters={
        "type": "object",
        "properties": {"turn": {"type": "string", "description": "The `turn` that the call was answered with."}},
        "required": ["turn"],
        "additionalProperties": False,
    },
    effect="read",
)
NOTEBOOK = {
    "type": "string",
    "description": "Path of the notebook that is meant, from list_notebooks. May be left out while only one runs.",
}


class AgentTools:
    """The tools as an agent of one principal may use them: the person's policy, journal and approvals."""

    def __init__(self, parts: Parts, caller: Caller) -> None:
        """`caller` is of kind `agent`."""
        self._parts, self._caller = parts, caller

    # -- what there is ---------------------------------------------------------------------------------

    async def tools(self) -> list[ToolInfo]:
        """Ours, and those of the notebooks that run; each takes a `notebook` beside its own arguments."""
        known = {tool.name: tool for tool in await asyncio.to_thread(_ours)}
        kernels = (await self._parts.links.notebooks()).values()
        for own in await asyncio.gather(*map(self._own_tools, kernels)):
            # An argument `notebook` of their own would be taken for ours.
            free = [tool for tool in own if "notebook" not in tool.parameters.get("properties", {})]
            known = {**{tool.name: tool for tool in free}, **known}
        known |= {tool.name: tool for tool in (LIST_NOTEBOOKS, GET_TURN)}
        return [_placed(tool) for tool in known.values() if permits_tool(self._parts.settings, tool)]

    async def _own_tools(self, kernel: KernelId) -> list[ToolInfo]:
        async def ask() -> list[ToolInfo]:
            found: list[ToolInfo] = await (await self._parts.links.port(kernel)).tools()
            return found

        try:
            return await asyncio.wait_for(ask(), TOOLS_S)
        except (Fault, asyncio.TimeoutError):
            # A kernel that is off or does not answer has none to offer.
            return []

    async def notebooks(self) -> Told:
        found = await self._parts.links.notebooks()
        listed = [{"notebook": path, "state": self._state(kernel)} for path, kernel in sorted(found.items())]
        return _say({"ok": True, "notebooks": listed})

    def _state(self, kernel: KernelId) -> str:
        states: list[str] = []
        self._parts.links.listen(kernel, lambda state, detail: states.append(state))()
        return states[0]

    # -- a call ----------------------------------------------------------------------------------------

    async def call(self, name: str, args: dict[str, Any], report: Report) -> Told:
        """Run a tool. Faults are answers. Cancelled, it stops its turn."""
        # In a task of its own: an MCP server cancels anew at every await, and stopping a turn takes some.
        work = asyncio.ensure_future(self._call(name, args, report))
        self._parts.agent_calls.add(work)
        work.add_done_callback(self._parts.agent_calls.discard)
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            work.cancel()
            raise
        return work.result()

    async def _call(self, name: str, args: dict[str, Any], report: Report) -> Told:
        try:
            if name == LIST_NOTEBOOKS.name:
                return await self.notebooks()
            if name == GET_TURN.name:
                return await self.look(str(args.get("turn", "")), report)
            return await self._begin(name, dict(args), report)
        except Exception as error:
            return refused(record_of(error))

    async def look(self, turn: str, report: Report) -> Told:
        """What became of a turn that an agent of this person asked for."""
        service: ChatService = await self._parts.service()
        found = await service.turn(TurnId(turn), self._caller)
        if found.tool is None or not found.tool.agent:
            raise Fault(Code.NOT_FOUND, "There is no such turn.", "`turn` is in the answer to a call.", about="turn")
        return await self._outcome(service, found.id, report)

    async def _begin(self, name: str, args: dict[str, Any], report: Report) -> Told:
        path, kernel = await self._notebook(args.pop("notebook", None))
        service: ChatService = await self._parts.service()
        command = ToolCall(
            id=CommandId(uuid.uuid4().hex), tool=name, args=args, context=Context(notebook=path, kernel=kernel)
        )
        sending = asyncio.ensure_future(service.submit(command, self._caller))
        try:
            accepted = await asyncio.shield(sending)
            return await self._outcome(service, TurnId(accepted.turn or ""), report)
        except asyncio.CancelledError:
            # A server that stops leaves the turn: it may still be allowed, and told, after a restart.
            if not self._parts.closing:
                with suppress(Fault):
                    await self._stop(service, TurnId((await sending).turn or ""))
            raise

    async def _notebook(self, wanted: Any) -> tuple[str, KernelId]:
        """The notebook that is meant. Raises Fault that names those there are."""
        found: dict[str, KernelId] = await self._parts.links.notebooks()
        named = ", ".join(f"`{path}`" for path in sorted(found)) or "none"
        if wanted is None and len(found) == 1:
            [only] = found.items()
            return only
        if wanted is None and found:
            raise Fault(Code.INVALID_INPUT, "Several notebooks run.", f"Say `notebook`: {named}.", about="notebook")
        if not isinstance(wanted, str) or wanted not in found:
            message = "No such notebook runs." if wanted is not None else "No notebook runs."
            hint = f"These run: {named}." if found else "Open a notebook in Jupyter, with a Python kernel."
            raise Fault(Code.NOT_FOUND, message, hint, about="notebook")
        return wanted, found[wanted]

    async def _outcome(self, service: ChatService, turn: TurnId, report: Report) -> Told:
        """What the turn tells once it has ended, or when it has been waited for long enough."""
        from ..chat.outside import hand_out

        found = await self._settled(service, turn, report)
        if found.state == "waiting" and found.pending is not None and found.pending.kind == "form":
            # The agent fills it in by calling again: nobody else is to be kept waiting for it.
            await self._stop(service, turn)
            found = await service.turn(turn, self._caller)
        return await hand_out(service, found, self._caller)

    async def _settled(self, service: ChatService, turn: TurnId, report: Report) -> Turn:
        started, changed = time.monotonic(), asyncio.Event()

        def take(event: Event) -> None:
            if event.turn == turn and isinstance(event, (TurnEnded, TurnQueued, TurnStarted, TurnWaiting)):
                changed.set()

        found = await service.turn(turn, self._caller)
        last = (await service.journal.info(found.conversation)).last_seq
        stop = await service.follow(found.conversation, last, self._caller, take)
        try:
            while True:
                changed.clear()
                found = await service.turn(turn, self._caller)
                waits_for = found.pending.kind if found.pending is not None else ""
                waited = time.monotonic() - started
                left = self._parts.settings.mcp_wait - waited
                if found.state in ENDS or waits_for == "form" or left <= 0:
                    return found
                await report(waited, f"waiting for {waits_for}" if waits_for else found.state)
                try:
                    await asyncio.wait_for(changed.wait(), min(left, HEARTBEAT_S))
                except asyncio.TimeoutError:
                    continue
        finally:
            stop()

    async def _stop(self, service: ChatService, turn: TurnId) -> None:
        await service.submit(TurnCancel(id=CommandId(uuid.uuid4().hex), turn=turn), self._caller)


def _ours() -> list[ToolInfo]:
    """The tools of every kernel: told also while none runs, since clients ask for the list once."""
    from ..runtime.toolbox import Toolbox
    from ..runtime.tools import MODULES

    return [msgspec.convert(tool.describe(), ToolInfo) for tool in Toolbox(MODULES).all()]


def _placed(tool: ToolInfo) -> ToolInfo:
    if tool in (LIST_NOTEBOOKS, GET_TURN):
        return tool
    properties = {**tool.parameters.get("properties", {}), "notebook": NOTEBOOK}
    return msgspec.structs.replace(tool, parameters={**tool.parameters, "properties": properties})


def refused(record: FaultRecord) -> Told:
    """A fault that no turn tells."""
    return _say({"ok": False, "fault": {"code": record.code.value, "message": record.message, "hint": record.hint}})


def _say(told: dict[str, Any]) -> Told:
    """What concerns no turn, and holds nothing of a kernel."""
    from ..chat.outside import Told

    return Told(json.dumps(told, ensure_ascii=False), bool(told["ok"]))
