"""A real JupyterHub with two people, each with a server of their own behind its proxy: neither reads the other."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server.apart import KEPT, connected, parsed, said_by
from server.front import Answer, text_of
from server.walk import filled
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_mlchat.protocol.operations import OPERATIONS

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

SERVICE = "token-of-the-tests-which-may-do-everything"
PATIENCE_S = 90
PEOPLE = ("alice", "bob")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Hub:
    """`url` is the proxy's address; `tokens` are those of each person."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "hub.log"
        self.url = f"http://127.0.0.1:{free_port()}/"
        self.tokens: dict[str, str] = {}
        shared = folder / "config"
        shared.mkdir()
        settings = {
            "ServerApp": {"jpserver_extensions": {"jupyter_mlchat": True}, "allow_root": True},
            "MLChat": {"llm": "builtin", "rate_limit": 0},
        }
        (shared / "jupyter_server_config.json").write_text(json.dumps(settings))
        programs = Path(sys.executable).parent
        everything = ["admin:users", "admin:servers", "access:servers", "tokens"]
        config: dict[str, Any] = {
            "JupyterHub.bind_url": self.url,
            "JupyterHub.hub_bind_url": f"http://127.0.0.1:{free_port()}",
            "JupyterHub.authenticator_class": "dummy",
            "JupyterHub.spawner_class": "simple",
            "JupyterHub.db_url": f"sqlite:///{folder}/hub.sqlite",
            "JupyterHub.cookie_secret_file": str(folder / "secret"),
            "JupyterHub.services": [{"name": "tests", "api_token": SERVICE}],
            "JupyterHub.load_roles": [{"name": "tests", "services": ["tests"], "scopes": everything}],
            "Authenticator.allow_all": True,
            "ConfigurableHTTPProxy.command": [str(programs / "configurable-http-proxy")],
            "ConfigurableHTTPProxy.api_url": f"http://127.0.0.1:{free_port()}",
            "ConfigurableHTTPProxy.pid_file": str(folder / "proxy.pid"),
            "SimpleLocalProcessSpawner.home_dir_template": str(folder / "{username}"),
            "Spawner.cmd": [str(programs / "jupyterhub-singleuser")],
            "Spawner.environment": {"JUPYTER_CONFIG_DIR": str(shared), "OLLAMA_BASE_URL": "http://127.0.0.1:9"},
        }
        lines = [f"c.{name} = {value!r}" for name, value in config.items()]
        (folder / "hub.py").write_text("\n".join([*lines, ""]))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Hub:
        own = {name: os.environ[name] for name in KEPT if name in os.environ}
        own["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
        command = [sys.executable, "-m", "jupyterhub", "-f", str(self.folder / "hub.py")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=own, stdout=log, stderr=log, cwd=self.folder)
        self.wait(lambda: self.call("get", "hub/api/", SERVICE).status == 200)
        for name in PEOPLE:
            assert self.call("post", f"hub/api/users/{name}", SERVICE).status == 201
            self.tokens[name] = self.call("post", f"hub/api/users/{name}/tokens", SERVICE, {}).body["token"]
            assert self.call("post", f"hub/api/users/{name}/server", SERVICE).status in (201, 202)
        for name in PEOPLE:
            self.wait(lambda name=name: self.of(name, "get", "health").status == 200)
        return self

    def wait(self, ready: Any) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self._process is not None and self._process.poll() is None:
            try:
                if ready():
                    return
            except OSError:
                pass
            time.sleep(0.3)
        raise RuntimeError(self.log.read_text()[-4000:])

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def call(self, method: str, path: str, token: str, body: Any = None) -> Answer:
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} | ({"Authorization": f"token {token}"} if token else {})
        request = urllib.request.Request(self.url + path, method=method.upper(), data=raw, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, text = answer.status, text_of(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, text_of(error.read())
        return Answer(status, parsed(text), text)

    def of(self, server: str, method: str, path: str, body: Any = None, by: str | None = None) -> Answer:
        """Our REST on the server of `server`, asked by `by` ("": nobody)."""
        token = "" if by == "" else self.tokens[by or server]
        return self.call(method, f"user/{server}/mlchat/api/{path}", token, body)

    async def socket(self, server: str, by: str, conversation: str) -> Any:
        address = f"{self.url.replace('http', 'ws', 1)}user/{server}/mlchat/ws?conversation={conversation}"
        return await websocket_connect(HTTPRequest(address, headers={"Authorization": f"token {self.tokens[by]}"}))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    made = Hub(tmp_path_factory.mktemp("hub"))
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def hers(hub: Hub) -> dict[str, str]:
    """Ids of what Alice has."""
    own = hub.of("alice", "post", "conversations", {}).body
    assert own["owner"] == "alice"
    named = hub.of("alice", "patch", f"conversations/{own['id']}", {"title": "churn of the wine club"})
    assert named.status == 200
    asked = hub.of("alice", "post", f"conversations/{own['id']}/turns?wait=1", {"text": "what can you do?"}).body
    sent = hub.of("alice", "post", "uploads?name=t.csv", b"a,b\n1,2\n").body
    kernel = hub.call("post", "user/alice/api/kernels", hub.tokens["alice"], {"name": "python3"}).body["id"]
    return {
        "conversation": own["id"],
        "turn": asked["turn"],
        "ref": f"{own['id']}-1",
        "upload": sent["id"],
        "kernel": kernel,
    }


def test_each_has_a_server_of_their_own(hub: Hub, hers: dict[str, str]) -> None:
    hub.of("bob", "post", "conversations", {})
    for name in PEOPLE:
        owners = {one["owner"] for one in hub.of(name, "get", "conversations").body["conversations"]}
        assert owners == {name}


async def test_another_ones_server_answers_nothing(hub: Hub, hers: dict[str, str]) -> None:
    for operation in OPERATIONS:
        for by in ("bob", ""):
            answer = hub.of("alice", operation.method, filled(operation, hers, {"q": "churn"}), by=by)
            assert answer.status in (401, 403), (operation.path, by, answer.status)
            assert "churn" not in answer.text and hers["conversation"] not in answer.text
    with pytest.raises(HTTPClientError) as refused:
        await hub.socket("alice", "bob", hers["conversation"])
    assert refused.value.code in (401, 403)
    socket = await hub.socket("alice", "alice", hers["conversation"])
    assert json.loads(await socket.read_message())["principal"] == "alice"
    socket.close()


async def test_her_ids_are_nothing_on_his(hub: Hub, hers: dict[str, str]) -> None:
    for operation in OPERATIONS:
        if operation.method == "get" and any(f"{{{part}}}" in operation.path for part in hers):
            answer = hub.of("bob", "get", filled(operation, hers))
            assert answer.status == 404, (operation.path, answer.text)
    socket = await hub.socket("bob", "bob", hers["conversation"])
    told = [json.loads(await socket.read_message()) for _ in range(2)]
    assert [told[0]["principal"], told[1]["fault"]["code"]] == ["bob", "not_found"]
    socket.close()


def test_a_cell_speaks_for_the_person_of_its_server(hub: Hub, hers: dict[str, str]) -> None:
    [file] = (hub.folder / "alice").rglob(f"kernel-{hers['kernel']}.json")
    client = connected(file)
    try:
        assert "list_models" in said_by(client, "%load_ext jupyter_mlchat\n%chat ask what can you do?")
    finally:
        client.stop_channels()
    known = hub.of("alice", "get", "conversations").body["conversations"]
    assert [one["owner"] for one in known if one.get("kernel") == hers["kernel"]] == ["alice"]
