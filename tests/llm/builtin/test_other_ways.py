"""The same question in another way."""

from __future__ import annotations

import pytest
from llm.builtin.talk import Talk

PIPE = {"model_id": "pipe"}
ROW = {**PIPE, "row": "X_test[3]"}


@pytest.mark.parametrize(
    ("first", "then", "tool", "args"),
    [
        ("what matters most to pipe?", "by permutation?", "get_feature_importance", {**PIPE, "method": "permutation"}),
        ("what matters most to pipe?", "and the least?", "get_feature_importance", {**PIPE, "least": True}),
        ("what matters most to pipe?", "only the top 3", "get_feature_importance", {**PIPE, "top": 3}),
        (
            "permutation importance of pipe on X_test",
            "the top 2",
            "get_feature_importance",
            {**PIPE, "method": "permutation", "data": "X_test", "top": 2},
        ),
        (
            "what would have to change for X_test[3] with pipe?",
            "without changing the plan",
            "find_counterfactual",
            {**ROW, "immutable": ["plan"]},
        ),
        ("how sure is pipe about X_test[3]?", "and at 80 %?", "get_prediction_interval", {**ROW, "level": 0.8}),
        (
            "compare pipe and ship on X_test",
            "by f1?",
            "compare_models",
            {"models": ["pipe", "ship"], "data": "X_test", "metric": "f1"},
        ),
    ],
)
def test_the_last_call_is_offered_with_one_thing_else(first, then, tool, args):
    talk = Talk()
    assert talk.ask(first).calls
    heard = talk.ask(then)
    assert not heard.calls
    assert heard.offers == [(tool, args)]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("how good is pipe?", "the least?"),
        ("what matters most to pipe?", "the top"),
        ("compare pipe and ship on X_test", "by luck?"),
        ("what would have to change for X_test[3] with pipe?", "without changing glorp_x"),
    ],
)
def test_what_says_nothing_new_is_read_by_itself(first, then):
    talk = Talk()
    assert talk.ask(first).calls
    assert talk.ask(then).title != "The same in this way?"
