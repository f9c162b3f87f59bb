"""A/B by conversation: who is drawn, that it is told, and what comes of it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from chat.house import ME, House, new_id, only
from chat.talking import Make, make, provider
from provider import Provider, says

from jupyter_mlchat.chat.experiments import Declared, interval
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.evaluations import Measured
from jupyter_mlchat.protocol.faults import Code, Fault

__all__ = ["make", "provider"]
ANN = Caller("ann", roles=frozenset({"expert"}))
TONE = {"tone": {"prompt": ["analyst", "terse"]}}
WHICH = {"which": {"llm": ["openai/a", "openai/b"]}}


WRONG: list[dict[str, Any]] = [
    {"x": {"prompt": ["analyst"]}},
    {"x": {"prompt": ["analyst", "analyst"]}},
    {"x": {"prompt": ["analyst", ""]}},
    {"x": {"colour": ["red", "blue"]}},
    {"x": {"prompt": ["analyst", "terse"], "llm": ["a/a", "b/b"]}},
    {"x": "analyst or terse"},
    {"": {"prompt": ["analyst", "terse"]}},
    {"x": {"prompt": ["analyst", "nobody-wrote-this"]}},
    {"x": {"llm": ["openai/a", "openai/forbidden"]}},
]


async def begun(house: House, **fields: Any) -> tuple[e.Accepted, list[e.AnyEvent]]:
    """A first question in a new conversation, answered."""
    opened = await house.send(c.ConversationOpen(id=new_id(), new=True))
    question = f"what is {opened.conversation}?"
    accepted = await house.ask(question, conversation=opened.conversation, **fields)
    await house.settle(accepted)
    return accepted, await house.events(opened.conversation)


def assigned(events: list[e.AnyEvent]) -> list[e.ExperimentAssigned]:
    return [event for event in events if isinstance(event, e.ExperimentAssigned)]


def of(measured: list[Measured], name: str) -> Measured:
    [found] = [one for one in measured if one.name == name]
    return found


class TestDrawing:
    def test_is_the_same_for_the_same_conversation_and_even_over_many(self) -> None:
        one, other = Declared("tone", "prompt", ("a", "b")), Declared("which", "llm", ("a", "b"))
        ids = [f"{number:032x}" for number in range(2000)]
        drawn = [one.arm(each) for each in ids]
        assert drawn == [one.arm(each) for each in ids]
        assert 900 < sum(drawn) < 1100
        assert 900 < sum(a == b for a, b in zip(drawn, [other.arm(each) for each in ids], strict=True)) < 1100

    async def test_it_is_told_and_kept_and_decides_who_answers(self, make: Make, provider: Provider) -> None:
        house = await make(experiments=WHICH)
        provider.enqueue(*[says("It is a tree.")] * 2)
        accepted, events = await begun(house)
        [told] = assigned(events)
        side = Declared("which", "llm", ("openai/a", "openai/b")).arm(accepted.conversation)
        assert (told.arm, told.llm, told.prompt) == ("AB"[side], f"openai/{'ab'[side]}", "")
        assert f"its llm is {told.llm} (side {told.arm})" in told.text
        assert told.seq < only(events, e.Message).seq, "before the first question is answered"
        assert only(events, e.TurnStarted).llm == told.llm
        info = await house.service.conversations.own(accepted.conversation, ME)
        assert info.llm == told.llm
        await house.settle(await house.ask("and now?", conversation=accepted.conversation))
        later = await house.events(accepted.conversation)
        assert len(assigned(later)) == 1
        assert {x.llm for x in later if isinstance(x, e.TurnStarted)} == {told.llm}

    async def test_two_first_questions_at_once_are_on_one_side(self, make: Make, provider: Provider) -> None:
        house = await make(experiments=WHICH)
        provider.enqueue(*[says("It is a tree.")] * 2)
        opened = await house.send(c.ConversationOpen(id=new_id(), new=True))
        both = [house.ask(text, conversation=opened.conversation) for text in ("what?", "why?")]
        for accepted in await asyncio.gather(*both):
            assert only(await house.settle(accepted), e.TurnEnded).state == "completed"
        assert len({one.arm for one in assigned(await house.events(opened.conversation))}) == 1

    async def test_who_chooses_takes_no_part(self, make: Make, provider: Provider) -> None:
        house = await make(experiments=WHICH)
        provider.enqueue(*[says("It is a tree.")] * 3)
        _, chosen = await begun(house, llm="openai/mine")
        assert assigned(chosen) == []
        opened = await house.send(c.ConversationOpen(id=new_id(), new=True))
        update = c.ConversationUpdate(id=new_id(), conversation=opened.conversation, llm="openai/mine")
        await house.send(update)
        await house.settle(await house.ask("what?", conversation=opened.conversation))
        assert assigned(await house.events(opened.conversation)) == []

    async def test_a_conversation_that_goes_on_is_not_drawn_for(self, make: Make, provider: Provider) -> None:
        house = await make()
        provider.enqueue(*[says("It is a tree.")] * 2)
        accepted, _ = await begun(house)
        house.settings.experiments = TONE
        await house.settle(await house.ask("and now?", conversation=accepted.conversation))
        assert assigned(await house.events(accepted.conversation)) == []

    async def test_one_that_is_none_keeps_nobody_from_an_answer(
        self, make: Make, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        house = await make(blocked_llms=["openai/forbidden"])
        for wrong in WRONG:
            house.settings.experiments = wrong
            provider.enqueue(says("It is a tree."))
            caplog.clear()
            with caplog.at_level(logging.WARNING):
                _, events = await begun(house)
            assert only(events, e.TurnEnded).state == "completed"
            assert assigned(events) == [], wrong
            assert "mlchat: no experiment" in caplog.text, wrong


class TestResults:
    async def test_are_by_arm_with_an_interval_over_conversations(
        self, make: Make, provider: Provider, db_url: str
    ) -> None:
        house = await make(experiments=TONE, evaluations=True, db_url=db_url)
        drawn: dict[str, int] = {"A": 0, "B": 0}
        up = 0
        for number in range(20):
            provider.enqueue(says("It is a tree of 71 leaves.", usage=(10 * number, 5)))
            accepted, events = await begun(house)
            arm = assigned(events)[0].arm
            drawn[arm] += 1
            if arm == "A" and drawn["A"] <= 2:
                score = 1 if drawn["A"] == 1 else -1
                up += score > 0
                assert accepted.turn is not None
                await house.send(c.FeedbackGive(id=new_id(), turn=accepted.turn, score=score))
            if min(drawn.values()) >= 2:
                break
        await house.service.evaluating.idle.wait()
        experiment = await house.service.experiments.one("tone", ANN)
        assert await house.service.experiments.results(ANN) == [experiment]
        first, second = experiment.arms
        assert (experiment.of, first.value, second.value) == ("prompt", "analyst", "terse")
        assert (first.conversations, first.answers) == (drawn["A"], drawn["A"])
        assert (second.conversations, second.answers) == (drawn["B"], drawn["B"])
        thumbs = of(first.measured, "thumbs_up")
        assert (thumbs.conversations, thumbs.mean) == (2, 0.5)
        assert of(second.measured, "thumbs_up") == Measured(
            name="thumbs_up", conversations=0, mean=None, low=None, high=None
        )
        for arm in experiment.arms:
            assert of(arm.measured, "grounded").mean == 0.0 and of(arm.measured, "flagged").mean == 1.0
            tokens, took = of(arm.measured, "tokens"), of(arm.measured, "elapsed_ms")
            assert tokens.low is not None and tokens.mean is not None and tokens.high is not None
            assert tokens.low < tokens.mean < tokens.high
            assert took.mean is not None and took.mean > 0
            assert of(arm.measured, "cost").mean is None, "a server of one's own has no price"

    async def test_are_for_reviewers(self, make: Make) -> None:
        house = await make(experiments=TONE)
        for wanted in (house.service.experiments.results(ME), house.service.experiments.one("tone", ME)):
            with pytest.raises(Fault) as refused:
                await wanted
            assert refused.value.code is Code.FORBIDDEN
        with pytest.raises(Fault) as unknown:
            await house.service.experiments.one("nothing", ANN)
        assert unknown.value.code is Code.NOT_FOUND

    @pytest.mark.parametrize(
        ("numbers", "half"),
        [([1.0, 3.0], 12.706), ([1.0, 2.0, 3.0], 2.484), ([float(n) for n in range(31)], 3.3347)],
    )
    def test_the_interval_is_students(self, numbers: list[float], half: float) -> None:
        """Half widths as scipy.stats.t.interval gives them."""
        low, high = interval(numbers)
        mean = sum(numbers) / len(numbers)
        assert low == pytest.approx(mean - half, rel=2e-3, abs=5e-3) and high == pytest.approx(
            mean + half, rel=2e-3, abs=5e-3
        )

    def test_one_number_has_no_interval(self) -> None:
        assert interval([1.0]) == interval([]) == (None, None)
