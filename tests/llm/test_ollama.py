from __future__ import annotations

import asyncio
import socket
import time

import pytest
from provider import Provider

from jupyter_mlchat.llm.ollama import Ollama


def test_its_llms_without_those_that_only_embed(provider: Provider) -> None:
    provider.ollama_llms = ["llama3.2:3b", "mxbai-embed-large:latest", "all-minilm:l6", "qwen3:8b"]
    assert asyncio.run(Ollama().llms(provider.root + "/")) == ["ollama_chat/llama3.2:3b", "ollama_chat/qwen3:8b"]


def test_it_is_asked_again_after_five_minutes(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    ollama, now = Ollama(), [1000.0]
    monkeypatch.setattr("jupyter_mlchat.llm.ollama.time.monotonic", lambda: now[0])

    async def ask(later: float) -> list[str]:
        now[0] += later
        return await ollama.llms(provider.root)

    provider.ollama_llms = ["a"]
    assert asyncio.run(ask(0)) == ["ollama_chat/a"]
    provider.ollama_llms = ["b"]
    assert asyncio.run(ask(299)) == ["ollama_chat/a"]
    assert asyncio.run(ask(2)) == ["ollama_chat/b"]
    assert provider.tags_asked == 2


def test_nobody_there_is_an_empty_list() -> None:
    assert asyncio.run(Ollama().llms("http://127.0.0.1:9")) == []


def test_somebody_who_never_answers_costs_half_a_second() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        assert asyncio.run(Ollama().llms(f"http://127.0.0.1:{silent.getsockname()[1]}")) == []
        assert time.monotonic() - began < 5
