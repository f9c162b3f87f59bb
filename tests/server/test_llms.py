"""Language models and providers over REST."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from provider import Page, Provider, fails, running, says

KEY = "sk-scripted-0123456789abcdefghijklmnop"


@pytest.fixture
def provider():
    with running() as provider:
        yield provider


@pytest.fixture
def mlchat(provider: Provider, monkeypatch: pytest.MonkeyPatch):
    for name, value in (("OPENAI_API_KEY", KEY), ("OLLAMA_BASE_URL", provider.root), ("MISTRAL_API_KEY", KEY)):
        monkeypatch.setenv(name, value)
    return {
        "llm_base_url": provider.url,
        "blocked_llms": ["mistral/*", "openai/secret-*"],
    }


def listing(*names: str) -> Page:
    return Page({"data": [{"id": name, "max_model_len": 4096} for name in names]})


async def test_all_of_a_provider_one_and_a_search(api, provider):
    provider.pages["/v1/models"] = listing("Qwen/Qwen3-8B", "tiny:latest", "secret-one")
    first = (await api("get", "llms")).body
    assert first["llms"][0]["id"] == "builtin" and first["complete"] is False
    usable = (await api("get", "llms", usable=1, refresh=1)).body
    assert [info["id"] for info in usable["llms"]] == ["builtin", "openai/Qwen/Qwen3-8B", "openai/tiny:latest"]
    everything = (await api("get", "llms")).body
    assert everything["complete"] is True and len(everything["llms"]) > 1_000
    assert not [info for info in everything["llms"] if info["provider"] == "mistral"]

    own = (await api("get", "llms/openai")).body["llms"]
    assert [info["name"] for info in own] == ["Qwen/Qwen3-8B", "tiny:latest"]
    one = await api("get", "llms/openai/Qwen/Qwen3-8B")
    assert (one.status, one.body["context_length"], one.body["parameters"]) == (200, 4096, "8B")
    assert set(one.body) >= {"quantization", "size", "capabilities", "price_in", "price_out", "max_tokens"}
    assert (await api("get", "llms/openai/tiny:latest")).body["id"] == "openai/tiny:latest"
    assert (await api("get", "llms/builtin/builtin")).body["id"] == "builtin"

    found = (await api("get", "llms/search", q="qwen3 8b")).body["llms"]
    assert found[0]["id"] == "openai/Qwen/Qwen3-8B"
    none = (await api("get", "llms/search", q="qwenn3-8b")).body
    assert none["llms"] == [] and "openai/Qwen/Qwen3-8B" in none["close"]


async def test_what_is_not_there_and_what_is_asked_wrongly(api, provider):
    provider.pages["/v1/models"] = listing("Qwen/Qwen3-8B", "secret-one")
    await api("get", "providers", refresh=1)
    for path, status, code, word in (
        ("llms/opnai", 404, "not_found", "openai"),
        ("llms/openai/Qwen3-8b", 404, "not_found", "Qwen/Qwen3-8B"),
        ("llms/openai/secret-one", 403, "llm_blocked", "administrator"),
        ("llms/search", 422, "invalid_input", "q="),
        ("llms?usable=yes", 400, "malformed", ""),
        ("providers?refresh=2", 400, "malformed", ""),
    ):
        path, _, query = path.partition("?")
        answer = await api("get", path, **dict([query.split("=")] if query else []))
        assert (answer.status, answer.fault) == (status, code), path
        assert word in answer.body["fault"].get("hint", ""), answer.body


async def test_providers_and_how_they_stand(api, provider):
    provider.pages["/v1/models"] = listing("a", "b")
    provider.ollama_llms = ["llama3.2:3b"]
    health = (await api("get", "providers/health")).body
    assert health["complete"] is True and health["status"] == "healthy"
    assert {name: stands["status"] for name, stands in health["providers"].items()} == {
        "builtin": "healthy",
        "openai": "healthy",
        "ollama_chat": "healthy",
    }
    told = {info["name"]: info for info in (await api("get", "providers")).body["providers"]}
    assert told["openai"]["models_count"] == 2 and told["openai"]["has_key"] is True
    assert told["ollama_chat"]["default_model"] == "ollama_chat/llama3.2:3b"
    assert told["anthropic"]["status"] == "no_key"
    assert set(told["groq"]) >= {"supports_streaming", "supports_tools", "supports_embeddings", "error"}

    provider.pages["/v1/models"] = Page({}, 401, echoes=True)
    ill = await api("get", "providers/health", refresh=1)
    assert (ill.body["status"], ill.body["providers"]["openai"]["status"]) == ("degraded", "error")
    assert KEY not in ill.text
    assert "rejected the API key" in ill.body["providers"]["openai"]["error"]


async def test_a_key_that_a_provider_echoes_is_in_no_answer_and_no_log(api, provider, caplog):
    provider.pages["/v1/models"] = Page({}, 500, echoes=True)
    caplog.set_level("DEBUG")
    texts = [(await api("get", path, refresh=1)).text for path in ("llms", "providers", "providers/health")]
    sent = [look.headers.get("authorization") for look in provider.looked if look.path == "/v1/models"]
    assert set(sent) == {f"Bearer {KEY}"}, "the provider got it"
    assert all(KEY not in text for text in texts)
    assert KEY not in caplog.text


async def test_a_list_that_stalls_holds_up_neither_lists_nor_turns(api, provider):
    provider.pages["/v1/models"] = Page({}, after_s=30.0)
    began = time.monotonic()
    listed = await api("get", "llms")
    assert listed.status == 200 and listed.body["complete"] is False
    waiting = asyncio.ensure_future(api("get", "providers/health"))
    await asyncio.sleep(0.2)
    provider.enqueue(says("It goes on."))
    asked = await api.ask(await api.conversation(), "hello", llm="openai/x")
    assert asked.body["text"] == "It goes on."
    again = await api("get", "providers")
    stands = {info["name"]: info["status"] for info in again.body["providers"]}
    assert stands["openai"] in ("unknown", "unhealthy")
    health = (await waiting).body
    assert time.monotonic() - began < 25, "nobody waited for the stalled list to come"
    assert health["providers"]["openai"]["status"] == "unhealthy"
    assert "did not answer within 5 s" in health["providers"]["openai"]["error"]


async def test_a_wrong_name_is_told_the_right_one(api, provider):
    provider.pages["/v1/models"] = listing("Qwen/Qwen3-8B")
    await api("get", "providers", refresh=1)
    provider.enqueue(fails(404, "no such model"))
    asked = await api.ask(await api.conversation(), "hello", llm="openai/Qwen3-8b")
    fault = asked.body["fault"]
    assert fault["code"] == "llm_unknown"
    assert "Did you mean Qwen/Qwen3-8B?" in fault["hint"]


async def test_over_a_socket(api, connect, provider):
    provider.pages["/v1/models"] = listing("Qwen/Qwen3-8B")
    socket = await connect()
    await socket.send("llms.get")
    told = (await socket.until("llms"))[-1]
    assert [info["id"] for info in told["llms"]] == ["builtin", "openai/Qwen/Qwen3-8B"]
    assert told["total"] == 2
    await socket.send("llms.get", word="no such thing")
    assert (await socket.until("llms"))[-1]["llms"] == []
    await socket.send("llms.get", word="o")
    many = (await socket.until("llms"))[-1]
    assert len(many["llms"]) == 200 and many["total"] > 1_000
    assert len(json.dumps(many)) < 256 * 1024


@pytest.mark.parametrize("status", [400, 401, 403, 422])
async def test_a_turn_that_fails_with_an_echo_of_the_key_does_not_tell_it(api, provider, caplog, status):
    caplog.set_level("DEBUG", logger="jupyter_mlchat")
    provider.enqueue(fails(status, f"bad request, you sent Authorization: Bearer {KEY}"))
    conversation = await api.conversation()
    asked = await api.ask(conversation, "hello", llm="openai/x")
    assert asked.body["state"] == "failed"
    assert provider.requests[0].headers["authorization"] == f"Bearer {KEY}"
    stored = await api("get", f"conversations/{conversation}/events")
    sent = await api("get", f"turns/{asked.body['turn']}/sent")
    for text in (asked.text, stored.text, sent.text, caplog.text):
        assert KEY.lower() not in text.lower()
