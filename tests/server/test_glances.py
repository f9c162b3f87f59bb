"""A kernel at a glance, over a socket."""

from __future__ import annotations

from typing import Any

import pytest
from server.conftest import MODEL

SLOW = """
import time
for _ in range(400): time.sleep(0.02)
"""


async def look(socket: Any, type: str = "kernel.get", **asked: Any) -> dict[str, Any]:
    """The answer, whatever else is told meanwhile."""
    command = await socket.send(type, **asked)
    while True:
        event = await socket.next()
        if event.get("command") == command:
            return dict(event)


@pytest.fixture
def socket(connect, jp_asyncio_loop):
    return jp_asyncio_loop.run_until_complete(connect())


async def test_cards_and_a_signature_without_a_turn(socket, kernel, api):
    await kernel.run(MODEL)
    seen = await look(socket, kernel=kernel.id, model="clf")
    assert (seen["type"], seen["kernel"], seen["n_models"]) == ("kernel.view", kernel.id, 1)
    assert "running" not in seen
    [model], [frame] = seen["models"], seen["frames"]
    assert (model["ref"], model["features"], model["fresh"]) == ("clf", ["age", "income"], True)
    assert (frame["ref"], frame["shape"]) == ("X", [24, 2])
    assert [one["name"] for one in seen["signature"]["data"]["features"]] == ["age", "income"]
    assert (await api("get", "conversations")).body["conversations"] == []


async def test_what_is_hidden_is_listed_and_a_kernel_that_is_off_shows_nothing(socket, kernel):
    await kernel.run(MODEL)
    await look(socket, "kernel.update", kernel=kernel.id, hide=["clf"])
    seen = await look(socket, kernel=kernel.id)
    assert (seen["hidden"], seen["models"], len(seen["frames"])) == (["clf"], [], 1)
    await look(socket, "kernel.update", kernel=kernel.id, show=["clf"], enabled=False)
    seen = await look(socket, kernel=kernel.id)
    assert (seen["enabled"], seen["models"], seen["frames"]) == (False, [], [])


async def test_a_running_cell_is_told_with_its_time_and_a_restart_is_another_run(socket, kernel, jp_fetch):
    await kernel.run(MODEL)
    before = (await look(socket, kernel=kernel.id))["run"]
    kernel.client.execute(SLOW)
    while not (seen := await look(socket, kernel=kernel.id, cards=False)).get("running"):
        pass
    assert seen["running"]["number"] > 1 and seen["running"]["elapsed_s"] > 0
    assert "models" not in seen and seen["run"] == before
    await jp_fetch("api", "kernels", kernel.id, "restart", method="POST", body="{}")
    again = await look(socket, kernel=kernel.id)
    assert again["run"] != before and again["models"] == []


async def test_a_kernel_that_is_not_there_is_a_fault(socket):
    for asked in ({"kernel": "nowhere"}, {}):
        answer = await look(socket, **asked)
        assert (answer["type"], answer["fault"]["code"]) == ("fault", "not_found"), asked


class TestSwitchedOffTools:
    @pytest.fixture
    def mlchat(self):
        return {"disabled_tools": ["get_model_info"]}

    async def test_a_signature_is_not_told_past_the_administrator(self, socket, kernel):
        await kernel.run(MODEL)
        answer = await look(socket, kernel=kernel.id, model="clf")
        assert answer["fault"]["code"] == "denied"
