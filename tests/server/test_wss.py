"""Behind Jupyter's own certificate: REST and sockets over TLS, and none of it without."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request

import pytest
from server.apart import TOKEN, Apart, said_by
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect


def opening(server: Apart, scheme: str = "wss", trusted: ssl.SSLContext | None = None) -> HTTPRequest:
    address = server.url.replace("https", scheme, 1) + "mlchat/ws"
    headers = {"Authorization": f"token {TOKEN}", "Origin": server.url.rstrip("/")}
    return HTTPRequest(address, headers=headers, ssl_options=trusted)


async def until(socket: WebSocketClientConnection, kind: str) -> list[dict]:
    events: list[dict] = []
    while not events or events[-1]["type"] != kind:
        frame = await socket.read_message()
        assert frame is not None, events
        events.append(json.loads(frame))
    return events


async def test_rest_sockets_and_cells_work_over_tls(apart: Apart) -> None:
    assert apart("get", "health").body["status"] == "ok"
    socket = await websocket_connect(opening(apart, trusted=apart.trusted))
    assert json.loads(await socket.read_message())["type"] == "hello"
    await socket.write_message(json.dumps({"type": "turn.start", "id": "one", "text": "what can you do?"}))
    assert (await until(socket, "turn.ended"))[-1]["state"] == "completed"
    socket.close()
    _, client = apart.kernel()
    answer = said_by(client, "%load_ext jupyter_mlchat\n%chat ask what can you do?")
    assert "list_models" in answer and apart("get", "conversations").body["conversations"]


async def test_without_tls_or_trust_nothing_is_said(apart: Apart) -> None:
    with pytest.raises(Exception) as refused:
        await websocket_connect(opening(apart, scheme="ws"))
    assert "401" not in str(refused.value) and "200" not in str(refused.value)
    with pytest.raises(ssl.SSLCertVerificationError):
        await websocket_connect(opening(apart, trusted=ssl.create_default_context()))
    strict, apart.trusted = apart.trusted, ssl.create_default_context()
    try:
        with pytest.raises(urllib.error.URLError):
            apart("get", "health")
    finally:
        apart.trusted = strict


def cookies_of(server: Apart) -> list[str]:
    request = urllib.request.Request(server.url + "api/me", headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=30, context=server.trusted) as answer:
        return answer.headers.get_all("Set-Cookie")


async def test_the_cookie_is_for_tls_and_for_the_own_origin(apart: Apart) -> None:
    cookies = cookies_of(apart)
    login = next(cookie for cookie in cookies if cookie.startswith("username-"))
    assert "secure" in login.lower() and "httponly" in login.lower()

    def with_cookie(origin: str) -> HTTPRequest:
        made = opening(apart, trusted=apart.trusted)
        del made.headers["Authorization"]
        made.headers |= {"Cookie": "; ".join(one.partition(";")[0] for one in cookies), "Origin": origin}
        return made

    own = apart.url.rstrip("/")
    socket = await websocket_connect(with_cookie(own))
    assert json.loads(await socket.read_message())["type"] == "hello"
    socket.close()
    for foreign in ("https://evil.example", own.replace(str(apart.port), "1")):
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(with_cookie(foreign))
        assert refused.value.code == 403
