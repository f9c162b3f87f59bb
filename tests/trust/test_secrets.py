"""Marked keys are planted in every place that keys may come from; then everything that was written is searched."""

from __future__ import annotations

import base64
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from dialects import claude_fails
from provider import Answer, Page, Provider, breaks, fails, garbled, running, says, whole
from server.apart import TOKEN, Apart, said_by
from server.walk import filled
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_mlchat.llm.external import ExternalAgent
from jupyter_mlchat.llm.health import Source
from jupyter_mlchat.llm.keys import is_key, open_keyring
from jupyter_mlchat.llm.registry import LlmSettings
from jupyter_mlchat.llm.trouble import Place
from jupyter_mlchat.protocol.operations import OPERATIONS
from jupyter_mlchat.settings import MLChat

KEYS = {
    "environment": "sk-proj-Vq7dNw3KzR9tXb5LmYc2HfJ8PgS4",
    "env_file": "sk-ant-Jt4ZkWq9MnRc6BvXy2GhLd8FsP5T",
    "keyring": "mQz8RvYt3KwNc7XdLb5HgJf2PsTq9MnW",
    "agent": "agnt-Xw6HkTz2QvMd9RbNc4YfLs8GjPq3",
    "address": "pw-Bn5GxKt7VzQw3RmYd9HcLf2JsTp8",
}
BACKEND = """
from keyring.backend import KeyringBackend
class Ring(KeyringBackend):
    priority = 1
    def get_password(self, service, name):
        return {("tests", "MISTRAL_API_KEY"): %r}.get((service, name))
    def set_password(self, service, name, value): ...
    def delete_password(self, service, name): ...
"""
LLMS = {"environment": "openai/one", "env_file": "anthropic/claude-sonnet-4-6", "keyring": "mistral/small"}


def faults_with(key: str) -> list[Answer]:
    """What a careless provider answers: the key in every place where it can be said."""
    return [
        fails(401, f"Incorrect API key provided: {key}. You can find yours at https://host/{key}"),
        fails(400, f"The request with {key} is not valid, {key.lower()}, {key[:20]}"),
        fails(403, f"{key} may not use this llm", headers={"X-Key": key}),
        fails(404, f"No such llm for {key}"),
        fails(422, f"bearer {key}"),
        Answer(status=302, body={"moved": key}, headers={"Location": f"http://127.0.0.1:9/?key={key}"}),
        Answer(status=418, body={"error": key}),
        Answer(body={"error": {"message": f"{key} is overloaded"}}),
        garbled("half of it"),
        Answer([f'data: {{"error": {{"message": "{key}"}}}}\n\n'.encode()]),
        breaks("half of it"),
        whole("all of it at once"),
        says("fine"),
    ]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as made:
        made.pages["/v1/models"] = Page(status=401, echoes=True)
        made.pages["/v1/models?limit=1000"] = Page(status=500, echoes=True)
        yield made


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    folder = tmp_path_factory.mktemp("secrets")
    plants = folder / "plants"
    plants.mkdir()
    (plants / "marked_ring.py").write_text(BACKEND % KEYS["keyring"])
    (plants / "keys.env").write_text(f"ANTHROPIC_API_KEY={KEYS['env_file']}\nMLCHAT_AGENT_ACME_KEY='{KEYS['agent']}'\n")
    environment = {
        "OPENAI_API_KEY": KEYS["environment"],
        "ANTHROPIC_API_BASE": provider.root,
        "MISTRAL_API_BASE": provider.url,
        "OLLAMA_BASE_URL": provider.root.replace("//", f"//me:{KEYS['address']}@"),
        "LITELLM_LOG": "DEBUG",
        "PYTHONPATH": str(plants),
        "PYTHON_KEYRING_BACKEND": "marked_ring.Ring",
    }
    settings = {
        "env_file": str(plants / "keys.env"),
        "keyring_service": "tests",
        "llm_base_url": provider.url,
        "external_agents": {"acme": provider.url},
    }
    made = Apart(folder, settings, environment).start()
    yield made
    made.stop()


