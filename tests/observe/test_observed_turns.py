"""What is told of real turns, and that telling it can't hurt them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.house import KERNEL, ME, House, new_id, only
from jupyter_events import EventLogger
from provider import Provider, fails, running, says

from jupyter_mlchat.chat.keeping.everything import everything_of
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.observe.audit import Audit
from jupyter_mlchat.observe.metrics import Metrics
from jupyter_mlchat.observe.records import (
    ApprovalRecord,
    CommandRefused,
    ConversationRecord,
    LlmFailed,
    LlmUsed,
    MessageTaken,
    Record,
    SentRecord,
    ToolRecord,
    TurnRecord,
)
from jupyter_mlchat.protocol.commands import (
    ApprovalGive,
    ConversationDelete,
    ConversationRestore,
    ConversationUpdate,
    FeedbackGive,
    TurnStart,
)
from jupyter_mlchat.protocol.events import ApprovalAsked
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context

SECRET = "marker-4711"


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    """Not open yet: who is told must be known before."""
    made = House(tmp_path)
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


@pytest.fixture
def told(house: House) -> list[Record]:
    records: list[Record] = []
    house.takers.append(records.append)
    return records


def of(told: list[Record], kind: type[Record]) -> list[Any]:
    return [record for record in told if isinstance(record, kind)]


async def test_a_question_leaves_a_trail_without_its_words(house: House, told: list[Record]) -> None:
    await house.open()
    accepted = await house.ask(f"what can you do? {SECRET}")
    await house.settle(accepted)
    [message] = of(told, MessageTaken)
    assert (message.kind, message.actor, message.turn) == ("question", "me", accepted.turn)
    started, ended = of(told, TurnRecord)
    assert (started.action, started.actor, started.llm) == ("started", "me", "builtin")
    assert (ended.action, ended.state, ended.conversation) == ("ended", "completed", accepted.conversation)
    assert ended.elapsed_ms > 0
    assert SECRET not in repr(told)


async def test_an_effect_is_told_with_who_allowed_it(house: House, told: list[Record]) -> None:
    await house.open()
    for allow, outcome in ((False, "denied"), (True, "allowed")):
        asked = only(await house.settle(await house.call("store", name=SECRET)), ApprovalAsked)
        assert asked.turn is not None
        given = ApprovalGive(id=new_id(), turn=asked.turn, approval=asked.approval, allow=allow)
        await house.settle(await house.send(given))
        record = of(told, ApprovalRecord)[-1]
        assert record == ApprovalRecord(
            actor="me", conversation=asked.conversation, turn=asked.turn, outcome=outcome, tool="store", effect="write"
        )
    [ran] = of(told, ToolRecord)
    assert (ran.tool, ran.effect, ran.ok) == ("store", "write", True)
    assert SECRET in house.namespace and SECRET not in repr(told)


async def test_what_is_done_to_conversations_is_told(house: House, told: list[Record]) -> None:
    await house.open()
    asked = await house.ask("what can you do?")
    await house.settle(asked)
    own = asked.conversation
    await house.send(ConversationUpdate(id=new_id(), conversation=own, llm="builtin"))
    await house.send(ConversationUpdate(id=new_id(), conversation=own, title=SECRET))
    await house.send(ConversationDelete(id=new_id(), conversation=own))
    await house.send(ConversationRestore(id=new_id(), conversation=own))
    text = await house.service.archive.export(own, ME, "json")
    await house.service.archive.import_file(text.encode(), ME)
    (await everything_of(house.service.means, ME)).close()
    await house.send(ConversationDelete(id=new_id(), conversation=own, now=True))
    done = [(record.action, record.detail, record.actor) for record in of(told, ConversationRecord)]
    assert done == [
        ("llm_changed", "builtin", "me"),
        ("deleted", "", "me"),
        ("restored", "", "me"),
        ("exported", "json", "me"),
        ("imported", "json", "me"),
        ("exported", "everything", "me"),
        ("erased", "", ""),
        ("deleted", "", "me"),
    ]
    assert SECRET not in repr(told)


class TestHosted:
    @pytest.fixture
    def provider(self) -> Iterator[Provider]:
        with running() as made:
            yield made

    async def test_bytes_that_left_tokens_and_failures(
        self, tmp_path: Path, provider: Provider, background: Background
    ) -> None:
        house = House(tmp_path, background, llm="openai/one", llm_base_url=provider.url)
        told: list[Record] = []
        house.takers.append(told.append)
        await house.open()
        try:
            provider.enqueue(says("fine", usage=(20, 2)))
            accepted = await house.ask(f"hello {SECRET}")
            await house.settle(accepted, 60)
            [sent] = of(told, SentRecord)
            [stored] = await house.service.sent(accepted.turn, ME)  # type: ignore[arg-type]
            assert (sent.llm, sent.level, sent.actor, sent.turn) == ("openai/one", "aggregates", "me", accepted.turn)
            assert abs(sent.bytes - len(json.dumps(stored.body, separators=(",", ":"), ensure_ascii=False))) < 8
            [used] = of(told, LlmUsed)
            assert (used.llm, used.prompt_tokens, used.completion_tokens) == ("openai/one", 20, 2)
            provider.enqueue(fails(401, f"bad key {SECRET}"))
            await house.settle(await house.ask("and now?"), 60)
            assert of(told, LlmFailed) == [LlmFailed(llm="openai/one", fault="llm_bad_key")]
            assert of(told, TurnRecord)[-1].fault == "llm_bad_key"
            assert SECRET not in repr(told)
        finally:
            await house.close()


async def test_nothing_that_a_taker_does_harms_a_turn(house: House) -> None:
    def broken(record: Record) -> None:
        raise OSError("the disk of the audit is full")

    metrics = Metrics()
    house.takers += [broken, metrics.take]
    await house.open()
    accepted = await house.ask("what can you do?")
    await house.settle(accepted)
    assert await house.state(accepted.turn) == "completed"
    assert metrics.registry.get_sample_value("mlchat_messages_total", {"kind": "question"}) == 1


async def test_the_audit_of_a_turn_passes_its_schemas(house: House) -> None:
    stream = io.StringIO()
    house.takers.append(Audit(EventLogger(handlers=[logging.StreamHandler(stream)])).take)
    await house.open()
    await house.settle(await house.call("add", a=1.0))
    kinds = [json.loads(line)["__schema__"].split("/")[-2] for line in stream.getvalue().splitlines()]
    assert kinds == ["turn", "tool", "turn"]


async def test_limits_hold_at_the_one_door(tmp_path: Path) -> None:
    house = House(tmp_path, rate_limit=2, max_message_bytes=400)
    told: list[Record] = []
    house.takers.append(told.append)
    await house.open()
    try:
        for _ in range(2):
            await house.settle(await house.ask("what can you do?"))
        context = Context(kernel=KERNEL, notebook="n.ipynb")
        for command, code in (
            (TurnStart(id=new_id(), text="one more", context=context), Code.RATE_LIMITED),
            (TurnStart(id=new_id(), text="x" * 500, context=context), Code.TOO_LARGE),
        ):
            with pytest.raises(Fault) as caught:
                await house.send(command)
            assert caught.value.code is code
        assert [record.fault for record in of(told, CommandRefused)] == ["rate_limited", "too_large"]
    finally:
        await house.close()


async def test_a_command_sent_again_is_never_one_too_many(tmp_path: Path) -> None:
    house = await House(tmp_path, rate_limit=1).open()
    try:
        command = TurnStart(id=new_id(), text="what can you do?", context=Context(kernel=KERNEL))
        first = await house.send(command)
        assert (await house.send(command)).turn == first.turn
    finally:
        await house.close()


async def test_turns_of_one_person_and_of_all_are_bounded(tmp_path: Path) -> None:
    house = await House(tmp_path, max_turns_per_person=2, max_queued_turns=1, max_active_turns=1, rate_limit=0).open()
    try:
        slow = [await house.call("slow", None, seconds=5.0) for _ in range(2)]
        with pytest.raises(Fault) as mine:
            await house.call("add", a=1.0)
        assert mine.value.code is Code.RATE_LIMITED and mine.value.record.retry_after >= 1
        with pytest.raises(Fault) as full:
            await house.send(TurnStart(id=new_id(), text="and me?"), Caller("another"))
        assert full.value.code is Code.SERVER_BUSY and full.value.record.retryable
        assert house.service.line() == (1, 1)
        assert all(one.turn for one in slow)
    finally:
        await house.close()


async def test_feedback_that_is_switched_off_is_refused(tmp_path: Path) -> None:
    house = await House(tmp_path, disabled_features=["feedback"]).open()
    try:
        accepted = await house.ask("what can you do?")
        await house.settle(accepted)
        with pytest.raises(Fault, match="switched off"):
            await house.send(FeedbackGive(id=new_id(), turn=accepted.turn, score=1))
    finally:
        await house.close()
