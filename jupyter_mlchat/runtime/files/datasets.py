"""Files of rows in any format we know: what is in them, from a part that is never too large."""

from __future__ import annotations

import importlib
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .. import frames, peek
from ..toolbox import ToolError
from ..wire import IssueDict
from . import cells, delimited, places, streams
from .cells import Tally

Format = Literal["csv", "jsonl", "parquet", "feather", "excel"]
MAX_ROWS = 50_000
MAX_COLUMNS = 5_000
_MAX_LINE = 4_000_000
_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"PAR1", "parquet"), (b"ARROW1", "feather"), (b"FEA1", "feather"), (b"PK\x03\x04", "excel"),
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column. `nulls` are counted in the looked-at rows."""

    name: str
    dtype: str
    nulls: int | None = None


@dataclass
class Dataset:
    """`rows` are the looked-at ones with the line each is on, by column name; `total` -1 is not known."""

    format: Format
    size: int
    fields: list[Field]
    rows: list[tuple[int, dict[str, Any]]]
    total: int
    exact: bool
    issues: list[IssueDict] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    """How a reader must be told to read it."""
    looked_at: int = 0


def look(path: str) -> Dataset:
    """Raises ToolError `not_found`, `invalid_input`, or `unsupported` where a library for it isn't loaded."""
    with places.read(path) as file:
        head, size = file.read(8), file.seek(0, io.SEEK_END)
    suffixes = os.path.basename(path).lower().split(".")[1:]
    kind: Format | None = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind is None and {"jsonl", "ndjson"} & set(suffixes):
        kind = "jsonl"
    if kind is None and "json" in suffixes:
        kind = "jsonl" if head.lstrip()[:1] == b"{" else None
        if kind is None:
            name = places.base(path)
            raise ToolError("unsupported", f"`{name}` is JSON, but not one object a line.", "Load it in a cell.", name)
    try:
        found = _READERS[kind or "csv"](path, size)
    except ToolError:
        raise
    except Exception as error:
        name = places.base(path)
        text = f"`{name}` can't be read as {kind or 'csv'} ({type(error).__name__})."
        raise ToolError("invalid_input", text, "It may be damaged, or of another format.", about=name) from None
    if len(found.fields) > MAX_COLUMNS:
        name = places.base(path)
        raise ToolError("unsupported", f"`{name}` has over {MAX_COLUMNS:,} columns.", "Look at it in a cell.", name)
    return found


def by_first_bytes(path: str) -> Dataset | None:
    """Format and size alone, of a format that says what it is; None for others."""
    with places.read(path) as file:
        head, size = file.read(8), file.seek(0, io.SEEK_END)
    kind: Format | None = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    return None if kind is None else Dataset(kind, size, [], [], -1, False)


def _csv(path: str, size: int) -> Dataset:
    seen = delimited.read(path)
    kinds = [tally.kind for tally in seen.tallies]
    fields = [
        Field(name, kind or "empty", tally.empty)
        for name, kind, tally in zip(seen.names, kinds, seen.tallies, strict=True)
    ]
    rows = [
        (line, {name: cells.read(text, kind) for name, kind, text in zip(seen.names, kinds, row, strict=False)})
        for line, row in seen.rows
    ]
    options = {"sep": seen.delimiter, "encoding": seen.encoding, "header": 0 if seen.header else None}
    return Dataset("csv", size, fields, rows, seen.total, seen.whole, _of_text(seen), options, len(rows))


def _of_text(seen: delimited.Delimited) -> list[IssueDict]:
    found: list[IssueDict] = []
    if seen.bom:
        found.append(_issue("byte_order_mark", "It begins with a byte order mark.", f"Read it as {seen.encoding}."))
    if seen.undecodable is not None:
        text = f"It is not UTF-8: line {seen.undecodable:,} was read as {seen.encoding}."
        found.append(_issue("encoding", text, "Check names with accents, or write the file as UTF-8."))
    if not seen.header:
        found.append(_issue("no_header", "The first line holds no names of columns.", "Add a line of names."))
    found += [
        _issue("duplicate_name", f"The name `{places.told(name)}` is there more than once.", "Rename one.", name)
        for name in seen.duplicates[:10]
    ]
    if seen.ragged_count:
        lines = ", ".join(f"{line:,}" for line in seen.ragged)
        text = (
            f"{seen.ragged_count:,} lines have another number of cells than {len(seen.names)}, first in line {lines}."
        )
        found.append(_issue("ragged_lines", text, "A delimiter or quote in a cell may be the reason."))
    for name, tally in zip(seen.names, seen.tallies, strict=True):
        found += _of_column(name, tally)
    return found


