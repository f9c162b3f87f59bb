"""The one front door: turns, waits, answers, and what is refused."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from chat.house import KERNEL, ME, House, new_id, only
from sqlalchemy import update

from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context, ConversationId, KernelId, TurnId
from jupyter_mlchat.store.tables import turns

STRANGER = Caller("somebody else")
ELSEWHERE = KernelId("elsewhere")


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    made = jp_asyncio_loop.run_until_complete(House(tmp_path).open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def test_a_tool_call_is_a_turn_with_the_same_journal(house: House) -> None:
    accepted = await house.call("add", a=1, b="2")
    events = await house.settle(accepted)
    assert [type(event).__struct_config__.tag for event in events] == [
        "message",
        "turn.queued",
        "turn.started",
        "step.started",
        "step.ended",
        "step.started",
        "tool.called",
        "tool.returned",
        "step.ended",
        "turn.ended",
    ]
    assert [event.seq for event in events] == list(range(1, 11))
    steps = [event.name for event in events if isinstance(event, e.StepStarted)]
    assert steps == ["parameters", "tool"]
    assert only(events, e.ToolReturned).result.data == {"sum": 3.0}
    assert only(events, e.TurnEnded).state == "completed"


async def test_the_same_command_id_is_the_same_turn_and_runs_once(house: House) -> None:
    command = c.ToolCall(id=new_id(), tool="add", args={"a": 1}, context=Context(kernel=KERNEL))
    first, second = await house.send(command), await house.send(command)
    assert (first.turn, first.seq, first.conversation) == (second.turn, second.seq, second.conversation)
    await house.settle(first)
    assert len(await house.service.conversations.newest(ME)) == 1
    other = await house.send(command, STRANGER)
    assert other.turn != first.turn


async def test_questions_of_one_notebook_go_on_in_one_conversation(house: House) -> None:
    here = [await house.call("add", a=1) for _ in range(2)]
    there = await house.call("add", Context(kernel=KERNEL, notebook="other.ipynb"), a=1)
    assert here[0].conversation == here[1].conversation != there.conversation
    for accepted in (*here, there):
        await house.settle(accepted)
    await house.send(c.ConversationDelete(id=new_id(), conversation=here[0].conversation))
    after = await house.call("add", a=1)
    assert after.conversation != here[0].conversation
    with pytest.raises(Fault, match="no such conversation"):
        await house.service.conversations.own(here[0].conversation, ME)
    await house.send(c.ConversationRestore(id=new_id(), conversation=here[0].conversation))
    assert (await house.service.conversations.own(here[0].conversation, ME)).id == here[0].conversation


async def test_a_form_ends_the_attempt_and_its_answer_goes_on_with_the_same_turn(house: House) -> None:
    accepted = await house.call("needs_more", features={"a": 1})
    asked = only(await house.settle(accepted), e.FormAsked)
    assert await house.state(accepted.turn) == "waiting"
    answer = c.FormSubmit(id=new_id(), turn=accepted.turn, form=asked.form, values={"b": 2})
    again = await house.send(answer)
    assert again.turn == accepted.turn
    events = await house.settle(again)
    assert only(events, e.ToolReturned).result.data == {"got": {"a": 1, "b": 2}}
    assert only(events, e.FormClosed).values == {"b": 2}
    assert [event.number for event in events if isinstance(event, e.TurnStarted)] == [1, 2]
    assert (await house.send(answer)).turn == accepted.turn
    with pytest.raises(Fault, match="not open any more") as caught:
        await house.send(c.FormSubmit(id=new_id(), turn=accepted.turn, form=asked.form, values={"b": 3}))
    assert caught.value.code is Code.CONFLICT


async def test_a_form_still_lacking_asks_again(house: House) -> None:
    accepted = await house.call("needs_more", features={})
    asked = only(await house.settle(accepted), e.FormAsked)
    again = await house.send(c.FormSubmit(id=new_id(), turn=accepted.turn, form=asked.form, values={"a": 5}))
    forms = [event for event in await house.settle(again) if isinstance(event, e.FormAsked)]
    assert len(forms) == 2
    assert forms[1].spec.fields[0].value == 5


async def test_closing_a_form_is_an_answer_too(house: House) -> None:
    accepted = await house.call("needs_more", features={})
    asked = only(await house.settle(accepted), e.FormAsked)
    again = await house.send(c.FormDismiss(id=new_id(), turn=accepted.turn, form=asked.form))
    events = await house.settle(again)
    assert only(events, e.ToolReturned).result.fault["code"] == "denied"
    assert only(events, e.TurnEnded).state == "completed"


@pytest.mark.parametrize("allow", [True, False])
async def test_an_effect_happens_only_when_it_was_allowed(house: House, allow: bool) -> None:
    accepted = await house.call("store", name="x")
    asked = only(await house.settle(accepted), e.ApprovalAsked)
    assert (asked.effect, asked.args) == ("write", {"name": "x"})
    assert "x" not in house.namespace
    give = c.ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=allow)
    events = await house.settle(await house.send(give))
    assert ("x" in house.namespace) is allow
    assert only(events, e.ToolReturned).result.ok is allow
    assert only(events, e.ApprovalClosed).outcome == ("allowed" if allow else "denied")


async def test_always_holds_for_this_conversation_and_no_other(house: House) -> None:
    accepted = await house.call("store", name="x")
    asked = only(await house.settle(accepted), e.ApprovalAsked)
    give = c.ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=True, always=True)
    await house.settle(await house.send(give))
    assert only(await house.settle(await house.call("store", name="y")), e.TurnEnded).state == "completed"
    other = await house.call("store", Context(kernel=KERNEL, notebook="other.ipynb"), name="z")
    assert only(await house.settle(other), e.ApprovalAsked).tool == "store"
    assert set(house.namespace) == {"x", "y"}


async def test_a_kernel_may_not_set_the_policy_nor_answer_for_another(house: House) -> None:
    accepted = await house.call("store", name="x")
    asked = only(await house.settle(accepted), e.ApprovalAsked)
    give = c.ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=True, always=True)
    with pytest.raises(Fault, match="only for its own kernel"):
        await house.send(give, Caller("me", "kernel", ELSEWHERE))
    await house.settle(await house.send(give, Caller("me", "kernel", KERNEL, "n.ipynb")))
    assert only(await house.settle(await house.call("store", name="y")), e.ApprovalAsked).tool == "store"


async def test_an_expired_approval_does_nothing(house: House) -> None:
    accepted = await house.call("store", name="x")
    asked = only(await house.settle(accepted), e.ApprovalAsked)
    row = await house.service.turn(accepted.turn, ME)
    late = msgspec.structs.replace(row.pending, expires=time.time() - 1)
    await house.database.run(
        lambda tx: tx.execute(
            update(turns).where(turns.c.id == accepted.turn).values(pending=msgspec.json.encode(late).decode())
        )
    )
    with pytest.raises(Fault) as caught:
        await house.send(c.ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=True))
    assert caught.value.code is Code.EXPIRED
    assert house.namespace == {}


async def test_stopping_a_running_turn_reaches_the_tool_and_keeps_the_journal_whole(house: House) -> None:
    accepted = await house.call("slow", seconds=20)
    while await house.state(accepted.turn) != "active":
        await asyncio.sleep(0.01)
    began = time.monotonic()
    await house.send(c.TurnCancel(id=new_id(), turn=accepted.turn))
    events = await house.settle(accepted)
    assert time.monotonic() - began < 10
    assert only(events, e.TurnEnded).state == "cancelled"
    again = await house.send(c.TurnRetry(id=new_id(), turn=accepted.turn))
    while await house.state(accepted.turn) != "active":
        await asyncio.sleep(0.01)
    await house.send(c.TurnCancel(id=new_id(), turn=accepted.turn))
    await house.settle(again)


async def test_stopping_a_waiting_or_queued_turn_ends_it(house: House) -> None:
    waiting = await house.call("store", name="x")
    await house.settle(waiting)
    running = await house.call("slow", seconds=20)
    queued = await house.call("add", a=1)
    assert await house.state(queued.turn) == "queued"
    for accepted in (waiting, queued, running):
        await house.send(c.TurnCancel(id=new_id(), turn=accepted.turn))
        events = await house.settle(accepted)
        assert only(events, e.TurnEnded).state == "cancelled"
    assert only(await house.service.journal.read_turn(waiting.turn), e.ApprovalClosed).outcome == "cancelled"


async def test_turns_of_a_conversation_run_one_after_the_other(house: House) -> None:
    accepted = [await house.call("slow", seconds=0.1) for _ in range(3)]
    for one in accepted:
        await house.settle(one)
    spoken = [
        (event.turn, event.__struct_config__.tag)
        for event in await house.events(accepted[0].conversation)
        if isinstance(event, (e.TurnStarted, e.TurnEnded))
    ]
    assert [turn for turn, _ in spoken] == [one.turn for one in accepted for _ in range(2)]


KILLED = """
import asyncio, os, pathlib, sys
from chat.house import House

