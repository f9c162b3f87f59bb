"""What was said of a variable before it was hidden is not told to a provider again."""

from __future__ import annotations

import json
from typing import Any

from jupyter_mlchat.guard.hidden import WITHHELD, without


def call(arguments: dict[str, Any]) -> dict[str, Any]:
    function = {"name": "describe_dataframe", "arguments": json.dumps(arguments)}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]}


MESSAGES = [
    {"role": "system", "content": "Dataframes: wages"},
    {"role": "user", "content": "describe wages"},
    call({"data": "wages"}),
    {"role": "tool", "tool_call_id": "1", "content": '{"data":{"id":"wages","rows":3}}'},
    {"role": "assistant", "content": "`wages` has 3 rows."},
    {"role": "user", "content": "and df?"},
    call({"data": "df"}),
    {"role": "tool", "tool_call_id": "1", "content": '{"data":{"id":"df","columns":["minimum_wages"]}}'},
    {"role": "assistant", "content": "It has a column."},
]


def test_results_calls_and_answers_that_speak_of_it_are_withheld_whole() -> None:
    told = without(MESSAGES, ["wages"])
    assert [m["role"] for m in told] == [m["role"] for m in MESSAGES]
    assert told[:2] == MESSAGES[:2] and told[5:] == MESSAGES[5:]
    assert told[2]["tool_calls"][0]["function"] == {"name": "describe_dataframe", "arguments": "{}"}
    assert json.loads(told[3]["content"]) == {"withheld": WITHHELD} and told[4]["content"] == WITHHELD


def test_nothing_hidden_changes_nothing() -> None:
    assert without(MESSAGES, []) == MESSAGES


def test_a_short_name_is_no_word_of_prose() -> None:
    said = [{"role": "assistant", "content": "a result of a model"}, {"role": "assistant", "content": "`a` has rows"}]
    assert [m["content"] for m in without(said, ["a"])] == ["a result of a model", WITHHELD]
