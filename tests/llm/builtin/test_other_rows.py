"""The same question about a part of the rows."""

from __future__ import annotations

import pytest
from llm.builtin.talk import TOOLS, Talk

from jupyter_mlchat.protocol.records import ToolInfo

WHOLE = {"model_id": "pipe", "data": "X_test"}


def after(question: str, **kept: object) -> Talk:
    talk = Talk(**kept)
    assert talk.ask(question).calls
    return talk


@pytest.mark.parametrize(
    ("then", "where"),
    [
        ("only those with tenure over 24", "tenure > 24"),
        ("and for customers with tenure below 6?", "tenure < 6"),
        ("only those on the pro plan", 'plan == "Pro"'),
        ("just the ones in Oslo with tenure at least 12", 'city == "Oslo" and tenure >= 12'),
    ],
)
def test_a_whole_frame_is_predicted_again_in_part(then, where):
    heard = after("predict X_test with pipe").ask(then)
    assert heard.calls == [("make_prediction", {**WHOLE, "where": where})]
    assert heard.reading.startswith("the same as before with `pipe` on `X_test` where ")


def test_another_condition_on_the_same_column_stands_instead():
    talk = after("predict X_test with pipe")
    talk.ask("only those with tenure over 24")
    assert talk.ask("and those with tenure under 6?").calls == [
        ("make_prediction", {**WHOLE, "where": "tenure < 6"}),
    ]


def test_a_further_condition_may_mean_those_or_all():
    talk = after("predict X_test with pipe")
    talk.ask("only those with tenure over 24")
    heard = talk.ask("only the pro ones")
    assert [args["where"] for _, args in heard.offers] == ['(tenure > 24) and (plan == "Pro")', 'plan == "Pro"']


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("predict X_test with pipe", "plan = pro"),  # may be one new input
        ("predict X_test with pipe", "only those not on pro"),
        ("predict X_test with pipe", "only those with glorp over 24"),
        ("predict X_test[3] with pipe", "only those with tenure over 24"),
        ("what matters most to pipe?", "only those with tenure over 24"),
    ],
)
def test_what_is_not_certain_is_not_called(first, then):
    assert not after(first).ask(then).calls


@pytest.mark.parametrize("first", ["how good is pipe on X_test?", "where is pipe wrong on X_test?"])
def test_what_is_measured_on_all_rows_is_offered_by_groups(first):
    heard = after(first).ask("only those with tenure over 24")
    assert not heard.calls
    assert heard.offers == [("evaluate_model", {**WHOLE, "by": "tenure"})]


def test_rows_are_offered_not_shown():
    talk = after("show 5 rows of X_test", tools=[*TOOLS, ToolInfo("sample_rows", "", {}, "disclose")])
    heard = talk.ask("only those with tenure over 24")
    assert not heard.calls
    assert heard.offers == [("sample_rows", {"data": "X_test", "n": 5, "where": "tenure > 24"})]
