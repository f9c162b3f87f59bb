"""`Reply`: events added up, and what a person sees of them."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlchat.runtime.magics import parse_values
from jupyter_mlchat.runtime.reply import Reply

ACCEPTED = {"type": "accepted", "turn": "t", "conversation": "c"}
FORM = {
    "type": "form.asked",
    "turn": "t",
    "form": "f",
    "spec": {
        "title": "`pipe` needs two more.",
        "fields": [
            {"name": "tenure", "kind": "number", "minimum": 1.0, "maximum": 72.0, "default": 29.0},
            {"name": "monthly fee", "kind": "choice", "options": ["a", "b"]},
            {"name": "given", "value": 3},
            {"name": "optional", "required": False},
        ],
    },
}
CHOICE = {
    "type": "form.asked",
    "turn": "t",
    "form": "f",
    "spec": {"title": "Which?", "kind": "choice", "offers": [{"text": "this", "tool": "x"}]},
}


def reply_of(*events: dict[str, Any]) -> Reply:
    reply = Reply()
    for event in (ACCEPTED, *events):
        reply.take({"turn": "t", **event})
    return reply


def test_text_is_placed_by_its_offset_and_a_snapshot_replaces_it() -> None:
    reply = reply_of(
        {"type": "turn.started", "llm": "builtin"},
        {"type": "text.delta", "offset": 0, "text": "Hel"},
        {"type": "text.delta", "offset": 3, "text": "lo"},
        {"type": "text.delta", "offset": 3, "text": "lo"},
    )
    assert (reply.text, reply.status, reply.llm) == ("Hello", "active", "builtin")
    reply.take({"type": "text.snapshot", "turn": "t", "text": "Hello!", "final": True})
    assert reply.text == "Hello!"


def test_what_was_said_before_a_tool_call_is_thinking() -> None:
    reply = reply_of(
        {"type": "text.delta", "offset": 0, "text": "let me look"},
        {"type": "text.snapshot", "kind": "thinking", "text": "let me look"},
    )
    assert (reply.text, reply.thinking) == ("", "let me look")


def test_a_tool_call_shows_what_the_person_may_see() -> None:
    result = {"ok": True, "data": {"n": 1}, "local": {"n": 1, "categories": ["a"]}, "elapsed_ms": 2.0, "code": "x"}
    reply = reply_of(
        {"type": "tool.called", "call": "1", "tool": "list_models", "args": {"a": 1}},
        {"type": "tool.returned", "call": "1", "tool": "list_models", "result": result},
    )
    [call] = reply.tool_calls
    assert (call.name, call.ok, call.data["categories"], call.code) == ("list_models", True, ["a"], "x")


def test_a_form_is_words_and_the_line_that_answers_it() -> None:
    reply = reply_of(FORM, {"type": "turn.waiting", "waits_for": "form"})
    assert reply.settled
    text = str(reply)
    assert "- `tenure`: number, 1 to 72 when it was fitted (typical: 29)" in text
    assert "- `monthly fee`: one of a, b" in text
    assert '`%chat fill tenure=... "monthly fee"=...`' in text
    assert "given" not in text


def test_offers_are_numbered() -> None:
    reply = reply_of(CHOICE, {"type": "turn.waiting", "waits_for": "form"})
    assert "1. this" in str(reply)
    assert reply.offers[0].tool == "x"
    with pytest.raises(ValueError, match="from 1 to 1"):
        reply.choose(2)


def test_the_end_says_who_answered_and_a_fault_what_to_do() -> None:
    done = reply_of(
        {"type": "text.delta", "offset": 0, "text": "42"},
        {"type": "turn.ended", "state": "completed", "answered_by": "x, `pipe` of In[1]"},
    )
    assert str(done) == "42\n\nanswered by x, `pipe` of In[1]"
    bundle = done._repr_mimebundle_()
    assert sorted(bundle) == ["text/markdown", "text/plain"]
    fault = {"code": "llm_no_key", "message": "No key.", "hint": "Set it."}
    failed = reply_of({"type": "turn.ended", "state": "failed", "fault": fault})
    assert "**No key.** Set it." in str(failed)
    assert "(stopped)" in str(reply_of({"type": "turn.ended", "state": "cancelled"}))


def test_events_of_other_turns_and_of_newer_services_are_passed_over() -> None:
    reply = reply_of({"type": "text.delta", "turn": "other", "offset": 0, "text": "no"}, {"type": "not.yet.invented"})
    assert reply.text == ""


def test_going_on_needs_something_to_go_on_with() -> None:
    reply = reply_of({"type": "turn.ended", "state": "completed"})
    for act in (reply.approve, reply.deny, reply.fill, lambda: reply.choose(1)):
        with pytest.raises(ValueError, match="There is no"):
            act()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("tenure=12 plan=pro", {"tenure": 12, "plan": "pro"}),
        ('"monthly fee"=9.5', {"monthly fee": 9.5}),
        ("city='New York'", {"city": "New York"}),
        ("ok=True none=None", {"ok": True, "none": None}),
        ("code=007", {"code": "007"}),
        ("x=__import__('os')", {"x": "__import__(os)"}),
    ],
)
def test_values_of_a_line(text: str, values: dict[str, Any]) -> None:
    assert parse_values(text) == values


@pytest.mark.parametrize(("text", "says"), [("", "Give values"), ("pro", "name=value"), ("a='x", "not closed")])
def test_a_line_without_values_says_how(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_values(text)


def test_who_steps_in_is_whose_answer_it_is() -> None:
    started = {"type": "turn.started", "llm": "openai/one"}
    retried = {"type": "notice", "text": "Trying again.", "code": "retry"}
    assert reply_of(started, retried).llm == "openai/one"
    steps_in = {"type": "notice", "text": "builtin answers instead.", "code": "fallback", "llm": "builtin"}
    reply = reply_of(started, steps_in)
    assert (reply.llm, reply.notices) == ("builtin", ["builtin answers instead."])