async def main():
    house = await House(pathlib.Path(sys.argv[1])).open()
    waiting = await house.call("needs_more", features={"a": 1})
    await house.settle(waiting)
    running = await house.call("slow", seconds=30)
    while await house.state(running.turn) != "active":
        await asyncio.sleep(0.01)
    queued = await house.call("add", a=1)
    print(waiting.turn, running.turn, queued.turn, flush=True)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


async def test_a_process_that_was_killed_loses_nothing_and_another_takes_up_what_it_left(tmp_path: Path) -> None:
    path = os.pathsep.join(["tests", "."])
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        cwd=Path(__file__).parent.parent.parent,
        timeout=60,
    )
    waiting, running, queued = (TurnId(turn) for turn in killed.stdout.split())
    early = await House(tmp_path).open()
    assert [await early.state(turn) for turn in (waiting, running, queued)] == ["waiting", "active", "queued"]
    await early.database.run(lambda tx: tx.execute(update(turns).values(lease=1.0)))
    await early.close()
    house = await House(tmp_path).open()
    assert await house.state(running) == "abandoned"
    for _ in range(200):
        if await house.state(queued) == "completed":
            break
        await asyncio.sleep(0.02)
    events = await house.service.journal.read_turn(queued)
    assert only(events, e.ToolReturned).result.data == {"sum": 2.0}
    asked = only(await house.service.journal.read_turn(waiting), e.FormAsked)
    again = await house.send(c.FormSubmit(id=new_id(), turn=waiting, form=asked.form, values={"b": 2}))
    assert only(await house.settle(again), e.TurnEnded).state == "completed"
    await house.close()


