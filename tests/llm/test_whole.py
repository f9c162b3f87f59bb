"""A server that can't stream."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from provider import Provider, says, whole

from jupyter_mlchat.llm.base import Cancelled, CancelToken, LlmRequest, TextPart, ToolCallPart, UsagePart
from jupyter_mlchat.llm.hosted import HostedLlm
from jupyter_mlchat.llm.whole import in_words
from jupyter_mlchat.protocol.faults import Code

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")
TEXT = "The first of many words,\n\nand then  " + "some more " * 40 + "to the end."


def texts(parts: list[Any]) -> list[str]:
    return [part.text for part in parts if isinstance(part, TextPart)]


def test_its_answer_comes_word_by_word(provider: Provider, make: Callable[..., HostedLlm], heard: Any) -> None:
    provider.enqueue(whole(TEXT))
    parts, fault = heard(make())
    assert fault is None
    assert len(texts(parts)) > 80 and "".join(texts(parts)) == TEXT
    [usage] = [part.usage for part in parts if isinstance(part, UsagePart)]
    assert (usage.prompt_tokens, usage.completion_tokens) == (11, 7)
    assert len(provider.requests) == 1, "it is not paid twice"


def test_its_tool_calls_are_calls(provider: Provider, make: Callable[..., HostedLlm], heard: Any) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "list_models", "arguments": '{"a": 1}'}}
    provider.enqueue(whole("", tool_calls=[call], finish="tool_calls"))
    parts, fault = heard(make())
    assert fault is None
    assert ToolCallPart(0, "c1", "list_models", '{"a": 1}') in parts


def test_an_answer_that_was_cut_is_cut(provider: Provider, make: Callable[..., HostedLlm], heard: Any) -> None:
    provider.enqueue(whole("half", finish="length"))
    parts, fault = heard(make())
    assert texts(parts) == ["half"]
    assert fault.code == Code.LLM_CUT


def test_a_long_piece_of_a_stream_too(provider: Provider, make: Callable[..., HostedLlm], heard: Any) -> None:
    provider.enqueue(says("short one. ", TEXT))
    parts, _ = heard(make())
    assert texts(parts)[0] == "short one. "
    assert len(texts(parts)) > 80 and "".join(texts(parts)) == f"short one. {TEXT}"


def test_it_takes_half_a_second_at_most_and_can_be_stopped() -> None:
    began = time.monotonic()
    said = [part.text for part in in_words(TextPart("word " * 5_000), CancelToken()) if isinstance(part, TextPart)]
    assert len(said) == 5_000 and time.monotonic() - began < 10
    cancel = CancelToken()
    words = in_words(TextPart(TEXT), cancel)
    next(words)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(words)


def test_a_stop_in_the_middle_of_it(provider: Provider, make: Callable[..., HostedLlm]) -> None:
    provider.enqueue(whole(TEXT))
    cancel = CancelToken()
    stream = make().stream(LlmRequest([{"role": "user", "content": "hi"}]), cancel)
    assert isinstance(next(stream), TextPart)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(stream)
