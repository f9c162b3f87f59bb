"""People who answer in the assistant's place: asked for, taken, talking, handed back; and what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.house import KERNEL, ME, House, new_id, only, store
from chat.talking import *  # noqa: F403 - fixtures
from chat.talking import LLM, Make
from provider import Provider, calls, says

from jupyter_mlchat.chat.threads import set_conversation
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.observe.records import AccessRecord, HelpRecord, Record
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context, ConversationId

EVE, FAY = (Caller(name, roles=frozenset({"expert"})) for name in ("eve", "fay"))
BOSS = Caller("boss", roles=frozenset({"admin"}))
STRANGER = Caller("somebody else")


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    made = House(tmp_path, experts=["eve", "fay"], admins=["boss"], expert_gone_after=0.4)
    jp_asyncio_loop.run_until_complete(made.open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def asked(house: House, mode: Any = "expert", **fields: Any) -> ConversationId:
    """A conversation that has asked for a person."""
    context = Context(kernel=KERNEL, notebook="n.ipynb")
    opened = await house.send(c.ConversationOpen(id=new_id(), new=True, context=context))
    await house.send(c.ExpertRequest(id=new_id(), conversation=opened.conversation, mode=mode, **fields))
    return opened.conversation


async def claim(house: House, where: ConversationId, by: Caller = EVE) -> None:
    await house.send(c.ExpertClaim(id=new_id(), conversation=where), by)


async def say(house: House, where: ConversationId, text: str, by: Caller = EVE, **fields: Any) -> e.Accepted:
    return await house.send(c.ExpertSay(id=new_id(), conversation=where, text=text, **fields), by)


async def mode(house: House, where: ConversationId, wanted: Any, by: Caller = ME, **fields: Any) -> e.Accepted:
    return await house.send(c.ModeChange(id=new_id(), conversation=where, mode=wanted, **fields), by)


async def refused(doing: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        await doing
    return caught.value


def why(events: list[Any]) -> list[str]:
    return [f"{event.why} {event.expert}".strip() for event in events if isinstance(event, e.ModeChanged)]


async def test_a_question_waits_for_the_person_who_answers_it(house: House) -> None:
    where = await asked(house, text="it diverges")
    question = await house.ask("why?", conversation=where)
    assert [type(event) for event in await house.settle(question)] == [e.Message, e.TurnWaiting]
    [request] = await house.service.people.queue(EVE)
    assert (request.owner, request.note, request.position, request.waiting) == ("me", "it diverges", 1, 1)
    await claim(house, where)
    answer = await say(house, where, "The learning rate is too high.")
    events = await house.settle(question)
    said = [event for event in events if isinstance(event, e.Message)]
    assert [(m.role, m.author, m.text) for m in said] == [
        ("user", "", "why?"),
        ("expert", "eve", "The learning rate is too high."),
    ]
    assert only(events, e.TurnEnded).answered_by == "eve (a person)"
    assert answer.turn == question.turn
    assert await house.state(question.turn) == "completed"
    assert why(await house.events(where)) == ["requested", "claimed eve"]


async def test_what_an_expert_says_without_a_question_is_a_turn_of_its_own(house: House) -> None:
    where = await asked(house)
    await claim(house, where)
    one, two = await say(house, where, "Hello."), await say(house, where, "Tell me more.")
    assert one.turn != two.turn
    assert [type(event) for event in await house.settle(two)] == [e.Message, e.TurnEnded]
    questions = [await house.ask(text, conversation=where) for text in ("first", "second")]
    last = await say(house, where, "Both at once.")
    assert last.turn == questions[1].turn
    assert {await house.state(question.turn) for question in questions} == {"completed"}


async def test_the_same_command_is_done_once(house: House) -> None:
    where = await asked(house)
    taking = c.ExpertClaim(id=new_id(), conversation=where)
    first, again = [await house.send(taking, EVE) for _ in range(2)]
    assert first.seq == again.seq
    saying = c.ExpertSay(id=new_id(), conversation=where, text="Hello.")
    assert len({(await house.send(saying, EVE)).turn for _ in range(2)}) == 1
    assert sum(isinstance(event, e.Message) for event in await house.events(where)) == 1


async def test_of_two_experts_at_once_one_wins_and_the_other_hears_who(house: House) -> None:
    where = await asked(house)
    takes = [house.send(c.ExpertClaim(id=new_id(), conversation=where), by) for by in (EVE, FAY)]
    done = await asyncio.gather(*takes, return_exceptions=True)
    [fault] = [one for one in done if isinstance(one, Fault)]
    [request] = await house.service.people.queue(EVE)
    assert (fault.code, fault.record.message) == (Code.CONFLICT, f"`{request.expert}` has taken this request.")
    loser = FAY if request.expert == "eve" else EVE
    assert (await refused(say(house, where, "Me!", loser))).code is Code.CONFLICT
    assert (await refused(house.send(c.ExpertRelease(id=new_id(), conversation=where), loser))).code is Code.CONFLICT


async def test_two_processes_give_a_request_to_one_expert(db_url: str, tmp_path: Path) -> None:
    settings = {"experts": ["*"], "db_url": db_url}
    houses = [await House(tmp_path / name, **settings).open() for name in ("a", "b")]
    try:
        where = await asked(houses[0])
        takes = [claim(one, where, by) for one, by in zip(houses, (EVE, FAY), strict=True)]
        done = await asyncio.gather(*takes, return_exceptions=True)
        assert sorted(type(one).__name__ for one in done) == ["Fault", "NoneType"]
        [request] = await houses[1].service.people.queue(EVE)
        question = await houses[1].ask("why?", conversation=where)
        await say(houses[0], where, "Because.", EVE if request.expert == "eve" else FAY)
        assert await houses[1].state(question.turn) == "completed"
    finally:
        for one in houses:
            await one.close()


async def test_back_to_the_assistant_it_answers_what_nobody_has(house: House) -> None:
    where = await asked(house)
    question = await house.ask("what can you do?", conversation=where)
    await mode(house, where, "assistant")
    events = await house.settle(question)
    assert only(events, e.TurnEnded).answered_by.startswith("the built-in engine")
    assert why(await house.events(where)) == ["requested", "ended"]
    assert await house.service.people.queue(EVE) == []
    assert (await house.service.conversations.own(where, ME)).mode == "assistant"
    # And once more is nothing new.
    await mode(house, where, "assistant")
    assert why(await house.events(where)) == ["requested", "ended"]


async def test_what_was_for_a_person_alone_is_not_given_to_the_assistant(house: House) -> None:
    where = await asked(house, "direct", observe=False)
    question = await house.ask("keep this between us", conversation=where)
    assert only(await house.settle(question), e.Message).private
    await mode(house, where, "assistant")
    assert await house.state(question.turn) == "cancelled"
    fault = await refused(house.send(c.TurnRetry(id=new_id(), turn=question.turn)))  # type: ignore[arg-type]
    assert (fault.code, "alone" in fault.record.message) == (Code.CONFLICT, True)


async def test_nor_is_it_after_a_detour_through_another_mode(house: House) -> None:
    where = await asked(house, "direct", observe=False)
    question = await house.ask("keep this between us", conversation=where)
    for wanted in ("expert", "assistant"):
        await mode(house, where, wanted)
    assert await house.state(question.turn) == "cancelled"


async def test_what_was_asked_before_people_talked_alone_is_answered(house: House) -> None:
    where = await asked(house)
    question = await house.ask("what can you do?", conversation=where)
    await mode(house, where, "direct", observe=False)
    await mode(house, where, "assistant")
    assert only(await house.settle(question), e.TurnEnded).state == "completed"


async def test_a_question_can_be_taken_back_while_it_waits(house: House) -> None:
    where = await asked(house)
    question = await house.ask("why?", conversation=where)
    await house.send(c.TurnCancel(id=new_id(), turn=question.turn))  # type: ignore[arg-type]
    assert await house.state(question.turn) == "cancelled"
    await claim(house, where)
    assert (await say(house, where, "Hello?")).turn != question.turn
    fault = await refused(house.send(c.TurnRetry(id=new_id(), turn=question.turn)))  # type: ignore[arg-type]
    assert "A person answers" in fault.record.message


async def test_the_expert_hands_back_and_may_not_read_on(house: House) -> None:
    where = await asked(house)
    await claim(house, where)
    heard: list[e.Event] = []
    stop = await house.service.follow(where, 0, EVE, heard.append)
    await mode(house, where, "assistant", EVE)
    await house.settle(await house.ask("what can you do?", conversation=where))
    stop()
    assert why(heard)[-1] == "ended"
    assert isinstance(heard[-1], e.ModeChanged)
    assert (await refused(house.service.follow(where, 0, EVE, heard.append))).code is Code.NOT_FOUND
    late = await refused(say(house, where, "One more thing."))
    assert (late.code, late.record.message) == (Code.CONFLICT, "This request is closed.")


async def test_an_expert_reads_only_what_asked_for_a_person_or_is_theirs(house: House) -> None:
    quiet = (await house.send(c.ConversationOpen(id=new_id(), new=True))).conversation
    where = await asked(house)
    people = house.service.people
    assert (await refused(people.readable(quiet, EVE))).code is Code.NOT_FOUND
    assert (await people.readable(where, EVE)).id == where
    assert (await refused(people.readable(where, STRANGER))).code is Code.NOT_FOUND
    heard: list[e.Event] = []
    stop = await house.service.follow(where, 0, FAY, heard.append)
    await claim(house, where)
    await say(house, where, "This is for you.")
    stop()
    assert (await refused(people.readable(where, FAY))).code is Code.NOT_FOUND
    # Who was reading along hears that it was taken, and nothing of what follows.
    assert (type(heard[-1]), why(heard)[-1]) == (e.ModeChanged, "claimed eve")
    assert (await people.readable(where, ME)).id == where


async def test_asking_again_changes_only_what_is_new(house: House) -> None:
    where = await asked(house, text="it diverges")
    for fields in ({}, {"text": "it diverges"}, {"text": "at once"}, {"mode": "direct"}):
        await house.send(c.ExpertRequest(id=new_id(), conversation=where, **fields))  # type: ignore[arg-type]
    assert why(await house.events(where)) == ["requested", "switched", "switched"]
    [request] = await house.service.people.queue(EVE)
    assert (request.mode, request.note) == ("direct", "at once")


async def test_who_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    house = await House(tmp_path, experts=["eve"], rate_limit=3).open()
    try:
        where = await asked(house)
        await claim(house, where)
        for _ in range(2):
            await say(house, where, "Hello.")
        fault = await refused(say(house, where, "Hello?"))
        assert (fault.code, fault.record.retryable) == (Code.RATE_LIMITED, True)
        await house.send(c.PresenceSet(id=new_id(), conversation=where, state="typing"), EVE)
        for wanted in ("direct", "expert"):
            await mode(house, where, wanted)
        assert (await refused(mode(house, where, "assistant"))).code is Code.RATE_LIMITED
    finally:
        await house.close()


async def test_rights(house: House) -> None:
    where = await asked(house)
    for doing in (
        claim(house, where, STRANGER),
        say(house, where, "x", STRANGER),
        house.send(c.ExpertRelease(id=new_id(), conversation=where), STRANGER),
        house.service.people.queue(STRANGER),
        say(house, where, "x", ME),
    ):
        assert (await refused(doing)).code is Code.FORBIDDEN
    assert (await refused(mode(house, where, "assistant", STRANGER))).code is Code.NOT_FOUND
    assert (await refused(mode(house, where, "assistant", EVE))).code is Code.FORBIDDEN
    asking = c.ExpertRequest(id=new_id(), conversation=where)
    assert (await refused(house.send(asking, STRANGER))).code is Code.NOT_FOUND
    assert (await refused(say(house, where, "not mine yet"))).record.hint == "Take it first."
    other = c.ExpertClaim(id=new_id(), conversation=where, expert="fay")
    assert (await refused(house.send(other, EVE))).code is Code.FORBIDDEN
    gone = ConversationId("0" * 32)
    assert (await refused(claim(house, gone))).code is Code.NOT_FOUND
    own = Caller("me", roles=frozenset({"expert"}))
    assert "of their own" in (await refused(claim(house, where, own))).record.message
    await claim(house, where)
    assert (await refused(say(house, where, "  "))).code is Code.INVALID_INPUT
    too_long = c.ExpertRequest(id=new_id(), conversation=where, text="x" * 2001)
    assert (await refused(house.send(too_long))).code is Code.TOO_LARGE


async def test_an_admin_assigns_and_takes_away(house: House) -> None:
    where = await asked(house)
    await claim(house, where)
    await house.send(c.ExpertClaim(id=new_id(), conversation=where, expert="fay"), BOSS)
    assert (await refused(say(house, where, "Still me."))).record.message == "`fay` has taken this request."
    await say(house, where, "Now me.", FAY)
    await house.send(c.ExpertRelease(id=new_id(), conversation=where), BOSS)
    assert why(await house.events(where)) == ["requested", "claimed eve", "assigned fay", "released"]
    assert (await refused(say(house, where, "And now?", FAY))).record.hint == "Take it first."


async def test_a_deleted_conversation_is_closed_to_its_expert(house: House) -> None:
    where = await asked(house)
    await claim(house, where)
    await house.send(c.ConversationDelete(id=new_id(), conversation=where))
    fault = await refused(say(house, where, "Are you there?"))
    assert (fault.code, fault.record.message) == (Code.CONFLICT, "This request is closed.")
    assert await house.service.people.queue(EVE) == []


async def test_an_expert_who_is_gone_for_too_long_loses_the_request(house: House) -> None:
    where = await asked(house)
    await claim(house, where)
    stop = await house.service.follow(where, 0, EVE, lambda event: None)
    await asyncio.sleep(0.8)
    assert why(await house.events(where))[-1] == "claimed eve", "who is there keeps it"
    stop()
    for _ in range(100):
        if why(await house.events(where))[-1] == "lost":
            break
        await asyncio.sleep(0.05)
    assert [request.position for request in await house.service.people.queue(FAY)] == [1]
    assert (await refused(say(house, where, "Sorry, I am back."))).code is Code.CONFLICT
    await claim(house, where, FAY)
    await say(house, where, "I take over.", FAY)


async def test_who_is_there_and_who_types(house: House) -> None:
    where = await asked(house)
    await claim(house, where)
    mine: list[e.Event] = []
    theirs: list[e.Event] = []
    seq = (await house.service.conversations.own(where, ME)).last_seq
    stops = [await house.service.follow(where, seq, ME, mine.append)]
    assert mine == [], "nobody else is there"
    stops.append(await house.service.follow(where, seq, EVE, theirs.append))
    await house.send(c.PresenceSet(id=new_id(), conversation=where, state="typing"), EVE)
    await house.send(c.PresenceSet(id=new_id(), conversation=where, state="typing"))
    stops[1]()
    stops[0]()
    told = [
        [f"{event.who} {event.role} {event.state}" for event in heard if isinstance(event, e.Presence)]
        for heard in (mine, theirs)
    ]
    typing = ["eve expert typing", "me user typing"]
    assert told == [["eve expert online", *typing, "eve expert away"], ["me user online", "eve expert online", *typing]]
    assert not any(isinstance(event, e.Presence) for event in await house.events(where))
    stranger = c.PresenceSet(id=new_id(), conversation=where, state="typing")
    assert (await refused(house.send(stranger, STRANGER))).code is Code.NOT_FOUND


async def test_every_access_by_a_role_is_told_to_the_audit(tmp_path: Path) -> None:
    house = House(tmp_path, experts=["eve", "fay"], admins=["boss"])
    told: list[Record] = []
    house.takers.append(told.append)
    await house.open()
    try:
        where = await asked(house)
        await house.service.people.queue(EVE)
        await claim(house, where)
        (await house.service.follow(where, 0, EVE, lambda event: None))()
        await refused(claim(house, where, FAY))
        await refused(house.service.follow(where, 0, FAY, lambda event: None))
        await say(house, where, "Hello.")
        await house.send(c.ExpertRelease(id=new_id(), conversation=where), BOSS)
    finally:
        await house.close()
    accesses = [record for record in told if isinstance(record, AccessRecord)]
    assert [f"{a.actor} {a.role} {a.action} {a.fault}".strip() for a in accesses] == [
        "eve expert experts.queue",
        "eve expert expert.claim",
        "eve expert conversation.read",
        "fay expert expert.claim conflict",
        "fay expert conversation.read not_found",
        "eve expert expert.say",
        "boss admin expert.release",
    ]
    assert {a.conversation for a in accesses[1:]} == {where}
    assert accesses[2].owner == "me"
    helped = [(record.action, record.actor) for record in told if isinstance(record, HelpRecord)]
    assert helped == [("requested", "me"), ("claimed", "eve"), ("released", "boss")]


async def test_without_experts_nothing_of_it_works(tmp_path: Path) -> None:
    house = await House(tmp_path).open()
    try:
        opened = await house.send(c.ConversationOpen(id=new_id(), new=True))
        where = opened.conversation
        for doing in (
            house.send(c.ExpertRequest(id=new_id(), conversation=where)),
            mode(house, where, "expert"),
            mode(house, where, "assistant"),
            claim(house, where),
            say(house, where, "x"),
            house.send(c.PresenceSet(id=new_id(), conversation=where, state="online")),
            house.service.people.queue(EVE),
        ):
            assert (await refused(doing)).code is Code.UNSUPPORTED
        assert (await refused(house.service.people.readable(where, EVE))).code is Code.NOT_FOUND
        assert why(await house.events(where)) == []
    finally:
        await house.close()


async def test_a_restart_leaves_questions_waiting_and_a_claim_in_place(tmp_path: Path) -> None:
    house = await House(tmp_path, experts=["eve"]).open()
    where = await asked(house)
    await claim(house, where)
    question = await house.ask("why?", conversation=where)
    await house.close()
    again = await House(tmp_path, experts=["eve"]).open()
    try:
        assert await again.state(question.turn) == "waiting"
        await say(again, where, "Because.")
        assert await again.state(question.turn) == "completed"
    finally:
        await again.close()


class TestWithAProvider:
    """What the assistant gets to read of people, and may do for an expert."""

    async def test_the_expert_asks_the_assistant_in_front_of_the_person(self, make: Make, provider: Provider) -> None:
        house = await make(experts=["eve"])
        where = await asked(house)
        await claim(house, where)
        await house.ask("what do you think?", conversation=where)
        await say(house, where, "Let me look.")
        provider.enqueue(says("It has 4 features."))
        answer = await say(house, where, "How many features has it?", to="assistant")
        events = await house.settle(answer, 60)
        said = only(events, e.Message)
        assert (said.role, said.author, said.to) == ("expert", "eve", "assistant")
        assert only(events, e.TurnEnded).answered_by.startswith(LLM)
        assert words_sent(provider) == [
            "what do you think?",
            "(a human expert:) Let me look.",
            "(a human expert asks:) How many features has it?",
        ]

    async def test_what_was_said_directly_never_leaves_unless_it_may_be_observed(
        self, make: Make, provider: Provider
    ) -> None:
        house = await make(experts=["eve"])
        where = await asked(house, "direct", observe=False)
        await claim(house, where)
        await house.ask("my canary is yellow", conversation=where)
        await say(house, where, "mine is green")
        fault = await refused(say(house, where, "and yours?", to="assistant"))
        assert (fault.code, fault.record.about) == (Code.CONFLICT, "to")
        await mode(house, where, "direct", EVE)
        await house.ask("this is for all", conversation=where)
        await say(house, where, "so is this")
        await mode(house, where, "assistant", EVE)
        provider.enqueue(says("Hello."))
        await house.settle(await house.ask("are you back?", conversation=where), 60)
        assert words_sent(provider) == ["this is for all", "(a human expert:) so is this", "are you back?"]
        assert not any(word in json.dumps(provider.bodies) for word in ("yellow", "green"))

    async def test_what_the_owner_allows_for_good_an_expert_is_still_asked_for(
        self, make: Make, provider: Provider
    ) -> None:
        house = await make(experts=["eve"])
        house.bridge.toolbox.add(store, "test")
        where = await asked(house)
        await claim(house, where)
        levels = '{"write": "allow"}'
        await house.service.journal.transact(lambda tx: set_conversation(tx, where, levels=levels))
        provider.enqueue(calls(("store", {"name": "made"})))
        answer = await say(house, where, "Make it.", to="assistant")
        approval = only(await house.settle(answer, 60), e.ApprovalAsked)
        giving = c.ApprovalGive(id=new_id(), turn=answer.turn, approval=approval.approval, allow=True)  # type: ignore[arg-type]
        assert (await refused(house.send(giving, EVE))).code is Code.NOT_FOUND
        assert "made" not in house.namespace
        provider.enqueue(says("Done."))
        await house.send(giving)
        await house.settle(answer, 60)
        assert house.namespace["made"] == 1


def words_sent(provider: Provider) -> list[str]:
    """What people and assistant have said, in the last request."""
    return [m["content"] for m in provider.bodies[-1]["messages"] if m["role"] in ("user", "assistant")]
