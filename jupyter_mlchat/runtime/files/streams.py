"""Bytes of a file, uncompressed as they are read, up to a number that no bomb passes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import time
import zlib
from typing import BinaryIO, Literal, cast

Compression = Literal["", "gzip", "zlib", "bz2", "xz", "lzma", "lz4"]

MAX_BYTES = 2_000_000_000
MAX_SECONDS = 20.0
MAX_KEPT = 65_536
"""Longer pieces are skipped over rather than kept."""
_PIECE = 262_144
_MAGIC: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\xfd7zXZ", "xz"), (b"\x5d\x00\x00", "lzma"),
    (b"\x04\x22\x4d\x18", "lz4"),
)  # fmt: skip


class Exhausted(Exception):
    """More bytes or time than a look may take."""


class Broken(Exception):
    """The file ends too early, or is not what it says."""


def compression_of(head: bytes) -> Compression:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    zlib_header = len(head) > 1 and head[0] == 0x78 and int.from_bytes(head[:2], "big") % 31 == 0
    return "zlib" if zlib_header else ""


def plain(file: BinaryIO) -> BinaryIO:
    """The file from its start, uncompressed. Raises Broken for a compression that Python doesn't know."""
    file.seek(0)
    kind = compression_of(file.read(8))
    file.seek(0)
    if kind == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if kind == "bz2":
        return cast(BinaryIO, bz2.BZ2File(file))
    if kind in ("xz", "lzma"):
        return cast(BinaryIO, lzma.LZMAFile(file))
    if kind == "zlib":
        return cast(BinaryIO, io.BufferedReader(_Zlib(file), _PIECE))
    if kind == "lz4":
        raise Broken("it is compressed with lz4, which Python itself can't read")
    return file


class _Zlib(io.RawIOBase):
    def __init__(self, file: BinaryIO) -> None:
        self._file, self._inflate = file, zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail or self._file.read(_PIECE)
            found = self._inflate.decompress(data, len(view))
            if found:
                view[: len(found)] = found
                return len(found)
            if not data:
                raise EOFError
        return 0


class Reader:
    """Exact reads of a stream within its limits. Raises Broken at an early end, Exhausted past the limits."""

    def __init__(self, stream: BinaryIO, most: int = MAX_BYTES, seconds: float = MAX_SECONDS) -> None:
        self._stream, self._left, self._end = stream, most, time.monotonic() + seconds
        self.given = 0

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, at most `MAX_KEPT`."""
        if size > MAX_KEPT:
            raise Broken("a part is longer than it may be")
        found = self._take(size)
        while len(found) < size:
            more = self._take(size - len(found))
            if not more:
                raise Broken("it ends too early")
            found += more
        return found

    def line(self) -> bytes | None:
        """Up to and with the next line feed; None when that is more than anybody needs to know."""
        found = self._take(MAX_KEPT, line=True)
        if found.endswith(b"\n"):
            return found
        while found and not found.endswith(b"\n"):
            self.within_time()
            found = self._take(MAX_KEPT, line=True)
        if not found:
            raise Broken("it ends too early")
        return None

    def skip(self, size: int) -> None:
        self.within_time()
        if size < 0 or size > self._left:
            raise Exhausted
        while size:
            found = self._take(min(size, _PIECE))
            if not found:
                raise Broken("it ends too early")
            size -= len(found)
            self.within_time()

    def next(self) -> bytes:
        """One byte, or none at the end."""
        return self._take(1)

    def within_time(self) -> None:
        if time.monotonic() > self._end:
            raise Exhausted

    def _take(self, size: int, *, line: bool = False) -> bytes:
        try:
            found = self._stream.readline(size) if line else self._stream.read(size)
        except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
            raise Broken(f"its compressed part is damaged ({type(error).__name__})") from None
        self._count(len(found))
        return found

    def _count(self, size: int) -> None:
        self.given += size
        self._left -= size
        if self._left < 0:
            raise Exhausted


def head_of(file: BinaryIO, size: int = 4_096) -> bytes:
    """The first bytes, uncompressed; fewer where it is damaged."""
    try:
        stream = plain(file)
        return stream.read(size)
    except (Broken, EOFError, OSError, zlib.error, lzma.LZMAError):
        return b""