async def test_following_gives_what_was_missed_and_then_the_live_tail_without_a_gap(house: House) -> None:
    accepted = await house.call("add", a=1)
    await house.settle(accepted)
    told: list[e.Event] = []
    stop = await house.service.follow(accepted.conversation, 3, ME, told.append)
    for _ in range(3):
        await house.settle(await house.call("add", a=1))
    stop()
    durable = [event.seq for event in told if event.durable]
    assert durable == list(range(4, 41))


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (c.TurnStart(id=new_id(), text="  "), "The question is empty"),
        (c.TurnStart(id=new_id(), text="x", conversation=ConversationId("nope")), "no such conversation"),
        (c.TurnStart(id=new_id(), text="x", llm="nonsense/x"), "nonsense"),
        (c.TurnCancel(id=new_id(), turn=TurnId("nope")), "no such turn"),
        (c.ConversationUpdate(id=new_id(), conversation=ConversationId("nope")), "no such conversation"),
        (c.Ping(id=new_id()), "matter of the connection"),
    ],
)
async def test_bad_commands_are_named_and_change_nothing(house: House, command: c.AnyCommand, says: str) -> None:
    with pytest.raises(Fault, match=says):
        await house.send(command)
    assert await house.service.conversations.newest(ME) == []


async def test_nobody_reaches_the_conversation_or_turn_of_somebody_else(house: House) -> None:
    accepted = await house.call("needs_more", features={})
    asked = only(await house.settle(accepted), e.FormAsked)
    for command in (
        c.TurnCancel(id=new_id(), turn=accepted.turn),
        c.FormSubmit(id=new_id(), turn=accepted.turn, form=asked.form, values={"b": 1}),
        c.FeedbackGive(id=new_id(), turn=accepted.turn, score=1),
        c.ConversationDelete(id=new_id(), conversation=accepted.conversation),
        c.TurnStart(id=new_id(), text="x", conversation=accepted.conversation),
    ):
        with pytest.raises(Fault) as caught:
            await house.send(command, STRANGER)
        assert caught.value.code is Code.NOT_FOUND
    with pytest.raises(Fault):
        await house.service.follow(accepted.conversation, 0, STRANGER, print)
    assert await house.state(accepted.turn) == "waiting"


async def test_unknown_tools_and_bad_arguments_are_results_with_a_fix(house: House) -> None:
    cases = [("ad", {"a": 1}, "Did you mean add"), ("add", {"b": 1}, "a"), ("add", {"a": "x"}, "a")]
    for tool, args, says in cases:
        result = only(await house.settle(await house.call(tool, **args)), e.ToolReturned).result
        assert not result.ok
        assert says in result.fault["message"] + result.fault["hint"]
    lost = await house.call("add", Context(notebook="n.ipynb"), a=1)
    assert "no kernel" in only(await house.settle(lost), e.ToolReturned).result.fault["message"]


async def test_what_the_administrator_denies_or_disables_is_not_there(tmp_path: Path) -> None:
    house = await House(tmp_path, max_effects=["read"], disabled_tools=["slow"]).open()
    for tool, args in (("store", {"name": "x"}), ("needs_more", {"features": {}}), ("slow", {"seconds": 1})):
        result = only(await house.settle(await house.call(tool, **args)), e.ToolReturned).result
        assert result.fault["code"] in ("unknown_tool", "denied")
    assert house.namespace == {}
    await house.close()


