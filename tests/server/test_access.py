"""Who gets in: tokens, origins, the server's authorizer, and whose conversation it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from kernels import own_client, run_cell
from tornado.httpclient import HTTPClientError

PATHS = ["health", "openapi.json", "conversations", "tools", "uploads", "turns/x", "turns/x/sent", "blobs/x-1"]


async def refused(opening: Any) -> int:
    with pytest.raises(HTTPClientError) as error:
        await opening
    return error.value.code


@pytest.mark.parametrize("token", ["", "token not-the-one"])
async def test_without_the_token_nothing_is_answered(api, connect, token):
    wrong = {"Authorization": token}
    for path in PATHS:
        answer = await api("get", path, headers=wrong)
        assert (answer.status, answer.fault) == (403, "forbidden"), path
    for path in ("conversations", "kernels/k/tools/list_models", "uploads", "turns/x/approval"):
        assert (await api("post", path, headers=wrong)).status == 403
    assert await refused(connect(headers=wrong)) == 403


async def test_a_cookie_serves_only_its_own_origin(connect, jp_fetch, jp_http_port, jp_auth_header):
    # The login cookie is signed for the host, and the test's sockets connect to localhost.
    host = f"localhost:{jp_http_port}"
    answer = await jp_fetch("api", "me", headers={**jp_auth_header, "Host": host})
    cookie = "; ".join(line.split(";")[0] for line in answer.headers.get_list("Set-Cookie"))
    assert cookie
    with_cookie = {"Authorization": "", "Cookie": cookie}
    greeted = await connect(headers={**with_cookie, "Origin": f"http://{host}"})
    assert (await greeted.next())["type"] == "hello"
    assert await refused(connect(headers={**with_cookie, "Origin": "https://evil.example"})) == 403


async def test_a_cookie_alone_changes_nothing(api, jp_fetch, jp_http_port, jp_auth_header):
    """A form of another page sends the cookie, but can't know the XSRF token."""
    answer = await jp_fetch("api", "me", headers=dict(jp_auth_header))
    cookie = "; ".join(line.split(";")[0] for line in answer.headers.get_list("Set-Cookie"))
    only = {"Authorization": "", "Cookie": cookie}
    assert (await api("get", "conversations", headers=only)).status == 200
    assert (await api("post", "conversations", headers=only)).fault == "forbidden"


