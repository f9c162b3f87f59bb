"""Rows and frames in the shape a model wants: the right columns, order and dtypes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from . import frames, peek
from .signature import Column, Signature
from .toolbox import ToolError


def build(signature: Signature, rows: Sequence[dict[str, Any]], training: Any = None) -> Any:
    """A frame, an array or a list of texts for `predict`. `training` gives the exact category dtypes."""
    if signature.container == "text":
        return [str(row["text"]) for row in rows]
    pandas = peek.library("pandas")
    if signature.container == "frame" and pandas is not None:
        used = [c for c in signature.columns if c.required or any(c.name in row for row in rows)]
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
            return pandas.Series(values, dtype=known.dtype)
        return pandas.Series(values, dtype=pandas.CategoricalDtype(list(column.categories or ())))
    if column.is_integer and dtype[0] in "iu":
        whole = all(value is not None and float(value).is_integer() for value in values)
        return pandas.Series(values, dtype=dtype if whole else "float64")
    if dtype.startswith("datetime"):
        return pandas.to_datetime(pandas.Series(values, dtype="object"), utc="," in dtype).astype(dtype)
    if dtype == "object":
        return pandas.Series([float("nan") if value is None else value for value in values], dtype="object")
    if dtype == "bool" and any(value is None for value in values):
        return pandas.Series(values, dtype="object")
    return pandas.Series(values, dtype=dtype)


def row_of(frame: Any, index: int, signature: Signature, ref: str) -> dict[str, Any]:
    """One row by position as plain values, of the model's columns only. Raises ToolError `invalid_input`."""
    rows = frames.rows_of(frame)
    if not -rows <= index < rows:
        raise ToolError("invalid_input", f"`{ref}` has {rows} rows; there is no row {index}.", about=ref)
    kind = frames.kind_of(frame)
    if signature.container == "text" and len(frame.shape) == 1:
        value = frame[index] if kind == "numpy" else frame.iloc[index]
        return {"text": str(value)}
    names = [column.name for column in signature.columns]
    if kind == "numpy":
        if len(frame.shape) != 2 or frame.shape[1] != len(names):
            raise ToolError(
                "invalid_input",
                f"`{ref}` has the shape {tuple(frame.shape)}; the model takes {len(names)} columns.",
            )
        return {name: _plain(frame[index, i]) for i, name in enumerate(names)}
    columns, _ = frames.columns_of(frame)
    found = {name: i for i, name in enumerate(columns)}
    if len(frame.shape) == 1:
        return {columns[0]: _plain(frame.iloc[index])} if columns else {}
    return {name: _plain(frame.iloc[index, found[name]]) for name in names if name in found}


def _plain(value: Any) -> Any:
    return value.item() if type(value).__module__ == "numpy" else value


def chunks(signature: Signature, frame: Any, size: int) -> Iterator[Any]:
    """A whole frame in pieces as the model wants them. Copies only where columns must be chosen or moved."""
    kind = frames.kind_of(frame)
    names = [column.name for column in signature.columns]
    columns, _ = frames.columns_of(frame)
    chosen: list[int] | None = None
    by_name = signature.container == "frame" or set(names) <= set(columns)
    if kind == "pandas" and signature.container != "text" and by_name:
        place = {name: i for i, name in enumerate(columns)}
        chosen = [place[c.name] for c in signature.columns if c.required or c.name in place]
        if chosen == list(range(len(columns))):
            chosen = None
    for start in range(0, frames.rows_of(frame), size):
        part = frame[start : start + size] if kind == "numpy" else frame.iloc[start : start + size]
        if signature.container == "text":
            yield part
            continue
        if chosen is not None:
            part = part.iloc[:, chosen]
        if signature.container == "array" and kind == "pandas":
            part = part.to_numpy()
        elif signature.container == "frame" and kind == "numpy":
            pandas = peek.library("pandas")
            part = pandas.DataFrame(part, columns=names) if pandas is not None else part
        yield part