def _of_column(name: str, tally: Tally) -> list[IssueDict]:
    shown = places.told(name)
    found: list[IssueDict] = []
    for kind, count, line in tally.strangers:
        text = f"`{shown}` holds {tally.kind}s, but {count:,} cells are {kind}, first in line {line:,}."
        found.append(_issue("mixed_types", text, "The whole column is read as text then.", name))
    if tally.decimal_commas and tally.decimal_commas >= cells.MIXED_SHARE * (tally.rows - tally.empty):
        text = f"`{shown}` holds numbers with a decimal comma."
        found.append(_issue("decimal_comma", text, 'Read it with `decimal=","`.', name))
    if tally.rows and tally.empty == tally.rows:
        found.append(_issue("empty_column", f"`{shown}` is empty.", "Leave it out.", name))
    return found


def _issue(code: str, message: str, suggestion: str, column: str = "") -> IssueDict:
    issue: IssueDict = {"code": code, "message": message, "suggestion": suggestion}
    if column:
        issue["column"] = places.told(column)
    return issue


def _jsonl(path: str, size: int) -> Dataset:
    """One object a line; of long files the first part."""
    rows: list[tuple[int, dict[str, Any]]] = []
    broken: list[int] = []
    line, read_bytes, whole = 0, 0, True
    with places.read(path) as file:
        stream = streams.plain(file)
        while text := stream.readline(_MAX_LINE):
            line += 1
            read_bytes += len(text)
            if len(rows) >= MAX_ROWS or read_bytes > delimited.MAX_BYTES:
                whole = False
                break
            try:
                row = json.loads(text) if text.strip() else None
            except (ValueError, RecursionError):
                row = ()
            if isinstance(row, dict):
                rows.append((line, row))
            elif row is not None:
                broken.append(line)
        compressed = stream is not file
    if not rows:
        name = places.base(path)
        raise ToolError("invalid_input", f"No line of `{name}` is a JSON object.", "Check its format.", about=name)
    total = len(rows) if whole else -1 if compressed else round(len(rows) * size / max(1, read_bytes))
    issues = []
    if broken:
        text_ = f"{len(broken):,} lines are no JSON object, first line {broken[0]:,}."
        issues.append(_issue("broken_lines", text_, "Leave those lines out."))
    fields = _of_records(rows, issues)
    return Dataset("jsonl", size, fields, rows, total, whole, issues, {"lines": True}, len(rows))


def _of_records(rows: list[tuple[int, dict[str, Any]]], issues: list[IssueDict]) -> list[Field]:
    names = dict.fromkeys(name for _, row in rows for name in row)
    fields = []
    for name in names:
        kinds = Counter(_JSON.get(type(row.get(name)), "nested") for _, row in rows)
        nulls = kinds.pop("null", 0)
        if set(kinds) == {"integer", "number"}:
            kinds = Counter({"number": sum(kinds.values())})
        if len(kinds) > 1:
            top = kinds.most_common(1)[0][0]
            line = next(line for line, row in rows if _JSON.get(type(row.get(name)), "nested") not in (top, "null"))
            text = f"`{places.told(name)}` holds {' and '.join(sorted(kinds))}, first another one in line {line:,}."
            issues.append(_issue("mixed_types", text, "Make it one kind.", name))
        fields.append(
            Field(name, kinds.most_common(1)[0][0] if len(kinds) == 1 else "mixed" if kinds else "empty", nulls)
        )
    return fields


_JSON: Mapping[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "text", type(None): "null", list: "nested", dict: "nested",
}  # fmt: skip


