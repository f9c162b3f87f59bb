"""Rows and frames in the shape a model wants: the right columns, order and dtypes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .. import frames, peek
from ..signature import Column, Signature
from ..toolbox import ToolError

WIDE = 50
"""More columns than this are put together at once where they are all of numbers."""


def build(signature: Signature, rows: Sequence[dict[str, Any]], training: Any = None) -> Any:
    """A frame, an array or a list of texts for `predict`. `training` gives the exact category dtypes."""
    if signature.container == "text":
        return [str(row["text"]) for row in rows]
    used = [c for c in signature.columns if c.required or any(c.name in row for row in rows)]
    if signature.container == "frame" and signature.engine == "polars":
        return _polars_frame(used, rows, training)
    if signature.container == "frame" and signature.engine == "arrow":
        return _arrow_table(used, rows, training)
    pandas = peek.library("pandas")
    if signature.container == "frame" and pandas is not None:
        if len(used) > WIDE and all(c.role == "numeric" and c.dtype in (None, "float64") for c in used):
            names = [column.name for column in used]
            table: Any = peek.library("numpy").array(  # type: ignore[union-attr]
                [[row.get(name) for name in names] for row in rows], dtype=float
            )
            return pandas.DataFrame(table, columns=names)
        return pandas.DataFrame(
            {column.name: _series(pandas, column, [row.get(column.name) for row in rows], training) for column in used}
        )
    numpy = peek.library("numpy")
    table = [[row.get(column.name) for column in signature.columns] for row in rows]
    if numpy is None:
        return table
    plain = all(value is None or isinstance(value, (int, float)) for line in table for value in line)
    if plain:
        return numpy.array([[float("nan") if v is None else v for v in line] for line in table], dtype=float)
    return numpy.array(table, dtype=object)


def _polars_frame(columns: list[Column], rows: Sequence[dict[str, Any]], training: Any) -> Any:
    polars: Any = peek.library("polars")
    schema = training.schema if frames.kind_of(training) == "polars" else {}
    made = []
    for column in columns:
        values = [row.get(column.name) for row in rows]
        dtype = schema.get(column.name)
        fraction = dtype is not None and dtype.is_integer() and any(type(v) is float and v % 1 for v in values)
        made.append(polars.Series(column.name, values, dtype=polars.Float64 if fraction else dtype, strict=False))
    return polars.DataFrame(made)


def _arrow_table(columns: list[Column], rows: Sequence[dict[str, Any]], training: Any) -> Any:
    arrow: Any = peek.library("pyarrow")
    known = frames.kind_of(training) == "arrow"
    return arrow.table(
        {
            column.name: arrow.array(
                [row.get(column.name) for row in rows],
                type=training.schema.field(column.name).type if known else None,
            )
            for column in columns
        }
    )


def _series(pandas: Any, column: Column, values: list[Any], training: Any) -> Any:
    dtype = column.dtype
    if dtype is None:
        if column.role == "numeric":
            return pandas.Series(values, dtype="float64")
        nan = float("nan")
        return pandas.Series([nan if value is None else value for value in values])
    if dtype == "category":
        known = frames.column(training, column.name) if frames.kind_of(training) == "pandas" else None
        if known is not None and str(known.dtype) == "category":
            dtype = known.dtype
        else:
            dtype = pandas.CategoricalDtype(list(column.categories or ()))
        return pandas.Series(values, dtype=wider(pandas, dtype, values))
    if column.is_integer and dtype[0] in "iu":
        whole = all(value is not None and float(value).is_integer() for value in values)
        return pandas.Series(values, dtype=dtype if whole else "float64")
    if dtype.startswith("datetime"):
        return pandas.to_datetime(pandas.Series(values, dtype="object"), utc="," in dtype).astype(dtype)
    if dtype == "object":
        return pandas.Series([float("nan") if value is None else value for value in values], dtype="object")
    if dtype == "bool" and any(value is None for value in values):
        return pandas.Series(values, dtype="object")
    try:
        return pandas.Series(values, dtype=dtype)
    except TypeError:  # the dtype of another library
        return pandas.Series(values, dtype="float64" if column.role == "numeric" else None)


def wider(pandas: Any, dtype: Any, values: Sequence[Any]) -> Any:
    """The dtype with room for unknown categories: whatever the model does with one, it must come to see it."""
    unseen = {value for value in values if value is not None} - set(dtype.categories)
    return pandas.CategoricalDtype([*dtype.categories, *sorted(unseen, key=str)]) if unseen else dtype


def row_of(frame: Any, index: int, signature: Signature, ref: str) -> dict[str, Any]:
    """One row by position as plain values, of the model's columns only. Raises ToolError `invalid_input`."""
    if frames.is_lazy(frame):
        raise ToolError("invalid_input", f"`{ref}` is not computed yet.", "Compute the row in a cell first.", about=ref)
    rows = frames.rows_of(frame)
    if not -rows <= index < rows:
        raise ToolError("invalid_input", f"`{ref}` has {rows} rows; there is no row {index}.", about=ref)
    index %= rows
    if frames.kind_of(frame) == "records":
        return {c.name: frame[index][c.name] for c in signature.columns if c.name in frame[index]}
    line = frames.part(frame, index, index + 1)
    names = [column.name for column in signature.columns]
    columns, _ = frames.columns_of(frame)
    width = frames.width_of(frame)
    if signature.container == "text" and width == 1:
        return {"text": str(_cell(line, 0))}
    if not columns and len(frames.shape_of(frame)) == 2:
        if width != len(names):
            shape = tuple(frames.shape_of(frame))
            raise ToolError("invalid_input", f"`{ref}` has the shape {shape}; the model takes {len(names)} columns.")
        return {name: _cell(line, i) for i, name in enumerate(names)}
    if len(frames.shape_of(frame)) == 1:
        return {columns[0]: _cell(line, 0)} if columns else {}
    found = places(signature, frame)
    if frames.kind_of(frame) == "pandas" and len(found) > WIDE and set(map(str, frame.dtypes)) == {"float64"}:
        cells = frame.iloc[index].tolist()
        return {name: cells[found[name]] for name in names if name in found}
    return {name: _cell(line, found[name]) for name in names if name in found}


