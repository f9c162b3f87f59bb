from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlchat.agent.memory import messages_from, tool_text, turn_messages
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.records import (
    AttemptId,
    Form,
    Issue,
    Offer,
    ToolResult,
    Truncated,
    TurnId,
)

RESULT = ToolResult(True, {"models": ["pipe"]})


def turn(number: int, *events: tuple[type[e.Event], dict[str, Any]]) -> list[e.Event]:
    ids = {"turn": TurnId(f"t{number}"), "attempt": AttemptId("a1")}
    asked = e.Message(text=f"question {number}", turn=ids["turn"])
    return [asked, *(kind(**{**ids, **values}) for kind, values in events)]


def called(call: str, **args: Any) -> tuple[type[e.Event], dict[str, Any]]:
    return e.ToolCalled, {"call": call, "tool": "list_models", "args": args}


def returned(call: str, result: ToolResult = RESULT) -> tuple[type[e.Event], dict[str, Any]]:
    return e.ToolReturned, {"call": call, "tool": "list_models", "result": result}


def said(text: str, **values: Any) -> tuple[type[e.Event], dict[str, Any]]:
    return e.TextSnapshot, {"text": text, "final": True, **values}


STARTED = (e.TurnStarted, {"llm": "x"})
ENDED = (e.TurnEnded, {"state": "completed"})


def shape(messages: list[dict[str, Any]]) -> list[Any]:
    return [[c["id"] for c in m["tool_calls"]] if m.get("tool_calls") else (m["role"], m["content"]) for m in messages]


def test_a_turn_with_a_tool() -> None:
    events = turn(1, STARTED, called("c1", status_filter="all"), returned("c1"), said("one"), ENDED)
    messages = turn_messages(events)
    assert shape(messages) == [
        ("user", "question 1"),
        ["c1"],
        ("tool", '{"ok":true,"data":{"models":["pipe"]}}'),
        ("assistant", "one"),
    ]
    assert messages[1]["content"] is None
    assert messages[1]["tool_calls"][0]["function"] == {
        "name": "list_models",
        "arguments": '{"status_filter":"all"}',
    }
    assert messages[2]["tool_call_id"] == "c1"


def test_calls_made_together_are_one_message_and_later_ones_another() -> None:
    events = turn(1, called("a"), called("b"), returned("b"), returned("a"), called("c"), returned("c"))
    messages = turn_messages(events)
    assert [m.get("tool_call_id") or shape([m])[0] for m in messages[1:]] == [
        ["a", "b"],
        "a",
        "b",
        ["c"],
        "c",
    ]


def test_a_call_that_never_returned_has_a_message_too() -> None:
    events = turn(1, called("a"), called("b"), returned("a"), (e.TurnEnded, {"state": "cancelled"}))
    assert shape(turn_messages(events))[2:] == [
        ("tool", '{"ok":true,"data":{"models":["pipe"]}}'),
        ("tool", "(not run)"),
        ("assistant", "(no answer: cancelled)"),
    ]


def test_a_call_told_again_after_a_form_is_one_call_with_its_last_arguments() -> None:
    events = turn(1, STARTED, called("a", x=1), STARTED, called("a", x=1, y=2), returned("a"))
    messages = turn_messages(events)
    assert len(messages) == 3
    assert json.loads(messages[1]["tool_calls"][0]["function"]["arguments"]) == {"x": 1, "y": 2}


def test_thinking_snapshots_and_unfinished_text_stay_out() -> None:
    events = turn(1, said("aloud", kind="thinking"), said("ha", final=False), said("half"), ENDED)
    assert shape(turn_messages(events))[1:] == [("assistant", "half")]


def test_the_text_of_a_failed_attempt_is_not_what_the_next_one_continues() -> None:
    failed = (e.TurnEnded, {"state": "failed"})
    events = turn(1, STARTED, called("a"), returned("a"), said("cut off he"), failed, STARTED)
    assert shape(turn_messages(events)) == [
        ("user", "question 1"),
        ["a"],
        ("tool", tool_text(RESULT, local=False)),
    ]


def test_a_tool_called_by_the_person_and_a_word_of_an_expert() -> None:
    direct = [event for event in turn(1, called("a"), returned("a"), ENDED) if not isinstance(event, e.Message)]
    assert shape(turn_messages(direct))[0] == ("user", "(I called a tool myself.)")
    expert = [e.Message(text="use rf", role="expert", turn=TurnId("t"))]
    assert shape(turn_messages(expert)) == [("assistant", "(a human expert:) use rf")]


def test_the_window_counts_turns_and_feedback_is_no_turn_of_its_own() -> None:
    events = [event for n in range(5) for event in turn(n, said(f"answer {n}"), ENDED)]
    events.append(e.FeedbackGiven(score=1, turn=TurnId("t1")))
    events.append(e.Notice(text="not of a turn"))
    assert [m["content"] for m in messages_from(events, window=2)] == [
        "question 3",
        "answer 3",
        "question 4",
        "answer 4",
    ]
    assert len(messages_from(events, window=0)) == 2


LONG = ToolResult(True, {"rows": ["x" * 50] * 100})


def with_results(turns: int) -> list[e.Event]:
    return [ev for n in range(turns) for ev in turn(n, called(f"c{n}"), returned(f"c{n}", LONG), said("a"), ENDED)]


