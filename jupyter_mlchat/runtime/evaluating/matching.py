"""Data with the truth beside it: which frame suits a model, which target belongs to it, and what the fit has seen."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from .. import frames, peek, references
from ..asking import recipes
from ..asking.outputs import place_of
from ..asking.validation import fold
from ..catalog import Found, find_frame, find_frames
from ..explaining import mixing
from ..signature import Signature
from ..toolbox import ToolContext, ToolError
from ..wire import EvidenceDict
from .seen import Seen, only_columns, seen_by

MAX_ROWS = 200_000
HELD_OUT = re.compile(r"test|valid|(^|_)val(_|$)|hold|eval|oos|future", re.I)
SWAPS = (
    ("X", "y"),
    ("x", "y"),
    ("features", "labels"),
    ("features", "target"),
    ("data", "target"),
    ("inputs", "targets"),
)


@dataclass(frozen=True)
class Labelled:
    """Rows with their true answers. `source` and `target_source` are how a cell writes both.

    `frame` is None for items of tensors and images.
    """

    ref: str
    frame: Any
    target: str
    truth: Any
    """(n,) numpy; class labels as the model spells them."""
    seen: Seen
    why: str
    """What `seen` is known from."""
    source: str
    target_source: str
    note: str = ""
    sample: Any = None
    """Of tensors and images, which have no frame: the first batch as the model takes it."""

    @property
    def in_sample(self) -> bool | None:
        return {"training": True, "overlap": True, "unseen": False, "unknown": None}[self.seen]

    @property
    def warnings(self) -> list[str]:
        if self.seen == "training":
            return [f"In-sample: {self.why}. How good it is on new data must be seen on other rows."]
        if self.seen == "overlap":
            return [f"Partly in-sample: {self.why}. On new data it may be worse."]
        return []

    @property
    def evidence(self) -> list[EvidenceDict]:
        text = f"`{self.ref}` with `{self.target}`" + (f" ({self.why})" if self.why else "")
        return [{"kind": "data", "text": text, "ref": self.ref, "cell": None}]


def labelled(
    ctx: ToolContext, found: Found, sig: Signature, data: str | None = None, target: str | None = None
) -> Labelled:
    """What is named; else the best held-out frame with a target; else the training data.

    Raises ToolError `unsupported` for models of which nothing is true or false, `unknown_frame`, or `invalid_input`
    that says what to name.
    """
    require_truth(found)
    if data is None:
        return _best(ctx, found, sig, target)
    ref, frame = find_frame(ctx, data)
    mixing.require_columns(sig, ref, frame)
    truth = _target(ctx, found, sig, ref, frame, target)
    if truth is None:
        raise ToolError(
            "invalid_input", f"No true answers for `{ref}` were found.",
            "Name its target: a column of it, or a series of the same length.", about="target",
        )  # fmt: skip
    return _made(ctx, found, sig, ref, frame, truth)


def require_truth(found: Found) -> None:
    """Raises ToolError `unsupported` for what neither classifies nor predicts numbers of rows."""
    if found.task in ("clustering", "outlier_detection"):
        raise ToolError("unsupported", f"`{found.ref}` has no true answers to be measured by.", about=found.ref)
    if found.task == "forecasting":
        raise ToolError(
            "unsupported", f"`{found.ref}` forecasts: it has no rows with true answers.",
            f"Compare `{found.ref}.forecast(n)` with the n values that came later in a cell.", about=found.ref,
        )  # fmt: skip


@dataclass(frozen=True)
class _Truth:
    name: str
    values: Any
    source: str


def _best(ctx: ToolContext, found: Found, sig: Signature, target: str | None) -> Labelled:
    best: tuple[tuple[int, bool, int], Labelled] | None = None
    for ref, frame in find_frames(ctx):
        if frames.is_lazy(frame) or not mixing.suits(sig, ref, frame):
            continue
        truth = _target(ctx, found, sig, ref, frame, target)
        if truth is None:
            continue
        made = _made(ctx, found, sig, ref, frame, truth)
        order = {"unseen": 3, "unknown": 2, "overlap": 1, "training": 0}[made.seen]
        rank = (order, HELD_OUT.search(ref) is not None, frames.rows_of(frame))
        if best is None or rank > best[0]:
            best = rank, made
    if best is None:
        raise ToolError(
            "invalid_input", f"No data with the columns of `{found.ref}` and its true answers was found.",
            "Name a frame as `data` and its answers as `target`.", about="data",
        )  # fmt: skip
    return best[1]


def _target(ctx: ToolContext, found: Found, sig: Signature, ref: str, frame: Any, named: str | None) -> _Truth | None:
    inputs = {column.name for column in sig.columns}
    columns, _ = frames.columns_of(frame)
    if named is not None:
        return _named(ctx, ref, frame, columns, named)
    if sig.target and columns.count(sig.target) == 1 and sig.target not in inputs and len(columns) > 1:
        return _column(ref, frame, sig.target)
    fit = found.fit
    rows_of_fit = fit is not None and (fit.plain or only_columns(fit.data)) and ref == fit.frame
    if fit is not None and fit.target and (ref == fit.data or rows_of_fit):
        read = _referenced(ctx, fit.target)
        if read is not None and len(read.values) == frames.rows_of(frame):
            return read
    return _sibling(ctx, sig, ref, frame, found)


def _named(ctx: ToolContext, ref: str, frame: Any, columns: list[str], named: str) -> _Truth:
    near = [name for name in columns if name == named] or [name for name in columns if fold(name) == fold(named)]
    if len(near) == 1 and len(columns) > 1:
        return _column(ref, frame, near[0])
    read = _referenced(ctx, named)
    if read is None:
        find_frame(ctx, named)
        raise ToolError("invalid_input", f"`{named[:80]}` is no column of answers.", about="target")
    if len(read.values) != frames.rows_of(frame):
        text = f"`{read.name}` has {len(read.values):,} values and `{ref}` {frames.rows_of(frame):,} rows."
        raise ToolError("invalid_input", text, "Name those that belong together.", about="target")
    return read


def _column(ref: str, frame: Any, name: str) -> _Truth:
    numpy: Any = peek.library("numpy")
    table = f"pd.DataFrame({ref})" if frames.kind_of(frame) == "records" else ref
    return _Truth(name, numpy.asarray(frames.column(frame, name)), f"{table}[{name!r}]")


def _referenced(ctx: ToolContext, text: str) -> _Truth | None:
    """`y_test`, `df["churn"]` or `df.churn`, as one column."""
    numpy: Any = peek.library("numpy")
    wanted = references.canonical(text)
    by_ref = dict(find_frames(ctx))
    by_ref.update({name: value for name, value in ctx.names().items() if frames.kind_of(value) is not None})
    values = by_ref.get(wanted or text)
    if values is not None:
        return (
            _Truth(wanted or text, _flat(numpy.asarray(values)), wanted or text)
            if frames.width_of(values) == 1
            else None
        )
    parsed = references.parse(text)
    if parsed is None or len(parsed[1]) != 1 or parsed[0] not in by_ref:
        return None
    column = frames.column(by_ref[parsed[0]], str(parsed[1][0][1]))
    return None if column is None else _Truth(str(parsed[1][0][1]), numpy.asarray(column), wanted or text)


def _sibling(ctx: ToolContext, sig: Signature, ref: str, frame: Any, found: Found) -> _Truth | None:
    """`y_test` of `X_test`, as the fit named them or as people do; else the only series of its index or target."""
    rows = frames.rows_of(frame)
    numpy: Any = peek.library("numpy")
    suitable = {
        name: value
        for name, value in ctx.names().items()
        if frames.kind_of(value) in ("pandas_series", "numpy", "polars_series")
        and frames.width_of(value) == 1
        and frames.rows_of(value) == rows
        and name != ref
    }
    for name in [_beside(found, ref), *(ref.replace(old, new, 1) for old, new in SWAPS)]:
        if name != ref and name in suitable:
            return _Truth(name, _flat(numpy.asarray(suitable[name])), name)
    inputs = {column.name for column in sig.columns}
    aligned = {
        name: value
        for name, value in suitable.items()
        if frames.kind_of(value) == "pandas_series"
        and frames.kind_of(frame) == "pandas"
        and str(value.name) not in inputs
        and value.index.equals(frame.index)
    }
    close = {name: value for name, value in aligned.items() if sig.target and str(value.name) == sig.target} or aligned
    if len(close) != 1:
        return None
    name = next(iter(close))
    return _Truth(name, numpy.asarray(close[name]), name)


def _beside(found: Found, ref: str) -> str:
    """`price_test` for `X_test`, where the fit took `X_train` and `price_train`."""
    fit = found.fit
    if fit is None or not fit.plain or not fit.target or ref == fit.data:
        return ""
    start = _alike(fit.data, ref)
    end = _alike(fit.data[start:][::-1], ref[start:][::-1])
    old, new = fit.data[start : len(fit.data) - end], ref[start : len(ref) - end]
    if not old:
        return fit.target + new
    return fit.target.replace(old, new, 1) if old in fit.target else ""


def _alike(one: str, other: str) -> int:
    """How many letters they have in common from the start."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _flat(values: Any) -> Any:
    return values[:, 0] if values.ndim == 2 else values