async def test_no_key_is_in_anything_that_was_written(server: Apart, provider: Provider) -> None:
    told: list[str] = []
    frames: list[str] = []

    def asks(method: str, path: str, body: Any = None) -> Any:
        answer = server(method, path, body)
        told.append(answer.text)
        return answer.body

    address = server.url.replace("http", "ws", 1) + "mlchat/ws"
    socket = await websocket_connect(HTTPRequest(address, headers={"Authorization": f"token {TOKEN}"}))
    kernel, client = server.kernel()
    conversation = asks("post", "conversations", {"context": {"kernel": kernel}})["id"]
    await socket.write_message(json.dumps({"type": "resume", "id": "r", "conversation": conversation}))
    turn = ""
    for source, llm in [*LLMS.items(), ("agent", "external/acme")]:
        route = {"route": llm} if llm.startswith("external") else {"llm": llm}
        scripts = [*faults_with(KEYS[source]), claude_fails(401, "authentication_error", f"invalid {KEYS[source]}")]
        for script in scripts if source == "environment" else [*scripts[:3], scripts[-1]]:
            provider.answers.clear()
            # The same for every try, and no waiting in between.
            provider.enqueue(*[replace(script, headers={**script.headers, "retry-after": "0"})] * 3)
            asked = {"text": "what is in the kernel?", **route, "metadata": {}}
            turn = asks("post", f"conversations/{conversation}/turns?wait=1", asked)["turn"]
    provider.answers.clear()
    provider.enqueue(says("fine"))
    asks("post", f"conversations/{conversation}/turns?wait=1", {"text": "hello", "llm": "ollama"})
    used = json.dumps([received.headers for received in provider.requests])
    assert all(KEYS[source] in used for source in (*LLMS, "agent")), "each key has gone where it belongs"

    ids = {"conversation": conversation, "turn": turn, "kernel": kernel, "llm": "one", "provider": "openai"}
    for operation in OPERATIONS:
        if operation.method == "get":
            asks("get", filled(operation, ids, {"refresh": 1, "q": "claude"}))
    for form in ("markdown", "notebook"):
        asks("get", f"conversations/{conversation}/export?format={form}")
    cell = said_by(client, "%load_ext jupyter_mlchat\n%chat ask what is your status?\n")
    seen = said_by(client, "import os, json; print(json.dumps(dict(os.environ)))")
    await socket.write_message(json.dumps({"type": "ping", "id": "last"}))
    while '"pong"' not in (frame := await socket.read_message()):
        frames.append(frame)
    socket.close()
    server.stop()

    log = server.log.read_text()
    assert "litellm" in log.lower() and "DEBUG" in log, "the libraries have spoken at DEBUG"
    assert len(frames) > 50 and "llm_bad_key" in "".join(frames) and "turn.ended" in cell + "".join(frames)
    searched = {"answers": "\n".join(told), "frames": "\n".join(frames), "cell": cell, "log": log}
    for path in server.folder.rglob("*"):
        if path.is_file() and "plants" not in path.parts:
            searched[str(path.relative_to(server.folder))] = path.read_bytes().decode("latin-1")
    assert any("sqlite" in name for name in searched)
    found = [(name, source) for name, text in searched.items() for source in KEYS if traces(text, KEYS[source])]
    assert not found
    assert [source for source in KEYS if KEYS[source] in seen] == ["environment", "address"]


def traces(text: str, key: str) -> list[str]:
    """Pieces of the key, as they are, without their capitals, in a URL or as base64."""
    pieces = {key[start : start + 12] for start in range(8, len(key) - 12, 4)}
    coded = {base64.b64encode(f"{before}{key}".encode()).decode()[8:40] for before in ("", "me:", "Bearer ")}
    low = text.lower()
    return [piece for piece in {*pieces, quote(key)} if piece.lower() in low] + [code for code in coded if code in text]


