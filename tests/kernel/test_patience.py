"""A call's time counts anew whenever it gets on, and runs out when it does not."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from jupyter_mlchat.kernel.inprocess import InProcessPort
from jupyter_mlchat.kernel.patience import Headway, patient
from jupyter_mlchat.protocol.faults import Fault
from jupyter_mlchat.protocol.records import KernelId
from jupyter_mlchat.runtime.bridge import Bridge
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox, ToolContext, tool

STEP_S = 0.15
TIMEOUT_S = 1.0
OVERALL = 10
"""So many steps take longer than a call may; a single one takes much less."""


def port(*functions: Any) -> InProcessPort:
    toolbox = Toolbox(())
    for function in functions:
        toolbox.add(tool(effect="write", lane="job")(function), "notebook")
    return InProcessPort(Bridge(Shell(None, {}), toolbox), KernelId("k"))


def slow(ctx: ToolContext) -> str:
    """Get on all the time, for much longer than a call may take."""
    for done in range(OVERALL):
        time.sleep(STEP_S)
        ctx.progress(done + 1, OVERALL)
    return "done"


def stuck(ctx: ToolContext) -> str:
    """Report all the time, and get nowhere."""
    while not ctx.cancelled():
        time.sleep(STEP_S)
        ctx.progress(1, OVERALL)
    return "stopped"


async def test_a_call_that_gets_on_outlives_its_time() -> None:
    result = await port(slow).call("slow", {}, request_id="1", timeout_s=TIMEOUT_S)
    assert result.data == {"result": "done"}


async def test_a_call_that_gets_nowhere_does_not() -> None:
    with pytest.raises(Fault, match="did not return within"):
        await port(stuck).call("stuck", {}, request_id="1", timeout_s=TIMEOUT_S)


async def test_the_lane_waits_for_a_job_that_gets_on_and_leaves_one_that_does_not() -> None:
    """What overstays is left behind by the next job; what gets on is let finish first."""
    order: list[str] = []
    release = threading.Event()

    def first(ctx: ToolContext) -> None:
        """Get on, then end."""
        for done in range(OVERALL):
            time.sleep(STEP_S)
            ctx.progress(done + 1, OVERALL)
        order.append("first")

    def held(ctx: ToolContext) -> None:
        """Hang."""
        release.wait(20)

    def then() -> None:
        """Come next."""
        order.append("then")

    hand = port(first, held, then)
    running = asyncio.ensure_future(hand.call("first", {}, request_id="1", timeout_s=TIMEOUT_S))
    await asyncio.sleep(3 * STEP_S)
    await hand.call("then", {}, request_id="2", timeout_s=20)
    await running
    assert order == ["first", "then"]
    with pytest.raises(Fault):
        await hand.call("held", {}, request_id="3", timeout_s=0.05)
    await hand.call("then", {}, request_id="4", timeout_s=20)
    assert order[-1] == "then" and not release.is_set()
    release.set()


async def test_waiting_is_ended_with_what_is_waited_for() -> None:
    never = asyncio.ensure_future(asyncio.sleep(60))
    with pytest.raises(asyncio.TimeoutError):
        await patient(never, 0.01, Headway())
    assert never.cancelled()
    other = asyncio.ensure_future(asyncio.sleep(60))
    waits = asyncio.ensure_future(patient(other, None, Headway()))
    await asyncio.sleep(0)
    waits.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits
    assert other.cancelled()
