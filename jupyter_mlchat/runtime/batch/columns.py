"""The columns of a chunk as the model wants them, whatever a file made of them; and the values it may refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import frames, peek
from ..asking.containers import wider
from ..signature import Column, Signature
from .lines import MALFORMED

Reason = tuple[str, str]
"""(issue code, column)."""
_TEXTS = ("object", "str", "string")


def conformed(signature: Signature, piece: Any) -> tuple[Any, list[tuple[Reason, Any]]]:
    """A pandas chunk with numbers, dates and categories for what is text in it, and masks of the rows whose text
    is none of these. A chunk that fits already, or is of another library, is given back as it is."""
    if frames.kind_of(piece) != "pandas":
        return piece, []
    spoiled = _malformed(piece)
    changed: dict[int, Any] = {}
    for column in signature.columns:
        place = frames.place_of(piece, column.name)
        if place is None:
            continue
        series = piece.iloc[:, place]
        made = _converted(column, series)
        if made is not None:
            changed[place] = made
            lost = (made.isna() & series.notna()).to_numpy()
            if lost.any():
                spoiled.append((("type_error", column.name), lost))
    if changed:
        piece = piece.copy(deep=False)
        for place, made in changed.items():
            piece[piece.columns[place]] = made
    return piece, spoiled


def _malformed(piece: Any) -> list[tuple[Reason, Any]]:
    """Rows that stand for lines of a file that could not be read."""
    places = piece.attrs.get(MALFORMED)
    if not places:
        return []
    numpy: Any = peek.library("numpy")
    lost = numpy.zeros(len(piece), dtype=bool)
    lost[places] = True
    return [(("malformed_line", ""), lost)]


def _converted(column: Column, series: Any) -> Any | None:
    pandas: Any = peek.library("pandas")
    dtype, wanted = str(series.dtype), column.dtype or ""
    if wanted == "category" and column.categories is not None:
        known = pandas.CategoricalDtype(list(column.categories))
        if dtype == "category" and series.dtype == known:
            return None
        return series.astype(wider(pandas, known, series.dropna().unique().tolist()))
    if dtype not in _TEXTS or wanted in _TEXTS:
        return None
    if wanted.startswith("datetime"):
        return pandas.to_datetime(series, errors="coerce", utc="," in wanted).astype(wanted)
    if column.role == "numeric":
        return pandas.to_numeric(series, errors="coerce")
    return None


def suspects(signature: Signature, table: Any) -> Iterator[tuple[Reason, Any]]:
    """Masks of the values that a model of this signature may refuse: empty, unknown, infinite."""
    pandas, numpy = peek.library("pandas"), peek.library("numpy")
    if pandas is None or numpy is None or frames.kind_of(table) is None:
        return
    by_position = not frames.columns_of(table)[0]
    for number, column in enumerate(signature.columns):
        place = number if by_position and number < frames.width_of(table) else frames.place_of(table, column.name)
        if place is None:
            continue
        series = pandas.Series(frames.values(table, place))
        empty = series.isna()
        if column.nullable is not True and empty.any():
            yield ("null_value", column.name), empty.to_numpy()
        if column.categories is not None and column.complete and column.on_unknown != "ignored":
            unknown = ~series.isin(list(column.categories)) & ~empty
            if unknown.any():
                yield ("unknown_category", column.name), unknown.to_numpy()
        if series.dtype.kind == "f":
            infinite = numpy.isinf(series.to_numpy(dtype=float, na_value=0.0))
            if infinite.any():
                yield ("type_error", column.name), infinite


def picked(X: Any, rows: Any) -> Any:
    """Rows by position, (m,), of whatever a model was to be given."""
    kind = frames.kind_of(X)
    if kind in ("pandas", "pandas_series"):
        return X.iloc[rows]
    if kind == "arrow":
        return X.take(rows)
    if kind == "sparse":
        return X.tocsr()[rows]
    return [X[row] for row in rows.tolist()] if type(X) is list else X[rows]
