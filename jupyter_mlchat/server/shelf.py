"""Uploaded files: one file and one row each. Imported with the first upload, since it brings sqlalchemy."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from ..protocol.answers import Upload, UploadState
from ..protocol.faults import Code, Fault
from ..store.tables import uploads

PROGRESS_BYTES = 1 << 20
STALE_S = 600.0
"""A file being received that has not grown for so long was left behind by a server that ended."""

T = TypeVar("T")
Transact = Callable[[Callable[[Connection], T]], Awaitable[T]]


class Shelf:
    """The uploads of one owner: files under `folder`, named by id, readable by the server's user alone."""

    def __init__(self, folder: Path, transact: Transact[Any], owner: str) -> None:
        self._folder, self._transact, self._owner = folder, transact, owner

    async def receive(self, name: str, size: int, limit: int) -> Incoming:
        """Begin a file. `size` is what the sender announces (0: unknown), `limit` the most that is taken."""
        if size > limit:
            raise too_large(limit)
        upload = uuid.uuid4().hex
        file = await asyncio.to_thread(_create, self._folder, upload)
        row = {"id": upload, "owner": self._owner, "name": name, "bytes": size, "received": 0}
        values = {**row, "state": "receiving", "created": time.time()}
        await self._transact(lambda tx: tx.execute(insert(uploads).values(**values)))
        return Incoming(self, upload, self._folder / upload, file, size, limit)

    async def uploads(self) -> list[Upload]:
        """Newest first."""
        query = select(uploads).where(uploads.c.owner == self._owner).order_by(uploads.c.created.desc())
        rows = await self._transact(lambda tx: list(tx.execute(query)))
        found = [_upload(row) for row in rows]
        return [await self._checked(upload) for upload in found]

    async def upload(self, upload: str) -> Upload:
        query = select(uploads).where(uploads.c.id == upload, uploads.c.owner == self._owner)
        row = await self._transact(lambda tx: tx.execute(query).one_or_none())
        if row is None:
            hint = "The id is in the answer to the upload."
            raise Fault(Code.NOT_FOUND, "There is no upload of that id.", hint, about="upload")
        return await self._checked(_upload(row))

    async def remove(self, upload: str) -> None:
        """Delete the file. One that is being received is cancelled; its row stays and says so."""
        found = await self.upload(upload)
        if found.state == "receiving":
            await self.set(found.id, state="cancelled")
        else:
            await self._transact(lambda tx: tx.execute(delete(uploads).where(uploads.c.id == found.id)))
        await asyncio.to_thread((self._folder / found.id).unlink, missing_ok=True)

    async def set(self, upload: str, **values: Any) -> bool:
        """Change the row of a file that is being received. False when it is not any more."""
        receiving = (uploads.c.id == upload, uploads.c.state == "receiving")
        change = update(uploads).where(*receiving).values(**values)
        return bool(await self._transact(lambda tx: tx.execute(change).rowcount))

    async def _checked(self, upload: Upload) -> Upload:
        if upload.state == "receiving" and await asyncio.to_thread(_is_stale, self._folder / upload.id):
            await self.set(upload.id, state="failed")
            return msgspec.structs.replace(upload, state="failed")
        return upload


class Incoming:
    """A file as it arrives. `write` raises `Fault` when it is too large, cancelled, or can't be stored."""

    def __init__(self, shelf: Shelf, upload: str, path: Path, file: int, size: int, limit: int) -> None:
        self._shelf, self._path, self._file = shelf, path, file
        self._size, self._limit = size, limit
        self._received = self._told = 0
        self._digest = hashlib.sha256()
        self._open = True
        # A file must not be closed under the thread that writes it.
        self._busy = asyncio.Lock()
        self.id = upload

    async def write(self, chunk: bytes) -> None:
        async with self._busy:
            if self._open:
                await self._write(chunk)

    async def _write(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._limit:
            raise too_large(self._limit)
        if self._size and self._received > self._size:
            message = f"More than the announced {self._size:,} bytes arrived."
            raise Fault(Code.INVALID_INPUT, message, about="size")
        await asyncio.to_thread(self._store, chunk)
        if self._received - self._told >= PROGRESS_BYTES:
            self._told = self._received
            await self._report(received=self._received)

    async def complete(self) -> Upload:
        """Everything is there. Raises Fault `invalid_input` when it is less than was announced."""
        if self._size and self._received != self._size:
            message = f"{self._received:,} of the announced {self._size:,} bytes arrived."
            raise Fault(Code.INVALID_INPUT, message, "Upload it again.", about="size")
        async with self._busy:
            values = {"state": "complete", "bytes": self._received, "received": self._received}
            await self._report(**values, sha256=self._digest.hexdigest())
            self._close()
        return await self._shelf.upload(self.id)

    async def give_up(self, state: UploadState = "failed") -> None:
        """Forget what has arrived. Does nothing once the file is complete."""
        async with self._busy:
            if self._open:
                self._close()
                await asyncio.to_thread(self._path.unlink, missing_ok=True)
                await self._shelf.set(self.id, state=state, received=self._received)

    async def _report(self, **values: Any) -> None:
        if not await self._shelf.set(self.id, **values):
            raise Fault(Code.CONFLICT, "The upload was cancelled.", "Begin it anew.", about="upload")

    def _store(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        try:
            view = memoryview(chunk)
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise _unstorable(error) from None

    def _close(self) -> None:
        self._open = False
        os.close(self._file)


def too_large(limit: int) -> Fault:
    hint = "Read it in the notebook instead; the limit is the setting `max_upload_bytes`."
    return Fault(Code.TOO_LARGE, f"At most {limit:,} bytes are taken.", hint, about="size")


def _create(folder: Path, upload: str) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(folder / upload, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise _unstorable(error) from None


def _unstorable(error: OSError) -> Fault:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    hint = "Check that the disk of the Jupyter data directory has room and is writable."
    return Fault(Code.STORE_UNAVAILABLE, f"The file can't be stored ({reason}).", hint, retryable=True)


def _is_stale(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > STALE_S
    except OSError:
        return True


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        name=row.name,
        state=row.state,
        bytes=row.bytes,
        received=row.received,
        created=row.created,
        sha256=row.sha256,
    )
