"""Routes of a turn: who answers, what leaves for them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from chat.house import KERNEL, ME, new_id, only
from chat.talking import LLM, Make, make, provider, text_of
from provider import Provider, calls, fails, says

from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context

__all__ = ["make", "provider"]


async def test_direct_sends_no_tools_and_runs_none_that_the_llm_makes_up(make: Make, provider: Provider) -> None:
    house = await make()
    provider.enqueue(calls(("add", {"a": 1})), says("I can't add here."))
    events = await house.settle(await house.ask("what is 1 + 1?", route="direct"), 60)
    assert [body.get("tools") for body in provider.bodies] == [None, None]
    assert only(events, e.ToolReturned).result.fault["code"] == "unknown_tool"  # type: ignore[index]
    assert only(events, e.TurnStarted).route == "direct"
    system = provider.bodies[0]["messages"][0]["content"]
    assert "No tools are available now" in system
    assert "clf (LogisticRegression)" in system


async def test_builtin_sends_nothing_whatever_llm_is_set(make: Make, provider: Provider) -> None:
    house = await make()
    accepted = await house.ask("what does clf need?", route="builtin")
    assert "age" in text_of(await house.settle(accepted))
    assert provider.requests == []
    assert await house.service.sent(accepted.turn, ME) == []  # type: ignore[arg-type]


async def test_auto_answers_what_is_exact_here_and_hands_the_rest_on(make: Make, provider: Provider) -> None:
    house = await make(route="auto")
    exact = await house.settle(await house.ask("what does clf need?"))
    assert only(exact, e.TurnStarted).llm == "builtin"
    assert only(exact, e.TurnStarted).route == "auto"
    assert provider.requests == []
    provider.enqueue(says("Because of the trees."))
    handed = await house.settle(await house.ask("write me a haiku on overfitting"), 60)
    assert only(handed, e.TurnStarted).llm == LLM
    assert text_of(handed) == "Because of the trees."
    # What the built-in engine worded for the person has stayed here.
    assert text_of(exact) not in str(provider.bodies)


async def test_auto_never_offers(make: Make, provider: Provider) -> None:
    house = await make(route="auto")
    vague = "is the thing any good on my stuff or what"
    offered = await house.settle(await house.ask(vague, route="builtin"))
    assert any(isinstance(x, e.FormAsked) and x.spec.kind == "choice" for x in offered), text_of(offered)
    provider.enqueue(says("Age matters most."))
    handed = await house.settle(await house.ask(vague), 60)
    assert not [x for x in handed if isinstance(x, e.FormAsked)]
    assert text_of(handed) == "Age matters most."


async def test_auto_keeps_the_speaker_of_a_turn_that_waited_for_a_form(make: Make, provider: Provider) -> None:
    house = await make(route="auto")
    asked = await house.ask("predict with clf: age = 44")
    form = only(await house.settle(asked), e.FormAsked)
    await house.send(c.FormSubmit(id=new_id(), turn=asked.turn, form=form.form, values={"income": 3.5}))  # type: ignore[arg-type]
    events = await house.settle(asked)
    assert [x.llm for x in events if isinstance(x, e.TurnStarted)] == ["builtin", "builtin"]
    assert only(events, e.TurnEnded).state == "completed"
    assert provider.requests == []


async def test_auto_goes_by_the_tools_that_are_permitted(make: Make, provider: Provider) -> None:
    house = await make(route="auto", disabled_tools=["get_feature_importance"], max_effects=["read", "predict"])
    for question in ("what matters most to clf?", "delete clf"):
        provider.enqueue(says("I can't."))
        events = await house.settle(await house.ask(question), 60)
        assert only(events, e.TurnStarted).llm == LLM
        assert text_of(events) == "I can't."
    help_ = await house.settle(await house.ask("what can you do?"))
    assert only(help_, e.TurnStarted).llm == "builtin"


async def test_auto_where_the_builtin_engine_is_blocked_is_the_agent(make: Make, provider: Provider) -> None:
    house = await make(route="auto", blocked_llms=["builtin"])
    provider.enqueue(says("Age and income."))
    assert text_of(await house.settle(await house.ask("what does clf need?"), 60)) == "Age and income."


async def test_a_follow_up_is_read_with_what_was_said_before(make: Make, provider: Provider) -> None:
    house = await make(route="auto")
    await house.settle(await house.ask("what does clf need?"))
    events = await house.settle(await house.ask("what matters most to it?"))
    assert only(events, e.TurnStarted).llm == "builtin"
    assert provider.requests == []


async def test_auto_without_a_kernel_goes_to_the_agent(make: Make, provider: Provider) -> None:
    house = await make(route="auto")
    provider.enqueue(says("I see no kernel."))
    command = c.TurnStart(id=new_id(), text="which models do I have?", context=Context(notebook="n.ipynb"))
    assert text_of(await house.settle(await house.send(command), 60)) == "I see no kernel."


async def test_auto_still_asks_before_it_deletes(make: Make, provider: Provider) -> None:
    house = await make(route="auto")
    events = await house.settle(await house.ask("delete clf"))
    assert only(events, e.ApprovalAsked).tool == "delete_model"
    assert "clf" in house.namespace
    assert provider.requests == []


async def test_a_conversation_keeps_its_route_and_a_turn_may_differ(make: Make, provider: Provider) -> None:
    house = await make()
    first = await house.ask("what does clf need?", route="builtin")
    await house.settle(first)
    changed = c.ConversationUpdate(id=new_id(), conversation=first.conversation, route="Builtin")
    await house.send(changed)
    kept = await house.settle(await house.ask("which models do I have?"))
    assert only(kept, e.TurnStarted).route == "builtin"
    provider.enqueue(says("Hello."))
    other = await house.settle(await house.ask("hello", route="agent"), 60)
    assert only(other, e.TurnStarted).llm == LLM
    await house.send(c.ConversationUpdate(id=new_id(), conversation=first.conversation, route=""))
    provider.enqueue(says("Hello again."))
    back = await house.settle(await house.ask("hello"), 60)
    assert (only(back, e.TurnStarted).llm, only(back, e.TurnStarted).route) == (LLM, "")


async def test_a_new_conversation_has_the_route_of_the_settings(make: Make) -> None:
    house = await make(route="builtin")
    first = await house.ask("which models do I have?", route="auto")
    await house.send(c.ConversationUpdate(id=new_id(), conversation=first.conversation, route="agent"))
    opened = await house.send(c.ConversationOpen(id=new_id(), new=True, context=Context(kernel=KERNEL)))
    told = await house.service.choices(c.ChoicesGet(id=new_id(), conversation=opened.conversation), ME)
    assert told.info is not None
    assert told.info.route == ""
    fields: dict[str, Any] = {"conversation": opened.conversation, "context": Context(kernel=KERNEL)}
    ask = c.TurnStart(id=new_id(), text="which models do I have?", **fields)
    events = await house.settle(await house.send(ask))
    assert only(events, e.TurnStarted).route == "builtin"


@pytest.mark.parametrize(
    ("route", "hint"),
    [
        ("agnet", "`agent`"),
        ("Autopilot", "`auto`"),
        ("xyzzy", "Routes are: `agent`, `direct`"),
        ("a" * 500, "Routes are"),
    ],
)
async def test_an_unknown_route_is_refused_with_close_names(make: Make, route: str, hint: str) -> None:
    house = await make()
    with pytest.raises(Fault, match="There is no route") as caught:
        await house.ask("hello", route=route)
    assert caught.value.code is Code.INVALID_INPUT
    assert hint in caught.value.record.hint
    assert len(caught.value.record.message) < 100


async def test_an_unknown_route_in_the_settings_fails_the_turn_and_names_it(make: Make) -> None:
    house = await make(route="agnet")
    ended = only(await house.settle(await house.ask("hello")), e.TurnEnded)
    assert ended.fault is not None
    assert "agnet" in ended.fault.message


async def test_a_direct_tool_call_goes_no_route(make: Make) -> None:
    house = await make(route="direct")
    events = await house.settle(await house.call("add", a=1, b=2))
    assert only(events, e.ToolReturned).result.data == {"sum": 3}


# -- external agents -----------------------------------------------------------------------------------


async def test_an_external_agent_gets_the_conversation_without_tools_and_it_is_recorded(
    make: Make, provider: Provider
) -> None:
    environment = {
        "OPENAI_API_KEY": "sk-none",
        "MLCHAT_AGENT_SUPPORT_BOT_KEY": "k-17",
        "LLM_BASE_URL": "http://127.0.0.1:9",
    }
    agents = {"support-bot": f"{provider.url}/"}
    house = await make(external_agents=agents, environment=environment, privacy_floor="schema")
    provider.enqueue(says("Ask your admin."))
    accepted = await house.ask("who grants access?", route="external")
    events = await house.settle(accepted, 60)
    assert text_of(events) == "Ask your admin."
    [received] = provider.requests
    assert received.path == "/v1/chat/completions"
    assert received.body["model"] == "support-bot"
    assert "tools" not in received.body
    assert received.headers["authorization"] == "Bearer k-17"
    started, ended = only(events, e.TurnStarted), only(events, e.TurnEnded)
    assert (started.llm, started.route, ended.answered_by) == ("external/support-bot",) * 3
    [sent] = await house.service.sent(accepted.turn, ME)  # type: ignore[arg-type]
    assert (sent.llm, sent.body["messages"]) == ("external/support-bot", received.body["messages"])
    assert "k-17" not in str(await house.events(accepted.conversation)) + str(sent)


async def test_what_the_builtin_engine_worded_does_not_reach_an_external_agent(make: Make, provider: Provider) -> None:
    house = await make(external_agents={"bot": provider.url})
    worded = text_of(await house.settle(await house.ask("describe X", route="builtin")))
    provider.enqueue(says("Fine."))
    await house.settle(await house.ask("and now?", route="external/bot"), 60)
    assert worded not in str(provider.bodies)


@pytest.mark.parametrize(
    "url",
    ["ftp://host/v1", "file:///etc/passwd", "host/v1", "", "http://", "http://[::1", "http://user:pw@host/v1",
     "http://host/v1?key=sk-1", "http://host:0/v1", "javascript:alert(1)"],
)  # fmt: skip
async def test_an_address_that_is_none_is_refused_before_the_turn_and_not_quoted(make: Make, url: str) -> None:
    house = await make(external_agents={"bot": url})
    with pytest.raises(Fault, match="external agent `bot`") as caught:
        await house.ask("hello", route="external/bot")
    assert caught.value.code is Code.INVALID_INPUT
    assert "external_agents" in caught.value.record.hint
    told = await house.service.choices(c.ChoicesGet(id=new_id()), ME)
    assert [one.problem for one in told.routes if one.name == "external/bot"] == [caught.value.record.message]
    assert "sk-1" not in str(told)
    assert ":pw@" not in str(told)


async def test_an_address_where_nobody_is_fails_the_turn_and_the_conversation_goes_on(
    make: Make, provider: Provider
) -> None:
    house = await make(external_agents={"bot": "http://127.0.0.1:9/v1"})
    ended = only(await house.settle(await house.ask("hello", route="external"), 60), e.TurnEnded)
    assert ended.fault is not None
    assert ended.fault.code is Code.LLM_UNREACHABLE
    assert "127.0.0.1:9" in ended.fault.message
    provider.enqueue(says("Hello."))
    assert text_of(await house.settle(await house.ask("hello"), 60)) == "Hello."


async def test_an_agent_that_refuses_fails_the_turn_and_nobody_steps_in(make: Make, provider: Provider) -> None:
    house = await make(external_agents={"bot": provider.url}, fallback_ai_provider="openai")
    provider.enqueue(fails(401, "who are you?"))
    events = await house.settle(await house.ask("hello", route="external"), 60)
    ended = only(events, e.TurnEnded)
    assert ended.fault is not None
    assert ended.fault.code is Code.LLM_BAD_KEY
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("agents", "route", "said"),
    [
        ({}, "external", "There is no external agent here"),
        ({"a": "http://h/v1", "b": "http://h/v1"}, "external", "There are several"),
        ({"support": "http://h/v1"}, "external/suport", "There is no external agent 'suport'"),
    ],
)
async def test_an_unknown_agent_is_refused_with_what_there_is(
    make: Make, agents: dict[str, str], route: str, said: str
) -> None:
    house = await make(external_agents=agents)
    with pytest.raises(Fault, match=said) as caught:
        await house.ask("hello", route=route)
    for name in agents:
        assert f"external/{name}" in caught.value.record.hint


async def test_an_agent_can_be_blocked_like_any_llm(make: Make, provider: Provider) -> None:
    house = await make(external_agents={"bot": provider.url}, blocked_llms=["external/*"])
    ended = only(await house.settle(await house.ask("hello", route="external")), e.TurnEnded)
    assert ended.fault is not None
    assert ended.fault.code is Code.LLM_BLOCKED
    assert provider.requests == []


@pytest.mark.parametrize(("locks", "route"), [(["route"], "direct"), (True, "builtin"), (["llm"], "external/bot")])
async def test_what_the_administrator_fixed_stays(make: Make, provider: Provider, locks: Any, route: str) -> None:
    house = await make(external_agents={"bot": provider.url}, lock_settings=locks)
    with pytest.raises(Fault, match="fixed by your administrator") as caught:
        await house.ask("hello", route=route)
    assert caught.value.code is Code.FORBIDDEN
