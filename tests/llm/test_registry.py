from __future__ import annotations

import asyncio
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from provider import Page, Provider, fails, says

from jupyter_mlchat.llm.base import CancelToken, Llm, LlmRequest, RetryPart, TextPart
from jupyter_mlchat.llm.catalogue import Catalogue
from jupyter_mlchat.llm.chain import Chain
from jupyter_mlchat.llm.hosted import HostedLlm
from jupyter_mlchat.llm.registry import Llms, LlmSettings, full_name, make_llm, permitted
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.settings import MLChat

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

NOWHERE = "http://127.0.0.1:9"


def choose(name: str = "", *, traits: dict[str, Any] | None = None, **environment: str) -> Llm:
    settings = MLChat(environment={"OLLAMA_BASE_URL": NOWHERE, **environment}, **(traits or {}))
    return asyncio.run(Llms(settings).choose(name))


def said(llm: Llm) -> str:
    parts = llm.stream(LlmRequest([{"role": "user", "content": "hi"}]), CancelToken())
    return "".join(part.text for part in parts if isinstance(part, TextPart))


class TestWithNothingNamed:
    def test_the_built_in_engine_at_last(self) -> None:
        llm = choose()
        assert (llm.name, llm.local) == ("builtin", True)

    @pytest.mark.parametrize(
        ("keys", "name"),
        [
            ({"HUGGINGFACE_API_KEY": "h", "ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o"}, "openai"),
            ({"HUGGINGFACE_API_KEY": "h", "ANTHROPIC_API_KEY": "a"}, "anthropic"),
            ({"HUGGINGFACE_API_KEY": "h"}, "huggingface"),
        ],
    )
    def test_the_first_that_has_a_key(self, keys: dict[str, str], name: str) -> None:
        llm = choose(**keys)
        assert llm.name.startswith(f"{name}/")
        assert not llm.local

    def test_a_key_selects_nothing_without_litellm(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("jupyter_mlchat.llm.registry.find_spec", lambda name: None)
        assert choose(OPENAI_API_KEY="o").name == "builtin"

    def test_a_running_ollama_with_an_llm_for_chat(self, provider: Provider) -> None:
        provider.ollama_llms = ["nomic-embed-text:latest", "llama3.2:3b", "qwen3:8b"]
        assert choose(OLLAMA_BASE_URL=provider.root).name == "ollama_chat/llama3.2:3b"
        provider.ollama_llms = ["nomic-embed-text:latest"]
        assert choose(OLLAMA_BASE_URL=provider.root).name == "builtin"

    def test_a_key_goes_before_ollama_and_the_setting_before_both(self, provider: Provider) -> None:
        provider.ollama_llms = ["llama3.2:3b"]
        environment = {"OLLAMA_BASE_URL": provider.root, "OPENAI_API_KEY": "o"}
        assert choose(**environment).name.startswith("openai/")
        assert choose(**environment, DEFAULT_AI_PROVIDER="ollama").name == "ollama_chat/llama3.2:3b"
        assert choose(**environment, LLM_DEFAULT_MODEL="groq/llama-4").name == "groq/llama-4"
        assert provider.tags_asked == 1

    def test_what_is_not_permitted_is_not_offered(self, provider: Provider) -> None:
        provider.ollama_llms = ["llama3.2:3b", "qwen3:8b"]
        llm = choose(OLLAMA_BASE_URL=provider.root, traits={"blocked_llms": ["*/llama*"]})
        assert llm.name == "ollama_chat/qwen3:8b"
        assert choose(OPENAI_API_KEY="o", traits={"allowed_llms": ["groq/*"]}).name == "builtin"

    def test_a_server_without_the_name_of_its_llm(self) -> None:
        with pytest.raises(Fault) as raised:
            choose(LLM_BASE_URL="http://127.0.0.1:8000/v1")
        assert raised.value.record.about == "LLM_DEFAULT_MODEL"


class TestNames:
    @pytest.mark.parametrize(
        ("name", "settings", "full"),
        [
            ("openai/gpt-4o-mini", {}, "openai/gpt-4o-mini"),
            ("OpenAI/gpt-4o-mini", {}, "openai/gpt-4o-mini"),
            ("ollama/llama3.2:3b", {}, "ollama_chat/llama3.2:3b"),
            ("openrouter/meta/llama", {}, "openrouter/meta/llama"),
            ("gpt-4o-mini", {"default_provider": "openai"}, "openai/gpt-4o-mini"),
            ("qwen3", {"base_url": "http://x/v1"}, "openai/qwen3"),
            ("Qwen/Qwen3-8B", {"base_url": "http://x/v1"}, "openai/Qwen/Qwen3-8B"),
            ("builtin", {"base_url": "http://x/v1"}, "builtin"),
        ],
    )
    def test_as_litellm_wants_them(self, name: str, settings: dict[str, str], full: str) -> None:
        assert full_name(name, LlmSettings(**settings)) == full

    @pytest.mark.parametrize(
        ("name", "close"),
        [("opena/gpt-4o", "openai"), ("gpt-4o", "provider/name"), ("built-in", "builtin"), ("openai/", "openai")],
    )
    def test_unknown_ones_with_close_ones(self, name: str, close: str) -> None:
        with pytest.raises(Fault) as raised:
            choose(name)
        record = raised.value.record
        assert (record.code, record.message) == (Code.LLM_UNKNOWN, f"There is no llm {name!r}.")
        assert close in record.hint

    def test_a_provider_alone_is_its_default_llm(self) -> None:
        assert choose("anthropic").name == "anthropic/claude-sonnet-4-6"

    def test_ollama_that_does_not_answer(self) -> None:
        with pytest.raises(Fault) as raised:
            choose("ollama")
        record = raised.value.record
        assert record.code == Code.LLM_UNREACHABLE
        assert record.message == "No Ollama with a chat llm answers at 127.0.0.1:9."
        assert "Is Ollama running?" in record.hint

    @pytest.mark.parametrize("variable", ["LLM_BASE_URL", "OLLAMA_BASE_URL", "GROQ_API_BASE"])
    @pytest.mark.parametrize("url", ["ftp://host/v1", "localhost:8000", "http://user:secret@:80/", "http://a:b/v1"])
    def test_an_address_that_is_none(self, variable: str, url: str) -> None:
        name = {"LLM_BASE_URL": "openai/x", "OLLAMA_BASE_URL": "ollama_chat/x", "GROQ_API_BASE": "groq/x"}[variable]
        with pytest.raises(Fault) as raised:
            choose(name, **{variable: url})
        record = raised.value.record
        assert (record.code, record.about) == (Code.LLM_UNREACHABLE, variable)
        assert record.message == f"{variable} is not an http or https address."
        assert "secret" not in f"{record}"

    def test_a_name_without_its_provider(self) -> None:
        settings = MLChat(environment={"OLLAMA_BASE_URL": NOWHERE})
        catalogue = Catalogue(settings)
        asyncio.run(catalogue.refreshed())
        with pytest.raises(Fault) as raised:
            asyncio.run(Llms(settings, catalogue=catalogue).choose("gpt-4.1-mini"))
        assert "Did you mean openai/gpt-4.1-mini" in raised.value.record.hint

    def test_the_lists_of_the_administrator(self) -> None:
        settings = LlmSettings(allowed_llms=["openai/*"], blocked_llms=["*/gpt-5*"])
        names = ["openai/gpt-4o", "openai/gpt-5.5", "groq/x", "builtin"]
        assert [permitted(name, settings) for name in names] == [True, False, False, True]
        assert not permitted("builtin", LlmSettings(blocked_llms=["builtin"]))
        with pytest.raises(Fault) as raised:
            make_llm("groq/x", settings)
        record = raised.value.record
        assert (record.code, record.message) == (Code.LLM_BLOCKED, "groq/x is not permitted here.")

    def test_a_door_of_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        door = EntryPoint("acme", f"{__name__}:Acme", "jupyter_mlchat.llms")
        monkeypatch.setattr("jupyter_mlchat.llm.registry.entry_points", lambda group: [door])
        made = choose("acme/one")
        assert type(made).__name__ == "Acme"
        assert made.name == "acme/one"


class Acme:
    local = True

    def __init__(self, name: str) -> None:
        self.name = name


class TestWhatIsMade:
    def test_it_asks_the_configured_server_with_the_configured_numbers(self, provider: Provider) -> None:
        provider.enqueue(says("from here"))
        llm = choose(
            "openai/qwen3",
            LLM_BASE_URL=provider.url,
            OPENAI_API_KEY="sk-here",
            AI_MAX_TOKENS="77",
            AI_TEMPERATURE="0.7",
        )
        assert said(llm) == "from here"
        body, headers = provider.bodies[0], provider.requests[0].headers
        assert (body["model"], body["max_tokens"], body["temperature"]) == ("qwen3", 77, 0.7)
        assert headers["authorization"] == "Bearer sk-here"

    def test_keys_and_addresses_of_every_provider_go_along(self, provider: Provider) -> None:
        provider.enqueue(says("from groq"))
        assert said(choose("groq/x", GROQ_API_KEY="sk-groq", GROQ_API_BASE=provider.url)) == "from groq"
        assert provider.requests[0].headers["authorization"] == "Bearer sk-groq"

    def test_a_name_that_the_server_does_not_know(self, provider: Provider) -> None:
        provider.pages["/v1/models"] = Page({"data": [{"id": "Qwen/Qwen3-8B"}]})
        provider.enqueue(fails(404, "no"))
        environment = {"LLM_BASE_URL": provider.url, "OLLAMA_BASE_URL": NOWHERE}
        settings = MLChat(environment=environment, env_file="")
        catalogue = Catalogue(settings)

        async def fault() -> str:
            llm = await Llms(settings, catalogue=catalogue).choose("openai/Qwen3-8b")
            await catalogue.refreshed()
            with pytest.raises(Fault) as raised:
                await asyncio.to_thread(said, llm)
            return raised.value.record.hint

        assert asyncio.run(fault()) == "Did you mean Qwen/Qwen3-8B? Check the name."

    def test_what_runs_nearby_gets_time_to_load(self) -> None:
        settings = LlmSettings(timeout_s=7, local_first_chunk_s=99, base_url="http://127.0.0.1:1/v1")
        times = {
            name: (llm._timeout_s, llm._first_chunk_timeout_s)
            for name in ("ollama_chat/x", "openai/x", "groq/x")
            if isinstance(llm := make_llm(name, settings), HostedLlm)
        }
        assert times == {"ollama_chat/x": (7, 99), "openai/x": (7, 99), "groq/x": (7, 7)}

    def test_the_fallback_steps_in(self, provider: Provider) -> None:
        provider.ollama_llms = ["llama3.2:3b"]
        provider.enqueue(fails(401, "no"), says("from ollama"))
        llm = choose(
            "openai/x",
            LLM_BASE_URL=provider.url,
            OLLAMA_BASE_URL=provider.root,
            FALLBACK_AI_PROVIDER="ollama",
        )
        parts = list(llm.stream(LlmRequest([{"role": "user", "content": "hi"}]), CancelToken()))
        assert isinstance(parts[0], RetryPart)
        assert parts[0].text.endswith("ollama_chat/llama3.2:3b answers instead.")
        assert parts[1] == TextPart("from ollama")

    def test_a_fallback_that_is_not_there_keeps_nobody_from_answering(self, provider: Provider) -> None:
        provider.enqueue(says("fine"))
        llm = choose("openai/x", LLM_BASE_URL=provider.url, FALLBACK_AI_PROVIDER="ollama")
        assert said(llm) == "fine"

    def test_fallbacks_come_in_their_order_once_each_and_the_builtin_engine_is_last(self) -> None:
        named = "nowhere/x, openai/b ,openai/x,groq/c,openai/b"
        llm = choose("openai/x", FALLBACK_AI_PROVIDER=named)
        assert isinstance(llm, Chain)
        assert [link.name for link in llm.links] == ["openai/x", "openai/b", "groq/c"]
        assert llm.last is not None and llm.last.name == "builtin"
        named_builtin = choose("openai/x", LLM_BASE_URL="http://127.0.0.1:1/v1", FALLBACK_AI_PROVIDER="builtin")
        assert isinstance(named_builtin, Chain)
        assert [link.name for link in named_builtin.links] == ["openai/x", "builtin"]
        assert named_builtin.last is None

    def test_the_breaker_is_the_services_own(self) -> None:
        llms = Llms(MLChat(environment={"LLM_BASE_URL": f"{NOWHERE}/v1", "OLLAMA_BASE_URL": NOWHERE}))
        request = LlmRequest([{"role": "user", "content": "write me a poem"}])
        messages = []
        for _ in range(4):
            with pytest.raises(Fault) as raised:
                list(asyncio.run(llms.choose("openai/x")).stream(request, CancelToken()))
            messages.append(raised.value.record.message)
        llms.close()
        assert messages[0] == messages[2] == "Can't reach 127.0.0.1:9."
        assert "3 times in a row" in messages[3]
