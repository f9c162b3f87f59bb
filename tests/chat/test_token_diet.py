"""What is sent twice begins alike, so that a provider finds what it has kept; what is old is sent in short."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat.house import ME, House
from provider import Provider, calls, running, says

from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.runtime.toolbox import tool


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def house(
    tmp_path: Path, provider: Provider, background: Background, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[House]:
    environment = {"OPENAI_API_KEY": "sk-scripted", "LLM_BASE_URL": provider.url}
    made = House(tmp_path, background, llm="openai/gpt-4.1-mini", environment=environment)

    @tool()
    def count(n: int) -> dict[str, list[str]]:
        """Count up."""
        return {"counted": [f"this is number {number}" for number in range(n)]}

    made.bridge.toolbox.add(count, "test")
    jp_asyncio_loop.run_until_complete(made.open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def ask(house: House, provider: Provider, turns: int) -> None:
    for turn in range(turns):
        provider.enqueue(calls(("count", {"n": 60}), ids=(f"c{turn}",)), says("Done."))
        await house.settle(await house.ask(f"question {turn}"), 60)


async def test_every_request_begins_as_the_one_before_it(house: House, provider: Provider) -> None:
    await ask(house, provider, 2)
    assert len(provider.bodies) == 4
    for before, after in zip(provider.bodies, provider.bodies[1:], strict=False):
        assert json.dumps(after["tools"]) == json.dumps(before["tools"])
        assert after["messages"][: len(before["messages"])] == before["messages"]


async def test_results_of_older_turns_leave_in_short_and_stay_as_they_are_then(
    house: House, provider: Provider
) -> None:
    await ask(house, provider, 4)
    third, fourth = ([m for m in body["messages"] if m["role"] == "tool"] for body in provider.bodies[5::2])
    assert [len(message["content"]) > 600 for message in third] == [False, True, True]
    assert [len(message["content"]) > 600 for message in fourth] == [False, False, True, True]
    assert fourth[0] == third[0]


async def test_a_turn_of_which_the_beginning_is_out_of_reach_is_left_out_whole(
    house: House, provider: Provider
) -> None:
    await ask(house, provider, 1)
    [info] = await house.service.conversations.newest(ME)
    events = len(await house.events(info.id))
    house.settings.max_history = events
    provider.enqueue(says("Hello."))
    await house.settle(await house.ask("hi"), 60)
    assert [m["content"] for m in provider.bodies[-1]["messages"][1:]] == ["hi"]
