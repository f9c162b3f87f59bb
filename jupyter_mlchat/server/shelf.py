"""Uploaded files: one file and one row each. Imported with the first upload, since it brings sqlalchemy."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, case, delete, func, insert, or_, select, update

from ..protocol.answers import Contents, Upload, UploadList
from ..protocol.faults import Code, Fault
from ..store.tables import uploads
from .contents import Content, ending_of, endings_of
from .findings import contents_of, digest_of
from .incoming import Incoming, Limit, Told, begun, gone_on, no_more

KEPT_S = 24 * 3600.0
"""That long after its last byte a file that is not whole can be gone on with."""

T = TypeVar("T")
Transact = Callable[[Callable[[Connection], T]], Awaitable[T]]


class Shelf:
    """The uploads of one owner: files under `folder`, named by id, readable by the server's user alone.

    `largest` bytes one file, `quota` all of them (0: no limit); `types` are endings (none: every one that is known).
    """

    def __init__(
        self, folder: Path, transact: Transact[Any], owner: str, *, largest: int, quota: int, types: list[str]
    ) -> None:
        self._folder, self._transact, self._owner = folder, transact, owner
        self._largest, self._quota, self._types = largest, quota, types

    async def receive(self, name: str, size: int, conversation: str, told: Told) -> Incoming:
        """Begin a file of `size` bytes (0: unknown), for a conversation ("": for none).

        Raises Fault `too_large`, `unsupported` or `store_unavailable`.
        """
        content = Content(ending_of(name, self._types))
        await self._sweep()
        limit = await self._limit()
        if size > limit.most:
            raise limit.why
        upload = Upload(uuid.uuid4().hex, name, "receiving", size, 0, time.time())
        file = await asyncio.to_thread(begun, self._folder, upload.id)
        row = {"id": upload.id, "owner": self._owner, "name": name, "bytes": size, "received": 0}
        values = {**row, "state": "receiving", "created": upload.created, "conversation": conversation}
        await self._transact(lambda tx: tx.execute(insert(uploads).values(**values)))
        return Incoming(self, upload, self._folder / upload.id, file, limit, content, told)

    async def go_on(self, upload: str, offset: int, told: Told) -> Incoming:
        """Take up a file that is not whole at the byte where it was cut. Raises Fault `conflict`."""
        found = await self.upload(upload)
        if found.state != "receiving":
            raise Fault(Code.CONFLICT, f"The upload is {found.state}.", "Begin it anew.", about="upload")
        if offset != found.received:
            message = f"{found.received:,} bytes of the file are there, not {offset:,}."
            raise Fault(Code.CONFLICT, message, f"Go on with `offset={found.received}`.", about="offset")
        limit = await self._limit(besides=found.id)
        path = self._folder / found.id
        file, head = await asyncio.to_thread(gone_on, path, offset)
        return Incoming(self, found, path, file, limit, Content(ending_of(found.name, self._types), head), told)

    async def uploads(self) -> UploadList:
        """Newest first, and what more is taken."""
        query = select(uploads).where(uploads.c.owner == self._owner).order_by(uploads.c.created.desc())
        rows = await self._transact(lambda tx: list(tx.execute(query)))
        found = [await self._checked(upload_of(row)) for row in rows]
        return UploadList(found, (await self._limit()).most, endings_of(self._types))

    async def upload(self, upload: str) -> Upload:
        query = select(uploads).where(uploads.c.id == upload, uploads.c.owner == self._owner)
        row = await self._transact(lambda tx: tx.execute(query).one_or_none())
        if row is None:
            hint = "The id is in the answer to the upload."
            raise Fault(Code.NOT_FOUND, "There is no upload of that id.", hint, about="upload")
        return await self._checked(upload_of(row))

    async def remove(self, upload: str) -> None:
        """Delete the file. One that is not whole is cancelled; its row stays and says so."""
        found = await self.upload(upload)
        if found.state != "receiving" or not await self.set(found.id, state="cancelled"):
            await self._transact(lambda tx: tx.execute(delete(uploads).where(uploads.c.id == found.id)))
        await asyncio.to_thread((self._folder / found.id).unlink, missing_ok=True)

    async def complete(self, upload: str, name: str, size: int) -> Upload:
        """All of the file is there: it is looked into. Raises Fault `conflict` for one that was cancelled."""
        path = self._folder / upload
        if not await self.grown(upload, size):
            raise no_more()
        try:
            digest = await asyncio.to_thread(digest_of, path)
            contents = await asyncio.to_thread(contents_of, path, name)
        except FileNotFoundError:
            raise no_more() from None
        values = {"state": "complete", "bytes": size, "received": size, "sha256": digest}
        if not await self.set(upload, **values, contents=msgspec.json.encode(contents).decode()):
            raise no_more()
        return await self.upload(upload)

    async def set(self, upload: str, **values: Any) -> bool:
        """Change the row of a file that is not whole. False when it is whole, failed or cancelled."""
        receiving = (uploads.c.id == upload, uploads.c.state == "receiving")
        change = update(uploads).where(*receiving).values(**values)
        return bool(await self._transact(lambda tx: tx.execute(change).rowcount))

    async def grown(self, upload: str, received: int) -> bool:
        """As `set`, while all files of the person still fit: others grow meanwhile. Raises Fault `too_large`."""
        limit = await self._limit(besides=upload)
        if received > limit.most:
            raise limit.why
        return await self.set(upload, received=received)

    async def _limit(self, besides: str = "") -> Limit:
        """What a file may take, without what `besides` takes already."""
        one = Limit(self._largest, too_large(self._largest))
        if not self._quota:
            return one
        larger = case((uploads.c.bytes > uploads.c.received, uploads.c.bytes), else_=uploads.c.received)
        taken = select(func.coalesce(func.sum(larger), 0)).where(
            uploads.c.owner == self._owner,
            uploads.c.id != besides,
            or_(uploads.c.state == "receiving", uploads.c.state == "complete"),
        )
        left = max(0, self._quota - int(await self._transact(lambda tx: tx.execute(taken).scalar_one())))
        return one if left >= self._largest else Limit(left, no_room(self._quota, left))

    async def _checked(self, upload: Upload) -> Upload:
        """With what of it is there now. What nobody has gone on with for long has failed."""
        if upload.state != "receiving":
            return upload
        path = self._folder / upload.id
        size = await asyncio.to_thread(_growing, path)
        if size is not None:
            return msgspec.structs.replace(upload, received=size)
        await self.set(upload.id, state="failed")
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return msgspec.structs.replace(upload, state="failed")

    async def _sweep(self) -> None:
        """Files that were cut and that nobody has gone on with, whose ever they are."""
        query = select(uploads).where(uploads.c.state == "receiving")
        for row in await self._transact(lambda tx: list(tx.execute(query))):
            await self._checked(upload_of(row))


def too_large(limit: int) -> Fault:
    hint = "Read it in the notebook instead; the limit is the setting `max_upload_bytes`."
    return Fault(Code.TOO_LARGE, f"At most {limit:,} bytes are taken.", hint, about="size")


def no_room(quota: int, left: int) -> Fault:
    message = f"Your files may take {quota:,} bytes together; {left:,} are left."
    hint = "Remove files that you no longer need; the limit is the setting `upload_quota_bytes`."
    return Fault(Code.TOO_LARGE, message, hint, about="size")


def _growing(path: Path) -> int | None:
    """Bytes of a file; None when it is gone or was left behind."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_size if time.time() - about.st_mtime <= KEPT_S else None


def upload_of(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        name=row.name,
        state=row.state,
        bytes=row.bytes,
        received=row.received,
        created=row.created,
        sha256=row.sha256,
        contents=msgspec.json.decode(row.contents, type=Contents),
        conversation=row.conversation,
    )
