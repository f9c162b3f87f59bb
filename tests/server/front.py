"""Front ends as tests use them: REST that does not raise, a socket of JSON, and one of bare bytes."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import socket
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    text: str

    @property
    def fault(self) -> str:
        return self.body["fault"]["code"]


def text_of(raw: bytes) -> str:
    """What an answer says; of an archive, all that is in it."""
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return "\n".join(text_of(archive.read(name)) for name in archive.namelist())
    return raw.decode("utf-8", "replace")


class Api:
    """`await api("post", "conversations", {...}, limit=3)`."""

    def __init__(self, fetch: Callable[..., Any]) -> None:
        self._fetch = fetch

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> Answer:
        raw = body if isinstance(body, (str, bytes)) or body is None else json.dumps(body)
        if raw is None and method in ("post", "patch"):
            raw = "{}"
        answer = await self._fetch(
            "mlchat/api",
            path,
            method=method.upper(),
            body=raw,
            headers=dict(headers or {}),
            params=params,
            raise_error=False,
            request_timeout=60,
        )
        text = text_of(answer.body or b"")
        parsed = json.loads(text) if text.startswith("{") and "\n{" not in text else None
        return Answer(answer.code, parsed, text)

    async def conversation(self, **fields: Any) -> str:
        return (await self("post", "conversations", fields)).body["id"]

    async def ask(self, conversation: str, text: str, **fields: Any) -> Answer:
        return await self("post", f"conversations/{conversation}/turns", {"text": text, **fields}, wait=1)


class Socket:
    """A front end's socket: what it sends and reads is JSON."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._sent = 0

    async def send(self, kind: str, **fields: Any) -> str:
        self._sent += 1
        command = {"type": kind, "id": f"c{id(self)}-{self._sent}", **fields}
        await self.connection.write_message(json.dumps(command))
        return command["id"]

    async def next(self, timeout: float = 30) -> dict[str, Any] | None:
        """The next event; None when the socket was closed."""
        frame = await asyncio.wait_for(asyncio.shield(self.connection.read_message()), timeout)
        return json.loads(frame) if frame is not None else None

    async def until(self, *kinds: str, timeout: float = 30) -> list[dict[str, Any]]:
        """Everything up to the first event of one of `kinds`."""
        events: list[dict[str, Any]] = []
        while not events or events[-1]["type"] not in kinds:
            event = await self.next(timeout)
            assert event is not None, f"closed with {self.connection.close_code} after {events}"
            events.append(event)
        return events


class RawSocket:
    """A WebSocket client that answers no ping and reads only when told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int, path: str, headers: dict[str, str]) -> RawSocket:
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.setblocking(False)
        await asyncio.get_running_loop().sock_connect(link, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=link, limit=4096)
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head, head
        return cls(reader, writer)

    async def frames(self) -> list[tuple[int, bytes]]:
        """Every frame until the server hangs up, as (opcode, payload). Opcode 8 is a close."""
        found = []
        try:
            while True:
                first, length = await self.reader.readexactly(2)
                if length == 126:
                    length = int.from_bytes(await self.reader.readexactly(2), "big")
                elif length == 127:
                    length = int.from_bytes(await self.reader.readexactly(8), "big")
                found.append((first & 15, await self.reader.readexactly(length)))
                if first & 15 == 8:
                    return found
        except (asyncio.IncompleteReadError, ConnectionError):
            return found

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return