def results(messages: list[dict[str, Any]]) -> list[str]:
    return [message["content"] for message in messages if message["role"] == "tool"]


def test_results_of_older_turns_are_told_in_short_and_those_of_the_last_two_whole() -> None:
    told = results(messages_from(with_results(4), window=9))
    assert [len(text) > 600 for text in told] == [False, False, True, True]
    assert json.loads(told[0])["shortened"] is True
    assert json.loads(told[3])["data"] == LONG.data


def test_the_built_in_engine_reads_older_turns_whole() -> None:
    told = results(messages_from(with_results(4), window=9, local=True))
    assert {len(text) for text in told} == {len(told[3])}


def test_what_was_told_once_begins_what_is_told_next() -> None:
    """A provider that keeps a beginning finds it again, up to the turn that was the last but one."""
    before, after = (messages_from(with_results(n), window=9) for n in (5, 6))
    shared = next(at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    assert shared == 4 * 3 + 2, "all messages up to the result that is told in short from now on"


def test_results_are_shortened_before_turns_are_left_out() -> None:
    events = with_results(4)
    whole = messages_from(events, window=9)
    shorter = messages_from(events, window=9, max_bytes=10_000)
    assert [m["role"] for m in shorter] == [m["role"] for m in whole]
    assert [len(text) > 600 for text in results(shorter)] == [False, False, False, True]
    fewer = messages_from(events, window=9, max_bytes=10)
    assert [m["content"] for m in fewer] == [m["content"] for m in whole[-4:]]


TURNS = st.lists(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(("call", "return", "say", "start", "end"))),
        max_size=8,
    ),
    min_size=1,
    max_size=5,
)


@given(TURNS, st.integers(0, 6), st.integers(0, 3_000))
@settings(max_examples=200, deadline=None)
def test_whatever_happened_every_call_has_its_message(
    turns: list[list[tuple[str, str]]], window: int, max_bytes: int
) -> None:
    made = {
        "call": lambda c: called(c, v="x" * 40),
        "return": lambda c: returned(c, ToolResult(True, {"v": "y" * 1000})),
        "say": said,
        "start": lambda c: STARTED,
        "end": lambda c: ENDED,
    }
    events = [
        event
        for number, steps in enumerate(turns)
        for event in turn(number, *(made[kind](f"{c}{number}") for c, kind in steps))
    ]
    open_calls: list[str] = []
    for message in messages_from(events, window=window, max_bytes=max_bytes):
        if message["role"] == "tool":
            assert message["tool_call_id"] == open_calls.pop(0)
            continue
        assert open_calls == []
        open_calls = [call["id"] for call in message.get("tool_calls", ())]
    assert open_calls == []


def test_a_result_holds_what_may_leave_and_nothing_else() -> None:
    result = ToolResult(
        ok=False,
        data={"columns": ["age"]},
        local={"columns": ["age"], "rows": [["Ada", 36]]},
        issues=[Issue("missing", "no age", column="age")],
        warnings=["old sklearn"],
        truncated=Truncated(1, 9),
        form=Form("Which?", offers=[Offer("x", "y")]),
        display_ref="d1",
        code="print(secret)",
        fault={"code": "invalid_input", "message": "m", "hint": "", "about": ""},
    )
    assert json.loads(tool_text(result, local=False)) == {
        "ok": False,
        "data": {"columns": ["age"]},
        "truncated": {"shown": 1, "total": 9},
        "issues": [{"code": "missing", "message": "no age", "column": "age"}],
        "warnings": ["old sklearn"],
        "fault": {"code": "invalid_input", "message": "m"},
    }
    assert json.loads(tool_text(result, local=True))["data"] == result.local


def test_floats_that_leave_have_ten_digits() -> None:
    result = ToolResult(True, {"p": [0.12345678901234567, 1e300, 3, True]})
    assert json.loads(tool_text(result, local=False))["data"] == {"p": [0.123456789, 1e300, 3, True]}
    assert json.loads(tool_text(result, local=True))["data"] == result.data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=50,
)


@given(st.dictionaries(st.text(min_size=1), JSON), st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_a_result_is_json_of_at_most_8000_bytes(data: dict[str, Any], times: int) -> None:
    text = tool_text(ToolResult(True, {"data": [data] * times}, warnings=["é" * 5000]), local=False)
    assert len(text.encode()) <= 8_000
    assert json.loads(text)["ok"] is True


def test_what_the_built_in_engine_worded_stays_with_the_person() -> None:
    """It words local data: a category that must not leave would leave with the next question to a provider."""
    here = (e.TurnStarted, {"llm": "builtin"})
    events = turn(1, here, called("c1"), returned("c1"), said("`plan`: secret 3 times"), ENDED)
    sent = turn_messages(events)
    assert "secret" not in json.dumps(sent)
    assert sent[-1] == {"role": "assistant", "content": "(The built-in engine worded these results for the person.)"}
    assert "secret" in json.dumps(turn_messages(events, local=True)), "it reads its own words again"
    again = turn(1, here, said("`plan`: secret 3 times"), STARTED, said("hosted"), ENDED)
    assert turn_messages(again)[-1]["content"] == "hosted"
    steps_in = (e.Notice, {"text": "It answers instead.", "code": "fallback", "llm": "builtin"})
    assert "secret" not in json.dumps(turn_messages(turn(1, STARTED, steps_in, said("secret"), ENDED)))