def test_the_search_would_find_one(tmp_path: Path) -> None:
    key = KEYS["environment"]
    database = sqlite3.connect(tmp_path / "one.sqlite")
    database.execute("CREATE TABLE t (body BLOB)")
    database.execute("INSERT INTO t VALUES (?)", (f"said {key.lower()}".encode(),))
    database.commit()
    database.close()
    assert traces((tmp_path / "one.sqlite").read_bytes().decode("latin-1"), key)
    assert traces(f"Incorrect API key provided: {key[:9]}***{key[-16:]}", key)
    assert traces(base64.b64encode(f"me:{key}".encode()).decode(), key)
    assert not traces("Incorrect API key provided: sk-proj-*****PgS4", key)


def test_no_representation_of_ours_shows_a_key() -> None:
    key = KEYS["environment"]
    agent = ExternalAgent("acme", "http://127.0.0.1/v1", key)
    shown = [
        agent,
        Place("openai/one", f"http://me:{key}@127.0.0.1/v1", key),
        Source("openai", "http://127.0.0.1/v1", "LLM_BASE_URL", key),
        LlmSettings(keys={"openai": key}, passed={"bedrock": {"aws_secret_access_key": key}}, agents={"acme": agent}),
    ]
    assert not [one for one in map(repr, shown) if traces(one, key)]


class TestKeyring:
    async def test_what_the_environment_and_the_file_lack_comes_from_it(
        self, monkeypatch: pytest.MonkeyPatch, ring: dict[str, str]
    ) -> None:
        ring.update({"OPENAI_API_KEY": "of the ring", "MISTRAL_API_KEY": "of the ring", "MLCHAT_AGENT_A_KEY": "agent"})
        before = dict(os.environ)
        traits = MLChat(
            environment={"OPENAI_API_KEY": "of the environment"},
            keyring_service="tests",
            external_agents={"a": "http://127.0.0.1/v1"},
        )
        told: list[str] = []
        await open_keyring(traits, told.append)
        settings = LlmSettings.of(traits)
        assert (settings.keys, told) == ({"openai": "of the environment", "mistral": "of the ring"}, [])
        assert settings.agents["a"].key == "agent"
        assert dict(os.environ) == before

    async def test_one_that_fails_is_told_without_what_it_said(self, ring: dict[str, str]) -> None:
        told: list[str] = []
        traits = MLChat(environment={}, keyring_service="broken")
        await open_keyring(traits, told.append)
        assert traits.kept_keys == {} and len(told) == 1
        assert "RuntimeError" in told[0] and "of a person" not in told[0]

    async def test_without_the_package_the_fix_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "keyring", None)
        told: list[str] = []
        await open_keyring(MLChat(environment={}, keyring_service="tests"), told.append)
        assert re.search("pip install keyring", told[0])

    async def test_nobody_asks_it_unless_its_service_is_set(self, ring: dict[str, str]) -> None:
        ring["OPENAI_API_KEY"] = "of the ring"
        traits = MLChat(environment={})
        await open_keyring(traits, print)
        assert traits.kept_keys == {}


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What a keyring of the real library holds for the service `tests`."""
    import keyring
    from keyring.backend import KeyringBackend

    held: dict[str, str] = {}

    class Ring(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            if service == "broken":
                raise RuntimeError("the secrets of a person")
            return held.get(username) if service == "tests" else None

        def set_password(self, service: str, username: str, password: str) -> None:
            held[username] = password

        def delete_password(self, service: str, username: str) -> None:
            del held[username]

    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    yield held
    keyring.set_keyring(before)


def test_which_variables_hold_keys() -> None:
    held = ["OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "GOOGLE_API_KEY", "MLCHAT_AGENT_ACME_KEY"]
    others = ["PATH", "AWS_REGION_NAME", "VERTEXAI_PROJECT", "OPENAI_BASE_URL", "MY_API_KEY", "MLCHAT_AGENT__KEY_"]
    assert [name for name in (*held, *others) if is_key(name)] == held
