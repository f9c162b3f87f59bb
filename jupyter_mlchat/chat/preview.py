"""The rows that a pending approval would show, read from the kernel for the person who is to decide."""

from __future__ import annotations

import uuid

from ..protocol.faults import Code, Fault
from ..protocol.records import ToolResult
from .means import Means
from .pictures import SHOW
from .threads import Turn, pending_of


async def preview(means: Means, turn: Turn, approval: str) -> ToolResult:
    """Nothing of it is journaled or kept: no llm and nobody else gets to read it. Raises Fault."""
    pending = pending_of(turn, "approval", approval)
    if pending.effect != "disclose" or pending.call.tool == SHOW or turn.context.kernel is None:
        message = f"There are no rows to see before `{pending.call.tool}` runs."
        raise Fault(Code.UNSUPPORTED, message, "Only what shows rows can be looked at before.")
    port = await means.port(turn.context.kernel)
    seconds = means.settings.tool_timeout
    return await port.call(pending.call.tool, pending.call.args, request_id=uuid.uuid4().hex, timeout_s=seconds)
