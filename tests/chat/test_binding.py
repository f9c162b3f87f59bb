"""Answers of an llm that lies: what has no source is marked, for everybody who listens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.house import House, only
from provider import Answer, Provider, calls, running, says

from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.codec import encode_event
from jupyter_mlchat.runtime.reply import Reply


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def repairs() -> bool:
    return False


@pytest.fixture
def house(
    tmp_path: Path,
    provider: Provider,
    background: Background,
    repairs: bool,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[House]:
    environment = {
        "OPENAI_API_KEY": "sk-scripted",
        "LLM_BASE_URL": provider.url,
        "OLLAMA_BASE_URL": "http://127.0.0.1:9",
    }
    chosen: dict[str, Any] = {"llm": "openai/gpt-4.1-mini", "environment": environment, "repair_unverified": repairs}
    made = jp_asyncio_loop.run_until_complete(House(tmp_path, background, **chosen).open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


def answer(events: list[e.AnyEvent]) -> e.TextSnapshot:
    return [x for x in events if isinstance(x, e.TextSnapshot) and x.final and x.kind == "answer"][-1]


async def test_a_made_up_number_is_marked_and_a_true_one_leads_to_its_call(house: House, provider: Provider) -> None:
    provider.enqueue(calls(("add", {"a": 2.25, "b": 3})), says("The sum is 5.", "2", "5, of `x", "y` it is 7", ".31."))
    live: list[e.Event] = []
    accepted = await house.ask("what is 2.25 + 3?")
    stop = house.service.journal.listen(accepted.conversation, live.append)
    events = await house.settle(accepted, 60)
    stop()
    call = only(events, e.ToolCalled).call
    final = answer(events)
    marks = [(final.text[mark.start : mark.end], mark.call) for mark in final.marks]
    assert marks == [("5.25", call), ("xy", ""), ("7.31", "")]
    assert only(events, e.TurnEnded).unverified == ["xy", "7.31"]
    early = [mark for event in live if isinstance(event, e.TextDelta) for mark in event.marks]
    assert all(mark in final.marks for mark in early)


async def test_marks_come_while_the_answer_is_written(house: House, provider: Provider) -> None:
    said = says("It is 7.31, as far as anybody can tell from here, or so they say; ", "and then there is more.")
    provider.enqueue(Answer(said.pieces, between_s=0.3))
    accepted = await house.ask("how much?")
    live: list[e.Event] = []
    stop = house.service.journal.listen(accepted.conversation, live.append)
    await house.settle(accepted, 60)
    stop()
    first = next(event for event in live if isinstance(event, e.TextDelta))
    assert [(mark.start, mark.end, mark.call) for mark in first.marks] == [(6, 10, "")]


async def test_what_an_earlier_turn_has_found_is_a_source_too(house: House, provider: Provider) -> None:
    provider.enqueue(calls(("add", {"a": 2.25, "b": 3})), says("The sum is 5.25."), says("As before: the sum is 5.25."))
    await house.settle(await house.ask("what is 2.25 + 3?"), 60)
    events = await house.settle(await house.ask("say it again"), 60)
    assert only(events, e.TurnEnded).unverified == []
    assert [mark.call != "" for mark in answer(events).marks] == [True]


async def test_a_cell_shows_what_has_no_source(house: House, provider: Provider) -> None:
    provider.enqueue(says("The **accuracy** of `xy` is 0.97."))
    accepted = await house.ask("how good is it?")
    reply = Reply(turn_id=str(accepted.turn))
    for event in await house.settle(accepted, 60):
        reply.take(json.loads(encode_event(event)))
    assert reply.unverified == ["xy", "0.97"]
    assert reply.text == "The **accuracy** of `xy` is 0.97."
    assert reply.markdown().startswith("The **accuracy** of `xy`† is 0.97†.\n\n*† not from your kernel: xy, 0.97*")
    assert "0.97†" in str(reply)


@pytest.mark.parametrize("repairs", [True])
async def test_an_answer_may_be_worded_anew_before_anybody_sees_it(house: House, provider: Provider) -> None:
    provider.enqueue(says("The accuracy is 0.97."), says("I can't tell how good it is."))
    live: list[e.Event] = []
    accepted = await house.ask("how good is it?")
    stop = house.service.journal.listen(accepted.conversation, live.append)
    events = await house.settle(accepted, 60)
    stop()
    assert answer(events).text == "I can't tell how good it is."
    assert not [x for x in [*live, *events] if isinstance(x, (e.TextDelta, e.TextSnapshot)) and "0.97" in x.text]
    assert "0.97 came of no tool result" in only(events, e.Notice).text
    objection = provider.bodies[1]["messages"][-1]
    assert objection["role"] == "user"
    assert "0.97" in objection["content"]


@pytest.mark.parametrize("repairs", [True])
async def test_it_is_worded_anew_once(house: House, provider: Provider) -> None:
    provider.enqueue(says("The accuracy is 0.97."), says("No, it is 0.98."))
    events = await house.settle(await house.ask("how good is it?"), 60)
    assert answer(events).text == "No, it is 0.98."
    assert only(events, e.TurnEnded).unverified == ["0.98"]
    assert len(provider.bodies) == 2