def _made(ctx: ToolContext, found: Found, sig: Signature, ref: str, frame: Any, truth: _Truth) -> Labelled:
    seen, why = seen_by(ctx, found, sig, ref, frame)
    values, source, note = truth.values, truth.source, ""
    if sig.classes and len(sig.classes) == 1:
        values, source, note = _spelt(ctx, sig, values, source)
    expression = recipes.frame_expression(sig, ref, frame)
    return Labelled(ref, frame, truth.name, values, seen, why, expression, source, note)


def _spelt(ctx: ToolContext, sig: Signature, values: Any, source: str) -> tuple[Any, str, str]:
    """Answers as the model spells its classes: by a LabelEncoder of the notebook where they differ.

    Raises ToolError `invalid_input` when no way leads from one to the other.
    """
    numpy: Any = peek.library("numpy")
    classes = list(sig.classes[0]) if sig.classes else []
    known = _distinct(numpy, values)
    if all(place_of(classes, value) is not None for value in known):
        exact = all(any(value == label for label in classes) for value in known)
        if exact:
            return values, source, ""
        table = {value: classes[place] for value in known if (place := place_of(classes, value)) is not None}
        return numpy.array([table[value] for value in values.tolist()]), f"pd.Series({source}).map({table!r})", ""
    for name, value in ctx.names().items():
        if not peek.is_a(value, "sklearn.preprocessing._label.LabelEncoder"):
            continue
        labels = peek.attribute(value, "classes_")
        if labels is not None and set(known) <= set(labels.tolist()) and len(labels) == len(classes):
            return numpy.searchsorted(labels, values), f"{name}.transform({source})", f"Labels were coded by `{name}`."
    raise ToolError(
        "invalid_input", f"The true answers aren't the classes of `{sig.ref}`.",
        "Name the target that it was fitted with.", about="target",
    )  # fmt: skip


def _distinct(numpy: Any, values: Any) -> list[Any]:
    if values.dtype.kind in "OUSTV":
        return list(dict.fromkeys(values.tolist()))
    return list(numpy.unique(values).tolist())
