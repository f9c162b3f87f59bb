"""Frames, series and arrays of the libraries that are loaded: their shape, columns and rows."""

from __future__ import annotations

from typing import Any, Literal

from . import peek

FrameKind = Literal["pandas", "pandas_series", "numpy"]

_KINDS: dict[str, FrameKind] = {
    "pandas.DataFrame": "pandas",
    "pandas.core.frame.DataFrame": "pandas",
    "pandas.Series": "pandas_series",
    "pandas.core.series.Series": "pandas_series",
    "numpy.ndarray": "numpy",
}
_LIBRARIES = frozenset({"pandas", "numpy", "geopandas"})
"""A subclass from elsewhere may have overridden what we would call."""


def kind_of(value: object) -> FrameKind | None:
    cls = type(value)
    if peek.root_of(cls) not in _LIBRARIES:
        return None
    for base in peek.mro(cls):
        kind = _KINDS.get(peek.class_name(base))
        if kind is not None:
            return kind if kind != "numpy" or getattr(value, "ndim", 0) in (1, 2) else None
    return None


def shape_of(frame: Any) -> list[int]:
    return [int(size) for size in frame.shape]


def rows_of(frame: Any) -> int:
    return int(frame.shape[0])


def columns_of(frame: Any) -> tuple[list[str], list[str]]:
    """Names and dtypes; an array has no names, a series its own."""
    kind = kind_of(frame)
    if kind == "pandas":
        return [str(name) for name in frame.columns], [str(dtype) for dtype in frame.dtypes]
    if kind == "pandas_series":
        return [str(frame.name)] if frame.name is not None else [], [str(frame.dtype)]
    return [], [str(frame.dtype)]


def memory_of(frame: Any) -> int:
    """Bytes, without the contents of Python objects."""
    kind = kind_of(frame)
    if kind == "pandas":
        return int(frame.memory_usage(deep=False).sum())
    if kind == "pandas_series":
        return int(frame.memory_usage(deep=False))
    return int(frame.nbytes)


def column(frame: Any, name: str) -> Any | None:
    """One column; None when there is none of that name, or several."""
    kind = kind_of(frame)
    if kind == "pandas":
        position = [i for i, label in enumerate(frame.columns) if str(label) == name]
        return frame.iloc[:, position[0]] if len(position) == 1 else None
    if kind == "pandas_series":
        return frame if str(frame.name) == name else None
    return None


def strided(frame: Any, most: int) -> Any:
    """At most `most` rows, evenly spread; the frame itself when it has no more."""
    rows = rows_of(frame)
    step = -(-rows // most) if rows > most else 1
    if step == 1:
        return frame
    return frame[::step] if kind_of(frame) == "numpy" else frame.iloc[::step]
