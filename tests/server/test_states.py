"""How the kernel stands, as a socket is told: at once, and without asking."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest
from kernels import busy

WAITS_FOR_CELL = ("not_attached", "The kernel is attached when the running cell ends.")


class Watcher:
    """A socket that has opened a conversation about a kernel."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    async def open(self, kernel: str, **fields: Any) -> dict[str, Any]:
        await self.socket.send("conversation.open", context={"kernel": kernel, "notebook": "n.ipynb"}, **fields)
        return await self.next()

    async def next(self, timeout: float = 30) -> dict[str, Any]:
        return (await self.socket.until("kernel.changed", timeout=timeout))[-1]

    async def until(self, state: str) -> list[str]:
        """The next ones, up to `state`. Attaching is a cell of its own to Jupyter: short, and sometimes seen."""
        seen: list[str] = []
        while not seen or seen[-1] != state:
            seen.append((await self.next())["state"])
        return seen


@pytest.fixture
def watcher(connect, jp_asyncio_loop):
    return Watcher(jp_asyncio_loop.run_until_complete(connect()))


async def told(watcher: Watcher, kernel: str) -> None:
    """Open, and wait until the kernel is attached."""
    event = await watcher.open(kernel)
    while event["state"] != "attached":
        event = await watcher.next()


async def test_a_socket_is_told_how_the_kernel_stands_and_then_of_every_cell(watcher, kernel, tmp_path):
    await told(watcher, kernel.id)
    async with busy(kernel.client, tmp_path):
        begun = await watcher.next()
    assert (begun["state"], begun["kernel"]) == ("busy", kernel.id)
    assert begun["conversation"] and "seq" not in begun, "it is live only"
    assert (await watcher.next())["state"] == "idle"


async def test_a_restart_is_told_when_it_begins_and_when_the_kernel_is_attached_again(watcher, kernel, jp_fetch):
    await told(watcher, kernel.id)
    restarted = asyncio.ensure_future(jp_fetch("api", "kernels", kernel.id, "restart", method="POST", body="{}"))
    assert (await watcher.until("attached"))[0] == "restarting"
    assert (await restarted).code == 200


async def test_a_kernel_that_crashed_while_busy_comes_back_attached(watcher, kernel, jp_serverapp):
    await told(watcher, kernel.id)
    manager = jp_serverapp.kernel_manager.get_kernel(kernel.id)
    kernel.client.execute("import time; time.sleep(60)")
    assert (await watcher.next())["state"] == "busy"
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    assert (await watcher.until("attached"))[0] == "restarting"


async def test_a_kernel_that_is_shut_down_is_dead_and_one_that_never_was_too(watcher, kernel, jp_serverapp):
    await told(watcher, kernel.id)
    await jp_serverapp.kernel_manager.shutdown_kernel(kernel.id, now=True)
    gone = await watcher.next()
    assert gone["state"] == "dead" and "Restart it" in gone["detail"]
    assert (await watcher.open("no-such-kernel", new=True))["state"] == "dead"
    # The fixture shuts it down once more.
    await jp_serverapp.kernel_manager.start_kernel(kernel_id=kernel.id)


async def test_every_socket_is_told_and_one_that_changes_its_kernel_only_of_the_new_one(connect, kernel, jp_serverapp):
    first, second = Watcher(await connect()), Watcher(await connect())
    await told(first, kernel.id)
    await told(second, kernel.id)
    other = await jp_serverapp.kernel_manager.start_kernel()
    await told(second, other)
    await kernel.run("1")
    assert await first.until("idle") == ["busy", "idle"]
    await jp_serverapp.kernel_manager.shutdown_kernel(other, now=True)
    seen = await second.next()
    assert (seen["kernel"], seen["state"]) == (other, "dead")


async def test_a_resumed_conversation_hears_of_its_kernel(connect, kernel):
    first = Watcher(await connect())
    opened = await first.open(kernel.id)
    second = Watcher(await connect(conversation=opened["conversation"]))
    assert (await second.next())["kernel"] == kernel.id


async def test_a_kernel_that_was_switched_off_stays_so_through_its_cells(watcher, kernel):
    await told(watcher, kernel.id)
    await watcher.socket.send("kernel.update", kernel=kernel.id, enabled=False)
    assert (await watcher.next())["state"] == "disabled"
    await kernel.run("1")
    await watcher.socket.send("kernel.update", kernel=kernel.id, enabled=True)
    assert "busy" not in await watcher.until("idle"), "nothing was told of that cell"


class TestAttachedAtTheFirstQuestion:
    @pytest.fixture
    def mlchat(self):
        return {"attach": "first_use"}

    async def test_until_then_it_says_so(self, watcher, kernel, api, jp_fetch):
        event = await watcher.open(kernel.id)
        assert (event["state"], "first question" in event["detail"]) == ("not_attached", True)
        kernel.client.execute("import time; time.sleep(0.5)")
        event = await watcher.next()
        assert (event["state"], event["detail"]) == WAITS_FOR_CELL
        assert (await watcher.next())["state"] == "not_attached"
        await api("get", f"kernels/{kernel.id}/state")
        assert set(await watcher.until("attached")) <= {"not_attached", "busy", "attached"}
        await jp_fetch("api", "kernels", kernel.id, "restart", method="POST", body="{}")
        assert await watcher.until("not_attached") == ["restarting", "not_attached"]


class TestAttachingSwitchedOff:
    @pytest.fixture
    def mlchat(self):
        return {"attach": "off"}

    async def test_it_is_disabled_and_says_by_which_setting(self, watcher, kernel):
        event = await watcher.open(kernel.id)
        assert event["state"] == "disabled" and "`attach`" in event["detail"]
