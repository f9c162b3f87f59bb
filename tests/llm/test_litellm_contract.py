"""What `llm/hosted.py` relies on inside litellm. A release that changes it fails here, not in a conversation."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from provider import Provider, says

from jupyter_mlchat.llm.price_map import read_price_map
from jupyter_mlchat.llm.providers import ALIASES, PROVIDERS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")


@pytest.fixture(scope="module")
def litellm() -> Any:
    from jupyter_mlchat.llm.hosted import _import_litellm

    return _import_litellm("test")


def test_every_provider_we_know_is_one_of_litellms(litellm: Any) -> None:
    theirs = {getattr(provider, "value", provider) for provider in litellm.provider_list}
    assert theirs >= set(PROVIDERS)
    assert set(ALIASES.values()) <= set(PROVIDERS)


@pytest.mark.parametrize("name", [p.default for p in PROVIDERS.values() if p.default])
def test_default_llms_go_to_their_provider(litellm: Any, name: str) -> None:
    _, provider, _, _ = litellm.get_llm_provider(name)
    assert provider == name.partition("/")[0]


@pytest.mark.parametrize("name", ["openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-6"])
def test_default_llms_have_tools_and_a_price(litellm: Any, name: str) -> None:
    assert litellm.supports_function_calling(name)
    assert sum(litellm.cost_per_token(model=name, prompt_tokens=1, completion_tokens=1)) > 0


MAIN = "openai anthropic huggingface gemini mistral groq deepseek openrouter together_ai xai perplexity cerebras"


@pytest.mark.parametrize("provider", MAIN.split())
def test_keys_are_read_from_the_variables_we_name(litellm: Any, monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    key = PROVIDERS[provider].key
    monkeypatch.delenv(key, raising=False)
    assert key in litellm.validate_environment(f"{provider}/x")["missing_keys"]
    monkeypatch.setenv(key, "k")
    assert litellm.validate_environment(f"{provider}/x")["missing_keys"] == []


def test_every_variable_we_name_is_one_that_litellm_reads(litellm: Any) -> None:
    folder = Path(litellm.__file__).parent
    source = "\n".join(path.read_text("utf-8") for path in (*folder.rglob("*.py"), *folder.rglob("providers.json")))
    read = set(re.findall(r"""["']([A-Z0-9_]{5,})["']""", source))
    named = {name for p in PROVIDERS.values() for name in (p.key, p.base, *p.further) if name}
    assert len(named) > 60
    assert named <= read


def test_the_price_list_is_read_as_litellm_reads_it(litellm: Any) -> None:
    prices = read_price_map()
    assert len(prices.llms) > 1_500 and {"openai", "mistral", "gemini"} <= prices.embed
    for name in ("openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-6", "mistral/mistral-medium-latest"):
        ours, theirs = prices.llms[name], litellm.get_model_info(name)
        assert (ours.context_length, ours.max_tokens) == (theirs["max_input_tokens"], theirs["max_output_tokens"])
        assert ours.price_in == pytest.approx(theirs["input_cost_per_token"] * 1e6)
        assert ours.price_out == pytest.approx(theirs["output_cost_per_token"] * 1e6)
        assert ("tools" in ours.capabilities) is bool(theirs["supports_function_calling"])


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
