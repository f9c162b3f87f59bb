"""REST of uploads: a file is received as a stream, checked as it comes, and never held in memory."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from jupyter_core.paths import is_hidden
from jupyter_core.utils import ensure_async
from tornado import web
from tornado.iostream import StreamClosedError

from ..guard.features import check_feature
from ..observe.records import UploadRecord
from ..protocol.answers import FaultAnswer
from ..protocol.events import Progress
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId
from .faults import answer_to
from .handler import RESOURCE, MLChatHandler, permitted

if TYPE_CHECKING:
    from .incoming import Incoming, Told
    from .shelf import Shelf

FOLDER = "uploads"
NAME_LENGTH = 255
LINGER_S = 30.0
"""That long a refused body is still read, and thrown away: who is sending sees no answer before."""


class UploadHandler(MLChatHandler):
    async def shelf(self) -> Shelf:
        """Raises Fault `store_unavailable` where what is received could be fetched by its path."""
        from .shelf import Shelf

        settings = self.parts.settings
        check_feature(settings, "upload")
        folder = Path(settings.data_dir) / FOLDER
        root = str(getattr(self.contents_manager, "root_dir", ""))
        if root and is_served(folder, Path(root), self.contents_manager.allow_hidden):
            message = "The folder for uploads lies among the files that Jupyter serves."
            raise Fault(Code.STORE_UNAVAILABLE, message, "Move it with the setting `data_dir`.", about="data_dir")
        return Shelf(
            folder,
            (await self.service()).journal.transact,
            self.caller.principal,
            largest=settings.max_upload_bytes,
            quota=settings.upload_quota_bytes,
            types=settings.upload_types,
        )

    def _tell(self, action: Literal["received", "refused", "removed"], **values: Any) -> None:
        self.parts.observer.tell(UploadRecord(actor=self.caller.principal, action=action, **values))


class Receiving(UploadHandler):
    """A file, or what is missing of it, as the body of `VERB`."""

    VERB = "POST"
    _incoming: Incoming | None = None
    _pausing: asyncio.Task[None] | None = None
    _lingering: asyncio.TimerHandle | None = None
    _gone = False

    async def begin(self) -> Incoming:
        """Raises Fault when it may not be received."""
        raise NotImplementedError

    async def prepare(self) -> None:  # type: ignore[override]
        """Before the first byte is read: who sends, whether they may, and whether it can fit."""
        await super().prepare()
        if self.request.method != self.VERB or self._finished:
            return
        user = self.current_user
        if user is None or not await ensure_async(self.authorizer.is_authorized(self, user, "execute", RESOURCE)):
            raise web.HTTPError(403)
        # The server's own limit gives no answer; ours comes first, and may be the larger one.
        cast("Any", self.request.connection).set_max_body_size(sys.maxsize)
        try:
            self._incoming = await self.begin()
        except Exception:
            await self._refuse()
            return
        if self._gone:
            await self._incoming.pause()

    async def data_received(self, chunk: bytes) -> None:
        if self._incoming is None or self._lingering is not None or self._finished:
            return
        try:
            await self._incoming.write(chunk)
        except Exception:
            # Here tornado would drop the connection without an answer.
            await self._incoming.give_up()
            await self._refuse()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._gone = True
        self._stop_lingering()
        if self._incoming is not None:
            self._pausing = asyncio.ensure_future(self._incoming.pause())

    async def received(self) -> None:
        """The body has ended."""
        if self._lingering is not None or self._finished:
            self._hang_up()
            return
        incoming = self._incoming
        assert incoming is not None, "prepare made it or refused"
        try:
            upload = await incoming.end()
        except Fault:
            await incoming.give_up()
            raise
        if upload.state == "complete":
            self._tell("received", upload=upload.id, bytes=upload.bytes)
        self.answer(upload, 201 if upload.state == "complete" else 202)

    async def teller(self, name: str, conversation: str) -> Told:
        """Who hears of the progress: everybody who follows the conversation. Raises Fault `not_found`."""
        if not conversation:
            return lambda upload, done, total, state: None
        service = await self.service()
        info = await service.conversations.own(ConversationId(conversation), self.caller)

        def tell(upload: str, done: int, total: int, state: str) -> None:
            service.journal.live(info.id, Progress(call=upload, done=done, total=total, text=f"{name}: {state}"))

        return tell

    async def _refuse(self) -> None:
        """Answer now and hang up later: a connection that is closed under its sender takes the answer along."""
        failure = sys.exc_info()
        if self._gone or self._finished:
            return
        self.log_exception(*failure)
        if self.request.headers.get("Expect") == "100-continue" and self._incoming is None:
            self.send_error(500, exc_info=failure)
            return
        status, record = answer_to(failure[1])
        self._tell("refused", fault=record.code.value)
        body = msgspec.json.encode(FaultAnswer(record))
        self.set_status(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Connection", "close")
        self._lingering = asyncio.get_running_loop().call_later(LINGER_S, self._hang_up)
        self.write(body)
        try:
            await self.flush()
        except StreamClosedError:
            self._stop_lingering()

    def _hang_up(self) -> None:
        self._stop_lingering()
        if not self._finished:
            self.finish()

    def _stop_lingering(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()


@web.stream_request_body
class Uploads(Receiving):
    """`POST ?name=&size=` with the file as the body. `size` is optional; without it nothing is compared."""

    async def begin(self) -> Incoming:
        announced = self.request.headers.get("Content-Length", "0")
        size = self.number("size", int(announced) if announced.isdecimal() else 0, 0, sys.maxsize)
        name, conversation = _plain(self.get_query_argument("name", "")), self.get_query_argument("conversation", "")
        told = await self.teller(name, conversation)
        return await (await self.shelf()).receive(name, size, conversation, told)

    @permitted("read")
    async def get(self) -> None:
        self.answer(await (await self.shelf()).uploads())

    @permitted("execute")
    async def post(self) -> None:
        await self.received()


@web.stream_request_body
class OneUpload(Receiving):
    """`PATCH ?offset=` with the bytes from there on."""

    VERB = "PATCH"

    async def begin(self) -> Incoming:
        shelf, upload = await self.shelf(), self.path_kwargs["upload"]
        offset = self.number("offset", 0, 0, sys.maxsize)
        found = await shelf.upload(upload)
        return await shelf.go_on(upload, offset, await self.teller(found.name, found.conversation))

    @permitted("read")
    async def get(self, upload: str) -> None:
        self.answer(await (await self.shelf()).upload(upload))

    @permitted("execute")
    async def patch(self, upload: str) -> None:
        await self.received()

    @permitted("execute")
    async def delete(self, upload: str) -> None:
        await (await self.shelf()).remove(upload)
        self._tell("removed", upload=upload)
        self.set_status(204)
        self.finish()


def is_served(folder: Path, root: Path, allow_hidden: bool) -> bool:
    """Whether Jupyter would hand out a file of `folder`, to whoever knows its path below `root`."""
    inside, served = folder.expanduser().resolve(), root.expanduser().resolve()
    if not inside.is_relative_to(served):
        return False
    return allow_hidden or not is_hidden(str(inside), str(served))


def _plain(name: str) -> str:
    """The last part of a file's name. It is only ever shown: the file itself is named by its id."""
    plain = re.split(r"[/\\]", name)[-1].strip()
    if not plain or len(plain) > NAME_LENGTH or not plain.isprintable():
        raise Fault(Code.INVALID_INPUT, "The file needs a plain name.", "Send it as `?name=data.csv`.", about="name")
    return plain
