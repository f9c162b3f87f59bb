"""A delimited text file, from its first few megabytes: encoding, delimiter, header, and what is wrong in it."""

from __future__ import annotations

import csv
import io
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO

from ..toolbox import ToolError
from . import cells, places, streams
from .cells import Tally

MAX_BYTES = 8_000_000
MAX_LINES = 50_000
_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 60
_MAX_FIELD = 1_000_000
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_KEPT_LINES = 5


@dataclass
class Delimited:
    """`rows` are the looked-at ones as texts, with their line in the file. `total` is exact when `whole`."""

    encoding: str
    delimiter: str
    header: bool
    names: list[str]
    rows: list[tuple[int, list[str]]]
    total: int
    whole: bool
    bom: bool = False
    ragged: list[int] = field(default_factory=list)
    """Lines with another number of cells than there are columns, the first few."""
    ragged_count: int = 0
    duplicates: list[str] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    undecodable: int | None = None
    """The first line that is not in UTF-8."""


def read(path: str) -> Delimited:
    """Raises ToolError `invalid_input` for what is no text, or empty."""
    name = places.base(path)
    with places.read(path) as file:
        size = file.seek(0, io.SEEK_END)
        data, ended, compressed = _beginning(file, name)
    if not data.strip():
        raise ToolError("invalid_input", f"`{name}` is empty.", "Name a file with data in it.", about=name)
    text, encoding, broken = _decoded(data, name, ended=ended)
    if not ended:
        text = text[: text.rfind("\n") + 1] or text
    delimiter = _delimiter(text)
    lines = _lines(text, delimiter, name)
    ended = ended and len(lines) < MAX_LINES
    found = _table(lines, encoding, delimiter)
    found.bom = data.startswith(tuple(bom for bom, _ in _BOMS))
    found.undecodable = broken
    found.whole = ended
    if not ended:
        read_bytes = len(text.encode(encoding.replace("-sig", ""), "replace"))
        share = len(lines) / max(1, text.count("\n"))
        found.total = round(len(found.rows) * size / max(1.0, read_bytes * share)) if not compressed else -1
    return found


def _beginning(file: BinaryIO, name: str) -> tuple[bytes, bool, bool]:
    """The first bytes, whether that is all, and whether the file is compressed."""
    file.seek(0)
    compressed = streams.compression_of(file.read(8)) != ""
    try:
        stream = streams.plain(file)
        data = stream.read(MAX_BYTES)
        return data, not stream.read(1), compressed
    except (streams.Broken, OSError, EOFError, ValueError, zlib.error) as error:
        text = f"`{name}` can't be uncompressed ({type(error).__name__})."
        raise ToolError("invalid_input", text, "It may be damaged.", about=name) from None


def _decoded(data: bytes, name: str, *, ended: bool) -> tuple[str, str, int | None]:
    """Text, encoding, and the first line that is not UTF-8 where it isn't."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace"), encoding, None
    if b"\0" in data[:4_096]:
        raise ToolError("invalid_input", f"`{name}` is not text.", "Name a CSV, Parquet or JSON lines file.", name)
    try:
        return data.decode("utf-8"), "utf-8", None
    except UnicodeDecodeError as error:
        if not ended and error.start > len(data) - 4:
            return data[: error.start].decode("utf-8"), "utf-8", None
        line = data.count(b"\n", 0, error.start) + 1
    try:
        return data.decode("cp1252"), "cp1252", line
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1", line


def _delimiter(text: str) -> str:
    """The one that splits most lines into the same number of cells, and more than one."""
    lines = "\n".join(text.splitlines()[:_LOOKED_AT])
    best, chosen = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(len(line) for line in csv.reader(io.StringIO(lines), delimiter=delimiter) if line)
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        rank = (count / max(1, sum(widths.values())), width)
        if width > 1 and rank > best:
            best, chosen = rank, delimiter
    return chosen


def _lines(text: str, delimiter: str, name: str) -> list[tuple[int, list[str]]]:
    """Records with the line each ends on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    try:
        for cells_of_line in reader:
            if cells_of_line:
                found.append((reader.line_num, cells_of_line))
            if len(found) > MAX_LINES:
                break
    except csv.Error:
        text = f"Line {reader.line_num} of `{name}` can't be read as a line of a table."
        raise ToolError("invalid_input", text, "A quote may not be closed there.", about=name) from None
    return found


def _table(lines: list[tuple[int, list[str]]], encoding: str, delimiter: str) -> Delimited:
    first = lines[0][1]
    header = cells.looks_like_names(first, [line for _, line in lines[1:20]])
    names = [name.strip() for name in first] if header else [f"column {i + 1}" for i in range(len(first))]
    rows = lines[1:] if header else lines
    ragged = [line for line, row in rows if len(row) != len(names)]
    tallies = [Tally() for _ in names]
    for line, row in rows:
        for tally, text in zip(tallies, row, strict=False):
            tally.see(text[:_MAX_FIELD], line)
    counts = Counter(names)
    duplicates = [name for name, count in counts.items() if count > 1]
    return Delimited(
        encoding, delimiter, header, names, rows, len(rows), True,
        ragged=ragged[:_KEPT_LINES], ragged_count=len(ragged), duplicates=duplicates, tallies=tallies,
    )  # fmt: skip
