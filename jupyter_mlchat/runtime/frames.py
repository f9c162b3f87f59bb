"""Frames, series and arrays of the libraries that are loaded: their shape, columns and rows. Nothing is computed."""

from __future__ import annotations

from typing import Any, Literal

from . import peek

FrameKind = Literal[
    "pandas", "pandas_series", "numpy", "polars", "polars_series", "polars_lazy", "arrow", "sparse", "dask", "records"
]
UNKNOWN_ROWS = -1
"""In a shape: how many rows there are is only known after computing them."""

_KINDS: dict[str, FrameKind] = {
    "pandas.DataFrame": "pandas",
    "pandas.core.frame.DataFrame": "pandas",
    "pandas.Series": "pandas_series",
    "pandas.core.series.Series": "pandas_series",
    "numpy.ndarray": "numpy",
    "polars.dataframe.frame.DataFrame": "polars",
    "polars.series.series.Series": "polars_series",
    "polars.lazyframe.frame.LazyFrame": "polars_lazy",
    "pyarrow.lib.Table": "arrow",
    "pyarrow.lib.RecordBatch": "arrow",
    "scipy.sparse._base._spbase": "sparse",
    "dask.dataframe.dask_expr._collection.DataFrame": "dask",
}
_LIBRARIES = frozenset({"pandas", "numpy", "geopandas", "polars", "pyarrow", "scipy", "dask"})
"""A subclass from elsewhere may have overridden what we would call."""
_LAZY = ("polars_lazy", "dask")
_CELLS = frozenset(map(id, (int, float, str, bool, type(None))))
_CHECKED_RECORDS = 20


def kind_of(value: object) -> FrameKind | None:
    cls = type(value)
    if cls is list:
        return "records" if _are_records(value) else None
    if peek.root_of(cls) not in _LIBRARIES:
        return None
    for base in peek.mro(cls):
        kind = _KINDS.get(peek.class_name(base))
        if kind is not None:
            return kind if kind not in ("numpy", "sparse") or getattr(value, "ndim", 0) in (1, 2) else None
    return None


def _are_records(value: Any) -> bool:
    """Two or more plain dicts of the same names and plain values, as JSON gives; the first few are looked at."""
    if len(value) < 2 or type(value[0]) is not dict or not value[0]:
        return False
    names = list(value[0])
    if not all(type(name) is str for name in names):
        return False
    return all(
        type(row) is dict
        and len(row) == len(names)
        and all(type(name) is str and id(type(cell)) in _CELLS for name, cell in row.items())
        and list(row) == names
        for row in [*value[:_CHECKED_RECORDS], value[-1]]
    )


def is_lazy(frame: object) -> bool:
    """Whether its rows are only there once they are computed."""
    return kind_of(frame) in _LAZY


def shape_of(frame: Any) -> list[int]:
    """(rows, columns) or an array's own; `UNKNOWN_ROWS` for what is lazy."""
    kind = kind_of(frame)
    if kind in _LAZY:
        return [UNKNOWN_ROWS, len(columns_of(frame)[0])]
    if kind == "records":
        return [len(frame), len(frame[0])]
    return [int(size) for size in frame.shape]


def rows_of(frame: Any) -> int:
    return shape_of(frame)[0]


def width_of(frame: Any) -> int:
    shape = shape_of(frame)
    return shape[1] if len(shape) > 1 else 1


def columns_of(frame: Any) -> tuple[list[str], list[str]]:
    """Names and dtypes; an array has no names, a series its own."""
    kind = kind_of(frame)
    if kind == "pandas" or kind == "dask":
        return [str(name) for name in frame.columns], [str(dtype) for dtype in frame.dtypes]
    if kind == "pandas_series":
        return [str(frame.name)] if frame.name is not None else [], [str(frame.dtype)]
    if kind == "polars":
        return list(frame.columns), [str(dtype) for dtype in frame.dtypes]
    if kind == "polars_lazy":
        schema = frame.collect_schema()
        return list(schema.names()), [str(dtype) for dtype in schema.dtypes()]
    if kind == "polars_series":
        return [frame.name] if frame.name else [], [str(frame.dtype)]
    if kind == "arrow":
        return [str(name) for name in frame.schema.names], [str(dtype) for dtype in frame.schema.types]
    if kind == "records":
        return list(frame[0]), [type(cell).__name__ for cell in frame[0].values()]
    return [], [str(frame.dtype)]


