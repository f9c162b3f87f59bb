"""A file as it arrives: every piece checked and written where it belongs, nothing of it kept in memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..protocol.answers import Upload
from ..protocol.faults import Code, Fault
from .contents import HEAD_BYTES, Content

if TYPE_CHECKING:
    from .shelf import Shelf

PROGRESS_BYTES = 1 << 20
Told = Callable[[str, int, int, str], None]
"""Hears of every MiB and of the end: id, bytes that are there, bytes announced (0: unknown), state."""


@dataclass(frozen=True)
class Limit:
    """At most so many bytes, and what is said of more."""

    most: int
    why: Fault


class Incoming:
    """`write` raises `Fault` when the file is too large, not what its name says, cancelled, or can't be stored.

    Two that receive the same file do it no harm: each writes its bytes where they belong.
    """

    def __init__(
        self, shelf: Shelf, upload: Upload, path: Path, file: int, limit: Limit, content: Content, told: Told
    ) -> None:
        self._shelf, self._path, self._file = shelf, path, file
        self._size, self._limit, self._content, self._told = upload.bytes, limit, content, told
        self._received = self._reported = upload.received
        self._open = True
        # A file must not be closed under the thread that writes it.
        self._busy = asyncio.Lock()
        self.id, self.name = upload.id, upload.name
        told(self.id, self._received, self._size, "receiving")

    async def write(self, chunk: bytes) -> None:
        async with self._busy:
            if self._open:
                await self._write(chunk)

    async def _write(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._limit.most:
            raise self._limit.why
        if self._size and self._received > self._size:
            message = f"More than the announced {self._size:,} bytes arrived."
            raise Fault(Code.INVALID_INPUT, message, about="size")
        self._content.look(chunk)
        await asyncio.to_thread(self._store, chunk)
        if self._received - self._reported >= PROGRESS_BYTES:
            self._reported = self._received
            await self._report(received=self._received)
            self._told(self.id, self._received, self._size, "receiving")

    async def end(self) -> Upload:
        """The body has ended. The file is complete, or still `receiving` when less came than was announced."""
        async with self._busy:
            self._close()
        if self._size and self._received < self._size:
            await self._report(received=self._received)
            return await self._shelf.upload(self.id)
        self._content.end()
        found = await self._shelf.complete(self.id, self.name, self._received)
        self._told(self.id, self._received, self._received, "complete")
        return found

    async def pause(self) -> None:
        """The sender is gone: what has arrived stays, and can be gone on with."""
        async with self._busy:
            if self._open:
                self._close()
                await self._shelf.set(self.id, received=self._received)

    async def give_up(self) -> None:
        """Forget what has arrived. Does nothing once the file is complete or cancelled."""
        async with self._busy:
            if self._open:
                self._close()
        if await self._shelf.set(self.id, state="failed", received=self._received):
            await asyncio.to_thread(self._path.unlink, missing_ok=True)
            self._told(self.id, self._received, self._size, "failed")

    async def _report(self, received: int) -> None:
        if not await self._shelf.grown(self.id, received):
            raise no_more()

    def _store(self, chunk: bytes) -> None:
        try:
            view = memoryview(chunk)
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise unstorable(error) from None

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._file)


def begun(folder: Path, upload: str) -> int:
    """A new file, readable by the server's user alone. Raises Fault `store_unavailable`. Blocks."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(folder / upload, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise unstorable(error) from None


def gone_on(path: Path, offset: int) -> tuple[int, bytes]:
    """The file of an upload at `offset`, and its first bytes. Raises Fault `store_unavailable`. Blocks."""
    try:
        with path.open("rb") as written:
            head = written.read(HEAD_BYTES)
        file = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
        os.lseek(file, offset, os.SEEK_SET)
    except OSError as error:
        raise unstorable(error) from None
    return file, head[:offset]


def no_more() -> Fault:
    return Fault(Code.CONFLICT, "The upload was cancelled or finished meanwhile.", "Begin it anew.", about="upload")


def unstorable(error: OSError) -> Fault:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    hint = "Check that the disk of the Jupyter data directory has room and is writable."
    return Fault(Code.STORE_UNAVAILABLE, f"The file can't be stored ({reason}).", hint, retryable=True)
