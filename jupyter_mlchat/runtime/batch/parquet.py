"""Parquet, the one file that knows pyarrow: a source of rows, and the parts that predictions are written to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..signature import Signature
from ..toolbox import ToolError
from .source import native, needed, rows_of_part, stamp_of, wanted_columns


@dataclass(frozen=True)
class Run:
    """Rows that are read together: some whole row groups of one file, and the numbers of the parts in them."""

    file: int
    groups: tuple[int, ...]
    first: int
    count: int
    size: int


@dataclass
class ParquetSource:
    """One file, or the files of a folder by name. It is pickled to workers that see the same files."""

    ref: str
    paths: list[Path]
    signature: Signature = field(repr=False)
    columns: list[str]
    size: int
    runs: list[Run] = field(repr=False)
    rows: int | None
    parts: int | None

    def fingerprint(self) -> dict[str, Any]:
        return {"kind": "parquet", "files": [stamp_of(path) for path in self.paths], "columns": self.columns}

    def pieces(self, done: Collection[int]) -> Iterator[tuple[int, Any]]:
        for run in self.runs:
            yield from self.read(run, done)

    def read(self, run: Run, done: Collection[int]) -> Iterator[tuple[int, Any]]:
        """The parts of one run that are not done. Decodes nothing of a run that is."""
        wanted = [number for number in range(run.first, run.first + run.count) if number not in done]
        if not wanted:
            return
        parquet = needed("pyarrow.parquet")
        # Without `pre_buffer` only what is being read is held.
        with parquet.ParquetFile(self.paths[run.file], pre_buffer=False) as file:
            batches = file.iter_batches(run.size, row_groups=list(run.groups), columns=self.columns)
            for number, table in enumerate(_whole(batches, run.size), run.first):
                if number in wanted:
                    yield number, native(self.signature, table)
                if number == wanted[-1]:
                    return


def parquet_source(ref: str, path: Path, sig: Signature, chunk_rows: int | None) -> ParquetSource:
    """Raises ToolError `invalid_input` for what is no Parquet, is empty or lacks columns."""
    parquet, arrow = needed("pyarrow.parquet"), needed("pyarrow")
    path = path.absolute()
    paths = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    try:
        metas = [parquet.read_metadata(one) for one in paths]
        columns = wanted_columns(sig, parquet.read_schema(paths[0]).names, ref) if paths else []
    except arrow.ArrowInvalid:
        text = f"`{ref}` is not a Parquet file."
        raise ToolError("invalid_input", text, "Name a `.parquet` file or a folder of them.", about=ref) from None
    rows = sum(meta.num_rows for meta in metas)
    if not rows:
        raise ToolError("invalid_input", f"`{ref}` has no rows.", about=ref)
    size = rows_of_part(_bytes_per_row(metas, columns, rows), chunk_rows)
    runs: list[Run] = []
    for file, meta in enumerate(metas):
        for groups, held in _together([meta.row_group(n).num_rows for n in range(meta.num_row_groups)], size):
            first = runs[-1].first + runs[-1].count if runs else 0
            # Parts of about the same size: a group that is a little too big is not cut into a long and a short one.
            count = max(1, round(held / size))
            runs.append(Run(file, groups, first, count, -(-held // count)))
    # Workers have folders of their own: a path is whole before it travels.
    return ParquetSource(ref, paths, sig, columns, size, runs, rows, runs[-1].first + runs[-1].count)


def _bytes_per_row(metas: Sequence[Any], columns: Sequence[str], rows: int) -> float:
    """Uncompressed, of the columns that are read."""
    total = 0
    for meta in metas:
        for number in range(meta.num_row_groups):
            group = meta.row_group(number)
            told = (group.column(place) for place in range(group.num_columns))
            total += sum(one.total_uncompressed_size for one in told if one.path_in_schema.split(".")[0] in columns)
    return total / rows


def _together(groups: Sequence[int], size: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Neighbouring row groups as long as they make one part together."""
    some: tuple[int, ...] = ()
    held = 0
    for number, rows in enumerate(groups):
        if some and held + rows > size:
            yield some, held
            some, held = (), 0
        if rows:
            some, held = (*some, number), held + rows
    if some:
        yield some, held


def _whole(batches: Iterator[Any], size: int) -> Iterator[Any]:
    """Tables of exactly `size` rows, the last of what is left: a batch may end where a page of the file does."""
    arrow = needed("pyarrow")
    held: list[Any] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        while rows >= size:
            table = arrow.Table.from_batches(held)
            yield table.slice(0, size)
            held, rows = table.slice(size).to_batches(), rows - size
    if rows:
        yield arrow.Table.from_batches(held)


def write(path: Path, desk: Path, columns: dict[str, Any], schema: Any = None) -> tuple[Any, str]:
    """A file that is there whole or not at all. `columns` are arrays, or (array, mask of what is null).

    Returns its schema and the sha256 of its bytes; where a `schema` is given, the columns are made so. What is not
    finished lies in the folder `desk`.
    """
    arrow, parquet = needed("pyarrow"), needed("pyarrow.parquet")
    made = {
        name: arrow.array(one[0], mask=one[1], from_pandas=True) if type(one) is tuple else arrow.array(one)
        for name, one in columns.items()
    }
    table = arrow.table(made)
    if schema is not None:
        table = table.cast(schema)
    target = arrow.BufferOutputStream()
    parquet.write_table(table, target)
    data = target.getvalue()
    unfinished = desk / f"{path.name}.unfinished"
    unfinished.write_bytes(data)
    os.replace(unfinished, path)
    return table.schema, hashlib.sha256(data).hexdigest()


def schema_of(path: Path) -> Any:
    return needed("pyarrow.parquet").read_schema(path)


def column_of(path: Path, name: str) -> Any:
    """What one column holds, without what is missing, as a numpy array."""
    table = needed("pyarrow.parquet").read_table(path, columns=[name])
    return table.column(0).drop_null().to_numpy()
