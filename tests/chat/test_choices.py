"""What a conversation is told that it may choose, and what was decided in it about effects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat.house import ME, House, new_id
from sqlalchemy import update

from jupyter_mlchat.connections.questions import answer_to
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.choices import BudgetState, Choices
from jupyter_mlchat.protocol.events import Accepted
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import MAX_TITLE, ConversationInfo, Memory, Parameters
from jupyter_mlchat.store.tables import conversations


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    settings = {"lock_settings": ["parameters", "memory"], "budget_day_usd": 2.0}
    made = House(tmp_path, max_effects=["read", "predict", "write"], **settings)
    jp_asyncio_loop.run_until_complete(made.open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def opened(house: House, **fields: str) -> Accepted:
    return await house.send(c.ConversationOpen(id=new_id(), new=True, **fields))


async def told(house: House, at: Accepted) -> Choices:
    return await house.service.choices(c.ChoicesGet(id=new_id(), conversation=at.conversation), ME)


async def info(house: House, at: Accepted) -> ConversationInfo:
    return await house.service.conversations.own(at.conversation, ME)


async def test_what_is_fixed_is_told_and_what_was_spent(house: House) -> None:
    choices = await told(house, await opened(house))
    assert choices.locked == ["parameters", "memory"]
    assert (choices.route, choices.prompt) == ("agent", "")
    assert choices.policy == {
        "read": "allow",
        "predict": "allow",
        "write": "ask",
        "disclose": "deny",
        "execute": "deny",
    }
    assert choices.capped == ["disclose", "execute"]
    day = BudgetState(scope="day", usd=2.0, spent=0, spent_usd=0.0)
    assert choices.budgets == [BudgetState(scope="conversation", spent=0, spent_usd=0.0), day]


async def test_what_was_always_allowed_is_taken_back_and_asked_for_again(house: House) -> None:
    first = await house.call("store", name="a")
    asked = next(x for x in await house.settle(first) if isinstance(x, e.ApprovalAsked))
    assert first.turn is not None
    give = c.ApprovalGive(id=new_id(), turn=first.turn, approval=asked.approval, allow=True, always=True)
    await house.settle(await house.send(give))
    assert (await info(house, first)).levels == {"write": "allow"}
    assert (await told(house, first)).policy["write"] == "allow"
    await house.send(c.ConversationUpdate(id=new_id(), conversation=first.conversation, levels={"write": None}))
    changed = [x for x in await house.events(first.conversation) if isinstance(x, e.ConversationChanged)]
    assert changed[-1].info.levels == {}
    second = await house.call("store", name="b")
    assert any(isinstance(x, e.ApprovalAsked) for x in await house.settle(second))
    assert "b" not in house.namespace


async def test_what_was_forbidden_here_is_not_run(house: House) -> None:
    at = await opened(house)
    deny = c.ConversationUpdate(id=new_id(), conversation=at.conversation, levels={"read": "deny"})
    await house.send(deny, Caller("me", "kernel"))
    call = c.ToolCall(id=new_id(), tool="add", args={"a": 1.0}, conversation=at.conversation)
    asked = await house.send(call)
    assert not any(isinstance(x, e.ToolReturned) and x.result.ok for x in await house.settle(asked))
    with pytest.raises(Fault) as caught:
        loosen = c.ConversationUpdate(id=new_id(), conversation=at.conversation, levels={"read": None})
        await house.send(loosen, Caller("me", "kernel"))
    assert caught.value.code is Code.FORBIDDEN


async def test_a_locked_policy_is_nobodys_to_change(house: House) -> None:
    at = await opened(house)
    house.settings.lock_settings = ["policy"]
    with pytest.raises(Fault, match="policy is fixed by your administrator"):
        await house.send(c.ConversationUpdate(id=new_id(), conversation=at.conversation, levels={"write": "deny"}))


async def test_a_conversation_begins_with_an_llm_that_can_be_used(house: House) -> None:
    assert (await info(house, await opened(house, llm="builtin"))).llm == "builtin"
    with pytest.raises(Fault):
        await opened(house, llm="nobody/has-it")
    house.settings.lock_settings = ["llm"]
    with pytest.raises(Fault, match="llm is fixed by your administrator"):
        await opened(house, llm="builtin")


async def test_damaged_choices_are_those_of_the_settings_and_damaged_levels_ask(house: House) -> None:
    at = await opened(house)
    broken = {"parameters": '{"temperature": "hot"}', "memory": "[1", "levels": '{"write": "perhaps"}'}
    spoil = update(conversations).where(conversations.c.id == at.conversation).values(**broken)
    await house.database.run(lambda tx: tx.execute(spoil))
    found = await info(house, at)
    assert (found.parameters, found.memory) == (Parameters(), Memory())
    assert set(found.levels.values()) == {"ask"}
    assert (await told(house, at)).policy["read"] == "ask"


async def test_llms_are_told_at_once_while_providers_are_asked(house: House) -> None:
    at_once = c.LlmsGet(id=new_id(), wait=False)
    first = await answer_to(house.service, at_once, ME)
    assert isinstance(first, e.LlmsTold)
    assert not first.complete
    assert [one.id for one in first.llms] == ["builtin"]


async def test_a_title_is_refused_with_its_limit_when_it_is_too_long(house: House) -> None:
    at = await opened(house)
    longest = "é" * MAX_TITLE
    await house.send(c.ConversationUpdate(id=new_id(), conversation=at.conversation, title=longest))
    with pytest.raises(Fault, match="201 characters; at most 200") as refused:
        await house.send(c.ConversationUpdate(id=new_id(), conversation=at.conversation, title=longest + "!"))
    assert (refused.value.code, refused.value.record.about) == (Code.TOO_LARGE, "title")
    assert (await info(house, at)).title == longest
