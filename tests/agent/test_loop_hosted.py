"""Rounds, tools and trouble together: smolagents, litellm and HTTP, all real but for what the llm says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from agent.scripted import TOOLS, Recorder
from provider import Provider, breaks, calls, fails, running, says, stalls

from jupyter_mlchat.agent.loop import run
from jupyter_mlchat.llm.base import Cancelled, CancelToken, RetryPart, TextPart, UsagePart
from jupyter_mlchat.llm.registry import LlmSettings, make_llm
from jupyter_mlchat.protocol.faults import Code, Fault

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

ASKED = [{"role": "system", "content": "rules"}, {"role": "user", "content": "predict"}]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


def answer(provider: Provider, sink: Recorder, cancel: CancelToken | None = None, **settings: Any) -> str:
    llm = make_llm("openai/scripted", LlmSettings(base_url=provider.url, **settings))
    return run(llm, ASKED, TOOLS, sink, cancel or CancelToken())


def test_tools_then_words(provider: Provider) -> None:
    provider.enqueue(
        calls(("list_models", {}), ("make_prediction", {"model_id": "pipe"}), ids=("a", "b"), text="First, "),
        says("It is ", "churn."),
    )
    sink = Recorder(list_models="[]", make_prediction='{"prediction": 1}')
    assert answer(provider, sink) == "It is churn."
    assert sorted(call.id for call in sink.called) == ["a", "b"]
    assert [(text, len(made)) for text, made in sink.rounds] == [("First, ", 2), ("It is churn.", 0)]
    assert [part.usage.prompt_tokens for part in sink.parts if isinstance(part, UsagePart)] == [11, 11]
    sent = provider.bodies[1]["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "tool"]
    assert json.loads(sent[2]["tool_calls"][1]["function"]["arguments"]) == {"model_id": "pipe"}
    assert sent[4] == {"role": "tool", "tool_call_id": "b", "content": '{"prediction": 1}'}


def test_calls_that_returned_are_not_run_again_when_the_next_round_is_tried_again(provider: Provider) -> None:
    provider.enqueue(
        calls(("make_prediction", {})),
        fails(503, "busy"),
        fails(429, "slow", headers={"retry-after": "0.05"}),
        says("done"),
    )
    sink = Recorder()
    assert answer(provider, sink) == "done"
    assert len(sink.called) == 1
    assert [part.number for part in sink.parts if isinstance(part, RetryPart)] == [1, 2]
    assert provider.bodies[1]["messages"] == provider.bodies[2]["messages"] == provider.bodies[3]["messages"]


def test_an_answer_that_breaks_off_keeps_its_text_and_is_not_begun_again(provider: Provider) -> None:
    provider.enqueue(breaks("half an "), says("never"))
    sink = Recorder()
    with pytest.raises(Fault) as raised:
        answer(provider, sink)
    assert raised.value.code == Code.LLM_CUT
    assert TextPart("half an ") in sink.parts
    assert len(provider.requests) == 1


def test_tool_arguments_that_break_off_are_an_error_the_llm_hears_of(provider: Provider) -> None:
    provider.enqueue(calls(("make_prediction", '{"model_id": "pi')), says("sorry"))
    sink = Recorder(make_prediction=lambda request: f"Error: {request.error}")
    assert answer(provider, sink) == "sorry"
    assert sink.called[0].arguments is None
    sent = provider.bodies[1]["messages"]
    assert sent[2]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert sent[3]["content"] == "Error: The arguments are not valid JSON."


def test_stop_reaches_the_provider(provider: Provider) -> None:
    provider.enqueue(stalls("half"))
    cancel, sink, began = CancelToken(), Recorder(), [0.0]

    def stop() -> None:
        while not sink.parts:
            time.sleep(0.005)
        began[0] = time.monotonic()
        cancel.cancel()

    threading.Thread(target=stop).start()
    with pytest.raises(Cancelled):
        answer(provider, sink, cancel)
    assert time.monotonic() - began[0] < 10, "the provider stalls for a minute"
    assert provider.hung_up.wait(10)
