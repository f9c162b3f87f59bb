"""Where rows come from: a frame of the notebook, or a file that need not fit into memory; always in the same parts."""

from __future__ import annotations

import hashlib
import importlib
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from .. import frames
from ..signature import Signature
from ..toolbox import ToolError
from .lines import CheckedLines, mark

CHUNK_BYTES = 16_000_000
BLOCK = 1 << 20
FEWEST, MOST = 1_000, 200_000
"""Rows of a part, where nobody said how many."""
_SAMPLE = 100_000
"""Values of a frame that its fingerprint is made of."""


class Source(Protocol):
    """Rows in numbered parts, which are the same whenever they are read anew."""

    ref: str
    """As the person named it."""
    rows: int | None
    parts: int | None
    """None where only reading to the end tells."""

    def fingerprint(self) -> dict[str, Any]:
        """What must not have changed between two sittings."""

    def pieces(self, done: Collection[int]) -> Iterator[tuple[int, Any]]:
        """Number and rows of every part that is not done, in rising order."""


def needed(name: str) -> Any:
    """A library that the person's own files ask for, imported now. Raises ToolError `unsupported`."""
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        hint = f"Install it: `pip install {package}`."
        raise ToolError("unsupported", f"This needs {package}, which is not installed.", hint, package) from None


def rows_of_part(bytes_per_row: float, asked: int | None) -> int:
    """Rows of a part of about 16 MB, or what was asked for."""
    if asked is not None:
        return max(1, asked)
    return int(min(MOST, max(FEWEST, CHUNK_BYTES / max(1.0, bytes_per_row))))


@dataclass
class FrameSource:
    """Data that is in memory. `index` of the answers is that of a pandas frame, else positions."""

    ref: str
    frame: Any = field(repr=False)
    size: int
    rows: int | None = None
    parts: int | None = None

    def fingerprint(self) -> dict[str, Any]:
        columns, dtypes = frames.columns_of(self.frame)
        width = frames.width_of(self.frame)
        sample = frames.strided(self.frame, max(1, _SAMPLE // max(1, width)))
        digest = hashlib.sha256()
        for place in range(width):
            digest.update(repr(list(frames.values(sample, place))).encode())
        shape = frames.shape_of(self.frame)
        return {"kind": "frame", "shape": shape, "columns": columns, "dtypes": dtypes, "sample": digest.hexdigest()}

    def pieces(self, done: Collection[int]) -> Iterator[tuple[int, Any]]:
        for number in range(self.parts or 0):
            if number not in done:
                yield number, frames.part(self.frame, number * self.size, (number + 1) * self.size)


def frame_source(ref: str, frame: Any, chunk_rows: int | None) -> FrameSource:
    """Raises ToolError `invalid_input` for a frame without rows."""
    kind = frames.kind_of(frame)
    if kind == "polars_lazy":
        frame = frame.collect()
    elif kind == "records":
        frame = frames.tabular(frame)
    elif kind == "sparse":
        frame = frame.tocsr()
    rows = frames.rows_of(frame)
    if not rows:
        raise ToolError("invalid_input", f"`{ref}` has no rows.", about=ref)
    size = rows_of_part(frames.memory_of(frame) / rows, chunk_rows)
    return FrameSource(ref, frame, size, rows, -(-rows // size))


@dataclass
class CsvSource:
    """A text file, read once from its beginning to its end; parts that are done are read and let go."""

    ref: str
    path: Path
    columns: list[str]
    texts: list[str]
    """Columns that stay text, whatever they look like."""
    size: int
    rows: int | None = None
    parts: int | None = None

    def fingerprint(self) -> dict[str, Any]:
        return {"kind": "csv", "files": [stamp_of(self.path)], "columns": self.columns}

    def pieces(self, done: Collection[int]) -> Iterator[tuple[int, Any]]:
        pandas = needed("pandas")
        kinds = dict.fromkeys(self.texts, "object")
        how = {"usecols": self.columns, "dtype": kinds, "chunksize": self.size, "low_memory": False}
        with CheckedLines(self.path) as lines:
            try:
                start = 0
                for number, piece in enumerate(pandas.read_csv(io.BufferedReader(lines, BLOCK), **how)):
                    marked, start = mark(piece, start, lines.bad), start + len(piece)
                    if number not in done:
                        yield number, marked
            except pandas.errors.ParserError:
                text = f"`{self.ref}` is not a regular CSV file: a quote in it is never closed."
                hint = "Mend that line and call again: the parts done stay."
                raise ToolError("invalid_input", text, hint, about=self.ref) from None


def csv_source(ref: str, path: Path, sig: Signature, chunk_rows: int | None) -> CsvSource:
    header = list(needed("pandas").read_csv(path, nrows=0).columns)
    wanted = wanted_columns(sig, header, ref)
    textual = ("object", "str", "string", "category")
    texts = [c.name for c in sig.columns if c.name in wanted and _is_text(c.categories, c.dtype, textual)]
    return CsvSource(ref, path, wanted, texts, rows_of_part(40.0 * len(wanted), chunk_rows))


def _is_text(categories: tuple[Any, ...] | None, dtype: str | None, textual: tuple[str, ...]) -> bool:
    """Categories say it best: `01` is a text where the model knows it as one."""
    if categories:
        return all(type(one) is str for one in categories)
    return dtype in textual


def wanted_columns(sig: Signature, there: list[str], ref: str) -> list[str]:
    """The columns of a file that the model takes. Raises ToolError `invalid_input` that names what is missing."""
    names = [column.name for column in sig.columns]
    if sig.container == "text":
        if len(there) == 1 or names[0] in there:
            return [names[0]] if names[0] in there else there
    elif set(names) & set(there) or sig.container == "frame":
        missing = [column.name for column in sig.columns if column.required and column.name not in there]
        if not missing:
            return [name for name in names if name in there]
        told = ", ".join(f"`{name[:40]}`" for name in missing[:10])
        raise ToolError("invalid_input", f"`{ref}` lacks {told}.", "Name data with the model's columns.", about=ref)
    elif len(there) == len(names):
        return there
    text = f"`{ref}` has {len(there)} columns; the model takes {len(names)}."
    raise ToolError("invalid_input", text, "Name data with the model's columns.", about=ref)


def stamp_of(path: Path) -> list[Any]:
    """Name, size and time of change of a file."""
    told = path.stat()
    return [path.name, told.st_size, told.st_mtime_ns]


def native(sig: Signature, table: Any) -> Any:
    """An Arrow table as the kind of frame that the model takes."""
    if sig.container == "frame" and sig.engine == "polars":
        return needed("polars").from_arrow(table)
    if sig.container == "frame" and sig.engine == "arrow":
        return table
    needed("pandas")
    return table.to_pandas()


def check_frame_fits(sig: Signature, frame: Any, ref: str) -> Any:
    """A frame of the notebook, of a text model its one column. Raises ToolError `invalid_input`."""
    columns, _ = frames.columns_of(frame)
    if len(frames.shape_of(frame)) == 2 and columns:
        wanted = wanted_columns(sig, columns, ref)
        if sig.container == "text" and len(columns) > 1:
            return frame[wanted[0]]
    elif sig.container != "text" and frames.width_of(frame) != len(sig.columns):
        shape = tuple(frames.shape_of(frame))
        text = f"`{ref}` has the shape {shape}; the model takes {len(sig.columns)} columns."
        raise ToolError("invalid_input", text, about=ref)
    return frame
