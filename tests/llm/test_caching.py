"""What of a request is marked to be kept, as it arrives at a provider through real litellm."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from provider import Provider, fails, says

from jupyter_mlchat.llm.base import LlmRequest
from jupyter_mlchat.llm.hosted import HostedLlm
from jupyter_mlchat.protocol.records import ToolInfo

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

Make = Callable[..., HostedLlm]
Heard = Callable[..., Any]
NO_ARGUMENTS: dict[str, Any] = {"type": "object", "properties": {}}
TOOLS = [ToolInfo(name, "Models.", NO_ARGUMENTS, "read") for name in ("list_models", "get_model_info")]
CALL = {"id": "c1", "type": "function", "function": {"name": "list_models", "arguments": "{}"}}
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "rules"},
    {"role": "user", "content": "which models?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": '{"ok":true}'},
]
MARK = {"type": "ephemeral"}


def test_claude_is_told_where_a_kept_beginning_may_end(provider: Provider, make: Make, heard: Heard) -> None:
    provider.enqueue(fails(400, "heard enough"))
    heard(make("anthropic/claude-sonnet-4-5", api_base=provider.root), LlmRequest(MESSAGES, TOOLS))
    [body] = provider.bodies
    assert [tool.get("cache_control") for tool in body["tools"]] == [None, MARK]
    assert body["system"] == [{"type": "text", "text": "rules", "cache_control": MARK}]
    last = body["messages"][-1]["content"][-1]
    assert (last["type"], last["cache_control"]) == ("tool_result", MARK)
    assert json.dumps(body).count("cache_control") == 3, "Anthropic refuses more than four"
    assert all("cache_control" not in message for message in MESSAGES)


def test_a_question_without_tools_is_marked_too(provider: Provider, make: Make, heard: Heard) -> None:
    provider.enqueue(fails(400, "heard enough"))
    heard(make("anthropic/claude-sonnet-4-5", api_base=provider.root), LlmRequest(MESSAGES[:2]))
    [body] = provider.bodies
    assert body["messages"][-1]["content"][-1]["cache_control"] == MARK
    assert "tools" not in body


def test_others_keep_the_beginning_unasked_and_it_is_the_same_in_every_round(
    provider: Provider, make: Make, heard: Heard
) -> None:
    provider.enqueue(says("ok"), says("ok"))
    llm = make()
    heard(llm, LlmRequest(MESSAGES[:2], TOOLS))
    heard(llm, LlmRequest(MESSAGES, TOOLS))
    first, second = provider.bodies
    assert "cache_control" not in json.dumps(provider.bodies)
    assert json.dumps(first["tools"]) == json.dumps(second["tools"])
    assert second["messages"][: len(first["messages"])] == first["messages"]