async def test_feedback_and_titles_are_part_of_the_journal(house: House) -> None:
    accepted = await house.call("add", a=1)
    await house.settle(accepted)
    await house.send(c.FeedbackGive(id=new_id(), turn=accepted.turn, score=-1, text="no"))
    update_ = c.ConversationUpdate(id=new_id(), conversation=accepted.conversation, title="T", llm="builtin")
    await house.send(update_)
    events = await house.events(accepted.conversation)
    assert only(events, e.FeedbackGiven).score == -1
    assert only(events, e.ConversationChanged).info.title == "T"
    with pytest.raises(Fault, match="score"):
        await house.send(c.FeedbackGive(id=new_id(), turn=accepted.turn, score=5))


async def test_a_locked_llm_is_nobodys_to_choose(tmp_path: Path) -> None:
    house = await House(tmp_path, lock_settings=["llm"]).open()
    with pytest.raises(Fault, match="fixed by your administrator"):
        await house.send(c.TurnStart(id=new_id(), text="x", llm="builtin"))
    await house.close()


async def test_the_rate_limit_refuses_and_stores_nothing(tmp_path: Path) -> None:
    house = await House(tmp_path, rate_limit=2).open()
    for _ in range(2):
        accepted = await house.call("add", a=1)
    with pytest.raises(Fault) as caught:
        await house.call("add", a=1)
    assert caught.value.code is Code.RATE_LIMITED
    await house.settle(accepted)
    messages = [x for x in await house.events(accepted.conversation) if isinstance(x, e.Message)]
    assert len(messages) == 2
    await house.close()


async def test_a_turn_over_its_deadline_fails_with_a_word(tmp_path: Path) -> None:
    house = await House(tmp_path, turn_deadline=0.3).open()
    events = await house.settle(await house.call("slow", seconds=20))
    assert only(events, e.TurnEnded).fault.code is Code.DEADLINE
    await house.close()


async def test_a_resumption_that_never_began_is_taken_up_by_the_next_process(house: House) -> None:
    asked = await house.call("store", name="made")
    approval = only(await house.settle(asked), e.ApprovalAsked).approval
    # The process ends between the answer and the attempt that it causes.
    house.service._queue.add = lambda *_: None  # type: ignore[method-assign]
    await house.send(c.ApprovalGive(id=new_id(), turn=asked.turn, approval=approval, allow=True))
    await house.service.journal.transact(lambda tx: tx.execute(update(turns).values(lease=0.0)))
    assert "made" not in house.namespace
    await house.service.close()
    house.database.close()
    await house.open()
    events = await house.settle(asked)
    assert only(events, e.TurnEnded).state == "completed"
    assert house.namespace["made"] == 1
    assert len([x for x in events if isinstance(x, e.ApprovalAsked)]) == 1


async def test_always_has_no_effect_where_somebody_was_faster_to_deny(house: House) -> None:
    accepted = await house.call("store", name="x")
    asked = only(await house.settle(accepted), e.ApprovalAsked)
    gives = [
        c.ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=allow, always=allow)  # type: ignore[arg-type]
        for allow in (False, True)
    ]
    first, second = await asyncio.gather(*map(house.send, gives), return_exceptions=True)
    assert isinstance(first, e.Accepted) and isinstance(second, Fault) and second.code is Code.CONFLICT
    await house.settle(accepted)
    assert (await house.service.turn(accepted.turn, ME)).levels == {}  # type: ignore[arg-type]


async def test_always_has_no_effect_where_the_policy_is_locked(house: House) -> None:
    house.settings.lock_settings = ["policy"]
    for name in ("first", "second"):
        asked = await house.call("store", name=name)
        approval = only(await house.settle(asked), e.ApprovalAsked).approval
        give = c.ApprovalGive(id=new_id(), turn=asked.turn, approval=approval, allow=True, always=True)
        await house.send(give)
        await house.settle(asked)
        assert house.namespace[name] == 1


async def test_words_go_on_where_the_kernel_is_switched_off(house: House) -> None:
    await house.send(c.KernelUpdate(id=new_id(), kernel=KERNEL, enabled=False))
    refused = await house.settle(await house.call("add", a=1))
    assert only(refused, e.ToolReturned).result.fault["code"] == "kernel_off"
    asked = await house.settle(await house.ask("what can you do?"))
    assert only(asked, e.TurnEnded).state == "completed"
    await house.send(c.KernelUpdate(id=new_id(), kernel=KERNEL, enabled=True))
    assert only(await house.settle(await house.call("add", a=1)), e.ToolReturned).result.data == {"sum": 2.0}
