"""How a cell writes tables: the same few things in the words of pandas, polars and numpy.

Arrow tables are written in those of pandas: models that took one take the other, and its columns can be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .. import frames
from ..signature import Signature

Words = Literal["pandas", "polars", "numpy", "text"]


def words_of(sig: Signature) -> Words:
    """In which a model's rows are written."""
    if sig.container == "text":
        return "text"
    if sig.container == "array":
        return "numpy"
    return "polars" if sig.engine == "polars" else "pandas"


def writable(sig: Signature) -> bool:
    """Whether changed rows can be written down for it."""
    return sig.container in ("frame", "array")


def column(sig: Signature, table: str, name: str) -> str:
    if words_of(sig) == "numpy":
        return f"{table}[:, {[one.name for one in sig.columns].index(name)}]"
    return f"{table}[{name!r}]"


def assigned(sig: Signature, new: str, old: str, values: Mapping[str, str]) -> list[str]:
    """Lines that make `new` of `old` with other values in some columns."""
    words = words_of(sig)
    if words == "numpy":
        return [f"{new} = np.array({old}, dtype=float)", *(f"{column(sig, new, n)} = {v}" for n, v in values.items())]
    parts = ", ".join(f"{name!r}: {value}" for name, value in values.items())
    if words == "polars":
        return [f"{new} = {old}.with_columns(**{{{parts}}})"]
    return [f"{new} = {old}.assign(**{{{parts}}})"]


def constant(sig: Signature, name: str, value: str, table: str) -> str:
    """One value for all rows of `table`, in the dtype of a category."""
    words, seen = words_of(sig), sig.column(name)
    category = seen is not None and seen.dtype == "category"
    if words == "pandas" and category:
        return f"pd.Series([{value}] * len({table}), index={table}.index, dtype={table}[{name!r}].dtype)"
    if words == "polars":
        kept = f".cast({table}.schema[{name!r}])" if seen is not None and seen.role != "numeric" else ""
        return f"pl.lit({value}){kept}"
    return value


def several(sig: Signature, name: str, values: str, table: str) -> str:
    """One value for each row of `table`."""
    words, seen = words_of(sig), sig.column(name)
    if words == "pandas":
        kind = f", dtype={table}[{name!r}].dtype" if seen is not None and seen.dtype == "category" else ""
        return f"pd.Series({values}{kind})"
    if words == "polars":
        kept = f".cast({table}.schema[{name!r}])" if seen is not None and seen.role != "numeric" else ""
        return f"pl.Series({values}, strict=False){kept}"
    return values


def listed(sig: Signature, row: str) -> str:
    """Rows written as lists, as an array."""
    return f"np.array({row})" if words_of(sig) == "numpy" and row.startswith("[") else row


def repeated(sig: Signature, row: str, times: str) -> str:
    words = words_of(sig)
    if words == "numpy":
        return f"np.repeat({row}, {times}, axis=0)"
    return f"pl.concat([{row}] * {times})" if words == "polars" else f"pd.concat([{row}] * {times}, ignore_index=True)"


def as_pandas(ref: str, frame: Any) -> tuple[str, bool]:
    """The table itself of what is only made when asked, or is no frame; and whether pandas made it."""
    kind = frames.kind_of(frame)
    if kind == "arrow":
        return f"{ref}.to_pandas()", True
    if kind == "records":
        return f"pd.DataFrame({ref})", True
    if kind == "polars_lazy":
        return f"{ref}.collect()", False
    return (f"{ref}.compute()", True) if kind == "dask" else (ref, kind == "pandas")


def picked(ref: str, frame: Any, names: Sequence[str]) -> str:
    """Columns of a frame in their order; the frame itself where it has just these."""
    columns, _ = frames.columns_of(frame)
    written, by_name = as_pandas(ref, frame)
    if list(names) == columns or not set(names) <= set(columns):
        return written
    if frames.kind_of(frame) in ("polars", "polars_lazy"):
        return f"{written}.select({list(names)!r})"
    return f"{written}[{list(names)!r}]" if by_name else written


def one_row(sig: Signature, ref: str, frame: Any, place: int, names: Sequence[str]) -> str:
    """A row by position, of a frame of the model's own kind."""
    words = words_of(sig)
    if words == "numpy":
        return f"{ref}[[{place}]]"
    chosen = list(names) != frames.columns_of(frame)[0]
    if frames.kind_of(frame) == "arrow":
        ref, place = f"{ref}.slice({place % frames.rows_of(frame)}, 1).to_pandas()", 0
    if words == "polars":
        return f"{ref}.select({list(names)!r}).slice({place}, 1)" if chosen else f"{ref}.slice({place}, 1)"
    return f"{ref}.loc[:, {list(names)!r}].iloc[[{place}]]" if chosen else f"{ref}.iloc[[{place}]]"


def numbers(frame: Any, table: str, name: str) -> str:
    """A column's numbers as an array without empty cells; `name` is a variable, of an array its place."""
    kind = frames.kind_of(frame)
    asked = f"{table}[:, {name}]" if kind == "numpy" else f"{table}[{name}]"
    if kind == "pandas":
        return f"{asked}.dropna().to_numpy(dtype=float)"
    return f"{asked}.drop_nulls().to_numpy().astype(float)" if kind == "polars" else f"{asked}.astype(float)"
