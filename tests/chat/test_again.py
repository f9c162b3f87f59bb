"""The same question again, with a hosted llm: told without asking it, as long as everything agrees."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.house import KERNEL, ME, House, new_id, only
from provider import Answer, Provider, calls, fails, running, says
from sqlalchemy import select

from jupyter_mlchat.chat import kept_answers as kept_answers_room
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context
from jupyter_mlchat.runtime.toolbox import ToolContext, tool
from jupyter_mlchat.store.tables import kept_answers

GPT = "openai/gpt-4.1-mini"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def house(
    tmp_path: Path, provider: Provider, background: Background, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[House]:
    environment = {"OPENAI_API_KEY": "sk-scripted", "LLM_BASE_URL": provider.url}
    made = House(tmp_path, background, llm=GPT, environment=environment)
    made.namespace["size"] = 3

    @tool()
    def measure(ctx: ToolContext) -> dict[str, Any]:
        """Measure what there is."""
        return {"size": ctx.user_ns["size"], "created_at": ctx.user_ns.get("moment", "2026-03-04T15:16:17+00:00")}

    made.bridge.toolbox.add(measure, "test")
    jp_asyncio_loop.run_until_complete(made.open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


def restart(house: House) -> None:
    """The kernel's process is another one from now on."""
    house.port.run = new_id()


async def told(house: House, text: str, **fields: Any) -> list[e.AnyEvent]:
    return await house.settle(await house.ask(text, **fields), 60)


def text_of(events: list[e.AnyEvent]) -> str:
    [text] = [x.text for x in events if isinstance(x, e.TextSnapshot) and x.final and x.kind == "answer"]
    return text


def notices(events: list[e.AnyEvent]) -> list[str]:
    return [x.text for x in events if isinstance(x, e.Notice)]


async def run_all(house: House, provider: Provider) -> None:
    provider.enqueue(calls(("measure", {})), says("It is 3."), calls(("add", {"a": 3, "b": 1})), says("Then it is 4."))
    assert text_of(await told(house, "how big?")) == "It is 3."
    assert text_of(await told(house, "and one more?")) == "Then it is 4."


async def test_restart_and_run_all_asks_nobody_and_runs_the_calls_again(house: House, provider: Provider) -> None:
    await run_all(house, provider)
    asked = len(provider.bodies)
    restart(house)
    house.namespace["moment"] = "2026-03-05T10:00:00+00:00"
    first, second = await told(house, "how big?"), await told(house, "and one more?")
    assert len(provider.bodies) == asked
    assert text_of(first) == "It is 3."
    assert text_of(second) == "Then it is 4."
    assert only(second, e.ToolReturned).result.data == {"sum": 4.0}
    assert notices(second) == ["The same answer as before; its tool call was run again and agrees."]
    ended = only(second, e.TurnEnded)
    assert (ended.state, ended.answered_by) == ("completed", GPT)
    assert [x for x in second if isinstance(x, e.UsageReported)] == []


async def test_the_first_call_that_finds_something_else_sends_the_question_on_from_there(
    house: House, provider: Provider
) -> None:
    await run_all(house, provider)
    restart(house)
    house.namespace["size"] = 5
    provider.enqueue(says("It is 5."))
    first = await told(house, "how big?")
    assert text_of(first) == "It is 5."
    assert notices(first) == []
    said = provider.bodies[-1]["messages"]
    assert [m["role"] for m in said[-3:]] == ["user", "assistant", "tool"], "the call that was run again is in it"
    assert '"size":5' in said[-1]["content"]
    provider.enqueue(calls(("add", {"a": 5, "b": 1})), says("Then it is 6."))
    assert text_of(await told(house, "and one more?")) == "Then it is 6.", "another answer came before this one"
    asked = len(provider.bodies)
    restart(house)
    assert [text_of(await told(house, text)) for text in ("how big?", "and one more?")] == ["It is 5.", "Then it is 6."]
    assert len(provider.bodies) == asked


async def test_a_question_asked_twice_in_one_run_is_answered_anew(house: House, provider: Provider) -> None:
    provider.enqueue(says("Hello."), says("Hello again."))
    assert text_of(await told(house, "hi")) == "Hello."
    assert text_of(await told(house, "hi")) == "Hello again."
    restart(house)
    assert [text_of(await told(house, "hi")) for _ in range(2)] == ["Hello.", "Hello again."]
    assert notices(await told_last(house))[-1] == "The same answer as before; it rests on no tool call."


async def told_last(house: House) -> list[e.AnyEvent]:
    [info] = await house.service.conversations.newest(ME)
    return await house.events(info.id)


@pytest.mark.parametrize(
    "change",
    [
        {"llm": "openai/gpt-4.1"},
        {"context": Context(kernel=KERNEL, notebook="n.ipynb", attached=["size"])},
        {"context": Context(kernel=KERNEL, notebook="other.ipynb")},
        {"route": "direct"},
        {"text": "how big is it?"},
    ],
    ids=str,
)
async def test_whatever_an_answer_depends_on_is_part_of_the_question(
    house: House, provider: Provider, change: dict[str, Any]
) -> None:
    provider.enqueue(says("Three."), says("Anew."))
    await told(house, "how big?")
    restart(house)
    context = Context(kernel=KERNEL, notebook="n.ipynb")
    start = c.TurnStart(**{"id": new_id(), "text": "how big?", "context": context, **change})
    assert text_of(await house.settle(await house.send(start), 60)) == "Anew."


async def test_another_setting_or_name_in_the_kernel_is_another_question(house: House, provider: Provider) -> None:
    provider.enqueue(says("Three."), says("Warmer."), says("With a frame."))
    await told(house, "how big?")
    restart(house)
    house.settings.temperature = 1.0
    assert text_of(await told(house, "how big?")) == "Warmer."
    restart(house)
    import pandas as pd

    house.namespace["df"] = pd.DataFrame({"a": [1]})
    assert text_of(await told(house, "how big?")) == "With a frame."


