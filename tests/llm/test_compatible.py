"""Lists of llms as servers write them."""

from __future__ import annotations

from typing import Any

import pytest
from provider import Page, Provider

from jupyter_mlchat.llm.compatible import llms_at
from jupyter_mlchat.llm.fetch import FetchError
from jupyter_mlchat.protocol.records import LlmInfo


def read(provider: Provider, *entries: Any, who: str = "openai") -> list[LlmInfo]:
    provider.pages["/v1/models"] = Page({"object": "list", "data": list(entries)})
    return llms_at(f"{provider.url}/models", "k", who)[0]


def test_openrouter_tells_all(provider: Provider) -> None:
    [info] = read(
        provider,
        {
            "id": "meta-llama/llama-3.3-70b-instruct",
            "description": "Good\n at   much.",
            "context_length": 131072,
            "architecture": {"input_modalities": ["text", "image"]},
            "pricing": {"prompt": "0.00000012", "completion": "0.0000003"},
            "top_provider": {"context_length": 65536, "max_completion_tokens": 16384},
            "supported_parameters": ["tools", "reasoning", "temperature"],
        },
        who="openrouter",
    )
    assert info == LlmInfo(
        id="openrouter/meta-llama/llama-3.3-70b-instruct",
        name="meta-llama/llama-3.3-70b-instruct",
        provider="openrouter",
        description="Good at much.",
        context_length=131072,
        max_tokens=16384,
        parameters="70B",
        capabilities=["tools", "vision", "reasoning", "streaming"],
        price_in=0.12,
        price_out=0.3,
    )


@pytest.mark.parametrize(
    ("entry", "facts"),
    [
        ({"id": "Qwen/Qwen3-8B-AWQ", "max_model_len": 40960}, (40960, "8B", "AWQ", None)),
        (
            {"id": "smol.q8_0.gguf", "meta": {"n_ctx_train": 8192, "n_params": 134515008, "size": 144_000_000}},
            (8192, "135M", "Q8_0", 144_000_000),
        ),
        ({"id": "mixtral-8x7b", "context_window": 32768.0}, (32768, "8x7B", "", None)),
        ({"id": "gpt-4.1-mini", "context_length": "long"}, (None, "", "", None)),
        ({"id": "x", "context_length": -1, "max_model_len": True}, (None, "", "", None)),
    ],
)
def test_what_else_servers_tell(provider: Provider, entry: dict[str, Any], facts: tuple[Any, ...]) -> None:
    [info] = read(provider, entry)
    assert (info.context_length, info.parameters, info.quantization, info.size) == facts


def test_mistral_and_together_say_what_each_is_for(provider: Provider) -> None:
    found = read(
        provider,
        {"id": "chats", "capabilities": {"completion_chat": True, "function_calling": True, "vision": True}},
        {"id": "fills-in", "capabilities": {"completion_chat": False}},
        {"id": "draws", "type": "image"},
        {"id": "talks", "type": "chat", "pricing": {"input": 0.2, "output": 0.6}},
    )
    assert [info.name for info in found] == ["chats", "talks"]
    assert found[0].capabilities == ["tools", "vision", "streaming"]
    assert (found[1].price_in, found[1].price_out) == (0.2, 0.6)


def test_what_does_not_chat_is_left_out_but_known_to_embed(provider: Provider) -> None:
    names = ["gpt-4.1", "text-embedding-3-small", "whisper-1", "dall-e-3", "tts-1", "omni-moderation-latest"]
    provider.pages["/v1/models"] = Page([{"id": name} for name in names])
    found, embeds = llms_at(f"{provider.url}/models", "", "openai")
    assert [info.name for info in found] == ["gpt-4.1"]
    assert embeds
    assert "authorization" not in provider.looked[0].headers


def test_anthropic_wants_its_own_header_and_google_has_its_own_names(provider: Provider) -> None:
    assert [info.id for info in read(provider, {"id": "claude-x"}, who="anthropic")] == ["anthropic/claude-x"]
    headers = provider.looked[0].headers
    assert headers["x-api-key"] == "k" and "authorization" not in headers
    [info] = read(provider, {"id": "models/gemini-2.5-flash"}, who="gemini")
    assert (info.id, info.name) == ("gemini/gemini-2.5-flash", "gemini-2.5-flash")


def test_hostile_entries_are_not_taken(provider: Provider) -> None:
    hostile: list[Any] = [
        7,
        {},
        {"id": None},
        {"id": "a\nb"},
        {"id": "x" * 500},
        {"id": "\x1b[31mred"},
        {"id": " padded "},
        {"id": "fine", "description": {"a": 1}, "meta": [], "pricing": {"prompt": "NaN", "completion": "-1"}},
        {"id": "told", "description": "\u202eright" + "y" * 5_000, "capabilities": ["a"], "supported_parameters": 3},
    ]
    found = read(provider, *hostile)
    assert [info.name for info in found] == ["fine", "told"]
    assert (found[0].price_in, found[0].price_out, found[0].description) == (None, None, "")
    assert len(found[1].description) == 300 and "\u202e" not in found[1].description


@pytest.mark.parametrize("body", [{"data": 3}, {}, "text", 7, None])
def test_what_is_no_list(provider: Provider, body: Any) -> None:
    provider.pages["/v1/models"] = Page(body)
    with pytest.raises(FetchError) as raised:
        llms_at(f"{provider.url}/models", "", "openai")
    assert raised.value.kind == "garbled"
