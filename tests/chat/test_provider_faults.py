"""Everything that can go wrong at a provider: what a person reads, and that the conversation goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat.house import ME, House, new_id, only
from provider import Answer, Provider, breaks, calls, ends_silently, fails, garbled, running, says, slow, stalls

from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.faults import Code

KEY = "sk-scripted-0123456789abcdefghijklmnop"
LLM = "openai/gpt-4.1-mini"
Build = Callable[..., House]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def build(
    tmp_path: Path, provider: Provider, background: Background, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Build]:
    """A house whose llm is the scripted provider; keywords are settings."""
    made: list[House] = []

    def build(**settings: Any) -> House:
        environment = {"OPENAI_API_KEY": KEY, "OLLAMA_BASE_URL": "http://127.0.0.1:9"}
        given = {"llm": LLM, "llm_base_url": provider.url, "environment": environment, **settings}
        made.append(House(tmp_path, background, **given))
        return made[-1]

    yield build
    for house in made:
        jp_asyncio_loop.run_until_complete(house.close())


def text_of(events: list[e.AnyEvent]) -> str:
    final = [x for x in events if isinstance(x, e.TextSnapshot) and x.final and x.kind == "answer"]
    return final[-1].text if final else ""


FAULTS: dict[str, tuple[list[Answer], Code, str, str]] = {
    "401": (
        [fails(401, f"Incorrect API key provided: {KEY}")],
        Code.LLM_BAD_KEY,
        "{host} rejected the API key.",
        "Set a valid OPENAI_API_KEY in the environment or settings of the server.",
    ),
    "403": (
        [fails(403, "no")],
        Code.LLM_NOT_ALLOWED,
        f"Your key may not use {LLM} at {{host}}.",
        "Ask for access to it there, or choose another llm.",
    ),
    "404": ([fails(404, "no")], Code.LLM_UNKNOWN, "There is no 'gpt-4.1-mini' at {host}.", "Check the name."),
    "408": ([fails(408, "late")], Code.LLM_TIMEOUT, "{host} gave up waiting.", "Try again."),
    "429": (
        [fails(429, "slow down", headers={"retry-after": "99"})],
        Code.LLM_RATE_LIMITED,
        "{host} is getting too many requests.",
        "Try again in 99 s.",
    ),
    "500": (
        [fails(500, "boom at /srv/app.py")] * 3,
        Code.LLM_UNAVAILABLE,
        "{host} answered with error 500.",
        "Try again in a moment.",
    ),
    "503": (
        [fails(503, "boom")] * 3,
        Code.LLM_UNAVAILABLE,
        "{host} answered with error 503.",
        "Try again in a moment.",
    ),
    "slow first token": (
        [slow(says("late"), 60)],
        Code.LLM_TIMEOUT,
        f"{LLM} did not begin to answer within 0.6 s.",
        "Try again, choose a smaller llm, or raise its timeout in the settings.",
    ),
    "stall": (
        [stalls("half")],
        Code.LLM_CUT,
        f"The answer of {LLM} was cut: it sent nothing more for 0.5 s.",
        "The text so far is kept. Ask again.",
    ),
    "cut": (
        [breaks("half")],
        Code.LLM_CUT,
        f"The answer of {LLM} was cut: it broke off.",
        "The text so far is kept. Ask again.",
    ),
    "cut by a proxy": (
        [ends_silently("half")],
        Code.LLM_CUT,
        f"The answer of {LLM} was cut: it broke off.",
        "The text so far is kept. Ask again.",
    ),
    "malformed": (
        [garbled("half")],
        Code.LLM_CUT,
        f"The answer of {LLM} was cut: it broke off.",
        "The text so far is kept. Ask again.",
    ),
    "malformed at once": (
        [garbled()] * 3,
        Code.LLM_UNAVAILABLE,
        "{host} gave no answer that can be used.",
        "Try again in a moment.",
    ),
    "context too long": (
        [fails(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded")],
        Code.LLM_CONTEXT_TOO_LONG,
        f"The conversation is too long for {LLM}.",
        "Begin a new conversation (`%chat new`), or choose an llm with a larger context.",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_told_with_its_fix_and_the_conversation_goes_on(
    build: Build, provider: Provider, name: str
) -> None:
    answers, code, message, hint = FAULTS[name]
    short = {"slow first token": {"local_first_chunk_timeout": 0.6}, "stall": {"llm_timeout": 0.5}}
    house = await build(**short.get(name, {})).open()
    provider.enqueue(*answers)
    accepted = await house.ask("hello")
    events = await house.settle(accepted, 60)
    ended = only(events, e.TurnEnded)
    host = provider.root.removeprefix("http://")
    assert ended.state == "failed" and ended.fault is not None
    assert (ended.fault.code, ended.fault.message) == (code, message.format(host=host))
    assert ended.fault.hint.startswith(hint)
    assert text_of(events) == ("half" if code is Code.LLM_CUT else "")
    house.settings.local_first_chunk_timeout = house.settings.llm_timeout = 20.0
    provider.enqueue(says("fine"))
    again = await house.ask("hello again")
    assert again.conversation == accepted.conversation
    assert text_of(await house.settle(again, 60)) == "fine"
    asked = [m["content"] for m in provider.bodies[-1]["messages"] if m["role"] == "user"]
    assert asked == ["hello", "hello again"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1"], ids=["refused", "DNS"])
async def test_a_server_that_is_not_there_is_named_and_the_conversation_goes_on_with_another(
    build: Build, provider: Provider, url: str
) -> None:
    house = await build(llm_base_url=url).open()
    accepted = await house.ask("hello")
    ended = only(await house.settle(accepted, 60), e.TurnEnded)
    assert ended.fault is not None and ended.fault.code is Code.LLM_UNREACHABLE
    assert ended.fault.message == f"Can't reach {url.split('/')[2]}."
    assert ended.fault.hint == "Is the server running? Check LLM_BASE_URL."
    house.settings.llm_base_url = provider.url
    provider.enqueue(says("fine"))
    again = await house.ask("hello again")
    assert again.conversation == accepted.conversation
    assert text_of(await house.settle(again, 60)) == "fine"


async def test_too_many_requests_are_waited_for_when_it_is_short_and_that_is_told(
    build: Build, provider: Provider
) -> None:
    house = await build().open()
    provider.enqueue(fails(429, "slow down", headers={"retry-after": "0.2"}), says("fine"))
    events = await house.settle(await house.ask("hello"), 60)
    notice = only(events, e.Notice)
    assert notice.code == "retry" and notice.text.endswith("is getting too many requests. Trying again in 0.2 s.")
    assert text_of(events) == "fine"


async def test_wrong_tool_json_is_told_to_the_llm_and_the_conversation_goes_on(
    build: Build, provider: Provider
) -> None:
    house = await build().open()
    provider.enqueue(calls(("add", '{"a": 1, "b')), says("Sorry."), says("fine"))
    events = await house.settle(await house.ask("add"), 60)
    fault = only(events, e.ToolReturned).result.fault
    assert fault is not None and fault["code"] == "invalid_input"
    assert text_of(events) == "Sorry."
    assert text_of(await house.settle(await house.ask("again"), 60)) == "fine"


async def test_a_cut_answer_can_be_tried_again(build: Build, provider: Provider) -> None:
    house = await build().open()
    provider.enqueue(calls(("add", {"a": 1}), ids=("c1",)), breaks("half"), says("2."))
    accepted = await house.ask("1 + 1?")
    ended = only(await house.settle(accepted, 60), e.TurnEnded)
    assert ended.fault is not None and ended.fault.retryable
    events = await house.settle(await house.send(c.TurnRetry(id=new_id(), turn=accepted.turn)), 60)  # type: ignore[arg-type]
    assert text_of(events) == "2."
    assert [x.tool for x in events if isinstance(x, e.ToolReturned)] == ["add"], "what was returned is kept, not re-run"


@pytest.mark.parametrize(
    "answer",
    [
        fails(400, "registry.ollama.ai/library/gemma:2b does not support tools"),
        fails(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        fails(404, "No endpoints found that support tool use."),
        fails(400, "Unsupported parameter: 'tools' is not supported with this model."),
    ],
)
async def test_an_llm_without_tools_answers_in_words_and_says_so(
    build: Build, provider: Provider, answer: Answer
) -> None:
    house = await build().open()
    provider.enqueue(answer, says("in words"))
    events = await house.settle(await house.ask("hello"), 60)
    notice = only(events, e.Notice)
    assert (notice.code, notice.text) == (
        "words_only",
        f"{LLM} can't call tools: it answers in words only, without a look at your data.",
    )
    assert text_of(events) == "in words"
    assert ["tools" in body for body in provider.bodies] == [True, False]


async def test_a_missing_key_names_its_variable(build: Build) -> None:
    house = await build(llm="groq/llama-3.3-70b-versatile", llm_base_url="").open()
    ended = only(await house.settle(await house.ask("hello"), 60), e.TurnEnded)
    assert ended.fault is not None
    assert (ended.fault.code, ended.fault.about) == (Code.LLM_NO_KEY, "GROQ_API_KEY")
    assert "GROQ_API_KEY" in ended.fault.hint


async def test_the_key_is_in_no_event_log_or_file(
    build: Build, provider: Provider, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    house = await build(fallback_ai_provider="openai/other").open()
    quoting = [fails(status, f"Your key {KEY} is no good") for status in (401, 403, 400)]
    provider.enqueue(*quoting, says("fine"))
    accepted = await house.ask("hello")
    await house.settle(accepted, 60)
    await house.settle(await house.ask("hello"), 60)
    told = [repr(event) for event in await house.events(accepted.conversation)]
    assert KEY not in "".join(told) + caplog.text
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert KEY.encode() not in file.read_bytes()


async def test_what_is_thought_is_never_the_answer(build: Build, provider: Provider) -> None:
    house = await build().open()
    said = says("42")
    thought = {"choices": [{"index": 0, "delta": {"reasoning_content": "six times seven"}, "finish_reason": None}]}
    provider.enqueue(replace(said, pieces=[thought, *said.pieces]), says("fine"))
    accepted = await house.ask("6 * 7?")
    told: list[e.Event] = []
    stop = await house.service.follow(accepted.conversation, 0, ME, told.append)
    events = await house.settle(accepted, 60)
    stop()
    assert text_of(events) == "42"
    assert [x.text for x in events if isinstance(x, e.TextSnapshot) and x.kind == "thinking"] == ["six times seven"]
    assert not [x for x in told if isinstance(x, e.TextDelta) and "six" in x.text]
    await house.settle(await house.ask("and now?"), 60)
    assert "six times seven" not in str(provider.bodies[-1]), "it is not sent back either"