async def test_an_answer_is_kept_for_its_owner_alone(house: House, provider: Provider) -> None:
    provider.enqueue(says("Mine."), says("Yours."))
    await told(house, "hi")
    restart(house)
    start = c.TurnStart(id=new_id(), text="hi", context=Context(kernel=KERNEL, notebook="n.ipynb"))
    accepted = await house.send(start, Caller("you"))
    for _ in range(500):
        events = await house.events(accepted.conversation)
        if any(isinstance(x, e.TurnEnded) for x in events):
            break
        await asyncio.sleep(0.02)
    assert text_of(events) == "Yours."


async def kept(house: House) -> list[str]:
    return list(await house.database.run(lambda tx: tx.execute(select(kept_answers.c.turn)).scalars().all()))


@pytest.mark.parametrize(
    ("script", "waits"),
    [
        ([calls(("store", {"name": "x"}))], True),
        ([calls(("needs_more", {"features": {"a": 1}}))], True),
        ([calls(("measure", {})), says("It was made on 4 March at 15:16.")], False),
        ([fails(400, "no")], False),
    ],
    ids=["a write", "a form", "a moment", "a failure"],
)
async def test_what_can_not_be_told_again_is_not_kept(
    house: House, provider: Provider, script: list[Answer], waits: bool
) -> None:
    provider.enqueue(*script)
    accepted = await house.ask("do it")
    events = await house.settle(accepted, 60)
    assert (await house.state(accepted.turn) == "waiting") is waits
    if waits:
        provider.enqueue(says("Done."))
        await house.send(answer_to(events))
        await house.settle(accepted, 60)
    assert await kept(house) == []


def answer_to(events: list[e.AnyEvent]) -> c.AnyCommand:
    for asked in events:
        if isinstance(asked, e.ApprovalAsked) and asked.turn:
            return c.ApprovalGive(id=new_id(), turn=asked.turn, approval=asked.approval, allow=True)
        if isinstance(asked, e.FormAsked) and asked.turn:
            return c.FormSubmit(id=new_id(), turn=asked.turn, form=asked.form, values={"b": 2})
    raise AssertionError("nothing was asked")


async def test_kept_answers_go_with_their_conversation(house: House, provider: Provider) -> None:
    provider.enqueue(says("Hello."), says("Anew."))
    accepted = await house.ask("hi")
    await house.settle(accepted, 60)
    assert await kept(house) == [accepted.turn]
    await house.send(c.ConversationDelete(id=new_id(), conversation=accepted.conversation))
    assert await kept(house) == []
    restart(house)
    assert text_of(await told(house, "hi")) == "Anew."


async def freeze(house: House, events: list[e.AnyEvent], frozen: bool = True) -> None:
    turn = only(events, e.TurnEnded).turn
    assert turn is not None
    await house.send(c.TurnFreeze(id=new_id(), turn=turn, frozen=frozen))


async def test_a_frozen_answer_stays_whatever_changes_until_it_is_thawed(house: House, provider: Provider) -> None:
    await run_all(house, provider)
    [info] = await house.service.conversations.newest(ME)
    first = [x for x in await house.events(info.id) if x.turn == (await house.events(info.id))[0].turn]
    await freeze(house, first)
    asked = len(provider.bodies)
    restart(house)
    house.namespace["size"] = 99
    again = await told(house, "how big?", llm="openai/gpt-4.1")
    assert text_of(again) == "It is 3."
    assert [x for x in again if isinstance(x, e.ToolCalled)] == []
    [notice] = notices(again)
    assert notice.startswith("Frozen on 20")
    assert only(again, e.TurnEnded).answered_by.startswith(f"{GPT}, frozen on 20")
    assert text_of(await told(house, "and one more?")) == "Then it is 4.", "what came before is told as it was"
    assert len(provider.bodies) == asked
    await freeze(house, again, frozen=False)
    restart(house)
    provider.enqueue(says("It is 99."))
    assert text_of(await told(house, "how big?")) == "It is 99."


async def test_what_can_not_be_frozen_says_why(house: House, provider: Provider) -> None:
    provider.enqueue(says("Hello."))
    cases = [
        (await house.ask("what can you do?", llm="builtin"), True, "built-in engine"),
        (await house.ask("hi"), False, "not frozen"),
        (await house.call("add", a=1), True, "no language model"),
    ]
    provider.enqueue(calls(("store", {"name": "x"})), says("Done."))
    writes = await house.ask("store x")
    await house.send(answer_to(await house.settle(writes, 60)))
    for accepted, frozen, reason in [*cases, (writes, True, "allowed")]:
        with pytest.raises(Fault, match=reason) as caught:
            await freeze(house, await house.settle(accepted, 60), frozen)
        assert caught.value.code is Code.CONFLICT
    with pytest.raises(Fault) as caught:
        turn = cases[1][0].turn
        assert turn is not None
        await house.send(c.TurnFreeze(id=new_id(), turn=turn), Caller("you"))
    assert caught.value.code is Code.NOT_FOUND


async def test_of_many_kept_answers_those_told_longest_ago_go_and_frozen_ones_stay(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers_room, "MAX_KEPT", 2)
    provider.enqueue(*(says(f"Answer {number}.") for number in range(5)))
    turns = []
    for number in range(5):
        restart(house)
        events = await told(house, f"question {number}")
        turns.append(only(events, e.TurnEnded).turn)
        if number == 0:
            await freeze(house, events)
    assert sorted(await kept(house)) == sorted(str(turn) for turn in (turns[0], *turns[3:]))
