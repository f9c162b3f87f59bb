"""An ASGI application answered by a tornado handler: one HTTP request, its streamed response, its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from tornado.iostream import StreamClosedError

if TYPE_CHECKING:
    from .handler import MLChatHandler

Message = MutableMapping[str, Any]
App = Callable[[MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Any]
OWN_HEADERS = frozenset(("connection", "content-length", "transfer-encoding"))
"""Of the connection, which is tornado's."""


async def answer(handler: MLChatHandler, app: App) -> None:
    """Let `app` answer the request of `handler`. Returns when it has, or when the client is gone.

    Cancelled, it ends the response where it stands.
    """
    exchange = _Exchange(handler)
    handler.on_gone = exchange.gone.set
    await app(_scope(handler), exchange.receive, exchange.send)


class _Exchange:
    def __init__(self, handler: MLChatHandler) -> None:
        self._handler = handler
        self.gone = asyncio.Event()
        self._read = False
        self._type = "application/json"

    async def receive(self) -> Message:
        """The whole body at once; after it nothing but the end of the connection."""
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": self._handler.request.body or b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self.gone.is_set():
            return
        if message["type"] == "http.response.start":
            self._start(message["status"], message.get("headers", ()))
        elif message["type"] == "http.response.body":
            await self._go_on(bytes(message.get("body", b"")), bool(message.get("more_body")))

    def _start(self, status: int, headers: Any) -> None:
        self._handler.set_status(status)
        for name, value in ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers):
            if name == "content-type":
                self._type = value
            elif name not in OWN_HEADERS:
                self._handler.set_header(name, value)
        self._handler.set_header("Content-Type", self._type)

    async def _go_on(self, body: bytes, more: bool) -> None:
        try:
            if body:
                self._handler.write(body)
            if more:
                await self._handler.flush()
            else:
                await self._handler.finish(set_content_type=self._type)
        except StreamClosedError:
            self.gone.set()


def _scope(handler: MLChatHandler) -> MutableMapping[str, Any]:
    request = handler.request
    path, _, query = (request.uri or "/").partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": request.version.removeprefix("HTTP/"),
        "method": request.method,
        "scheme": request.protocol,
        "path": request.path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.get_all()
        ],
        "client": None,
        "server": None,
    }
