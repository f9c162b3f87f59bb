"""With the policy `hold` nobody reads an answer before it has passed, or before a reviewer has let it go."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from chat.evaluating.measured import install
from chat.house import ME, House, new_id, only
from chat.talking import LLM, Make, make, provider, text_of
from provider import Answer, Provider, calls, says, stalls
from sqlalchemy import select

from jupyter_mlchat.chat.keeping.everything import everything_of
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.codec import encode_event
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.store.tables import attempts

__all__ = ["make", "provider"]
ANN = Caller("ann", roles=frozenset({"expert"}))
SECRET = 4711
PHRASE = f"is {SECRET}".encode()
"""Ids and times may hold the number alone."""
HOLD: dict[str, Any] = {"evaluations": True, "failed_answers": "hold"}


def lies() -> tuple[Answer, Answer]:
    return calls(("add", {"a": 2}), text=f"I think it is {SECRET}."), says("The sum ", f"is {SECRET}, ", "no 3.")


async def asked(house: House, provider: Provider) -> tuple[e.Accepted, list[e.AnyEvent], list[e.Event]]:
    """A held answer: its turn, its stored events, and everything that a front end was told."""
    heard: list[e.Event] = []
    opened = await house.send(c.ConversationOpen(id=new_id(), new=True))
    await house.service.follow(opened.conversation, 0, ME, heard.append)
    provider.enqueue(*lies())
    accepted = await house.ask("sum?", conversation=opened.conversation)
    return accepted, await house.settle(accepted), heard


def told(events: list[Any]) -> bytes:
    return b"\n".join(encode_event(event) for event in events)


async def decide(house: House, decision: str, caller: Caller = ANN, **fields: str) -> None:
    [review] = await house.service.reviews.list(caller, 10)
    command = c.ReviewDecide(id=new_id(), review=review.id, decision=decision, **fields)  # type: ignore[arg-type]
    await house.send(command, caller)


async def test_a_failing_answer_waits_for_a_reviewer_and_nothing_of_it_is_told(make: Make, provider: Provider) -> None:
    house = await make(**HOLD)
    accepted, events, heard = await asked(house, provider)
    assert (await house.state(accepted.turn)) == "waiting"
    assert only(events, e.TurnWaiting).waits_for == "review"
    assert only(events, e.Notice).code == "held"
    assert only(events, e.Evaluation).flagged and only(events, e.ReviewAsked).held
    assert PHRASE not in told(events) and PHRASE not in told(heard)
    assert f'"{SECRET}"'.encode() not in told(heard)
    assert not [x for x in heard if isinstance(x, (e.TextDelta, e.TextSnapshot))]
    late: list[e.Event] = []
    await house.service.follow(accepted.conversation, 0, ME, late.append)
    assert PHRASE not in told(late)
    [review] = await house.service.reviews.list(ANN, 10)
    assert str(SECRET) in review.answer and review.held
    assert [one.details for one in review.checks if one.name == "grounded"] == [[str(SECRET)]]


async def test_nobody_lets_through_an_answer_of_their_own(make: Make, provider: Provider) -> None:
    house = await make(**HOLD)
    accepted, _, _ = await asked(house, provider)
    with pytest.raises(Fault) as refused:
        await decide(house, "approve", Caller(ME.principal, roles=frozenset({"expert", "admin"})))
    assert refused.value.code is Code.FORBIDDEN and "your own" in refused.value.record.message
    assert (await house.state(accepted.turn)) == "waiting"
    await decide(house, "approve", ANN)
    assert (await house.state(accepted.turn)) == "completed"


async def test_approved_it_is_told_whole_and_the_turn_is_completed(make: Make, provider: Provider) -> None:
    house = await make(**HOLD)
    accepted, _, heard = await asked(house, provider)
    await decide(house, "approve", remark="It is a joke.")
    assert accepted.turn is not None
    events = await house.service.journal.read_turn(accepted.turn)
    assert text_of(events) == f"The sum is {SECRET}, no 3."
    ended = only(events, e.TurnEnded)
    assert (ended.state, ended.unverified) == ("completed", [str(SECRET)])
    assert ended.answered_by == f"{LLM}, approved by a reviewer"
    assert [type(x) for x in heard[-3:]] == [e.ReviewClosed, e.TextSnapshot, e.TurnEnded]
    rows = await house.database.run(lambda tx: tx.execute(select(attempts.c.state)).scalars().all())
    assert rows == ["completed"]


async def test_corrected_the_correction_is_the_answer(make: Make, provider: Provider) -> None:
    house = await make(**HOLD)
    accepted, _, _ = await asked(house, provider)
    await decide(house, "correct", text="The sum is 3.")
    assert accepted.turn is not None
    events = await house.service.journal.read_turn(accepted.turn)
    assert text_of(events) == "The sum is 3."
    assert PHRASE not in told(events)
    provider.enqueue(says("Yes, 3."))
    await house.settle(await house.ask("sure?", conversation=accepted.conversation))
    assert str(SECRET) not in str(provider.bodies[-1]["messages"])


async def test_rejected_it_is_never_told_and_the_turn_can_be_tried_again(make: Make, provider: Provider) -> None:
    house = await make(**HOLD)
    accepted, _, _ = await asked(house, provider)
    await decide(house, "reject")
    assert accepted.turn is not None
    events = await house.service.journal.read_turn(accepted.turn)
    ended = only(events, e.TurnEnded)
    assert ended.state == "failed" and ended.fault is not None and ended.fault.code is Code.DENIED
    assert PHRASE not in told(events)
    provider.enqueue(says("Better ask somebody else."))
    again = await house.send(c.TurnRetry(id=new_id(), turn=accepted.turn))
    assert text_of(await house.settle(again)) == "Better ask somebody else."


async def test_one_that_passes_is_told_at_once_with_its_evaluation(make: Make, provider: Provider) -> None:
    house = await make(**HOLD)
    provider.enqueue(calls(("add", {"a": 2}), text="Let me add."), says("The sum is 3."))
    events = await house.settle(await house.ask("sum?"))
    assert text_of(events) == "The sum is 3."
    kinds = [type(x) for x in events]
    assert kinds.index(e.Evaluation) < kinds.index(e.TurnEnded)
    assert [x.text for x in events if isinstance(x, e.TextSnapshot)] == ["Let me add.", "The sum is 3."]
    assert await house.service.reviews.list(ANN, 10) == []


@pytest.mark.parametrize("how", ["judge", "evaluator"])
async def test_who_was_asked_and_said_nothing_has_let_nothing_pass(
    how: str, make: Make, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    if how == "evaluator":
        source = "def broken(answer):\n    raise ValueError(answer.text)\n"
        install(tmp_path / "site", "mlchat_test_broken", source, {"broken": "broken"})
    house = await make(**HOLD, evaluation_llm="openai/judge" if how == "judge" else "")
    provider.enqueue(says("A tree with secret leaves."), says("no verdict about secret leaves"))
    events = await house.settle(await house.ask("what?"))
    asked_for = only(events, e.ReviewAsked)
    assert asked_for.held and asked_for.reasons
    assert b"secret" not in told(events)


async def test_a_stopped_turn_withdraws_its_review_and_a_cut_answer_is_not_told(make: Make, provider: Provider) -> None:
    house = await make(**HOLD)
    accepted, _, _ = await asked(house, provider)
    assert accepted.turn is not None
    await house.send(c.TurnCancel(id=new_id(), turn=accepted.turn))
    events = await house.service.journal.read_turn(accepted.turn)
    assert only(events, e.ReviewClosed).outcome == "withdrawn"
    assert only(events, e.TurnEnded).state == "cancelled"
    [review] = await house.service.reviews.list(ANN, 10, everything=True)
    with pytest.raises(Fault) as late:
        await house.send(c.ReviewDecide(id=new_id(), review=review.id, decision="approve"), ANN)
    assert late.value.code is Code.CONFLICT
    provider.enqueue(stalls(f"It is {SECRET} and "))
    cut = await house.ask("and now?", conversation=accepted.conversation)
    while len(provider.requests) < 3:
        await house.service.turn(cut.turn, ME)  # type: ignore[arg-type]
    await house.send(c.TurnCancel(id=new_id(), turn=cut.turn))  # type: ignore[arg-type]
    assert PHRASE not in told(await house.settle(cut))


async def test_stopped_while_the_judge_reads_it_the_answer_stays_held_back(make: Make, provider: Provider) -> None:
    house = await make(**HOLD, evaluation_llm="openai/judge")
    provider.enqueue(says(f"It is {SECRET}."), stalls("{"))
    accepted = await house.ask("what?")
    assert accepted.turn is not None
    while len(provider.requests) < 2:
        await house.service.turn(accepted.turn, ME)
    await house.send(c.TurnCancel(id=new_id(), turn=accepted.turn))
    assert PHRASE not in told(await house.settle(accepted))
    sent = msgspec.json.encode(await house.service.sent(accepted.turn, ME))
    assert b"what?" not in sent and PHRASE not in sent


async def test_a_conversation_can_be_stricter_than_the_settings_and_not_laxer(make: Make, provider: Provider) -> None:
    house = await make(evaluations=True)
    opened = await house.send(c.ConversationOpen(id=new_id(), new=True))
    update = c.ConversationUpdate(id=new_id(), conversation=opened.conversation, reviewing="hold")
    await house.send(update)
    provider.enqueue(*lies())
    accepted = await house.ask("sum?", conversation=opened.conversation)
    await house.settle(accepted)
    assert await house.state(accepted.turn) == "waiting"
    house.settings.failed_answers = "hold"
    lax = c.ConversationUpdate(id=new_id(), conversation=opened.conversation, reviewing="flag")
    await house.send(lax)
    provider.enqueue(*lies())
    again = await house.ask("sum?", conversation=opened.conversation)
    await house.settle(again)
    assert await house.state(again.turn) == "waiting"


async def test_what_was_sent_to_the_judge_is_not_told_before_the_decision(make: Make, provider: Provider) -> None:
    house = await make(**HOLD, evaluation_llm="openai/judge")
    provider.enqueue(*lies(), says("nothing"))
    accepted = await house.ask("sum?")
    await house.settle(accepted)
    assert accepted.turn is not None and PHRASE.decode() in str(provider.bodies[-1])
    held = await house.service.sent(accepted.turn, ME)
    assert [list(one.body) for one in held] == [["held_back"]] * 3
    await decide(house, "reject")
    assert PHRASE.decode() in str((await house.service.sent(accepted.turn, ME))[-1].body)


async def test_the_export_of_everything_of_a_person_holds_no_answer_that_was_not_let_go(
    make: Make, provider: Provider
) -> None:
    house = await make(**HOLD)
    await asked(house, provider)

    async def exported() -> bytes:
        with await everything_of(house.service.means, ME) as file, zipfile.ZipFile(file) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())

    before = await exported()
    assert b'"held":true' in before and b"held_back" in before
    assert PHRASE not in before
    await decide(house, "approve")
    assert PHRASE in await exported()


async def test_a_held_answer_still_waits_after_a_restart(
    make: Make, provider: Provider, tmp_path: Path, background: Any
) -> None:
    house = await make(**HOLD)
    accepted, _, _ = await asked(house, provider)
    await house.service.close()
    second = House(tmp_path, background, **HOLD)
    try:
        await second.open()
        await decide(second, "approve")
        assert await second.state(accepted.turn) == "completed"
    finally:
        await second.close()
