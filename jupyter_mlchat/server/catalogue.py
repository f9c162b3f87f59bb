"""REST of a kernel: what it holds and does, and its tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from ..guard.features import permits_tool
from ..protocol.answers import Card, Display, FrameList, KernelState, ModelList, ToolList, ToolOutcome, VariableList
from ..protocol.events import AnyEvent, ApprovalAsked, FormAsked, ToolReturned, TurnEnded, TurnWaiting
from ..protocol.faults import Fault
from ..protocol.records import KernelId, TurnId
from .answering import TurnCommand
from .handler import MLChatHandler, permitted

if TYPE_CHECKING:
    from ..kernel.port import KernelPort


async def port_to(handler: MLChatHandler, kernel: str) -> KernelPort:
    """Raises Fault `not_found` for a kernel that this server does not have."""
    return cast("KernelPort", await handler.parts.links.port(KernelId(kernel)))


class KernelModels(MLChatHandler):
    @permitted("read")
    async def get(self, kernel: str) -> None:
        catalogue = await (await port_to(self, kernel)).catalogue()
        self.answer(msgspec.convert({"models": catalogue["models"]}, ModelList))


class KernelFrames(MLChatHandler):
    @permitted("read")
    async def get(self, kernel: str) -> None:
        catalogue = await (await port_to(self, kernel)).catalogue()
        self.answer(msgspec.convert({"frames": catalogue["frames"]}, FrameList))


class KernelVariables(MLChatHandler):
    """Names and types alone: no value of a variable is read for it."""

    @permitted("read")
    async def get(self, kernel: str) -> None:
        catalogue = await (await port_to(self, kernel)).catalogue()
        cards = [Card(name, class_name) for name, class_name in catalogue["others"].items()]
        self.answer(VariableList(cards))


class KernelNow(MLChatHandler):
    @permitted("read")
    async def get(self, kernel: str) -> None:
        self.answer(msgspec.convert(await (await port_to(self, kernel)).state(), KernelState))


class KernelDisplay(MLChatHandler):
    @permitted("read")
    async def get(self, kernel: str, ref: str) -> None:
        mime, data = await (await port_to(self, kernel)).display(ref)
        self.answer(Display(mime, data))


class KernelTool(TurnCommand):
    """A direct tool call: a turn of its own, with the same policy and the same journal."""

    @permitted("execute")
    async def post(self, kernel: str, tool: str) -> None:
        await port_to(self, kernel)
        service = await self.service()
        command = self.command("tool.call", self.body(), tool=tool, context={"kernel": kernel})
        accepted = await service.submit(command, self.caller)
        await self.settled(accepted)
        turn = await service.turn(accepted.turn or TurnId(""), self.caller)
        outcome = outcome_of(await service.journal.read_turn(turn.id), turn.state)
        self.answer(outcome, 202 if outcome.state in ("queued", "active", "waiting") else 200)


def outcome_of(events: list[AnyEvent], state: str) -> ToolOutcome:
    """What came of a direct call. Raises the Fault that a failed turn ended with."""
    first = events[0]
    outcome: dict[str, Any] = {"turn": first.turn, "conversation": first.conversation, "state": state}
    for event in events:
        if isinstance(event, ToolReturned):
            outcome["result"] = event.result
        elif isinstance(event, TurnEnded) and event.fault is not None and state == event.state:
            raise Fault.of(event.fault)
        elif state == "waiting" and isinstance(event, ApprovalAsked):
            outcome["approval"] = event
        elif state == "waiting" and isinstance(event, FormAsked):
            outcome["form"] = event
        elif state == "waiting" and isinstance(event, TurnWaiting):
            outcome["waits_for"] = event.waits_for
    return msgspec.convert(outcome, ToolOutcome)


class Tools(MLChatHandler):
    """The service's own tools and, with `?kernel=ID`, those of a kernel, as far as they are permitted."""

    @permitted("read")
    async def get(self) -> None:
        from ..chat.facts import COMMANDS, UPLOAD_STATUS

        kernel = self.get_query_argument("kernel", "")
        offered = await (await port_to(self, kernel)).tools() if kernel else []
        settings = self.parts.settings
        self.answer(ToolList([tool for tool in (*offered, UPLOAD_STATUS, COMMANDS) if permits_tool(settings, tool)]))
