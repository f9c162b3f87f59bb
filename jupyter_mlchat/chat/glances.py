"""A kernel at a glance: asked of the kernel itself, without a turn."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from ..guard.access import Caller
from ..guard.features import permits_tool
from ..kernel.port import KernelPort
from ..protocol.cards import RunningNow
from ..protocol.commands import KernelGet
from ..protocol.faults import Code, Fault
from ..protocol.glance import KernelGlance
from ..protocol.records import Context, ToolInfo, ToolResult
from ..runtime.wire import Glance, State
from ..settings import MLChat

if TYPE_CHECKING:
    from .service import ChatService

PROGRESS_S = 2.0
SIGNATURE_S = 10.0
NOTHING = Glance(models=[], n_models=0, frames=[], n_frames=0)


async def glance_of(service: ChatService, question: KernelGet, caller: Caller) -> KernelGlance:
    """Raises Fault for a kernel that is not there or does not answer."""
    kernel = caller.placed(Context(kernel=question.kernel or None)).kernel
    if kernel is None:
        raise Fault(Code.NOT_FOUND, "No kernel was named.", "Name one as `kernel`.", about="kernel")
    settings, port = service.means.settings, await service.means.port(kernel)
    state = await port.state()
    hidden, enabled = await port.limit([], [])
    told: dict[str, Any] = {"running": await _running(port, state, settings if enabled else None)}
    if question.cards:
        # Of a kernel whose tools are off there is nothing to see.
        told.update(await port.glance() if enabled else NOTHING)
    if question.model:
        told["signature"] = await _call(
            port, settings, "get_model_info", {"model_id": question.model, "detail": "signature"}, SIGNATURE_S
        )
    run = {"run": port.run, "hidden": hidden, "enabled": enabled}
    return msgspec.convert({"command": question.id, "kernel": kernel, **run, **told}, KernelGlance)


async def _running(port: KernelPort, state: State, settings: MLChat | None) -> RunningNow | None:
    """How far it is says a tool; without that it is known for how long it runs."""
    cell = state["running"]
    if cell is None:
        return None
    told: dict[str, Any] = {}
    if settings is not None:
        try:
            told = (await _call(port, settings, "get_running_cell", {}, PROGRESS_S)).data
        except Fault:
            told = {}
    known = {name: told[name] for name in ("done", "total", "unit", "eta_s") if told.get(name) is not None}
    return msgspec.convert({**cell, **known}, RunningNow)


async def _call(port: KernelPort, settings: MLChat, tool: str, args: dict[str, Any], timeout_s: float) -> ToolResult:
    if not permits_tool(settings, ToolInfo(tool, "", {}, "read")):
        raise Fault(Code.DENIED, f"`{tool}` is switched off here.", "Ask your administrator.", about=tool)
    return await port.call(tool, args, request_id=uuid.uuid4().hex, timeout_s=timeout_s)