def _arrow(name: str) -> Any:
    """Arrow's own module where arrow is loaded; nothing is imported for its own sake."""
    if peek.library("pyarrow") is None:
        text = "Looking into this format needs pyarrow, which is not loaded."
        raise ToolError("unsupported", text, "Run `import pyarrow` in a cell, then ask again.", about="pyarrow")
    return importlib.import_module(f"pyarrow.{name}")


def _parquet(path: str, size: int) -> Dataset:
    with places.read(path) as file:
        parquet = _arrow("parquet").ParquetFile(file)
        batch = next(parquet.iter_batches(batch_size=MAX_ROWS, use_threads=False), None)
        total = int(parquet.metadata.num_rows)
        schema = parquet.schema_arrow
        return _of_arrow("parquet", size, schema, batch, total)


def _feather(path: str, size: int) -> Dataset:
    with places.read(path) as file:
        if file.read(4) == b"FEA1":
            table = _arrow("feather").read_table(file, use_threads=False)
            return _of_arrow("feather", size, table.schema, table, table.num_rows)
        file.seek(0)
        reader = _arrow("ipc").open_file(file)
        total, batch = 0, reader.get_batch(0) if reader.num_record_batches else None
        for place in range(reader.num_record_batches):
            total += reader.get_batch(place).num_rows
        return _of_arrow("feather", size, reader.schema, batch, total)


def _of_arrow(kind: Format, size: int, schema: Any, batch: Any, total: int) -> Dataset:
    part = batch.slice(0, MAX_ROWS) if batch is not None else None
    nulls = [None if part is None else int(part.column(i).null_count) for i in range(len(schema.names))]
    fields = [Field(n, str(t), k) for n, t, k in zip(schema.names, schema.types, nulls, strict=True)]
    issues = [
        _issue("duplicate_name", f"The name `{places.told(name)}` is there more than once.", "Rename one.", name)
        for name, count in Counter(schema.names).items()
        if count > 1
    ]
    looked_at = 0 if part is None else part.num_rows
    rows = [] if part is None else list(enumerate(_thin(part).to_pylist(), 1))
    return Dataset(kind, size, fields, rows, total, True, issues, {}, looked_at)


def _thin(part: Any) -> Any:
    return frames.part(part, 0, 5_000) if part.num_rows > 5_000 else part


def _excel(path: str, size: int) -> Dataset:
    """The first sheet."""
    library = peek.library("openpyxl")
    if library is None:
        text = "Looking into this format needs openpyxl, which is not loaded."
        raise ToolError("unsupported", text, "Run `import openpyxl` in a cell, then ask again.", about="openpyxl")
    with places.read(path) as file:
        book = library.load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = []
        for place, line in enumerate(sheet.iter_rows(values_only=True), 1):
            if place > MAX_ROWS:
                break
            lines.append((place, line))
        sheets = len(book.worksheets)
        limit = sheet.max_row
        book.close()
    lines = [(place, line) for place, line in lines if any(cell is not None for cell in line)]
    if not lines:
        raise ToolError("invalid_input", f"The first sheet of `{places.base(path)}` is empty.", "Name another file.")
    names = [str(cell).strip() if cell is not None else f"column {i + 1}" for i, cell in enumerate(lines[0][1])]
    rows = [(place, dict(zip(names, line, strict=False))) for place, line in lines[1:]]
    issues = [] if sheets == 1 else [_issue("more_sheets", f"It has {sheets} sheets; the first was read.", "")]
    issues += [
        _issue("duplicate_name", f"The name `{places.told(name)}` is there more than once.", "Rename one.", name)
        for name, count in Counter(names).items()
        if count > 1
    ]
    fields = _of_records(_jsonlike(rows), issues)
    whole = len(lines) < MAX_ROWS
    return Dataset("excel", size, fields, rows, len(rows) if whole else int(limit or -1), whole, issues, {}, len(rows))


def _jsonlike(rows: list[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """Dates as texts, which is all that is told of them."""
    return [
        (line, {name: str(cell) if hasattr(cell, "isoformat") else cell for name, cell in row.items()})
        for line, row in rows
    ]


_READERS: Mapping[Format, Callable[[str, int], Dataset]] = {
    "csv": _csv, "jsonl": _jsonl, "parquet": _parquet, "feather": _feather, "excel": _excel,
}  # fmt: skip
