"""What providers and llms there are: at once, without waiting for anybody."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from importlib.metadata import EntryPoint
from typing import Any

import msgspec
import pytest
from provider import Page, Provider

from jupyter_mlchat.llm.catalogue import Catalogue
from jupyter_mlchat.llm.curated import CURATED
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import ProviderInfo
from jupyter_mlchat.settings import MLChat

KEY = "sk-scripted-0123456789abcdefghijklmnop"
NOWHERE = "http://127.0.0.1:9"


def make(traits: dict[str, Any] | None = None, /, **environment: str) -> Catalogue:
    return Catalogue(MLChat(environment={"OLLAMA_BASE_URL": NOWHERE, **environment}, **(traits or {})))


def asked(catalogue: Catalogue, *, force: bool = False) -> Catalogue:
    asyncio.run(catalogue.refreshed(force=force))
    return catalogue


def of(catalogue: Catalogue, name: str) -> ProviderInfo:
    return next(info for info in catalogue.providers() if info.name == name)


def listing(*names: str) -> Page:
    return Page({"data": [{"id": name} for name in names]})


class TestBeforeAnybodyIsAsked:
    def test_a_short_list_is_there_at_once(self, provider: Provider) -> None:
        catalogue = make(LLM_BASE_URL=provider.url, OLLAMA_BASE_URL=provider.root)
        ids = [info.id for info in catalogue.llms()]
        assert ids[0] == "builtin"
        assert {"anthropic/claude-sonnet-4-6", "huggingface/meta-llama/Llama-3.3-70B-Instruct"} <= set(ids)
        assert not catalogue.complete
        assert provider.looked == []

    def test_everything_is_read_without_importing_litellm(self) -> None:
        code = (
            "import asyncio, sys; from jupyter_mlchat.llm.catalogue import Catalogue; "
            "from jupyter_mlchat.settings import MLChat; "
            f"c = Catalogue(MLChat(environment={{'OLLAMA_BASE_URL': {NOWHERE!r}}})); asyncio.run(c.refreshed()); "
            "print(len(c.llms()), c.complete, 'litellm' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
        count, complete, imported = done.stdout.split()
        assert int(count) > 1_500, done.stderr
        assert (complete, imported) == ("True", "False")

    def test_the_list_of_hugging_face_says_what_each_is(self) -> None:
        hub = [info for info in CURATED.values() if info.provider == "huggingface"]
        assert len(hub) >= 10
        assert all(info.context_length and info.parameters.endswith("B") and info.description for info in hub)


class TestWhatAProviderTells:
    def test_a_server_of_ones_own(self, provider: Provider) -> None:
        provider.pages["/v1/models"] = Page({"data": [{"id": "Qwen/Qwen3-8B", "max_model_len": 40960}]})
        catalogue = asked(make(LLM_BASE_URL=provider.url))
        info = of(catalogue, "openai")
        assert (info.status, info.models_count, info.usable, info.error) == ("healthy", 1, True, "")
        assert abs(info.checked - time.time()) < 60
        [found] = catalogue.llms("openai")
        assert (found.id, found.context_length, found.price_in) == ("openai/Qwen/Qwen3-8B", 40960, None)
        assert info.default_model == ""
        assert found in catalogue.usable()
        assert catalogue.one("openai", "Qwen/Qwen3-8B") == found

    def test_facts_of_the_price_list_are_added(self, provider: Provider) -> None:
        provider.pages["/v1/models"] = listing("mistral-medium-latest", "newer-than-the-list", "mistral-embed")
        catalogue = asked(make(MISTRAL_API_KEY=KEY, MISTRAL_API_BASE=provider.url))
        found = {info.name: info for info in catalogue.llms("mistral")}
        assert list(found) == ["mistral-medium-latest", "newer-than-the-list"]
        assert found["mistral-medium-latest"].price_out and "tools" in found["mistral-medium-latest"].capabilities
        assert found["newer-than-the-list"].price_out is None
        info = of(catalogue, "mistral")
        assert (info.supports_embeddings, info.supports_tools, info.supports_streaming) == (True, True, True)
        assert info.default_model == "mistral/mistral-medium-latest"
        assert provider.looked[0].headers["authorization"] == f"Bearer {KEY}"

    def test_an_ollama_with_all_its_details(self, provider: Provider) -> None:
        details = {"parameter_size": "3.2B", "quantization_level": "Q4_K_M", "family": "llama"}
        entry = {"name": "llama3.2:3b", "size": 2_019_393_189, "digest": "a80c4f17acd5", "details": details}
        embedder = {"name": "nomic", "details": {"family": "bert"}}
        provider.pages["/api/tags"] = Page({"models": [entry, embedder]})
        provider.shows["llama3.2:3b"] = {
            "capabilities": ["completion", "tools"],
            "model_info": {"general.parameter_count": 3212749888, "llama.context_length": 131072},
        }
        provider.shows["nomic"] = {"capabilities": ["embedding"]}
        catalogue = asked(make(OLLAMA_BASE_URL=provider.root))
        [info] = catalogue.llms("ollama")
        assert (info.id, info.context_length, info.parameters) == ("ollama_chat/llama3.2:3b", 131072, "3.2B")
        assert (info.quantization, info.family, info.digest) == ("Q4_K_M", "llama", "a80c4f17acd5")
        assert (info.size, info.capabilities, info.price_in) == (2_019_393_189, ["tools", "streaming"], 0.0)
        ollama = of(catalogue, "ollama_chat")
        assert (ollama.status, ollama.default_model, ollama.supports_embeddings) == ("healthy", info.id, True)

    def test_an_ollama_that_shows_nothing_still_lists(self, provider: Provider) -> None:
        provider.ollama_llms = ["llama3.2:3b", "mxbai-embed-large"]
        assert [info.name for info in asked(make(OLLAMA_BASE_URL=provider.root)).llms("ollama")] == ["llama3.2:3b"]

    def test_a_door_of_others_is_a_provider(self, monkeypatch: pytest.MonkeyPatch) -> None:
        door = EntryPoint("acme", "acme:make", "jupyter_mlchat.llms")
        monkeypatch.setattr("jupyter_mlchat.llm.catalogue.entry_points", lambda group: [door])
        assert of(asked(make()), "acme").usable


class TestHowProvidersStand:
    @pytest.mark.parametrize(
        ("page", "status", "words"),
        [
            (Page({}, 401, echoes=True), "error", "rejected the API key. Set a valid MISTRAL_API_KEY"),
            (Page({}, 403, echoes=True), "error", "does not let this key see its llms"),
            (Page({}, 404), "error", "Does MISTRAL_API_BASE end as it should"),
            (Page({}, 429, echoes=True), "unhealthy", "too many requests"),
            (Page({}, 503, echoes=True), "unhealthy", "answered with error 503"),
            (Page({}, 302, {"Location": "http://127.0.0.1:9/"}), "error", "points to another address"),
            (Page(b"<html>"), "error", "is no list of llms"),
            (Page({"data": "no"}), "error", "is no list of llms"),
        ],
    )
    def test_by_what_they_answer(self, provider: Provider, page: Page, status: str, words: str) -> None:
        provider.pages["/v1/models"] = page
        catalogue = asked(make(MISTRAL_API_KEY=KEY, MISTRAL_API_BASE=provider.url))
        info = of(catalogue, "mistral")
        assert (info.status, info.usable, info.has_key) == (status, False, True)
        assert words in info.error
        assert provider.looked, "it was asked"
        assert KEY not in msgspec.json.encode([catalogue.providers(), catalogue.llms()]).decode()
        assert info.models_count > 10, "what is known of it is still listed"

    def test_nobody_there(self) -> None:
        catalogue = asked(make(LLM_BASE_URL=f"{NOWHERE}/v1"))
        info = of(catalogue, "openai")
        assert (info.status, info.error) == ("unhealthy", "Can't reach 127.0.0.1:9. Check LLM_BASE_URL.")
        assert "ollama serve" in of(catalogue, "ollama_chat").error
        assert [each.name for each in catalogue.meant()] == ["builtin", "openai"]

    def test_an_ollama_that_was_wanted_is_missed(self) -> None:
        names = [info.name for info in asked(make(DEFAULT_AI_PROVIDER="ollama")).meant()]
        assert names == ["builtin", "ollama_chat"]

    @pytest.mark.parametrize("url", ["ftp://host/v1", "host:8000/v1", "http://user:secret@/"])
    def test_an_address_that_is_none(self, url: str) -> None:
        info = of(asked(make(LLM_BASE_URL=url)), "openai")
        assert (info.status, info.usable) == ("error", False)
        assert info.error.startswith("LLM_BASE_URL is not an http or https address.")
        assert "secret" not in info.error

    def test_without_a_key_nobody_is_asked(self, provider: Provider) -> None:
        catalogue = asked(make())
        info = of(catalogue, "anthropic")
        assert (info.status, info.has_key, info.usable, info.checked) == ("no_key", False, False, 0.0)
        assert info.error == "Set ANTHROPIC_API_KEY in the environment or settings of the server."
        assert [each.id for each in catalogue.usable()] == ["builtin"]
        assert of(catalogue, "builtin").status == "healthy"
        assert "LM_STUDIO_API_BASE" in of(catalogue, "lm_studio").error

    def test_a_key_that_can_not_be_tried_is_taken_as_good(self) -> None:
        info = of(asked(make(AZURE_API_KEY=KEY)), "azure")
        assert (info.status, info.usable, info.error) == ("unknown", True, "")

    def test_without_litellm_none_but_the_builtin_is_usable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for room in ("health", "price_map"):
            monkeypatch.setattr(f"jupyter_mlchat.llm.{room}.find_spec", lambda name: None)
        catalogue = asked(make(AZURE_API_KEY=KEY))
        info = of(catalogue, "azure")
        assert (info.status, info.usable) == ("error", False)
        assert 'pip install "jupyter-mlchat[llms]"' in info.error
        assert len(catalogue.llms()) == len(CURATED) + 1


class TestAsking:
    def test_who_stalls_holds_up_nobody(self, provider: Provider) -> None:
        """The list is there, and the loop goes on, while a provider takes its time."""
        provider.pages["/v1/models"] = Page({}, after_s=30.0)
        provider.ollama_llms = ["llama3.2:3b"]
        catalogue = make(LLM_BASE_URL=provider.url, OLLAMA_BASE_URL=provider.root)

        async def look() -> tuple[float, int, float]:
            began = time.monotonic()
            catalogue.refresh()
            count = len(catalogue.llms())
            at_once, longest = time.monotonic() - began, 0.0
            waiting = asyncio.ensure_future(catalogue.refreshed(patience_s=3.0))
            while not waiting.done():
                before = time.monotonic()
                await asyncio.sleep(0.01)
                longest = max(longest, time.monotonic() - before)
            return at_once, count, longest

        at_once, count, longest = asyncio.run(look())
        assert at_once < 10 and count > 10 and longest < 2.5
        assert not catalogue.complete
        assert of(catalogue, "openai").status == "unknown" and of(catalogue, "ollama_chat").status == "healthy"

    def test_it_is_not_asked_again_for_five_minutes_unless_forced(self, provider: Provider) -> None:
        now = [1000.0]
        provider.pages["/v1/models"] = listing("a")
        settings = MLChat(environment={"OLLAMA_BASE_URL": NOWHERE, "LLM_BASE_URL": provider.url})
        catalogue = Catalogue(settings, lambda: now[0])
        counts = []
        for later, force in ((0, False), (299, False), (0, True), (299, False), (2, False)):
            now[0] += later
            asked(catalogue, force=force)
            counts.append(len(provider.looked))
        assert counts == [1, 1, 2, 2, 3]

    def test_trouble_is_looked_at_again_sooner_and_loses_no_llms(self, provider: Provider) -> None:
        now = [1000.0]
        provider.pages["/v1/models"] = listing("a", "b")
        settings = MLChat(environment={"OLLAMA_BASE_URL": NOWHERE, "LLM_BASE_URL": provider.url})
        catalogue = asked(Catalogue(settings, lambda: now[0]))
        provider.pages["/v1/models"] = Page({}, 503)
        asked(catalogue, force=True)
        assert (of(catalogue, "openai").status, of(catalogue, "openai").models_count) == ("unhealthy", 2)
        provider.pages["/v1/models"] = listing("a")
        now[0] += 31
        assert of(asked(catalogue), "openai").status == "healthy"

    def test_other_settings_are_another_place(self, provider: Provider) -> None:
        provider.pages["/v1/models"] = listing("a")
        traits = MLChat(environment={"OLLAMA_BASE_URL": NOWHERE, "LLM_BASE_URL": provider.url})
        catalogue = asked(Catalogue(traits))
        traits.llm_base_url = f"{NOWHERE}/v1"
        assert catalogue.llms("openai") == []
        assert of(catalogue, "openai").status == "unknown"
        assert of(asked(catalogue), "openai").status == "unhealthy"


class TestWhatIsPermitted:
    def test_the_rest_is_neither_listed_nor_asked(self, provider: Provider) -> None:
        provider.pages["/v1/models"] = listing("small", "large")
        catalogue = asked(make({"blocked_llms": ["openai/large", "ollama_chat/*"]}, LLM_BASE_URL=provider.url))
        assert [info.name for info in catalogue.llms("openai")] == ["small"]
        assert "openai/large" not in [info.id for info in catalogue.search("large")]
        with pytest.raises(Fault) as raised:
            catalogue.one("openai", "large")
        assert raised.value.code == Code.LLM_BLOCKED
        assert of(catalogue, "ollama_chat").checked == 0.0

    def test_a_blocked_provider_gets_no_key(self, provider: Provider) -> None:
        provider.pages["/v1/models"] = listing("small")
        environment = {"MISTRAL_API_KEY": KEY, "MISTRAL_API_BASE": provider.url}
        catalogue = asked(make({"allowed_llms": ["anthropic/*"]}, **environment))
        assert provider.looked == []
        info = of(catalogue, "mistral")
        assert (info.models_count, info.default_model, info.usable) == (0, "", False)
        asked(make({"allowed_llms": ["mistral/mistral-small*"]}, **environment))
        assert len(provider.looked) == 1

    def test_also_the_built_in_engine_can_be_blocked(self) -> None:
        catalogue = make({"blocked_llms": ["builtin"]})
        assert not of(catalogue, "builtin").usable
        assert catalogue.usable() == []


class TestLookingFor:
    def test_words_find_names_first(self) -> None:
        catalogue = asked(make(ANTHROPIC_API_KEY=KEY, ANTHROPIC_API_BASE=NOWHERE))
        found = [info.id for info in catalogue.search("Claude SONNET")]
        assert found and all("claude" in id and "sonnet" in id for id in found)
        assert catalogue.search("gpt-4.1-mini")[0].name == "gpt-4.1-mini"
        assert {info.provider for info in catalogue.search("hugging face reasoning")} == {"huggingface"}
        assert catalogue.search("zzzz nothing like that") == []
        assert "openai/gpt-4.1-mini" in catalogue.close("openai/gpt4.1-mini")

    @pytest.mark.parametrize("words", ["", "   "])
    def test_no_words_find_nothing(self, words: str) -> None:
        with pytest.raises(Fault) as raised:
            make().search(words)
        assert (raised.value.code, raised.value.record.about) == (Code.INVALID_INPUT, "q")

    def test_one_that_is_not_there(self) -> None:
        catalogue = make()
        with pytest.raises(Fault) as raised:
            catalogue.one("huggingface", "meta-llama/Llama-3.3-70B")
        assert raised.value.code == Code.NOT_FOUND
        assert "meta-llama/Llama-3.3-70B-Instruct" in raised.value.record.hint
        with pytest.raises(Fault) as raised:
            catalogue.llms("opnai")
        assert "openai" in raised.value.record.hint
