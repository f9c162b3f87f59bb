"""Frames in and out: strict, and a fault that names the field."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlchat.protocol.codec import MAX_COMMAND_BYTES, decode_command, decode_event, encode_event
from jupyter_mlchat.protocol.commands import COMMANDS, Ping, TurnStart
from jupyter_mlchat.protocol.events import EVENTS, Event, TextDelta, ToolReturned
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import CommandId, Context, KernelId, ToolResult


def refusal(frame: str | bytes) -> Fault:
    with pytest.raises(Fault) as error:
        decode_command(frame)
    return error.value


def test_a_command_is_read_whole() -> None:
    frame = {"type": "turn.start", "id": "1", "text": "hi", "context": {"kernel": "k", "attached": ["pipe"]}}
    context = Context(kernel=KernelId("k"), attached=["pipe"])
    assert decode_command(json.dumps(frame)) == TurnStart(id=CommandId("1"), text="hi", context=context)
    assert decode_command(b'{"type":"ping","id":"2"}') == Ping(id=CommandId("2"))


@pytest.mark.parametrize(
    ("frame", "about"),
    [
        ({"type": "turn.start", "id": "1"}, "text"),
        ({"type": "turn.start", "id": "1", "text": 3}, "$.text"),
        ({"type": "turn.start", "id": "1", "text": "x", "colour": "red"}, "colour"),
        ({"type": "turn.start", "id": "1", "text": "x", "context": {"kernel": 5}}, "$.context.kernel"),
        ({"type": "turn.start", "id": "1", "text": "x", "context": {"cells": 5}}, "$.context"),
        ({"type": "kernel.update", "id": "1", "kernel": "k", "hide": ["a", 1]}, "$.hide[1]"),
        ({"id": "1"}, "type"),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_a_malformed_command_names_its_field(frame: object, about: str) -> None:
    fault = refusal(json.dumps(frame))
    assert (fault.code, fault.record.about) == (Code.MALFORMED, about)
    assert fault.record.hint


def test_an_unknown_type_lists_the_known_ones() -> None:
    fault = refusal('{"type": "turn.begin", "id": "1"}')
    assert (fault.code, fault.record.about) == (Code.UNKNOWN_COMMAND, "type")
    assert all(kind in fault.record.hint for kind in COMMANDS)


def test_a_large_command_says_how_large_it_may_be() -> None:
    frame = json.dumps({"type": "turn.start", "id": "1", "text": "é" * (MAX_COMMAND_BYTES // 2)}, ensure_ascii=False)
    fault = refusal(frame)
    assert fault.code == Code.TOO_LARGE and f"{MAX_COMMAND_BYTES:,}" in fault.record.message


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KIND_ALONE = st.sampled_from(sorted(COMMANDS)).map(lambda kind: {"type": kind})


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.text() | st.binary() | (ANY_JSON | KIND_ALONE).map(json.dumps))
def test_anything_else_is_a_fault_and_never_an_accident(frame: str | bytes) -> None:
    assert refusal(frame).code in (Code.MALFORMED, Code.UNKNOWN_COMMAND)


def test_an_event_comes_back_as_it_went() -> None:
    result = ToolReturned(call="c", tool="t", seq=3, result=ToolResult(ok=True, data={"a": [1, None, "é"]}))
    for event in (result, TextDelta(offset=2, text="\u2028 \U0001f642")):
        assert decode_event(encode_event(event)) == event
    assert encode_event(TextDelta(offset=0, text="x")) == b'{"type":"text.delta","offset":0,"text":"x"}'


def test_which_events_are_only_live() -> None:
    live = {tag for tag, kind in EVENTS.items() if not kind.durable}
    assert live == {
        "hello", "pong", "accepted", "text.delta", "thinking.delta", "progress", "kernel.changed", "sent", "fault",
        "kernel.view", "choices", "llms", "presence", "search", "exported", "preview", "batch",
    }  # fmt: skip
    assert Event.durable
