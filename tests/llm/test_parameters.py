"""Bounds of parameters, and what of them a provider is sent."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlchat.llm.parameters import MAX_SYSTEM, bounds, changed, check, sent_to
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import NO_PARAMETERS, Parameters

GPT, CLAUDE = "openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-6"


@pytest.mark.parametrize(
    ("llm", "name", "value", "said"),
    [
        (GPT, "temperature", 2.1, "a number from 0 to 2 for openai"),
        (GPT, "temperature", -0.1, "a number from 0 to 2"),
        (GPT, "temperature", float("nan"), "a number from 0 to 2"),
        (GPT, "temperature", float("inf"), "a number from 0 to 2"),
        (GPT, "temperature", "hot", "a number from 0 to 2"),
        (GPT, "temperature", True, "a number from 0 to 2"),
        (GPT, "temperature", [0.5], "a number from 0 to 2"),
        (CLAUDE, "temperature", 1.5, "a number from 0 to 1 for anthropic"),
        ("mistral/mistral-medium-latest", "temperature", 1.6, "a number from 0 to 1.5"),
        (GPT, "max_tokens", 0, "a whole number from 1 to 200,000"),
        (GPT, "max_tokens", 10**400, "a whole number from 1 to 200,000"),
        (GPT, "max_tokens", 12.5, "a whole number from 1 to 200,000"),
        (GPT, "top_p", 1.01, "a number from 0 to 1"),
        (CLAUDE, "top_k", 0, "a whole number from 1 to 1,000"),
        (CLAUDE, "top_k", -3, "a whole number from 1 to 1,000"),
    ],
)
def test_what_is_absurd_is_refused_with_the_bounds(llm: str, name: str, value: Any, said: str) -> None:
    with pytest.raises(Fault) as caught:
        changed(NO_PARAMETERS, {name: value}, llm)
    record = caught.value.record
    assert (record.code, record.about) == (Code.INVALID_INPUT, name)
    assert record.message.startswith(f"`{name}` is {said}")
    assert f"{name}=default" in record.hint


@pytest.mark.parametrize("value", ["", "   ", "x" * (MAX_SYSTEM + 1), 7, ["be kind"]])
def test_wishes_are_a_text_of_some_length(value: Any) -> None:
    with pytest.raises(Fault, match="`system`"):
        changed(NO_PARAMETERS, {"system": value}, GPT)


def test_an_unknown_parameter_is_refused_with_those_there_are() -> None:
    with pytest.raises(Fault, match="no parameter 'temprature'") as caught:
        changed(NO_PARAMETERS, {"temprature": 1}, GPT)
    assert caught.value.record.hint == "There are: temperature, max_tokens, top_p, top_k, system."


def test_what_is_named_changes_and_null_takes_it_back() -> None:
    first = changed(NO_PARAMETERS, {"temperature": 0.7, "max_tokens": 64.0, "system": " In German. "}, GPT)
    assert first == Parameters(temperature=0.7, max_tokens=64, system="In German.")
    assert changed(first, {"temperature": None, "top_p": 0.9}, GPT) == Parameters(
        max_tokens=64, top_p=0.9, system="In German."
    )


def test_what_was_chosen_for_another_llm_is_refused_before_it_is_sent() -> None:
    chosen = changed(NO_PARAMETERS, {"temperature": 1.8}, GPT)
    check(chosen, GPT)
    check(chosen, "builtin")
    with pytest.raises(Fault, match="from 0 to 1 for anthropic"):
        check(chosen, CLAUDE)


def test_only_what_a_provider_takes_is_sent() -> None:
    chosen = Parameters(temperature=0.7, top_k=40)
    assert sent_to(GPT, chosen, 0.1, 4096) == {"temperature": 0.7, "max_tokens": 4096}
    assert sent_to(CLAUDE, chosen, 0.1, 4096) == {"temperature": 0.7, "max_tokens": 4096, "top_k": 40}
    assert not [bound for bound in bounds("builtin") if bound.taken]
    assert [bound.name for bound in bounds("external/bot") if not bound.taken] == ["top_k"]


def test_what_is_too_much_for_one_that_steps_in_is_left_out() -> None:
    assert sent_to(CLAUDE, Parameters(temperature=1.8), 0.1, 9) == {"temperature": 0.1, "max_tokens": 9}


def test_a_top_p_is_sent_without_a_temperature_that_nobody_chose() -> None:
    assert sent_to(CLAUDE, Parameters(top_p=0.9), 0.1, 9) == {"top_p": 0.9, "max_tokens": 9}
    both = sent_to(GPT, Parameters(top_p=0.9, temperature=0.5), 0.1, 9)
    assert both == {"top_p": 0.9, "temperature": 0.5, "max_tokens": 9}
