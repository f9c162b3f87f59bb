"""Every operation of openapi.json: who may do it, to whom it belongs, and what schemathesis makes of it."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from server.apart import TOKEN, Apart
from server.walk import filled, needed

from jupyter_mlchat.protocol.commands import COMMANDS
from jupyter_mlchat.protocol.operations import OPERATIONS, Operation

OWNED = {"conversation", "turn", "upload", "ref"}
"""Parts of a path that belong to somebody. A kernel is the server's, as in Jupyter itself; a prompt has a name."""


FOR_SOME = ("experts/", "reviews", "audit", "experiments")
"""Of what is read, that which is for experts or admins alone."""


class Names(IdentityProvider):
    """Users are whoever the header says."""

    def get_user(self, handler: Any) -> User | None:
        name = handler.request.headers.get("X-User", "")
        return User(username=name) if name else None


class Readers(Authorizer):
    """Whose name begins with `reader` may only read."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        return action == "read" or resource != "mlchat" or not user.username.startswith("reader")


@pytest.fixture
def mlchat() -> dict[str, Any]:
    return {"experts": ["eve"], "admins": ["ada"]}


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    # Names in a header come with no cookie that a foreign page could use.
    jp_server_config["ServerApp"] |= {
        "identity_provider_class": Names,
        "authorizer_class": Readers,
        "disable_check_xsrf": True,
    }
    return jp_server_config


def headers(name: str) -> dict[str, str]:
    return {"Authorization": "", "X-User": name}


@pytest.fixture
def of_alice(api: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> dict[str, str]:
    """Ids of everything that somebody has."""
    alice = headers("alice")

    async def make() -> dict[str, str]:
        own = (await api("post", "conversations", {}, headers=alice)).body["id"]
        turns = f"conversations/{own}/turns"
        asked = await api("post", turns, {"text": "what can you do?"}, headers=alice, wait=1)
        sent = await api("post", "uploads", "a,b\n1,2\n", headers=alice, name="alices-table.csv")
        await api("post", "prompts", {"name": "alices", "text": "Answer Alice in short words."}, headers=alice)
        upload = sent.body["id"]
        return {
            "conversation": own,
            "turn": asked.body["turn"],
            "upload": upload,
            "ref": f"{own}-1",
            "prompt": "alices",
        }

    return jp_asyncio_loop.run_until_complete(make())


async def ask(api: Any, operation: Operation, ids: dict[str, str], name: str, body: Any = None, **query: Any) -> Any:
    path, _, given = filled(operation, ids, query).partition("?")
    return await api(operation.method, path, body, headers=headers(name), **dict(parse_qsl(given)))


def owned(operation: Operation) -> bool:
    return any(f"{{{part}}}" in operation.path for part in OWNED) and "kernels/" not in operation.path


async def test_nothing_is_answered_to_nobody(api: Any, of_alice: dict[str, str]) -> None:
    for operation in OPERATIONS:
        answer = await api(operation.method, filled(operation, of_alice), headers={"Authorization": ""})
        assert (answer.status, answer.fault) == (403, "forbidden"), (operation.method, operation.path)


async def test_who_may_only_read_changes_nothing(api: Any, of_alice: dict[str, str]) -> None:
    for operation in OPERATIONS:
        answer = await ask(api, operation, of_alice, "reader", q="x")
        refused = (answer.status, answer.body and answer.body.get("fault", {}).get("code")) == (403, "forbidden")
        may = operation.method == "get" and not operation.path.startswith(FOR_SOME)
        assert refused != may, (operation.method, operation.path, answer.text)


async def test_what_is_anothers_does_not_exist(api: Any, of_alice: dict[str, str]) -> None:
    walked = []
    nobodys = {part: held[::-1] for part, held in of_alice.items()} | {"ref": f"{of_alice['conversation'][::-1]}-1"}
    for operation in filter(owned, OPERATIONS):
        seen = []
        for ids in (of_alice, nobodys):
            answer = await ask(api, operation, ids, "bob", _body(operation), q="x", offset=0)
            refused = (answer.status, answer.fault)
            assert refused in ((404, "not_found"), (403, "forbidden")), (operation.path, answer.text)
            seen.append(re.sub("|".join(map(re.escape, ids.values())), "ID", answer.text))
        assert seen[0] == seen[1], (operation.path, "nobody can tell that it is there")
        walked.append(operation.path)
    assert len(walked) > 15
    for operation in OPERATIONS:
        if operation.method == "get" and not owned(operation):
            text = (await ask(api, operation, of_alice, "bob", q="short words")).text
            held = {part for part, value in of_alice.items() if value in text.replace("'alices'", "")}
            assert not held, operation.path


def _body(operation: Operation) -> dict[str, Any] | None:
    """Something that is well formed, so that the ids alone decide."""
    if operation.method in ("get", "delete"):
        return None
    said = needed(operation.takes, {}) if operation.takes is not None else {}
    return {name: value for name, value in said.items() if name not in operation.fixed}


async def test_no_command_of_a_socket_reaches_what_is_anothers(
    api: Any, connect: Any, of_alice: dict[str, str]
) -> None:
    alice, bob = headers("alice"), headers("bob")
    before = await api("get", f"conversations/{of_alice['conversation']}", headers=alice)
    socket = await connect(headers=bob)
    assert (await socket.next())["principal"] == "bob"
    walked = []
    for kind, command in COMMANDS.items():
        said = needed(command, {name: of_alice[name] for name in ("conversation", "turn")})
        if not {"conversation", "turn"} & set(said) or kind == "conversation.close":
            continue
        sent = await socket.send(kind, **said)
        answer = await socket.next()
        assert (answer["type"], answer.get("command")) == ("fault", sent), (kind, answer)
        assert answer["fault"]["code"] in ("not_found", "forbidden"), (kind, answer)
        walked.append(kind)
    assert len(walked) > 12
    assert (await api("get", f"conversations/{of_alice['conversation']}", headers=alice)).body == before.body


async def test_what_is_nowhere_and_what_is_not_taken_are_told_as_json(jp_fetch: Any) -> None:
    for method, path, status in (("GET", "nowhere", 404), ("POST", "turns/%2e%2e/x", 404), ("PUT", "health", 405)):
        answer = await jp_fetch(
            "mlchat/api", path, method=method, body="{}" if method != "GET" else None,
            headers=headers("alice"), raise_error=False,
        )  # fmt: skip
        assert (answer.code, answer.headers["Content-Type"]) == (status, "application/json"), path
        assert "fault" in json.loads(answer.body)
    assert answer.headers["Allow"] == "GET, OPTIONS"
    refused = await jp_fetch("mlchat/api/nowhere", headers={"Authorization": ""}, raise_error=False)
    assert refused.code == 403


async def test_an_id_of_a_command_is_good_for_one(api: Any) -> None:
    """One that began no turn must not be waited for."""
    alice = headers("alice")
    made = await api("post", "conversations", {"id": "mine"}, headers=alice)
    turns = f"conversations/{made.body['id']}/turns"
    for more in ({"wait": 1}, {}):
        stream = {"Accept": "application/x-ndjson"} if not more else {}
        again = await api("post", turns, {"id": "mine", "text": "hello"}, headers={**alice, **stream}, **more)
        assert (again.status, again.fault, again.body["fault"]["about"]) == (409, "conflict", "id")
    for identity in ("", "x" * 65):
        refused = await api("post", turns, {"id": identity, "text": "hello"}, headers=alice)
        assert (refused.status, refused.body["fault"]["about"]) == (400, "$.id")


class TestSchemathesis:
    """A program of its own sends what the document permits, and what it does not, to a real server."""

    def test_no_answer_is_an_accident_or_undocumented(self, apart: Apart) -> None:
        self.run(apart, "--phases", "examples,coverage,fuzzing", "--max-examples", "2", "--max-time", "9")

    @pytest.mark.long
    @pytest.mark.timeout(700)
    def test_nor_after_many_more(self, apart: Apart) -> None:
        self.run(apart, "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "40", "--max-time", "400")

    def run(self, server: Apart, *options: str) -> None:
        folder = server.folder / "schemathesis"
        folder.mkdir(exist_ok=True)
        document = server("get", "openapi.json").body
        known = furnished(server)
        for path in document["paths"].values():
            for operation in path.values():
                for one in operation["parameters"]:
                    if one["in"] == "path" and one["name"] in known:
                        one["schema"] = {"enum": [*known[one["name"]], "none"]}
        (folder / "openapi.json").write_text(json.dumps(document))
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            "openapi.json",
            *("--url", f"{server.url}mlchat/api"),
            *("--header", f"Authorization: token {TOKEN}"),
            *("--tls-verify", str(server.certificate)),
            *("--checks", ",".join(CHECKS)),
            *("--seed", "1", "--request-timeout", "20", "--no-color", "--warnings", "off"),
            *options,
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert "generated" in done.stdout, done.stdout
        faults = [line for line in server.log.read_text().splitlines() if "Traceback" in line]
        assert not faults, json.dumps(faults[:3])


def furnished(server: Apart) -> dict[str, list[str]]:
    """Ids of what is there, by the part of a path that they stand for."""
    kernel, _ = server.kernel()
    made = [server("post", "conversations", {"context": {"kernel": kernel}}).body["id"] for _ in range(3)]
    turns = f"conversations/{made[0]}/turns?wait=1"
    asked = [server("post", turns, {"text": text}).body["turn"] for text in ("what can you do?", "list models")]
    sent = [server("post", f"uploads?name={name}.csv", b"a,b\n1,2\n").body["id"] for name in "ab"]
    server("post", "prompts", {"name": "mine", "text": "Answer in short words."})
    return {
        "kernel": [kernel],
        "conversation": made,
        "turn": asked,
        "ref": [f"{made[0]}-{number}" for number in (1, 2)],
        "upload": sent,
        "prompt": ["mine", "analyst"],
        "provider": ["openai", "builtin"],
        "llm": ["builtin", "gpt-4.1-mini"],
        "tool": ["list_models", "make_prediction", "run_code", "get_upload_status"],
    }


CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
