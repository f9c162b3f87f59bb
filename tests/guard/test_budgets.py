"""Limits that stop a call before it is made, and the count of what calls took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_mlchat.guard.budgets import Budget, Purse, Spent, budgets_of, check, estimated_tokens, money
from jupyter_mlchat.llm.base import CancelToken, LlmRequest, NoticePart, Part, TextPart, UsagePart
from jupyter_mlchat.llm.meter import Meter
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Usage
from jupyter_mlchat.settings import MLChat

REQUEST = LlmRequest([{"role": "user", "content": "x" * 400}])


def price(prompt: int, completion: int) -> float:
    return 0.001 * prompt + 0.01 * completion


class Paid:
    """An llm of this test; it may end without a word about what it took."""

    name, local = "acme/one", False

    def __init__(self, *parts: Part, fault: Fault | None = None) -> None:
        self.parts, self.fault, self.asked = parts, fault, 0

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        self.asked += 1
        yield from self.parts
        if self.fault is not None:
            raise self.fault


def purse(llm: Paid, *budgets: Budget, meter: Meter | None = None, announce: int | None = None) -> Purse:
    return Purse(llm, price, budgets, dict, meter or Meter(), announce)


@pytest.mark.parametrize(
    ("budget", "spent", "message", "hint"),
    [
        (
            Budget("day", tokens=1000),
            Spent(950, 0.0),
            "acme/one was not asked: the budget of a day is 1,000 tokens, of which 950 are spent, and this call begins "
            "with about 100.",
            "Go on tomorrow, use the llm `builtin`, or raise AI_BUDGET_DAY_TOKENS.",
        ),
        (
            Budget("conversation", usd=0.5),
            Spent(0, 0.45),
            "acme/one was not asked: the budget of a conversation is $0.5, of which $0.45 are spent, and this call "
            "begins with about $0.1.",
            "Begin a new conversation (`%chat new`), use the llm `builtin`, or raise AI_BUDGET_CONVERSATION_USD.",
        ),
        (
            Budget("turn", tokens=0),
            Spent(),
            "acme/one was not asked: the budget of a question is 0 tokens, so no language model is called.",
            "Use the llm `builtin`, or raise AI_BUDGET_TURN_TOKENS.",
        ),
        (
            Budget("day", usd=0.0),
            Spent(),
            "acme/one was not asked: the budget of a day is $0.00, so nothing that may cost money is called.",
            "Use the llm `builtin`, or raise AI_BUDGET_DAY_USD.",
        ),
    ],
)
def test_a_call_that_would_pass_a_budget_is_a_fault_that_names_it(
    budget: Budget, spent: Spent, message: str, hint: str
) -> None:
    with pytest.raises(Fault) as caught:
        check([budget], {budget.scope: spent}, "acme/one", 100, 0.1)
    assert (caught.value.code, caught.value.record.message, caught.value.record.hint) == (
        Code.LLM_BUDGET,
        message,
        hint,
    )
    # Only a day goes by by itself, and brings nothing where nothing is permitted.
    waits = budget.scope == "day" and bool(budget.tokens)
    assert (0 < caught.value.record.retry_after <= 24 * 3600) is waits


def test_what_is_left_may_be_spent_and_what_is_free_costs_nothing() -> None:
    check([Budget("day", tokens=1000, usd=1.0)], {"day": Spent(900, 0.9)}, "acme/one", 100, 0.1)
    check([Budget("day", usd=0.0)], {}, "ollama_chat/x", 100, 0.0)
    check([Budget("day", usd=1.0)], {"day": Spent(10**9, 0.0)}, "openai/own", 100, None)
    with pytest.raises(Fault, match="may cost money"):
        check([Budget("day", usd=0.0)], {}, "openai/own", 100, None)


@pytest.mark.parametrize("value", ["-1", "much", "nan", "inf", "1,000"])
def test_a_budget_that_is_no_number_stops_rather_than_lifts_the_limit(value: str) -> None:
    with pytest.raises(Fault, match="AI_BUDGET_DAY_USD") as caught:
        budgets_of(MLChat(environment={"AI_BUDGET_DAY_USD": value}))
    assert caught.value.code is Code.INVALID_INPUT


def test_budgets_come_of_settings_or_variables() -> None:
    assert budgets_of(MLChat(environment={})) == []
    environment = {"AI_BUDGET_DAY_USD": "2.5", "AI_BUDGET_TURN_TOKENS": "0"}
    settings = MLChat(environment=environment, budget_day_usd=1.0)
    assert budgets_of(settings) == [Budget("turn", tokens=0), Budget("day", usd=1.0)]


def test_nothing_is_asked_of_an_llm_whose_budget_is_spent() -> None:
    llm = Paid(TextPart("hi"))
    with pytest.raises(Fault):
        list(purse(llm, Budget("turn", tokens=estimated_tokens(REQUEST) - 1)).stream(REQUEST, CancelToken()))
    assert llm.asked == 0
    assert list(purse(llm, Budget("turn", tokens=estimated_tokens(REQUEST))).stream(REQUEST, CancelToken()))


def test_a_long_question_is_announced_once_with_its_price() -> None:
    paying = purse(Paid(TextPart("hi")), announce=50)
    tokens = estimated_tokens(REQUEST)
    first, second = (list(paying.stream(REQUEST, CancelToken())) for _ in range(2))
    assert first[0] == NoticePart(
        f"This question goes to acme/one with about {tokens} tokens, {money(price(tokens, 0))}, before its answer. "
        "`%chat new` begins without the earlier turns.",
        "estimate",
    )
    assert not [part for part in second if isinstance(part, NoticePart)]
    assert list(purse(Paid(), announce=tokens + 1).stream(REQUEST, CancelToken())) == []


class TestCounting:
    def used(self, llm: Paid, **more: Any) -> list[Usage]:
        parts: list[Part] = []
        try:
            for part in purse(llm, **more).stream(REQUEST, CancelToken()):
                parts.append(part)
        except Fault:
            assert llm.fault is not None
        return [part.usage for part in parts if isinstance(part, UsagePart)]

    def test_what_the_provider_says_is_taken_with_its_time(self) -> None:
        [usage] = self.used(Paid(TextPart("hi"), UsagePart(Usage("acme/one", 3, 4, 0.5))))
        assert (usage.prompt_tokens, usage.completion_tokens, usage.cost, usage.estimated) == (3, 4, 0.5, False)
        assert usage.elapsed_ms >= 0

    def test_of_an_answer_that_was_cut_or_silent_about_it_there_is_an_estimate(self) -> None:
        cut = Fault(Code.LLM_CUT, "cut")
        prompt = estimated_tokens(REQUEST)
        for llm in (Paid(TextPart("a" * 40), fault=cut), Paid(TextPart("a" * 20), TextPart("a" * 20))):
            [usage] = self.used(llm)
            assert (usage.prompt_tokens, usage.completion_tokens, usage.estimated) == (prompt, 10, True)
            assert usage.cost == price(prompt, 10)

    def test_a_call_without_a_word_took_nothing(self) -> None:
        assert self.used(Paid(fault=Fault(Code.LLM_BAD_KEY, "no"))) == []

    def test_one_that_was_stopped_is_in_the_meter_once(self) -> None:
        meter = Meter()
        parts = purse(Paid(TextPart("a" * 40), TextPart("never")), meter=meter).stream(REQUEST, CancelToken())
        next(parts)
        parts.close()  # type: ignore[attr-defined]
        usage = meter.unreported()
        assert usage is not None and usage.completion_tokens == 10
        assert meter.unreported() is None
