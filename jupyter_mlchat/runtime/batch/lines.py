"""A CSV file on its way to pandas, which silently drops fields that a line has too many: such rows are noted.

The values of such a line may stand under the wrong columns, so that no prediction of it can be trusted.
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

from .. import peek

MALFORMED = "malformed lines"
"""Key in the `attrs` of a piece: positions of its rows whose lines have more fields than the header."""
MAX_RECORD = 8_000_000
_QUOTE, _COMMA, _NEWLINE = b'",\n'


class CheckedLines(io.RawIOBase):
    """The bytes of a file as they are. `bad` are numbers of rows, known when the bytes of a row have been read."""

    def __init__(self, path: Path) -> None:
        opened = gzip.open if path.suffix == ".gz" else open
        self._file: Any = opened(path, "rb")
        self.bad: list[int] = []
        self._records = 0
        self._width = 0
        self._hopeless = False
        self._tail = b""
        """Of the record that the last block broke off in."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._file.read(len(buffer))
        buffer[: len(block)] = block
        if not self._hopeless:
            self._check(self._tail + block if block else self._tail + b"\n", ended=not block)
        return len(block)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _check(self, data: bytes, *, ended: bool) -> None:
        """Records are counted as pandas counts rows: the header is none, nor are blank lines."""
        numpy: Any = peek.library("numpy")
        codes = numpy.frombuffer(data, dtype=numpy.uint8)
        quotes = codes == _QUOTE
        outside = (numpy.cumsum(quotes) & 1) == 0 if quotes.any() else True
        ends = numpy.flatnonzero((codes == _NEWLINE) & outside)
        if not len(ends):
            # Pandas says itself what is wrong with a quote that is never closed.
            self._hopeless = len(data) > MAX_RECORD
            self._tail = b"" if ended or self._hopeless else data
            return
        commas = numpy.flatnonzero((codes == _COMMA) & outside)
        fields = numpy.diff(numpy.searchsorted(commas, ends), prepend=0) + 1
        starts = numpy.concatenate([[0], ends[:-1] + 1])
        if (ends - starts).min() < 80:
            short = numpy.flatnonzero((fields == 1) & (ends - starts < 80))
            blank = [place for place in short.tolist() if not data[starts[place] : ends[place]].strip()]
            fields = numpy.delete(fields, blank)
        # The header, and the first row: of files whose every line ends in a comma none is malformed.
        while self._records < 2 and len(fields):
            self._width = max(self._width, int(fields[0]))
            self._records, fields = self._records + 1, fields[1:]
        self.bad += (self._records - 1 + numpy.flatnonzero(fields > self._width)).tolist()
        self._records += len(fields)
        self._tail = data[ends[-1] + 1 :]


def mark(piece: Any, start: int, bad: list[int]) -> Any:
    """The piece that begins with row `start`, with its malformed rows in `attrs`."""
    places = [row - start for row in bad if start <= row < start + len(piece)]
    if places:
        piece.attrs[MALFORMED] = places
    return piece
