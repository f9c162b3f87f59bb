"""Anthropic's messages and Ollama's chat, through real litellm and real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from dialects import claude, claude_fails, llama
from provider import Answer, Provider, fails

from jupyter_mlchat.llm.base import LlmRequest, TextPart, ThinkingPart, ToolCallPart, UsagePart
from jupyter_mlchat.llm.hosted import HostedLlm
from jupyter_mlchat.llm.pictures import with_pictures
from jupyter_mlchat.protocol.faults import Code
from jupyter_mlchat.protocol.records import Picture, ToolInfo

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

Make = Callable[..., HostedLlm]
Heard = Callable[..., Any]
CLAUDE = "anthropic/claude-sonnet-4-6"
TOOL = ToolInfo("list_models", "Models.", {"type": "object", "properties": {"n": {"type": "integer"}}}, "read")
CALLED = {"id": "toolu_9", "type": "function", "function": {"name": "list_models", "arguments": '{"n": 1}'}}
ROUND = LlmRequest(
    [
        {"role": "system", "content": "rules"},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": [CALLED]},
        {"role": "tool", "tool_call_id": "toolu_9", "content": "[]"},
    ],
    [TOOL],
)


def words(parts: list[Any]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def called(parts: list[Any]) -> list[tuple[str, str]]:
    pieces = [part for part in parts if isinstance(part, ToolCallPart)]
    indexes = dict.fromkeys(piece.index for piece in pieces)
    return [
        ("".join(p.name for p in pieces if p.index == i), "".join(p.arguments for p in pieces if p.index == i))
        for i in indexes
    ]


PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SHOWN = replace(ROUND, messages=with_pictures(ROUND.messages[:2], [Picture("image/png", PICTURE, "figure of In[5]")]))


class TestAnthropic:
    def test_a_picture_is_in_its_own_words_too(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(claude("a dot"))
        assert words(heard(make(CLAUDE, api_base=provider.root), SHOWN)[0]) == "a dot"
        [said, picture] = provider.bodies[0]["messages"][0]["content"]
        assert said["text"] == "hi" and picture["type"] == "image"
        assert picture["source"] == {"type": "base64", "media_type": "image/png", "data": PICTURE}

    def test_words_thinking_calls_and_usage(self, provider: Provider, make: Make, heard: Heard) -> None:
        wanted = [("list_models", {"n": 1}), ("list_models", {"n": 2})]
        provider.enqueue(claude("let me ", "see", thinking="hm", calls=wanted, usage=(21, 9)))
        parts, fault = heard(make(CLAUDE, api_base=provider.root), ROUND)
        assert fault is None
        assert [part.text for part in parts if isinstance(part, ThinkingPart)] == ["hm"]
        assert words(parts) == "let me see"
        assert called(parts) == [("list_models", '{"n": 1}'), ("list_models", '{"n": 2}')]
        usage = parts[-1].usage
        assert isinstance(parts[-1], UsagePart)
        assert (usage.prompt_tokens, usage.completion_tokens) == (21, 9)

    def test_the_request_is_in_its_own_words(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(claude("ok"))
        heard(make(CLAUDE, api_base=provider.root), ROUND)
        [received] = provider.requests
        assert received.path == "/v1/messages"
        assert received.headers["x-api-key"].startswith("sk-scripted")
        body = received.body
        assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
        assert body["messages"][1]["content"][0]["type"] == "tool_use"
        assert body["messages"][2]["content"][0]["tool_use_id"] == "toolu_9"
        assert body["tools"][0]["name"] == "list_models"
        assert "rules" in str(body["system"])

    @pytest.mark.parametrize(
        ("answer", "code", "hint"),
        [
            (claude_fails(401, "authentication_error", "invalid x-api-key"), Code.LLM_BAD_KEY, "ANTHROPIC_API_KEY"),
            (claude_fails(404, "not_found_error", "model: x"), Code.LLM_UNKNOWN, "name"),
            (claude_fails(529, "overloaded_error", "Overloaded"), Code.LLM_UNAVAILABLE, "in a moment"),
            (
                claude_fails(400, "invalid_request_error", "prompt is too long: 300000 tokens > 200000 maximum"),
                Code.LLM_CONTEXT_TOO_LONG,
                "%chat new",
            ),
            (
                claude_fails(400, "invalid_request_error", "Your credit balance is too low"),
                Code.LLM_QUOTA,
                "billing",
            ),
            (claude("half", cut=True), Code.LLM_CUT, "Ask again"),
        ],
    )
    def test_a_person_reads_what_to_do(
        self, provider: Provider, make: Make, heard: Heard, answer: Answer, code: Code, hint: str
    ) -> None:
        provider.enqueue(answer)
        parts, fault = heard(make(CLAUDE, api_base=provider.root, retries=0))
        assert fault is not None and fault.code is code
        assert hint in fault.hint
        assert words(parts) == ("half" if code is Code.LLM_CUT else "")
        assert "sk-scripted" not in repr(fault)


class TestOllama:
    def test_a_picture_is_in_its_own_words_too(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(llama("a dot"))
        assert words(heard(make("ollama_chat/llava", api_base=provider.root, api_key=None), SHOWN)[0]) == "a dot"
        said = provider.bodies[0]["messages"][-1]
        assert said["content"] == "hi" and said["images"] == [PICTURE]

    def test_calls_and_thinking(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(llama(calls=[("list_models", {"n": 3})]), llama("two models", thinking="hm"))
        llm = make("ollama_chat/llama3.2", api_base=provider.root, api_key=None)
        parts, fault = heard(llm, ROUND)
        assert fault is None
        assert called(parts) == [("list_models", '{"n": 3}')]
        assert provider.bodies[0]["tools"][0]["function"]["name"] == "list_models"
        assert provider.requests[0].path == "/api/chat"
        parts, _ = heard(llm, ROUND)
        assert words(parts) == "two models"
        assert [part.text for part in parts if isinstance(part, ThinkingPart)] == ["hm"]

    def test_one_that_can_not_call_tools_answers_in_words(self, provider: Provider, make: Make, heard: Heard) -> None:
        refused = Answer(status=400, body={"error": "registry.ollama.ai/library/gemma:2b does not support tools"})
        provider.enqueue(refused, llama("in words"))
        parts, fault = heard(make("ollama_chat/gemma:2b", api_base=provider.root, api_key=None), ROUND)
        assert fault is None
        assert parts[0].code == "words_only"
        assert words(parts) == "in words"
        assert "tools" not in provider.bodies[1]

    def test_a_fault_of_the_server_is_no_refusal_of_tools(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(fails(500, "llama runner process has terminated"))
        _, fault = heard(make("ollama_chat/x", api_base=provider.root, api_key=None, retries=0), ROUND)
        assert fault.code is Code.LLM_UNAVAILABLE
        assert len(provider.requests) == 1
