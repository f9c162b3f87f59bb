"""Reviews: who may ask and decide, that one decision counts, and what is exported of corrections."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from chat.house import ME, House, new_id, only
from chat.talking import Make, make, provider
from provider import Provider, calls, says

from jupyter_mlchat.chat.evaluating.corrections import corrections
from jupyter_mlchat.chat.repeatable import answer_of
from jupyter_mlchat.guard.access import LOCAL, Caller
from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.evaluations import Review
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import KernelId

__all__ = ["make", "provider"]
ANN = Caller("ann", roles=frozenset({"expert"}))
BOB = Caller("bob", roles=frozenset({"admin"}))


async def answered(house: House, provider: Provider, text: str = "It is a forest of 71 trees.") -> e.Accepted:
    provider.enqueue(says(text))
    accepted = await house.ask("what is `clf`?")
    await house.settle(accepted)
    return accepted


async def reviewed(house: House, accepted: e.Accepted, note: str = "") -> Review:
    assert accepted.turn is not None
    await house.send(c.ReviewAsk(id=new_id(), turn=accepted.turn, note=note))
    [review] = await house.service.reviews.list(ANN, 10)
    return review


def decision(review: Review, kind: str, **fields: str) -> c.ReviewDecide:
    return c.ReviewDecide(id=new_id(), review=review.id, decision=kind, **fields)  # type: ignore[arg-type]


class TestAsking:
    async def test_the_owner_asks_and_a_reviewer_sees_question_answer_and_note(
        self, make: Make, provider: Provider
    ) -> None:
        house = await make()
        accepted = await answered(house, provider)
        review = await reviewed(house, accepted, "Not a forest.")
        assert (review.question, review.answer) == ("what is `clf`?", "It is a forest of 71 trees.")
        assert (review.state, review.held, review.note, review.owner) == ("open", False, "Not a forest.", "me")
        asked = only(await house.events(accepted.conversation), e.ReviewAsked)
        assert (asked.review, asked.held, asked.own) == (review.id, False, False)
        assert await house.service.reviews.one(review.id, BOB) == review

    async def test_only_once_only_of_ones_own_and_only_of_an_answer(self, make: Make, provider: Provider) -> None:
        house = await make()
        accepted = await answered(house, provider)
        assert accepted.turn is not None
        command = c.ReviewAsk(id=new_id(), turn=accepted.turn)
        first = await house.send(command)
        assert (await house.send(command)).seq == first.seq, "the same command again is the same review"
        for wrong, code in (
            (c.ReviewAsk(id=new_id(), turn=accepted.turn), Code.CONFLICT),
            (c.ReviewAsk(id=new_id(), turn=(await house.call("add", a=1)).turn), Code.CONFLICT),  # type: ignore[arg-type]
        ):
            with pytest.raises(Fault) as refused:
                await house.send(wrong)
            assert refused.value.code is code
        with pytest.raises(Fault) as foreign:
            await house.send(c.ReviewAsk(id=new_id(), turn=accepted.turn), ANN)
        assert foreign.value.code is Code.NOT_FOUND

    @pytest.mark.parametrize(("policy", "opens"), [("flag", False), ("review", True)])
    async def test_a_thumb_down_opens_one_where_the_policy_says_so(
        self, make: Make, provider: Provider, policy: str, opens: bool
    ) -> None:
        house = await make(failed_answers=policy)
        accepted = await answered(house, provider)
        assert accepted.turn is not None
        for score in (1, -1, -1):
            await house.send(c.FeedbackGive(id=new_id(), turn=accepted.turn, score=score, text="wrong"))
        found = await house.service.reviews.list(ANN, 10)
        assert [(one.reasons, one.note) for one in found] == [(["The person's thumb is down."], "wrong")] * opens

    async def test_a_failed_evaluation_opens_one_where_the_policy_says_so(self, make: Make, provider: Provider) -> None:
        house = await make(evaluations=True, failed_answers="review")
        accepted = await answered(house, provider)
        for _ in range(200):
            if found := await house.service.reviews.list(ANN, 10):
                break
            await asyncio.sleep(0.02)
        assert found[0].reasons == ["grounded (rules): 0 of 1 numbers come from a tool result."]
        assert await house.state(accepted.turn) == "completed", "the answer was told long ago"


class TestDeciding:
    async def test_two_at_once_and_one_of_them_wins(
        self, make: Make, provider: Provider, tmp_path: Path, background: Background, db_url: str
    ) -> None:
        house = await make(db_url=db_url)
        review = await reviewed(house, await answered(house, provider))
        second = House(tmp_path, background, db_url=db_url)
        try:
            await second.open()
            done = await asyncio.gather(
                house.send(decision(review, "approve"), ANN),
                second.send(decision(review, "reject"), BOB),
                return_exceptions=True,
            )
            [lost] = [one for one in done if isinstance(one, Fault)]
            assert lost.code is Code.CONFLICT and "closed: the answer was" in lost.record.message
            told = [x for x in await house.events(review.conversation) if isinstance(x, e.ReviewClosed)]
            assert len(told) == 1
            kept = await house.service.reviews.one(review.id, ANN)
            assert (kept.state, kept.reviewer) == (told[0].outcome, told[0].by)
        finally:
            await second.close()

    async def test_the_same_command_again_is_the_same_decision(self, make: Make, provider: Provider) -> None:
        house = await make()
        review = await reviewed(house, await answered(house, provider))
        command = decision(review, "correct", text="It is a regression.", remark="See the class.")
        first = await house.send(command, ANN)
        assert (await house.send(command, ANN)).seq == first.seq
        closed = only(await house.events(review.conversation), e.ReviewClosed)
        assert (closed.outcome, closed.text, closed.remark, closed.by) == (
            "corrected",
            "It is a regression.",
            "See the class.",
            "ann",
        )

    @pytest.mark.parametrize(("kind", "text"), [("correct", " "), ("approve", "Better."), ("reject", "Better.")])
    async def test_only_a_correction_has_a_text(self, make: Make, provider: Provider, kind: str, text: str) -> None:
        house = await make()
        review = await reviewed(house, await answered(house, provider))
        with pytest.raises(Fault) as refused:
            await house.send(decision(review, kind, text=text), ANN)
        assert (refused.value.code, refused.value.record.about) == (Code.INVALID_INPUT, "text")

    async def test_who_may(self, make: Make, provider: Provider) -> None:
        house = await make()
        review = await reviewed(house, await answered(house, provider))
        may = {ANN: True, BOB: True, Caller(LOCAL): True, ME: False}
        may |= {Caller(LOCAL, "kernel", KernelId("here")): False, Caller(LOCAL, "agent", agent="robot"): False}
        may |= {Caller("me", "kernel", KernelId("here"), roles=frozenset({"admin"})): False}
        for caller, is_permitted in may.items():
            wanted = [
                house.service.reviews.list(caller, 10),
                house.service.reviews.one(review.id, caller),
                corrections(house.service.means, caller, 10),
                house.send(decision(review, "correct"), caller),
            ]
            said = await asyncio.gather(*wanted, return_exceptions=True)
            codes = [one.code if isinstance(one, Fault) else None for one in said]
            # The decision itself has no text, which is looked at after the right to decide.
            assert codes == ([None, None, None, Code.INVALID_INPUT] if is_permitted else [Code.FORBIDDEN] * 4)

    async def test_of_a_deleted_conversation_there_is_none(self, make: Make, provider: Provider) -> None:
        house = await make()
        review = await reviewed(house, await answered(house, provider))
        await house.send(c.ConversationDelete(id=new_id(), conversation=review.conversation))
        assert await house.service.reviews.list(ANN, 10) == []
        with pytest.raises(Fault) as gone:
            await house.send(decision(review, "approve"), ANN)
        assert gone.value.code is Code.NOT_FOUND


async def test_what_is_told_of_a_turn_later_is_what_the_last_word_on_it_was(make: Make, provider: Provider) -> None:
    house = await make()
    accepted = await answered(house, provider)
    assert accepted.turn is not None
    await house.send(decision(await reviewed(house, accepted), "correct", text="It is a regression."), ANN)
    told = await house.service.journal.read_turn(accepted.turn)
    assert answer_of(told) == "It is a regression."
    await house.send(decision(await reviewed(house, accepted), "reject"), ANN)
    assert answer_of(await house.service.journal.read_turn(accepted.turn)) == ""


class TestCorrections:
    async def test_are_chat_pairs_with_what_a_provider_saw(self, make: Make, provider: Provider) -> None:
        house = await make(evaluations=True)
        provider.enqueue(calls(("add", {"a": 2}), ids=["c1"]), says("It is 4; ask ann@example.org."))
        accepted = await house.ask("sum?")
        await house.settle(accepted)
        review = await reviewed(house, accepted)
        await house.send(decision(review, "correct", text="It is 3."), ANN)
        found, left_out = await corrections(house.service.means, ANN, 10)
        assert left_out == 0
        [pair] = found
        assert [message["role"] for message in pair.messages] == ["user", "assistant", "tool"]
        assert json.loads(pair.messages[-1]["content"])["data"] == {"sum": 3.0}
        assert (pair.rejected, pair.chosen) == ("It is 4; ask [email].", "It is 3.")

    async def test_what_was_worded_here_or_at_a_wider_level_is_left_out(self, make: Make, provider: Provider) -> None:
        house = await make(evaluations=True)
        here = await house.ask("what is clf?", llm="builtin")
        await house.settle(here)
        await house.send(decision(await reviewed(house, here), "correct", text="A regression."), ANN)
        wider = await answered(house, provider)
        await house.send(decision(await reviewed(house, wider), "correct", text="A regression of 2."), ANN)
        assert [len((await corrections(house.service.means, ANN, 10))[0])] == [1]
        house.settings.privacy_floor = "schema"
        assert await corrections(house.service.means, ANN, 10) == ([], 2)
