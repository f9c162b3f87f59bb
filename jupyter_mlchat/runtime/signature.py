"""What a model expects and returns: every column with its source. What is not known stays None.

Evidence in order: the model itself, the data that a cell fitted it on, and data that merely has its columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from . import frames, leaving, peek
from .adapters.base import Container, Facts, Inputs, OnNull, OnUnknown, Returns, Role, Shape, Task
from .catalog import Found, catalog_of, find_frames
from .profile import Profile, sample_of
from .profiles import profiles
from .registered import Registered, registered_of
from .toolbox import ToolContext
from .training import Training, training_of

Engine = Literal["pandas", "polars", "arrow"]


@dataclass(frozen=True)
class Column:
    """One input. `low` and `high` are for validation here; `p01` and `p99` stand for the range elsewhere."""

    name: str
    dtype: str | None
    role: Role | None
    categories: tuple[Any, ...] | None
    complete: bool
    """Whether `categories` are all there are; a sample may have missed some."""
    low: float | None
    high: float | None
    p01: float | None
    p99: float | None
    default: Any
    required: bool
    nullable: bool | None
    on_unknown: OnUnknown | None
    categories_leave: bool
    statistics_leave: bool
    default_leaves: bool
    sources: dict[str, str] = field(default_factory=dict, compare=False)
    on_null: OnNull = "error"
    unit: str = ""

    @property
    def is_integer(self) -> bool:
        return self.dtype is not None and self.dtype.lower().startswith(("int", "uint"))


@dataclass(frozen=True)
class Signature:
    ref: str
    container: Container
    columns: tuple[Column, ...]
    known: bool
    """False when not even the number of columns is known."""
    source: str
    task: Task
    classes: tuple[tuple[Any, ...], ...] | None
    """The labels of each output."""
    classes_leave: bool
    target: str
    frame: str
    """Reference of the data that the statistics are from; "" if there is none."""
    frame_source: str
    """Why it is taken for the training data, in words that say when it is only a match."""
    rows: int | None
    returns: Returns = "label"
    """What `predict` itself gives, so that a probability is not taken for a value."""
    class_names: tuple[str, ...] | None = None
    """As registered, in the order of `classes`, where the model only knows codes."""
    threshold: float | None = None
    engine: Engine = "pandas"
    """The kind of frame it gets: that of the data it was fitted on."""
    shape: Shape | None = None
    """Of what a model of tensors takes."""

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def class_of(self, scores: Any) -> Any | None:
        """The class of the largest of (classes,) numbers; None when it is not known what they stand for."""
        (classes,) = self.classes if self.classes is not None and len(self.classes) == 1 else ((),)
        known = getattr(scores, "shape", None) == (len(classes),)
        return classes[int(scores.argmax())] if classes and known else None

    def flat_classes(self) -> list[Any]:
        return [label for labels in self.classes or () for label in labels]


def signature(ctx: ToolContext, found: Found, data: list[tuple[str, Any]] | None = None) -> Signature:
    """Cached until the model, the cells that speak of it, or its training data change.

    `data` are the frames of the namespace, for callers that have looked already.
    """
    catalog = catalog_of(ctx)
    told = registered_of(ctx, found)
    inputs: Inputs = catalog.cached(found, "inputs", lambda: found.adapter.inputs(found.model))
    if told is not None:
        inputs = told.inputs(inputs)
    data = find_frames(ctx) if data is None else data
    training = training_of(ctx, found, inputs, data)
    key = f"signature {found.ref} {told.stamp if told is not None else ''} "
    if training is not None:
        key += training.key
    signed: Signature = catalog.cached(found, key, lambda: _sign(found, inputs, training, told, data))
    return signed


def _sign(
    found: Found, inputs: Inputs, training: Training | None, told: Registered | None, data: list[tuple[str, Any]]
) -> Signature:
    names, source, facts = inputs.names, inputs.source, dict(inputs.facts)
    if training is not None and (training.by_position or names is None):
        columns, _ = frames.columns_of(training.frame)
        if columns:
            renamed = dict(zip(columns, names or columns, strict=True))
            facts = {new: facts.get(old, Facts()) for new, old in renamed.items()}
            names, source = tuple(columns), f"columns of {training.source}"
    profiles = _profiles(training, names or (), by_position=training is not None and training.by_position)
    where = training.source if training is not None else ""
    if told is not None:
        where = where if profiles else "registered"
        profiles = profiles or told.profiles
    usable = found.status in ("fitted", "unknown")
    labels = found.adapter.classes(found.model) if usable else None
    target, counts = _target(found, dict(data))
    class_names: tuple[str, ...] | None = None
    if told is not None:
        target, counts = target or told.target, counts or told.counts
        labels, class_names = told.name_classes(labels, found.task)
    classes = tuple(map(tuple, labels)) if labels is not None else None
    leave = all(leaving.classes_may_leave(one, counts) for one in classes or ())
    units = told.units if told is not None else {}
    threshold = told.threshold if told is not None else None
    return Signature(
        found.ref,
        inputs.container,
        tuple(
            merge(name, facts.get(name, Facts()), profiles.get(name), where, units.get(name, ""))
            for name in names or ()
        ),
        names is not None or inputs.shape is not None,
        source,
        told.task(found.task) if told is not None else found.task,
        classes,
        leave and leaving.classes_may_leave(class_names or (), None),
        target,
        training.ref if training is not None else "",
        where,
        _rows(training),
        found.adapter.returns(found.model) if usable else "label",
        class_names,
        found.adapter.threshold(found.model) if threshold is None and usable else threshold,
        _engine(training),
        inputs.shape,
    )


def _rows(training: Training | None) -> int | None:
    return None if training is None or frames.is_lazy(training.frame) else frames.rows_of(training.frame)


def _engine(training: Training | None) -> Engine:
    kind = frames.kind_of(training.frame) if training is not None else None
    if peek.library("pandas") is None:
        return "polars" if peek.library("polars") is not None else "pandas"
    if training is None or not training.proven:
        return "pandas"
    return "polars" if kind in ("polars", "polars_lazy") else "arrow" if kind == "arrow" else "pandas"


def _profiles(training: Training | None, names: tuple[str, ...], *, by_position: bool) -> dict[str, Profile]:
    if training is None or frames.is_lazy(training.frame):
        return {}
    sample = sample_of(training.frame)
    whole = frames.rows_of(sample) == frames.rows_of(training.frame)
    columns, _ = frames.columns_of(sample)
    places = {name: i for i, name in enumerate(names)}
    if not by_position:
        places = {name: i for i, name in enumerate(columns) if name in places}
        if len(columns) != len(set(columns)):
            places = {name: i for name, i in places.items() if columns.count(name) == 1}
    return profiles(sample, places, whole=whole)


def _target(found: Found, by_ref: dict[str, Any]) -> tuple[str, dict[Any, int] | None]:
    """Name of the target, and how often each class is in it, from the cell that fitted the model."""
    if found.fit is None or not found.fit.target:
        return "", None
    text = found.fit.target
    values = by_ref.get(text)
    name = text
    base, _, key = text.rpartition("[")
    if values is None and base in by_ref and key.strip("]\"'"):
        name = key.strip("]\"'")
        values = frames.column(by_ref[base], name)
    if values is None:
        base, _, key = text.rpartition(".")
        if base in by_ref:
            name, values = key, frames.column(by_ref[base], key)
    if values is None or frames.is_lazy(values) or len(frames.shape_of(values)) != 1:
        return name, None
    own = getattr(values, "name", None)
    pandas = peek.library("pandas")
    if pandas is None or found.task != "classification":
        return str(own or name), None
    tally = pandas.Series(frames.values(sample_of(values), 0)).value_counts()
    return str(own or name), dict(zip(tally.index.tolist(), tally.tolist(), strict=True))


def merge(name: str, fact: Facts, seen: Profile | None, where: str, unit: str = "") -> Column:
    """One column from what the model knows and what the data shows."""
    sources = dict(fact.sources)
    role = fact.role
    if seen is not None and (role is None or (role == "numeric" and seen.role in ("boolean", "datetime"))):
        role, sources["role"] = seen.role, where
    categories, complete = fact.categories, True
    counts = seen.counts if seen is not None else None
    if categories is None and counts is not None and role == "categorical":
        categories, complete = tuple(counts), seen is not None and seen.whole
        sources["categories"] = where
    low, high = fact.low, fact.high
    if seen is not None and seen.low is not None and not fact.exact_range:
        low, high = seen.low, seen.high
        sources["low"] = sources["high"] = where
    default, from_data = _default(fact, seen, role)
    if from_data:
        sources["default"] = where
    nullable = fact.nullable
    # What only the model itself tells stands for nobody knows how many rows.
    statistics = seen is not None and leaving.statistics_may_leave(name, seen.rows - seen.nulls, seen.distinct or 0)
    leaves = categories is not None and leaving.levels_may_leave(categories, counts)
    dtype = fact.dtype
    if seen is not None and (dtype is None or fact.dtype == seen.dtype):
        dtype, sources["dtype"] = seen.dtype, where
    p01 = seen.p01 if seen is not None else (fact.low if not fact.exact_range else None)
    p99 = seen.p99 if seen is not None else (fact.high if not fact.exact_range else None)
    numeric = isinstance(default, (int, float)) and categories is None
    return Column(
        name, dtype, role, categories, complete, low, high, p01, p99,
        default, fact.required, nullable, fact.on_unknown, leaves, statistics,
        (statistics and numeric) or leaves, sources, fact.on_null, unit,
    )  # fmt: skip


def _default(fact: Facts, seen: Profile | None, role: Role | None) -> tuple[Any, bool]:
    """What a form proposes: the imputer's value, else the median or commonest one, else a scaler's middle."""
    integer = seen is not None and seen.dtype.lower().startswith(("int", "uint"))
    if fact.default is not None and fact.sources.get("default") == "SimpleImputer" and not fact.default_is_constant:
        return (_whole(fact.default) if integer else fact.default), False
    if seen is not None and role in ("categorical", "boolean") and seen.mode is not None:
        return seen.mode, True
    if seen is not None and seen.median is not None:
        return (_whole(seen.median) if integer else seen.median), True
    return fact.default, False


def _whole(value: Any) -> Any:
    """3.0 for a column of integers is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
