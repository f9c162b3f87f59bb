"""The columns that predictions make, and the new variable of them."""

from __future__ import annotations

from typing import Any

from .. import frames, peek
from ..signature import Signature
from .scoring import ANSWERED, Scored

Column = tuple[Any, Any]
"""Values and the mask of what is missing, both (n,)."""


def value_of(signature: Signature, ordered: list[Scored], frame: Any) -> Any:
    """A series of the predictions, or a frame where there are several columns, with the index of `frame`.

    With refused rows it is a frame whose column `issue` says why; their predictions are missing.
    """
    numpy: Any = peek.library("numpy")
    codes = numpy.concatenate([scored.codes for scored in ordered])
    columns = joined(signature, ordered, codes != ANSWERED)
    if (codes != ANSWERED).any():
        columns["issue"] = numpy.concatenate([_issues(scored) for scored in ordered])
    pandas, polars = peek.library("pandas"), peek.library("polars")
    if frames.kind_of(frame) in ("polars", "polars_series", "polars_lazy") and polars is not None:
        made = polars.DataFrame({name: _nullable(column) for name, column in columns.items()})
        return made.to_series(0) if len(columns) == 1 else made
    if pandas is None:
        return columns["prediction"] if len(columns) == 1 else columns
    index = frame.index if frames.kind_of(frame) in ("pandas", "pandas_series") else None
    if ordered[0].index is not None:
        index = ordered[0].index.append([scored.index for scored in ordered[1:]])
    made = pandas.DataFrame({name: _series(pandas, column) for name, column in columns.items()})
    if index is not None:
        made.index = index
    return made["prediction"] if len(columns) == 1 else made


def names_of(signature: Signature, outputs: int, chances: int) -> tuple[list[str], list[str]]:
    """Of the columns: `prediction`, or one for each output; `probability_yes` and so on."""
    labels = ["prediction"] if outputs == 1 else [f"prediction_{number}" for number in range(outputs)]
    named = signature.class_names or signature.flat_classes()
    told = named if len(named) == chances else range(chances)
    return labels, [f"probability_{one}" for one in told]


def joined(signature: Signature, parts: list[Scored], bad: Any) -> dict[str, Column]:
    numpy: Any = peek.library("numpy")
    some = [scored for scored in parts if (scored.codes == ANSWERED).any()] or parts[:1]
    shape, chances = some[0].labels.shape, some[0].chances
    labels, told = names_of(signature, 1 if len(shape) == 1 else shape[1], 0 if chances is None else chances.shape[1])
    made: dict[str, Column] = {}
    for place, name in enumerate(labels):
        made[name] = (numpy.concatenate([_column(scored.labels, place, some[0].labels) for scored in parts]), bad)
    for place, name in enumerate(told):
        made[name] = (numpy.concatenate([_column(scored.chances, place, chances, scored) for scored in parts]), bad)
    return made


def _column(values: Any, place: int, like: Any, scored: Scored | None = None) -> Any:
    """One column; of a chunk that was refused whole zeros of the kind of `like`."""
    numpy: Any = peek.library("numpy")
    if values is None or values.ndim != like.ndim or values.dtype.kind != like.dtype.kind:
        return numpy.zeros(len(values) if scored is None else scored.rows, dtype=like.dtype)
    return values if values.ndim == 1 else values[:, place]


def _issues(scored: Scored) -> Any:
    numpy: Any = peek.library("numpy")
    words = [None, *[f"{code} {column}".strip() for code, column in scored.reasons]]
    return numpy.array(words, dtype=object)[scored.codes]


def _series(pandas: Any, column: Any) -> Any:
    if type(column) is not tuple:
        return pandas.Series(column, dtype="object")
    values, missing = column
    if not missing.any():
        return pandas.Series(values)
    kind = {"i": "Int64", "u": "UInt64", "b": "boolean"}.get(values.dtype.kind)
    made = pandas.Series(values, dtype=kind)
    return made.mask(missing)


def _nullable(column: Any) -> Any:
    if type(column) is not tuple:
        return list(column)
    values, missing = column
    return [None if gone else value for value, gone in zip(values.tolist(), missing.tolist(), strict=True)]
