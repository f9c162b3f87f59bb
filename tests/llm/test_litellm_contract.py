"""What `llm/hosted.py` relies on inside litellm. A release that changes it fails here, not in a conversation."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from provider import Provider, says

from jupyter_mlchat.llm.providers import ALIASES, KNOWN, PROVIDERS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")


@pytest.fixture(scope="module")
def litellm() -> Any:
    from jupyter_mlchat.llm.hosted import _import_litellm

    return _import_litellm("test")


def test_every_provider_we_know_is_one_of_litellms(litellm: Any) -> None:
    theirs = {getattr(provider, "value", provider) for provider in litellm.provider_list}
    assert theirs >= KNOWN
    assert set(ALIASES.values()) <= set(PROVIDERS)


@pytest.mark.parametrize("name", [p.default for p in PROVIDERS.values() if p.default])
def test_default_llms_go_to_their_provider(litellm: Any, name: str) -> None:
    _, provider, _, _ = litellm.get_llm_provider(name)
    assert provider == name.partition("/")[0]


@pytest.mark.parametrize("name", ["openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-6"])
def test_default_llms_have_tools_and_a_price(litellm: Any, name: str) -> None:
    assert litellm.supports_function_calling(name)
    assert sum(litellm.cost_per_token(model=name, prompt_tokens=1, completion_tokens=1)) > 0


@pytest.mark.parametrize("provider", [p for p in PROVIDERS if PROVIDERS[p].key and p != "azure"])
def test_keys_are_read_from_the_variables_we_name(litellm: Any, monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    key = PROVIDERS[provider].key
    monkeypatch.delenv(key, raising=False)
    assert key in litellm.validate_environment(f"{provider}/x")["missing_keys"]
    monkeypatch.setenv(key, "k")
    assert litellm.validate_environment(f"{provider}/x")["missing_keys"] == []


def test_a_stream_tells_whether_it_was_finished(litellm: Any, provider: Provider) -> None:
    async def ask() -> Any:
        stream = await litellm.acompletion(
            model="openai/x",
            api_base=provider.url,
            api_key="k",
            messages=[{"role": "user", "content": "hi"}],
            stream=True,
            max_retries=0,
            _skip_mcp_handler=True,
        )
        assert stream.received_finish_reason is None
        async for _ in stream:
            pass
        return stream

    provider.enqueue(says("a"))
    stream = asyncio.run(ask())
    assert stream.received_finish_reason == "stop"
    assert inspect.iscoroutinefunction(stream.completion_stream.response.aclose)