class Readers(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return (action, resource) == ("read", "mlchat") or resource != "mlchat"


async def test_the_servers_authorizer_decides(api, connect, jp_serverapp):
    jp_serverapp.web_app.settings["authorizer"] = Readers(parent=jp_serverapp)
    assert (await api("get", "conversations")).status == 200
    for method, path in [
        ("post", "conversations"),
        ("post", "uploads"),
        ("patch", "conversations/x"),
        ("delete", "conversations/x"),
        ("post", "turns/x/approval"),
        ("post", "kernels/k/tools/list_models"),
    ]:
        assert (await api(method, path)).fault == "forbidden", path
    assert await refused(connect()) == 403


class Names(IdentityProvider):
    """Users are whoever the header says."""

    def get_user(self, handler):
        name = handler.request.headers.get("X-User", "")
        return User(username=name) if name else None


class TestTwoPeople:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        # Names in a header come with no cookie that a foreign page could use.
        jp_server_config["ServerApp"] |= {"identity_provider_class": Names, "disable_check_xsrf": True}
        return jp_server_config

    async def test_what_is_another_ones_does_not_exist(self, api, connect):
        alice, bob = ({"X-User": name, "Authorization": ""} for name in ("alice", "bob"))
        made = await api("post", "conversations", {}, headers=alice)
        assert (made.status, made.body["owner"]) == (201, "alice")
        own = f"conversations/{made.body['id']}"
        asked = await api("post", f"{own}/turns", {"text": "what can you do?"}, headers=alice, wait=1)
        turn = f"turns/{asked.body['turn']}"
        sent = await api("post", "uploads", "a,b\n1,2\n", headers=alice, name="t.csv")
        upload = f"uploads/{sent.body['id']}"
        blob = f"blobs/{made.body['id']}-1"
        for path in (own, f"{own}/events", f"{own}/turns", f"{own}/export", turn, f"{turn}/sent", blob, upload):
            assert (await api("get", path, headers=alice)).status == 200, path
            assert (await api("get", path, headers=bob)).fault == "not_found", path
        for method, path in (("delete", own), ("patch", own), ("post", f"{turn}/cancel"), ("delete", upload)):
            assert (await api(method, path, headers=bob)).fault == "not_found", path
        assert (await api("post", f"{own}/turns", {"text": "x"}, headers=bob)).fault == "not_found"
        assert (await api("post", f"{own}/restore", headers=bob)).fault == "not_found"
        assert (await api("delete", own, headers=bob, now=1)).fault == "not_found"
        for action, body in (
            ("cancel", {}),
            ("retry", {}),
            ("form", {"form": "f", "values": {"a": 1}}),
            ("form", {"form": "f", "dismiss": True}),
            ("approval", {"approval": "a", "allow": True}),
            ("feedback", {"score": 1}),
        ):
            assert (await api("post", f"{turn}/{action}", body, headers=bob)).fault == "not_found", action
        assert (await api("get", "search", headers=alice, q="what")).body["found"]
        assert (await api("get", "search", headers=bob, q="what")).body == {"found": []}
        assert (await api("get", "conversations", headers=bob)).body == {"conversations": []}
        assert (await api("get", "uploads", headers=bob)).body["uploads"] == []
        socket = await connect(headers=bob, conversation=made.body["id"])
        assert (await socket.next())["principal"] == "bob"
        assert (await socket.next())["fault"]["code"] == "not_found"
        for kind, field, of in (
            ("turn.freeze", "turn", asked.body["turn"]),
            ("turn.sent", "turn", asked.body["turn"]),
            ("export.get", "conversation", made.body["id"]),
            ("choices.get", "conversation", made.body["id"]),
            ("conversation.update", "conversation", made.body["id"]),
        ):
            await socket.send(kind, **{field: of})
            assert (await socket.next())["fault"]["code"] == "not_found", kind
        assert json.dumps(made.body["id"]) not in json.dumps(await last(socket))

    async def test_a_cell_speaks_for_who_started_its_kernel(self, api, jp_serverapp, jp_fetch):
        alice, bob = ({"X-User": name, "Authorization": ""} for name in ("alice", "bob"))
        body = json.dumps({"name": "python3"})
        started = await jp_fetch("api", "kernels", method="POST", body=body, headers=alice)
        kernel = json.loads(started.body)["id"]
        client = own_client(jp_serverapp.kernel_manager.get_kernel(kernel))
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            await run_cell(client, "%load_ext jupyter_mlchat")
            asked = await run_cell(client, "%chat ask what can you do?")
            assert asked["shown"] and "models" in asked["shown"][-1]["text/plain"], asked
        finally:
            client.stop_channels()
            await jp_serverapp.kernel_manager.shutdown_kernel(kernel, now=True)
        hers = (await api("get", "conversations", headers=alice)).body["conversations"]
        assert [(c["owner"], c["kernel"]) for c in hers] == [("alice", kernel)]
        assert (await api("get", "conversations", headers=bob)).body == {"conversations": []}


async def last(socket: Any) -> Any:
    await socket.send("ping")
    return await socket.next()


def test_whose_the_kernels_of_a_server_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider

    from jupyter_mlchat.server.callers import owner_of_kernels

    class Company(IdentityProvider):
        pass

    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    assert owner_of_kernels(IdentityProvider()) == owner_of_kernels(PasswordIdentityProvider()) == "local"
    assert owner_of_kernels(Company()) == ""
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert owner_of_kernels(Company()) == "ada"
