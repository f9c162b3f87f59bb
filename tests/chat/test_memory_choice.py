"""What of a conversation goes along with a question: as the settings say, as the conversation chose, in short."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from chat.house import ME, House, new_id
from chat.talking import Make, make, provider
from provider import Provider, fails, says
from sqlalchemy import select

from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.events import Accepted
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Memory
from jupyter_mlchat.store.tables import sent, spending

__all__ = ["make", "provider"]


def said_in(request: dict[str, Any]) -> list[str]:
    """What people and llms say in a request, without the system prompt."""
    return [m["content"] for m in request["messages"] if m["role"] in ("user", "assistant") and m["content"]]


async def ask(house: House, provider: Provider, text: str, *answers: Any, **fields: Any) -> Accepted:
    provider.enqueue(*(answers or (says(f"answer to {text}"),)))
    asked = await house.ask(text, **fields)
    # The first question loads litellm.
    await house.settle(asked, 60)
    return asked


async def choose(house: House, asked: Accepted, **memory: Any) -> Memory:
    await house.send(c.ConversationUpdate(id=new_id(), conversation=asked.conversation, memory=memory))
    return (await house.service.conversations.own(asked.conversation, ME)).memory


async def test_a_conversation_chooses_its_memory_in_whole_turns(make: Make, provider: Provider) -> None:
    house = await make()
    asked = await ask(house, provider, "one")
    for text in ("two", "three"):
        await ask(house, provider, text)
    assert said_in(provider.bodies[-1]) == ["one", "answer to one", "two", "answer to two", "three"]
    assert await choose(house, asked, turns=1) == Memory(turns=1)
    await ask(house, provider, "four")
    assert said_in(provider.bodies[-1]) == ["three", "answer to three", "four"]
    assert await choose(house, asked, turns=0) == Memory(turns=0)
    await ask(house, provider, "five")
    assert said_in(provider.bodies[-1]) == ["five"]
    assert await choose(house, asked, turns=None) == Memory()
    await ask(house, provider, "six")
    assert len(said_in(provider.bodies[-1])) == 11


async def test_settings_without_a_memory_and_a_conversation_with_one(make: Make, provider: Provider) -> None:
    house = await make(memory_enabled=False)
    asked = await ask(house, provider, "one")
    await ask(house, provider, "two")
    assert said_in(provider.bodies[-1]) == ["two"]
    await choose(house, asked, turns=5)
    await ask(house, provider, "three")
    assert said_in(provider.bodies[-1]) == ["one", "answer to one", "two", "answer to two", "three"]
    told = await house.service.choices(c.ChoicesGet(id=new_id(), conversation=asked.conversation), ME)
    assert told.memory == Memory(5, False)


REFUSED = [
    ({"turns": -1}, "`turns` is a whole number from 0 to 1,000."),
    ({"turns": 1001}, "`turns` is a whole number from 0 to 1,000."),
    ({"turns": "many"}, "`turns` is a whole number from 0 to 1,000."),
    ({"turns": True}, "`turns` is a whole number from 0 to 1,000."),
    ({"summaries": 1}, "`summaries` is true or false."),
    ({"size": 1}, "The memory has no 'size'."),
]


async def test_what_is_no_memory_is_refused(make: Make) -> None:
    house = await make(llm="builtin")
    asked = await house.ask("what can you do?")
    await house.settle(asked)
    for memory, message in REFUSED:
        with pytest.raises(Fault) as refused:
            await choose(house, asked, **memory)
        assert (refused.value.code, refused.value.record.about) == (Code.INVALID_INPUT, "memory")
        assert refused.value.record.message == message


async def test_an_administrator_fixes_it(make: Make) -> None:
    house = await make(llm="builtin", lock_settings=["memory"])
    asked = await house.ask("what can you do?")
    await house.settle(asked)
    with pytest.raises(Fault, match="The memory is fixed by your administrator"):
        await choose(house, asked, turns=3)


class TestSummaries:
    async def settled(self, house: House, asked: Accepted, count: int) -> list[e.Notice]:
        """The summaries, once there are so many."""
        for _ in range(300):
            events = await house.events(asked.conversation)
            told = [event for event in events if isinstance(event, e.Notice) and event.code == "summary"]
            if len(told) >= count:
                return told
            await asyncio.sleep(0.02)
        raise AssertionError("no summary")

    async def test_what_fell_out_is_summed_up_after_the_answer_and_sent(self, make: Make, provider: Provider) -> None:
        house = await make(context_window=2, memory_summaries=True)
        first = await ask(house, provider, "one")
        assert len(provider.bodies) == 1, "nothing has fallen out yet"
        provider.enqueue(says("answer to two"), says("They spoke of one."))
        second = await house.ask("two")
        ended = (await house.settle(second))[-1]
        [told] = await self.settled(house, first, 1)
        assert isinstance(ended, e.TurnEnded) and told.seq > ended.seq, "off the answer's path"
        assert told.turn == first.turn and told.text.endswith("They spoke of one.")
        asked_for = provider.bodies[-1]
        assert "tools" not in asked_for
        assert asked_for["messages"][1]["content"] == "The person: one\nThe assistant: answer to one"
        provider.enqueue(says("answer to three"), says("They spoke of one and two."))
        third = await house.ask("three")
        await house.settle(third)
        await self.settled(house, first, 2)
        answered, summed = provider.bodies[-2:]
        assert said_in(answered)[1:] == ["They spoke of one.", "two", "answer to two", "three"]
        assert "Summed up so far: They spoke of one." in summed["messages"][1]["content"]
        assert "The person: two" in summed["messages"][1]["content"]
        assert "answer to one" not in summed["messages"][1]["content"], "each turn is summed up once"

    async def test_it_is_in_the_record_of_what_was_sent_and_in_what_was_paid(
        self, make: Make, provider: Provider
    ) -> None:
        house = await make(context_window=2, memory_summaries=True)
        first = await ask(house, provider, "one")
        second = await ask(house, provider, "two", says("answer"), says("In short.", usage=(100, 3)))
        await self.settled(house, first, 1)
        bodies = await house.database.run(lambda tx: list(tx.execute(select(sent).where(sent.c.turn == second.turn))))
        assert [json.loads(row.body)["messages"][0]["role"] for row in bodies] == ["system", "system"]
        assert json.loads(bodies[1].body)["messages"] == provider.bodies[-1]["messages"]
        paid = await house.database.run(lambda tx: list(tx.execute(select(spending).order_by(spending.c.id))))
        assert [(row.prompt_tokens, row.turn) for row in paid][-1] == (100, second.turn)

    async def test_without_an_answer_there_is_none_and_the_conversation_goes_on(
        self, make: Make, provider: Provider
    ) -> None:
        house = await make(context_window=2, memory_summaries=True)
        first = await ask(house, provider, "one")
        provider.enqueue(says("answer to two"), fails(400, "no"), says("answer to three"), says("Of one and two."))
        for asked, text in enumerate(("two", "three"), 1):
            await house.settle(await house.ask(text))
            while len(provider.requests) < 1 + 2 * asked:
                await asyncio.sleep(0.01)
        [told] = await self.settled(house, first, 1)
        assert told.text.endswith("Of one and two.")

    async def test_a_conversation_switches_it_on_for_itself(self, make: Make, provider: Provider) -> None:
        house = await make()
        asked = await ask(house, provider, "one")
        assert await choose(house, asked, turns=1, summaries=True) == Memory(1, True)
        await ask(house, provider, "two", says("answer"), says("In short."))
        await self.settled(house, asked, 1)
        await choose(house, asked, turns=0)
        await ask(house, provider, "three")
        await asyncio.sleep(0.2)
        assert said_in(provider.bodies[-1]) == ["three"], "without a memory nothing is summed up or sent"

    async def test_tool_results_are_cut_to_what_may_leave(self, make: Make, provider: Provider) -> None:
        from provider import calls

        house = await make(context_window=2, memory_summaries=True, privacy_floor="schema")
        args = {"model_id": "clf", "features": {"age": 30, "income": 2.0}}
        provider.enqueue(calls(("make_prediction", args)), says("It says 0."), says("answer"), says("In short."))
        first = await house.ask("predict")
        await house.settle(first)
        await house.settle(await house.ask("two"))
        await self.settled(house, first, 1)
        text = provider.bodies[-1]["messages"][1]["content"]
        assert "A tool returned:" in text and "(held back)" in text
