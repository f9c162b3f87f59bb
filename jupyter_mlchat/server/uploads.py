"""REST of uploads: a file is received as a stream, checked as it comes, and never held in memory."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from tornado import web

from ..protocol.answers import UploadList
from ..protocol.faults import Code, Fault
from .handler import RESOURCE, MLChatHandler, permitted

if TYPE_CHECKING:
    from .shelf import Incoming, Shelf

FOLDER = "uploads"
NAME_LENGTH = 255
MARGIN = 64 * 1024 * 1024
"""What one chunk may be too large by and still be answered."""


class UploadHandler(MLChatHandler):
    async def shelf(self) -> Shelf:
        from .shelf import Shelf

        service = await self.service()
        folder = Path(self.parts.settings.data_dir) / FOLDER
        return Shelf(folder, service.journal.transact, self.caller.principal)


@web.stream_request_body
class Uploads(UploadHandler):
    """`POST ?name=&size=` with the file as the body. `size` is optional; without it nothing is compared."""

    _incoming: Incoming | None = None
    _giving_up: asyncio.Task[None] | None = None
    _gone = False

    async def prepare(self) -> None:  # type: ignore[override]
        """Before the first byte is read: who sends, whether they may, and whether it can fit."""
        await super().prepare()
        if self.request.method != "POST" or self._finished:
            return
        user = self.current_user
        if user is None or not await ensure_async(self.authorizer.is_authorized(self, user, "execute", RESOURCE)):
            raise web.HTTPError(403)
        limit = self.parts.settings.max_upload_bytes
        announced = self.request.headers.get("Content-Length", "0")
        size = self.number("size", int(announced) if announced.isdecimal() else 0, 0, sys.maxsize)
        name = _plain(self.get_query_argument("name", ""))
        connection: Any = self.request.connection
        # The server's own limit gives no answer; ours comes first, and may be the larger one.
        connection.set_max_body_size(limit + MARGIN)
        self._incoming = await (await self.shelf()).receive(name, size, limit)
        if self._gone:
            await self._incoming.give_up()

    async def data_received(self, chunk: bytes) -> None:
        if self._incoming is None or self._finished:
            return
        try:
            await self._incoming.write(chunk)
        except Exception:
            # Here tornado would drop the connection without an answer.
            failure = sys.exc_info()
            await self._incoming.give_up()
            if not self._finished:
                self.send_error(500, exc_info=failure)

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._gone = True
        if self._incoming is not None:
            self._giving_up = asyncio.ensure_future(self._incoming.give_up())

    @permitted("read")
    async def get(self) -> None:
        self.answer(UploadList(await (await self.shelf()).uploads()))

    @permitted("execute")
    async def post(self) -> None:
        incoming = self._incoming
        assert incoming is not None, "prepare made it or raised"
        try:
            self.answer(await incoming.complete(), 201)
        except Fault:
            await incoming.give_up()
            raise


class OneUpload(UploadHandler):
    @permitted("read")
    async def get(self, upload: str) -> None:
        self.answer(await (await self.shelf()).upload(upload))

    @permitted("execute")
    async def delete(self, upload: str) -> None:
        await (await self.shelf()).remove(upload)
        self.set_status(204)
        self.finish()


def _plain(name: str) -> str:
    """The last part of a file's name. It is only ever shown: the file itself is named by its id."""
    plain = re.split(r"[/\\]", name)[-1].strip()
    if not plain or len(plain) > NAME_LENGTH or not plain.isprintable():
        raise Fault(Code.INVALID_INPUT, "The file needs a plain name.", "Send it as `?name=data.csv`.", about="name")
    return plain