def places(signature: Signature, frame: Any) -> dict[str, int]:
    """Where each input is in a table: by name; by position where the table or the model has no names."""
    names = {column.name: None for column in signature.columns}
    columns, _ = frames.columns_of(frame)
    found = {name: i for i, name in enumerate(columns) if name in names}
    nameless = not columns or (not found and all(name == f"x{i}" for i, name in enumerate(names)))
    if nameless and frames.width_of(frame) == len(names):
        return {name: i for i, name in enumerate(names)}
    return found


def _cell(line: Any, place: int) -> Any:
    """The only value of a column of one row, as Python's own kind."""
    column = frames.values(line, place)
    value = column.iloc[0] if frames.kind_of(column) == "pandas_series" else column[0]
    return value.item() if type(value).__module__ == "numpy" else value


def chunks(signature: Signature, frame: Any, size: int) -> Iterator[Any]:
    """A whole frame in pieces as the model wants them. Copies only where columns must be chosen or moved."""
    for piece in _pieces(frame, size):
        yield fitting(signature, piece)


def _pieces(frame: Any, size: int) -> Iterator[Any]:
    kind = frames.kind_of(frame)
    if kind == "dask":
        for number in range(frame.npartitions):
            yield from _pieces(frame.partitions[number].compute(), size)
        return
    if kind == "polars_lazy":
        frame = frame.collect()
    elif kind == "records":
        frame = frames.tabular(frame)
    for start in range(0, frames.rows_of(frame), size):
        yield frames.part(frame, start, start + size)


def fitting(signature: Signature, piece: Any) -> Any:
    """A frame as this model wants it: its columns by name in its order, in its kind of frame or as an array."""
    kind = frames.kind_of(piece)
    columns, _ = frames.columns_of(piece)
    names = [column.name for column in signature.columns]
    if signature.container == "text":
        return piece if kind in ("numpy", "pandas_series") else list(frames.values(piece, 0))
    by_name = len(columns) > 1 and (signature.container == "frame" or set(names) <= set(columns))
    chosen: list[int] | None = None
    if by_name or (columns and signature.container == "frame"):
        place = {name: i for i, name in enumerate(columns)}
        chosen = [place[c.name] for c in signature.columns if c.required or c.name in place]
        chosen = None if chosen == list(range(len(columns))) else chosen
    if kind == "numpy" or kind == "sparse":
        pandas = peek.library("pandas")
        named = signature.container == "frame" and kind == "numpy" and pandas is not None
        return pandas.DataFrame(piece, columns=names) if named and pandas is not None else piece
    if signature.container == "frame" and kind == signature.engine:
        if chosen is None:
            return piece
        if kind == "pandas":
            return piece.iloc[:, chosen]
        return piece.select([columns[i] for i in chosen])
    places = list(range(frames.width_of(piece))) if chosen is None else chosen
    if kind == "pandas" and signature.container == "array":
        return (piece if chosen is None else piece.iloc[:, chosen]).to_numpy()
    return _converted(signature, piece, places)


def _converted(signature: Signature, piece: Any, places: list[int]) -> Any:
    """From one library's frame to another's, or to an array."""
    parts = {_name_at(piece, i): frames.values(piece, i) for i in places}
    if signature.container == "array":
        numpy: Any = peek.library("numpy")
        return numpy.column_stack([numpy.asarray(column) for column in parts.values()])
    if signature.engine == "polars":
        return peek.library("polars").DataFrame(parts)  # type: ignore[union-attr]
    if signature.engine == "arrow":
        return peek.library("pyarrow").table(parts)  # type: ignore[union-attr]
    pandas: Any = peek.library("pandas")
    by_name = {column.name: column for column in signature.columns}
    made = {}
    for name, values in parts.items():
        column = by_name.get(name)
        if column is not None and column.dtype == "category" and column.categories is not None:
            known = pandas.CategoricalDtype(list(column.categories))
            values = values.astype(wider(pandas, known, values.dropna().unique().tolist()))
        made[name] = values
    return pandas.DataFrame(made)


def _name_at(piece: Any, place: int) -> str:
    columns, _ = frames.columns_of(piece)
    return columns[place] if columns else f"x{place}"
