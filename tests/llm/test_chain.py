"""Who steps in for whom, when, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from provider import Provider, breaks, calls, fails, says

from jupyter_mlchat.llm.base import (
    CancelToken,
    Llm,
    LlmRequest,
    Message,
    Part,
    RetryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    UsagePart,
)
from jupyter_mlchat.llm.breaker import FAILURES, REST_S, Breakers
from jupyter_mlchat.llm.builtin import BuiltinLlm
from jupyter_mlchat.llm.chain import Chain
from jupyter_mlchat.llm.hosted import HostedLlm
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import ToolInfo

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

Make = Callable[..., HostedLlm]
ASKED: list[Message] = [{"role": "user", "content": "which models do I have?"}]
CHATTED: list[Message] = [{"role": "user", "content": "write me a poem about rain"}]
LIST = ToolInfo("list_models", "Models.", {"type": "object", "properties": {}}, "read")


def heard(llm: Llm, messages: Sequence[Message] = ASKED) -> tuple[list[Part], Fault | None]:
    parts: list[Part] = []
    try:
        for part in llm.stream(LlmRequest(messages, [LIST]), CancelToken()):
            parts.append(part)
    except Fault as fault:
        return parts, fault
    return parts, None


def text(parts: list[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


class TestSteppingIn:
    def test_another_llm_steps_in_says_so_and_stays(self, provider: Provider, make: Make) -> None:
        provider.enqueue(fails(401, "x"), says("from the other"), says("again"))
        chain = Chain([make(), make("openai/other")], Breakers())
        parts, fault = heard(chain)
        host = provider.root.removeprefix("http://")
        assert fault is None
        assert parts[0] == RetryPart(1, f"{host} rejected the API key. openai/other answers instead.", "openai/other")
        assert text(parts) == "from the other"
        assert isinstance(parts[-1], UsagePart)
        assert parts[-1].usage.llm == chain.name == "openai/other"
        assert text(heard(chain)[0]) == "again"
        assert [body["model"] for body in provider.bodies] == ["gpt-4.1-mini", "other", "other"]

    def test_a_chain_is_tried_to_its_end_and_the_first_fault_is_told(self, provider: Provider, make: Make) -> None:
        provider.enqueue(fails(404, "x"), fails(401, "x"), fails(403, "x"))
        parts, fault = heard(Chain([make(), make("openai/b"), make("openai/c")], Breakers()))
        assert [part.llm for part in parts if isinstance(part, RetryPart)] == ["openai/b", "openai/c"]
        assert fault is not None and fault.code is Code.LLM_UNKNOWN

    @pytest.mark.parametrize("answer", [breaks("half"), fails(400, "not that")])
    def test_nobody_steps_in_after_the_first_word_or_for_what_was_refused(
        self, provider: Provider, make: Make, answer: Any
    ) -> None:
        provider.enqueue(answer, says("never"))
        parts, fault = heard(Chain([make(), make("openai/other")], Breakers(), BuiltinLlm()))
        assert fault is not None and fault.code in (Code.LLM_CUT, Code.LLM_REFUSED)
        assert len(provider.requests) == 1
        assert not [part for part in parts if isinstance(part, RetryPart)]


class TestTheBuiltinEngineAtLast:
    def test_it_reads_the_question_when_the_provider_is_down(self, provider: Provider, make: Make) -> None:
        provider.enqueue(fails(500, "boom"))
        chain = Chain([make(retries=0)], Breakers(), BuiltinLlm())
        assert (chain.name, chain.local) == ("openai/gpt-4.1-mini", False)
        parts, fault = heard(chain)
        assert fault is None
        assert isinstance(parts[0], RetryPart)
        assert parts[0].text.endswith(" The built-in engine, without a language model, answers instead.")
        assert [part.name for part in parts if isinstance(part, ToolCallPart)] == ["list_models"]
        assert (chain.name, chain.local) == ("builtin", True)

    def test_it_words_what_tools_have_found_already(self, provider: Provider, make: Make) -> None:
        provider.enqueue(calls(("list_models", {}), ids=("c1",)), fails(503, "down"))
        chain = Chain([make(retries=0)], Breakers(), BuiltinLlm())
        assert heard(chain)[1] is None
        called = {"id": "c1", "type": "function", "function": {"name": "list_models", "arguments": "{}"}}
        found = json.dumps({"ok": True, "data": {"models": []}})
        results: list[Message] = [
            *ASKED,
            {"role": "assistant", "content": None, "tool_calls": [called]},
            {"role": "tool", "tool_call_id": "c1", "content": found},
        ]
        parts, fault = heard(chain, results)
        assert fault is None
        assert "models" in text(parts)
        assert chain.name == "builtin"

    def test_with_nothing_but_words_it_leaves_the_fault_to_be_read(self, provider: Provider, make: Make) -> None:
        provider.enqueue(fails(500, "boom"))
        chain = Chain([make(retries=0)], Breakers(), BuiltinLlm())
        parts, fault = heard(chain, CHATTED)
        assert parts == []
        assert fault is not None and fault.code is Code.LLM_UNAVAILABLE
        assert chain.name == "openai/gpt-4.1-mini"

    def test_where_words_alone_are_wanted_it_has_none(self, provider: Provider, make: Make) -> None:
        provider.enqueue(fails(500, "boom"))
        chain = Chain([make(retries=0)], Breakers(), BuiltinLlm())
        with pytest.raises(Fault) as raised:
            list(chain.stream(LlmRequest(ASKED), CancelToken()))
        assert raised.value.code is Code.LLM_UNAVAILABLE

    @pytest.mark.parametrize("answer", [fails(401, "x"), fails(404, "x"), fails(403, "x")])
    def test_a_wrong_key_or_name_is_told_not_covered_up(self, provider: Provider, make: Make, answer: Any) -> None:
        provider.enqueue(answer)
        parts, fault = heard(Chain([make()], Breakers(), BuiltinLlm()))
        assert parts == [] and fault is not None
        assert fault.code in (Code.LLM_BAD_KEY, Code.LLM_UNKNOWN, Code.LLM_NOT_ALLOWED)


class Scripted:
    """An llm of this test that fails or thinks, as it is told."""

    local = False

    def __init__(self, name: str) -> None:
        self.name, self.asked, self.fails = name, 0, True

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        self.asked += 1
        if self.fails:
            raise Fault(Code.LLM_UNREACHABLE, f"Can't reach {self.name}.", retryable=True)
        yield ThinkingPart("hm")
        yield TextPart("fine")


class TestTheBreaker:
    def test_it_opens_after_failures_in_a_row_tries_once_after_a_rest_and_closes(self) -> None:
        now = [0.0]
        breakers, llm = Breakers(lambda: now[0]), Scripted("acme/one")

        def ask() -> tuple[list[Part], Fault | None]:
            return heard(Chain([llm], breakers), CHATTED)

        for _ in range(FAILURES + 2):
            _, fault = ask()
        assert llm.asked == FAILURES
        assert fault is not None and fault.record.retryable
        assert fault.record.message == f"acme failed at least 3 times in a row: it rests for another {REST_S:.0f} s."

        now[0] = REST_S + 1
        ask(), ask()
        assert llm.asked == FAILURES + 1, "one call tries it, the next ones wait twice as long"
        now[0] += REST_S + 1
        ask()
        assert llm.asked == FAILURES + 1
        now[0] += REST_S
        llm.fails = False
        assert text(ask()[0]) == text(ask()[0]) == "fine"
        assert llm.asked == FAILURES + 3

    def test_another_provider_is_not_its_affair_and_steps_in_at_once(self) -> None:
        breakers, first, second = Breakers(), Scripted("acme/one"), Scripted("other/one")
        second.fails = False
        for _ in range(FAILURES + 2):
            parts, fault = heard(Chain([first, second], breakers))
            assert fault is None and text(parts) == "fine"
        assert (first.asked, second.asked) == (FAILURES, FAILURES + 2)

    def test_only_one_call_tries_a_provider_that_rested_and_one_that_is_left_frees_it(self) -> None:
        now = [0.0]
        breakers = Breakers(lambda: now[0])
        for _ in range(FAILURES):
            assert breakers.ask("acme") == 0
            breakers.failed("acme")
        now[0] = REST_S + 1
        assert breakers.ask("acme") == 0
        assert breakers.ask("acme") > 0
        breakers.left("acme")
        assert breakers.ask("acme") == 0
        breakers.answered("acme")
        assert breakers.ask("acme") == breakers.ask("acme") == 0

    def test_who_stops_waiting_says_nothing_about_the_provider(self) -> None:
        breakers, llm = Breakers(), Scripted("acme/one")
        llm.fails = False
        for _ in range(FAILURES + 1):
            parts = Chain([llm], breakers).stream(LlmRequest(CHATTED), CancelToken())
            next(parts)
            parts.close()  # type: ignore[attr-defined]
        assert breakers.ask("acme") == 0
