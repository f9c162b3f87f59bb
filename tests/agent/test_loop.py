from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from agent.scripted import TOOLS, Recorder, Scripted, call, words

from jupyter_mlchat.agent.loop import CallRequest, Paused, run
from jupyter_mlchat.llm.base import (
    Cancelled,
    CancelToken,
    LlmRequest,
    OffersPart,
    Part,
    ReadingPart,
    RetryPart,
    TextPart,
    ThinkingPart,
    UsagePart,
)
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Offer, Usage

ASKED = [{"role": "system", "content": "rules"}, {"role": "user", "content": "what is there?"}]


def answer(llm: Scripted, sink: Recorder, **options: Any) -> str:
    return run(llm, options.pop("messages", ASKED), TOOLS, sink, options.pop("cancel", CancelToken()), **options)


def test_plain_text_is_the_answer() -> None:
    sink = Recorder()
    assert answer(Scripted(words("two models")), sink) == "twomodels"
    assert sink.parts == words("two models")
    assert sink.rounds == [("twomodels", [])]


def test_messages_tools_and_catalogue_reach_the_llm_as_they_are() -> None:
    llm = Scripted(words("hi"))
    answer(llm, Recorder(), catalogue={"models": []})
    (request,) = llm.requests
    assert list(request.messages) == ASKED
    assert list(request.tools) == TOOLS
    assert request.tool_choice == "auto"
    assert request.catalogue == {"models": []}


def test_a_tool_call_goes_back_as_native_messages() -> None:
    llm = Scripted([TextPart("let me see"), *call("list_models", '{"model_id": "p"}', id="c1")], words("done"))
    sink = Recorder(list_models='{"ok":true}')
    assert answer(llm, sink) == "done"
    assert sink.rounds[0] == ("let me see", [CallRequest("c1", "list_models", {"model_id": "p"})])
    spoken, returned = llm.requests[1].messages[2:]
    assert spoken["role"] == "assistant"
    assert spoken["content"] == "let me see"
    (sent,) = spoken["tool_calls"]
    assert (sent["id"], sent["function"]["name"]) == ("c1", "list_models")
    assert json.loads(sent["function"]["arguments"]) == {"model_id": "p"}
    assert returned == {"role": "tool", "tool_call_id": "c1", "content": '{"ok":true}'}


def test_every_part_but_calls_reaches_the_sink_in_the_callers_thread() -> None:
    said: list[Part] = [
        ReadingPart("a list"),
        ThinkingPart("hm"),
        RetryPart(1, "again"),
        TextPart("x"),
        UsagePart(Usage("test/scripted", 3, 4)),
    ]
    sink = Recorder()
    answer(Scripted(said), sink)
    assert sink.parts == said
    assert set(sink.threads) == {threading.current_thread()}


def test_string_arguments_are_never_replaced_and_arguments_are_not_interpreted() -> None:
    sink = Recorder()
    answer(Scripted(call("list_models", '{"model_id": "final_answer"}'), words("ok")), sink)
    assert sink.called[0].arguments == {"model_id": "final_answer"}


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ('{"model_id": "pi', "The arguments are not valid JSON."),
        ("[1]", "The arguments are not a JSON object."),
    ],
)
def test_broken_arguments_are_an_error_of_that_call_and_are_replayed_as_empty(raw: str, error: str) -> None:
    llm = Scripted([*call("list_models", raw, id="a"), *call("list_models", "", index=1, id="b")], words("ok"))
    sink = Recorder()
    assert answer(llm, sink) == "ok"
    assert {(c.id, c.arguments is None, c.error) for c in sink.called} == {
        ("a", True, error),
        ("b", False, ""),
    }
    sent = llm.requests[1].messages[2]["tool_calls"]
    assert [c["function"]["arguments"] for c in sent] == ["{}", "{}"]


def test_an_unknown_tool_is_the_sinks_to_refuse() -> None:
    sink = Recorder(list_model='{"ok":false}')
    assert answer(Scripted(call("list_model"), words("sorry")), sink) == "sorry"
    assert [c.name for c in sink.called] == ["list_model"]


@pytest.mark.parametrize("given", ["", "call_0"])
def test_ids_that_are_missing_or_come_again_are_made_unique(given: str) -> None:
    earlier = [*ASKED, {"role": "assistant", "tool_calls": [{"id": "call_0"}]}, {"role": "tool"}]
    piece = call("list_models", id="x")
    piece[0] = type(piece[0])(0, given, "list_models")
    llm = Scripted(piece, piece, words("ok"))
    sink = Recorder()
    answer(llm, sink, messages=earlier)
    ids = [c.id for c in sink.called]
    assert len({*ids, "call_0", ""}) == 4
    assert all(id_.isalnum() and len(id_) == 9 for id_ in ids)


def test_calls_of_one_round_run_at_once_but_not_more_than_four() -> None:
    running, most, lock = 0, 0, threading.Lock()
    four = threading.Barrier(4)

    def slowly(request: CallRequest) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        if len(sink.called) <= 4:
            four.wait(20)
        with lock:
            running -= 1
        return request.id

    sink = Recorder(list_models=slowly)
    many = [part for index in range(6) for part in call("list_models", index=index, id=f"c{index}")]
    llm = Scripted(many, words("ok"))
    assert answer(llm, sink) == "ok"
    assert most == 4
    results = llm.requests[1].messages[3:]
    assert [(m["tool_call_id"], m["content"]) for m in results] == [(f"c{i}", f"c{i}") for i in range(6)]


