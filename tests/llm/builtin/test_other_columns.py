"""The same question about another column, or by the groups of one."""

from __future__ import annotations

import pytest
from llm.builtin.talk import Talk

PIPE = {"model_id": "pipe"}
MEASURED = {**PIPE, "data": "X_test"}


@pytest.mark.parametrize(
    ("first", "then", "tool", "args"),
    [
        (
            "how does tenure affect pipe?",
            "and for plan?",
            "get_partial_dependence",
            {**PIPE, "features": ["plan"]},
        ),
        (
            "how does tenure affect pipe?",
            "what about the fee and city",
            "get_partial_dependence",
            {**PIPE, "features": ["monthly_fee", "city"]},
        ),
        ("describe homes", "and price?", "describe_dataframe", {"data": "homes", "columns": ["price"]}),
        ("is pipe fair across plan?", "and for city?", "check_fairness", {**PIPE, "group": "city"}),
        ("how good is pipe on X_test?", "by plan?", "evaluate_model", {**MEASURED, "by": "plan"}),
        ("how good is pipe on X_test?", "split that by city please", "evaluate_model", {**MEASURED, "by": "city"}),
        ("accuracy of pipe by plan", "and for city?", "evaluate_model", {**PIPE, "by": "city"}),
    ],
)
def test_the_last_call_is_said_again_for_another_column(first, then, tool, args):
    talk = Talk()
    assert talk.ask(first).calls
    heard = talk.ask(then)
    assert heard.calls == [(tool, args)]
    assert heard.reading.startswith("the same as before")


def test_what_is_carried_over_is_said():
    talk = Talk()
    talk.ask("how good is pipe on X_test?")
    assert talk.ask("by plan?").reading == "the same as before with `pipe` on `X_test`, by `plan`"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("how does tenure affect pipe?", "and for price?"),  # no input of pipe
        ("how does tenure affect pipe?", "and for tenure, plan and city?"),  # at most two at once
        ("what does pipe need?", "and for plan?"),
        ("predict X_test[3] with pipe", "by plan?"),
        ("how good is pipe on X_test?", "and for plan?"),
        ("help", "by plan?"),
    ],
)
def test_what_is_not_certain_is_not_called(first, then):
    talk = Talk()
    talk.ask(first)
    assert not talk.ask(then).calls


def test_a_follow_up_leans_on_the_last_answer_alone():
    talk = Talk()
    talk.ask("how does tenure affect pipe?")
    assert not talk.ask("what is the weather like?").calls
    assert not talk.ask("and for plan?").calls


def test_one_more_column_beside_two_may_stand_for_either():
    talk = Talk()
    talk.ask("how do tenure and plan affect pipe?")
    offered = [args["features"] for _, args in talk.ask("and for city?").offers]
    assert offered == [["tenure", "city"], ["plan", "city"], ["city"]]


@pytest.mark.parametrize(
    ("first", "offer"),
    [
        ("where is pipe wrong on X_test?", ("evaluate_model", {**MEASURED, "by": "plan"})),
        ("predict X_test with pipe", ("evaluate_model", {**MEASURED, "by": "plan"})),
        ("how does tenure affect pipe?", ("get_partial_dependence", {**PIPE, "features": ["tenure", "plan"]})),
    ],
)
def test_where_there_are_no_groups_the_nearest_is_offered(first, offer):
    talk = Talk()
    talk.ask(first)
    heard = talk.ask("by plan?")
    assert not heard.calls and heard.offers == [offer]