def memory_of(frame: Any) -> int:
    """Bytes, without the contents of Python objects; 0 for what is not computed yet."""
    kind = kind_of(frame)
    if kind == "pandas":
        return int(frame.memory_usage(deep=False).sum())
    if kind == "pandas_series":
        return int(frame.memory_usage(deep=False))
    if kind == "polars" or kind == "polars_series":
        return int(frame.estimated_size())
    if kind == "sparse":
        return int(sum(part.nbytes for part in vars(frame).values() if peek.class_name(type(part)) == "numpy.ndarray"))
    if kind == "records":
        return 64 * len(frame) * len(frame[0])
    return 0 if kind in _LAZY else int(frame.nbytes)


def place_of(frame: Any, name: str) -> int | None:
    """The position of a column; None when there is none of that name, or several."""
    columns, _ = columns_of(frame)
    return columns.index(name) if columns.count(name) == 1 else None


def column(frame: Any, name: str) -> Any | None:
    """One column, as a pandas series or a numpy array; None when there is none of that name, or several."""
    if kind_of(frame) is None or is_lazy(frame):
        return None
    place = place_of(frame, name)
    return None if place is None else values(frame, place)


def values(frame: Any, place: int) -> Any:
    """One column by position: a pandas series, or a numpy array where pandas is not loaded. (n,)"""
    kind = kind_of(frame)
    if kind == "pandas_series":
        return frame
    if kind == "pandas":
        return frame.iloc[:, place]
    if kind == "numpy":
        return frame if frame.ndim == 1 else frame[:, place]
    return _series(frame, kind, place)


def _series(frame: Any, kind: FrameKind | None, place: int) -> Any:
    pandas, numpy = peek.library("pandas"), peek.library("numpy")
    name = (columns_of(frame)[0] or [None])[place if kind not in ("sparse", "polars_series") else 0]  # type: ignore[list-item]
    if kind == "sparse":
        found = frame.tocsc()[:, [place]].toarray()[:, 0]
    elif kind == "arrow":
        found = frame.column(place)
        found = found.to_pandas() if pandas is not None else found.to_pylist()
    elif kind == "records":
        found = [row.get(name) for row in frame]
    else:
        series = frame if kind == "polars_series" else frame.to_series(place)
        found = series.to_numpy() if pandas is not None and not series.dtype.is_nested() else series.to_list()
    if pandas is not None:
        return pandas.Series(found, name=name)
    return found if numpy is None else numpy.asarray(found)


def part(frame: Any, start: int, stop: int) -> Any:
    """Rows by position, in the frame's own library."""
    kind = kind_of(frame)
    if kind == "arrow":
        return frame.slice(start, max(0, stop - start))
    if kind == "sparse":
        return frame.tocsr()[start:stop]
    return frame.iloc[start:stop] if kind in ("pandas", "pandas_series") else frame[start:stop]


def strided(frame: Any, most: int) -> Any:
    """At most `most` rows, evenly spread; the frame itself when it has no more; the first part of what is lazy."""
    kind = kind_of(frame)
    if kind == "dask":
        return strided(frame.partitions[0].compute(), most)
    if kind == "polars_lazy":
        return frame.head(most).collect()
    rows = rows_of(frame)
    step = -(-rows // most) if rows > most else 1
    if step == 1:
        return frame
    if kind == "polars" or kind == "polars_series":
        return frame.gather_every(step)
    if kind == "arrow":
        return frame.take(list(range(0, rows, step)))
    if kind == "sparse":
        return frame.tocsr()[::step]
    return frame.iloc[::step] if kind in ("pandas", "pandas_series") else frame[::step]


def taken(frame: Any, places: Any) -> Any:
    """Rows by their positions, an array of whole numbers, in the frame's own library."""
    kind = kind_of(frame)
    if kind == "records":
        return tabular([frame[place] for place in places.tolist()])
    if kind == "arrow":
        return frame.take(places.tolist())
    if kind == "sparse":
        return frame.tocsr()[places]
    return frame.iloc[places] if kind in ("pandas", "pandas_series") else frame[places]


def tabular(records: list[dict[str, Any]]) -> Any:
    """Plain dicts as a frame of the library that is loaded, else as rows of values."""
    library = peek.library("pandas") or peek.library("polars")
    return library.DataFrame(records) if library is not None else [list(row.values()) for row in records]