def test_a_pause_lets_the_other_calls_finish_first() -> None:
    finished = threading.Event()

    def slowly(request: CallRequest) -> str:
        time.sleep(0.1)
        finished.set()
        return "late"

    sink = Recorder(make_prediction=Paused(), list_models=slowly)
    llm = Scripted([*call("make_prediction"), *call("list_models", index=1)])
    with pytest.raises(Paused):
        answer(llm, sink)
    assert finished.is_set()
    assert len(llm.requests) == 1


def test_an_error_of_the_sink_ends_the_attempt_even_beside_a_pause() -> None:
    broken = Fault(Code.STORE_UNAVAILABLE, "no room")
    sink = Recorder(make_prediction=Paused(), list_models=broken)
    with pytest.raises(Fault) as raised:
        answer(Scripted([*call("make_prediction"), *call("list_models", index=1)]), sink)
    assert raised.value is broken


def test_a_fault_of_the_llm_passes_unwrapped() -> None:
    fault = Fault(Code.LLM_BAD_KEY, "no")
    sink = Recorder()
    with pytest.raises(Fault) as raised:
        answer(Scripted(call("list_models"), fault), sink)
    assert raised.value is fault
    assert len(sink.called) == 1


def test_an_answer_without_a_word_is_a_fault() -> None:
    with pytest.raises(Fault) as raised:
        answer(Scripted([ThinkingPart("hm")]), Recorder())
    assert raised.value.code == Code.LLM_CUT
    assert raised.value.record.message == "test/scripted ended its answer without a word."


def test_offers_end_the_attempt() -> None:
    offers = OffersPart("Which?", [Offer("Predict with pipe", "make_prediction")])
    sink = Recorder()
    assert answer(Scripted([offers]), sink) == ""
    assert sink.parts == [offers]


def test_in_the_last_round_only_words_are_asked_for() -> None:
    llm = Scripted(call("list_models"), call("list_models"), words("so far"))
    assert answer(llm, Recorder(), max_steps=3) == "sofar"
    assert [r.tool_choice for r in llm.requests] == ["auto", "auto", "none"]


def test_an_llm_that_calls_to_the_last_is_stopped_with_a_word() -> None:
    llm, sink = Scripted(call("list_models"), call("list_models")), Recorder()
    text = answer(llm, sink, max_steps=2)
    assert text == "I stopped after 2 rounds of tool calls without an answer."
    assert sink.parts[-1] == TextPart(text)
    assert len(sink.called) == 1


def test_rounds_count_on_over_the_attempts_of_a_turn() -> None:
    llm = Scripted(words("ok"))
    answer(llm, Recorder(), max_steps=3, first_round=3)
    assert llm.requests[0].tool_choice == "none"


class TestStopping:
    """What blocks does so for twenty seconds."""

    def stop(self, llm: Scripted, sink: Recorder, when: threading.Event) -> float:
        cancel, began = CancelToken(), [0.0]

        def stop() -> None:
            when.wait(20)
            began[0] = time.monotonic()
            cancel.cancel()

        threading.Thread(target=stop).start()
        with pytest.raises(Cancelled):
            answer(llm, sink, cancel=cancel)
        return time.monotonic() - began[0]

    def test_while_the_llm_blocks(self) -> None:
        blocked, over, sink = threading.Event(), threading.Event(), Recorder()

        def block(request: LlmRequest) -> Iterator[Part]:
            yield TextPart("half")
            while not sink.parts:
                time.sleep(0.001)
            blocked.set()
            over.wait(20)
            yield TextPart("never heard")

        assert self.stop(Scripted(block), sink, blocked) < 10
        over.set()
        time.sleep(0.05)
        assert sink.parts == [TextPart("half")]

    def test_while_a_call_blocks_and_others_have_not_begun(self) -> None:
        blocked, over = threading.Event(), threading.Event()

        def block(request: CallRequest) -> str:
            if len(sink.called) == 4:
                blocked.set()
            over.wait(20)
            return "too late"

        sink = Recorder(list_models=block)
        six = [part for index in range(6) for part in call("list_models", index=index)]
        llm = Scripted(six)
        assert self.stop(llm, sink, blocked) < 10
        over.set()
        time.sleep(0.05)
        assert len(sink.called) == 4
        assert len(llm.requests) == 1

    def test_before_it_begins(self) -> None:
        cancel, llm = CancelToken(), Scripted(words("no"))
        cancel.cancel()
        with pytest.raises(Cancelled):
            answer(llm, Recorder(), cancel=cancel)
        assert llm.requests == []


def test_runs_do_not_share_anything() -> None:
    sinks = [Recorder(list_models=f"models of {n}") for n in range(20)]
    llms = [Scripted(call("list_models", id=f"c{n}"), words(f"answer {n}")) for n in range(20)]
    answers: dict[int, str] = {}
    threads = [threading.Thread(target=lambda n=n: answers.update({n: answer(llms[n], sinks[n])})) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == {n: f"answer{n}" for n in range(20)}
    assert [llm.requests[1].messages[-1]["content"] for llm in llms] == [f"models of {n}" for n in range(20)]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    answer(Scripted(call("list_models"), words("fine")), Recorder())
    with pytest.raises(Fault):
        answer(Scripted(Fault(Code.LLM_CUT, "x")), Recorder())
    assert capfd.readouterr() == ("", "")
