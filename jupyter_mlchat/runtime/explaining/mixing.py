"""Rows made of other rows: every cell is taken from one of the rows of a pool, with its dtype."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import frames, peek, references
from ..asking import containers, recipes, tables
from ..asking.given import not_for_text
from ..asking.outputs import frame_rows
from ..catalog import find_frame, find_model
from ..signature import Signature
from ..toolbox import ToolContext, ToolError
from ..training import training_of

BACKGROUND_ROWS = 100


@dataclass(frozen=True)
class Background:
    """Rows that stand for "usual": a sample, evenly spread. `step` is the distance of its rows."""

    ref: str
    source: str
    rows: list[dict[str, Any]]
    step: int


@dataclass(frozen=True)
class Pool:
    """`table` has the model's columns and dtypes, `rows` are the same as plain values."""

    table: Any
    rows: list[dict[str, Any]]
    names: tuple[str, ...]

    def mix(self, index: Any) -> Any:
        """`index` (n, columns) says from which row of the pool each cell is. A frame or array of n rows."""
        numpy = peek.library("numpy")
        assert numpy is not None, "an index is an array"
        kind = frames.kind_of(self.table)
        if kind == "polars":
            return type(self.table)([self.table.to_series(i).gather(index[:, i]) for i in range(len(self.names))])
        if kind == "arrow":
            columns = [self.table.column(i).take(index[:, i]) for i in range(len(self.names))]
            return type(self.table).from_arrays(columns, names=list(self.names))
        if kind != "pandas":
            return self.table[index, numpy.arange(len(self.names))]
        pandas = peek.library("pandas")
        assert pandas is not None, "the table is a frame"
        dtypes = set(self.table.dtypes)
        if len(dtypes) == 1 and isinstance(next(iter(dtypes)), numpy.dtype):
            values = self.table.to_numpy()[index, numpy.arange(len(self.names))]
            return pandas.DataFrame(values, columns=self.table.columns)
        return pandas.DataFrame(
            {name: self.table.iloc[:, i].array.take(index[:, i]) for i, name in enumerate(self.table.columns)}
        )


def pool(sig: Signature, rows: Sequence[dict[str, Any]], training: Any) -> Pool:
    """Raises ToolError `unsupported` for texts, whose cells can't be exchanged."""
    if sig.container == "text":
        raise not_for_text(sig, "exchanging parts of rows")
    listed = list(rows)
    table = containers.build(sig, listed, training)
    names = frames.columns_of(table)[0] or [column.name for column in sig.columns]
    return Pool(table, listed, tuple(names))


def background(ctx: ToolContext, sig: Signature, data: str | None = None, most: int = BACKGROUND_ROWS) -> Background:
    """Of the frame that is named, else of the model's training data or one with its columns.

    Raises ToolError `unsupported` when there is none, `invalid_input` when it lacks columns.
    """
    if data is not None or sig.frame:
        ref, frame = find_frame(ctx, data or sig.frame)
        source = sig.frame_source if ref == sig.frame else f"`{ref}`"
    else:
        ref, frame, source = "", _kept(ctx, sig), "the data that it keeps"
    require_columns(sig, ref, frame)
    rows = frames.rows_of(frame)
    sample = frames.strided(frame, most)
    if not frames.rows_of(sample):
        raise ToolError("invalid_input", f"`{ref}` has no rows.", about=ref)
    return Background(ref, source, frame_rows(sig, sample), -(-rows // most) if rows > most else 1)


def _kept(ctx: ToolContext, sig: Signature) -> Any:
    """Training data that only the model holds. Raises ToolError `unsupported` when there is none."""
    found = find_model(ctx, sig.ref)
    inputs = found.adapter.inputs(found.model)
    training = training_of(ctx, found, inputs, [])
    if training is None:
        raise ToolError(
            "unsupported",
            f"There is no data with the columns of `{sig.ref}` to compare with.",
            "Name a frame with its columns as `data`.",
            about=sig.ref,
        )
    return training.frame


def background_if_any(ctx: ToolContext, sig: Signature, data: str | None) -> Background | None:
    """None where nothing was named and nothing is known."""
    try:
        return background(ctx, sig, data)
    except ToolError:
        if data is not None:
            raise
        return None


def expression(ctx: ToolContext, sig: Signature, usual: Background | None) -> str:
    """The background rows as a cell writes them; "" for none."""
    if usual is None or not usual.ref:
        return ""
    frame = find_frame(ctx, usual.ref)[1]
    whole = recipes.frame_expression(sig, usual.ref, frame)
    if usual.step == 1:
        return whole
    return f"{whole}.iloc[::{usual.step}]" if tables.words_of(sig) == "pandas" else f"{whole}[::{usual.step}]"


def suits(sig: Signature, ref: str, frame: Any) -> bool:
    """Whether a model can be asked of a frame: it has rows, and the model's columns or as many without names."""
    try:
        require_columns(sig, ref, frame)
    except ToolError:
        return False
    is_text = sig.container == "text" and len(frames.shape_of(frame)) == 1
    named = sig.container == "frame" and bool(frames.columns_of(frame)[0])
    return frames.rows_of(frame) != 0 and (is_text or named or sig.container == "array")


def require_columns(sig: Signature, ref: str, frame: Any) -> None:
    """Raises ToolError `invalid_input` that names the columns a frame lacks."""
    shape = frames.shape_of(frame)
    if sig.container == "text":
        require_texts(sig, ref, frame)
        return
    columns, _ = frames.columns_of(frame)
    if not columns or (sig.container == "array" and not {c.name for c in sig.columns} <= set(columns)):
        if len(shape) != 2 or shape[1] != len(sig.columns):
            text = f"`{ref}` has the shape {tuple(shape)}; `{sig.ref}` takes {len(sig.columns)} columns."
            raise ToolError("invalid_input", text, about=ref)
        return
    times = Counter(columns)
    missing = [c.name for c in sig.columns if c.required and times[c.name] != 1]
    if missing:
        text = ", ".join(f"`{name[:40]}`" for name in missing[:5])
        raise ToolError(
            "invalid_input", f"`{ref}` lacks what `{sig.ref}` needs, or has it twice: {text}.",
            "Name a frame with the model's columns.", about=ref,
        )  # fmt: skip


def require_texts(sig: Signature, ref: str, frame: Any) -> None:
    """Raises ToolError `invalid_input` for a table of several columns, which a model of texts would misread."""
    if frames.width_of(frame) == 1:
        return
    columns, _ = frames.columns_of(frame)
    example = references.item_of(ref, columns[0]) if columns else f"{ref}[:, 0]"
    raise ToolError(
        "invalid_input", f"`{sig.ref}` reads texts, and `{ref}` is a table of {frames.width_of(frame)} columns.",
        f"Name the column of the texts, such as `{example}`.", about=ref,
    )  # fmt: skip
