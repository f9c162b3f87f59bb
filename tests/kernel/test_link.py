"""The link to a real kernel, of all four kinds: attached once, answering busy and idle, leaving no trace."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontends.conftest import SETUP
from kernels import KINDS, RunningKernel, busy, kinds, start_kernel, stop_kernel, there

from jupyter_mlchat.protocol.faults import Code, Fault

OWN_TOOLS = """
import time, warnings
from jupyter_mlchat import tool

@tool
def double(x: int) -> int:
    "Twice x."
    print("a tool prints")
    return 2 * x

@tool(effect="write")
def make(name: str) -> str:
    "Make a variable."
    import threading
    globals()[name] = 1
    return threading.current_thread().name

@tool
def sleepy(seconds: float) -> float:
    "Sleep."
    time.sleep(seconds)
    return seconds
"""


@pytest.fixture(params=kinds(*KINDS))
def kernel(
    request: pytest.FixtureRequest, tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[RunningKernel]:
    running = jp_asyncio_loop.run_until_complete(start_kernel(request.param, tmp_path / "environment"))
    yield running
    jp_asyncio_loop.run_until_complete(stop_kernel(running))


async def call(kernel: RunningKernel, tool: str, timeout_s: float = 10, **args: object) -> dict[str, object]:
    result = await kernel.link.call(tool, args, request_id=os.urandom(8).hex(), timeout_s=timeout_s)
    assert result.ok, result
    return result.data


@pytest.mark.parametrize("kernel", KINDS, indirect=True)
async def test_every_kind_of_kernel_answers_idle_and_busy_and_writes_on_its_main_thread(
    kernel: RunningKernel, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    kind = request.node.callspec.params["kernel"]
    await kernel.link.attach()
    assert kernel.link.attached
    versions = await kernel.run(
        "import ipykernel, importlib.util as u\nprint(ipykernel.version_info[0], "
        "'_jupyter_mlchat_runtime' in __import__('sys').modules)"
    )
    assert versions["streams"].split() == [kind[0], str(kind.endswith("source"))]
    assert (await kernel.run(OWN_TOOLS))["status"] == "ok"
    assert await call(kernel, "double", x=4) == {"result": 8}
    assert await call(kernel, "make", name="made") == {"result": "MainThread"}
    assert (await kernel.run("print(made)"))["streams"] == "1\n"
    assert (await kernel.run(SETUP))["status"] == "ok"
    listed = await call(kernel, "list_models")
    assert [model["id"] for model in listed["models"]] == ["pipe", "rf"]
    row = {"species": "rose", "petal_length": 1.5, "sepal_width": 3, "sepal_length": 5}
    checked = await call(kernel, "validate_features", model_id="pipe", features=row)
    assert checked["valid"] is False
    row["species"] = "Setosa"
    found = await call(kernel, "make_prediction", model_id="pipe", features=row)
    row["species"] = "setosa"
    direct = await kernel.run(f"print(repr(float(pipe.predict(pd.DataFrame([{row}])[list(X.columns)])[0])))")
    assert found["prediction"] == pytest.approx(float(direct["streams"]), rel=1e-12)
    async with busy(kernel.client, tmp_path):
        assert await call(kernel, "double", x=5) == {"result": 10}
        state = await kernel.link.state()
    assert state["busy"]
    assert state["running"] is not None
    assert state["running"]["number"] == 6


async def test_attaching_leaves_names_history_and_count_as_they_were(kernel: RunningKernel) -> None:
    await kernel.run("x = 41\nx + 1")
    before = await kernel.run("print(sorted(k for k in globals() if k != '_i2'), _, len(Out), In[1])")
    await kernel.link.attach()
    assert await kernel.link.tools()
    after = await kernel.run("print(sorted(k for k in globals() if k not in ('_i2', '_i3')), _, len(Out), In[1])")
    assert after["streams"] == before["streams"]
    assert after["count"] == before["count"] + 1


async def test_attaching_waits_for_an_idle_kernel_and_says_so(kernel: RunningKernel) -> None:
    kernel.manager.execution_state = "busy"
    with pytest.raises(Fault, match="busy and not attached yet") as caught:
        await kernel.link.state()
    assert caught.value.code is Code.KERNEL_NOT_ATTACHED
    kernel.manager.execution_state = "idle"
    await asyncio.wait_for(kernel.link.attach(), 10)
    assert not (await kernel.link.state())["busy"]


async def test_a_page_that_opens_a_subshell_does_not_hide_that_a_cell_runs(
    kernel: RunningKernel, tmp_path: Path
) -> None:
    heard: list[bool] = []
    kernel.link.cells.tell = heard.append
    await kernel.link.attach()
    # Subscribing takes a moment, and nothing tells that it is done.
    while not heard:
        await kernel.run("pass")
        await asyncio.sleep(0.1)
    heard.clear()
    async with busy(kernel.client, tmp_path):
        while not heard:
            await asyncio.sleep(0.01)
        control = kernel.client.control_channel
        control.send(kernel.client.session.msg("create_subshell_request", {}))
        await asyncio.sleep(0.3)
        assert heard == [True]
    while len(heard) < 2:
        await asyncio.sleep(0.01)
    assert heard == [True, False]


async def test_what_a_tool_prints_is_not_in_the_output_of_a_running_cell(kernel: RunningKernel) -> None:
    await kernel.link.attach()
    await kernel.run(OWN_TOOLS)
    cell = asyncio.ensure_future(kernel.run("for n in range(10):\n    print(n)\n    time.sleep(0.05)"))
    await asyncio.sleep(0.2)
    await call(kernel, "double", x=1)
    assert (await cell)["streams"].split() == [str(n) for n in range(10)]


async def test_a_silent_kernel_is_named_within_a_second_with_what_it_was_last_seen_in(
    kernel: RunningKernel, tmp_path: Path
) -> None:
    await kernel.link.attach()
    begun, go, silent = (tmp_path / name for name in ("begun", "go", "silent"))
    await kernel.run(
        "import ctypes, os, time\nclass Slow:\n    def fit(self):\n"
        f"        open({str(begun)!r}, 'w').close()\n"
        f"        while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
        f"        open({str(silent)!r}, 'w').close()\n        ctypes.PyDLL(None).sleep(4)\n"
    )
    cell = asyncio.ensure_future(kernel.run("Slow().fit()"))
    await there(begun, cell)
    state = await kernel.link.state()
    assert state["running"] is not None
    assert state["running"]["inside"] == "Slow.fit"
    go.touch()
    await there(silent, cell)
    began = time.monotonic()
    with pytest.raises(Fault, match=r"not answering \(native code\) since \d s, last seen inside Slow\.fit") as caught:
        while not cell.done():
            await kernel.link.state()
    assert time.monotonic() - began < 10
    assert caught.value.code is Code.KERNEL_NOT_ANSWERING
    await cell
    assert not (await kernel.link.state())["busy"]


async def test_a_tool_that_does_not_return_in_time_has_an_unknown_outcome(kernel: RunningKernel) -> None:
    await kernel.link.attach()
    await kernel.run(OWN_TOOLS)
    await call(kernel, "double", x=1)
    with pytest.raises(Fault, match="outcome is unknown") as caught:
        await call(kernel, "sleepy", timeout_s=1, seconds=30)
    assert caught.value.code is Code.TOOL_TIMEOUT


async def test_a_write_behind_a_long_cell_is_withdrawn_and_never_happens(kernel: RunningKernel, tmp_path: Path) -> None:
    await kernel.link.attach()
    await kernel.run(OWN_TOOLS)
    await call(kernel, "double", x=1)  # the first call reads the toolbox, which takes its time
    async with busy(kernel.client, tmp_path):
        with pytest.raises(Fault, match="withdrawn; nothing happened"):
            await call(kernel, "make", timeout_s=0.3, name="late")
    assert (await kernel.run("print('late' in globals())"))["streams"] == "False\n"


async def test_a_restart_fails_what_was_under_way_and_the_kernel_is_attached_anew(kernel: RunningKernel) -> None:
    await kernel.link.attach()
    await kernel.run(OWN_TOOLS)
    waiting = asyncio.ensure_future(call(kernel, "sleepy", seconds=30, timeout_s=30))
    await asyncio.sleep(0.3)
    await kernel.manager.restart_kernel(now=True)
    kernel.link.restarted()
    with pytest.raises(Fault, match="restarted meanwhile"):
        await waiting
    assert not (await kernel.link.state())["busy"]
    assert kernel.link.attached


async def test_a_dead_kernel_is_said_to_be_dead(kernel: RunningKernel) -> None:
    await kernel.link.attach()
    kernel.link.died()
    with pytest.raises(Fault, match="has died") as caught:
        await kernel.link.state()
    assert caught.value.code is Code.KERNEL_DEAD


async def test_an_interrupt_stops_a_job_on_the_main_thread(kernel: RunningKernel, tmp_path: Path) -> None:
    await kernel.link.attach()
    await kernel.run(
        "import time\nfrom jupyter_mlchat import tool\n@tool(effect='execute')\n"
        f"def long() -> None:\n    'Take long.'\n    open({str(tmp_path / 'begun')!r}, 'w').close()\n"
        "    time.sleep(60)\n"
    )
    job = asyncio.ensure_future(kernel.link.call("long", {}, request_id="1", timeout_s=90))
    await there(tmp_path / "begun")
    await kernel.manager.signal_kernel(signal.SIGINT)
    result = await asyncio.wait_for(job, 40)
    assert result.fault is not None
    assert result.fault["code"] == "interrupted"


async def test_no_answer_is_missed_while_events_go_down(kernel: RunningKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    # One that comes late on a busy machine is not missed.
    monkeypatch.setattr("jupyter_mlchat.kernel.link.ACK_S", 30.0)
    await kernel.link.attach()

    async def deliver() -> None:
        while True:
            kernel.link.deliver("nobody", [{"type": "text.delta", "text": "a word"}])
            await asyncio.sleep(0.0005)

    delivering = asyncio.ensure_future(deliver())
    try:
        for _ in range(500):
            await kernel.link.state()
    finally:
        delivering.cancel()
