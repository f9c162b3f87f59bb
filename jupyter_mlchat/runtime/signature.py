"""What a model expects and returns: every column with its source. What is not known stays None.

Evidence in order: the model itself, the data that a cell fitted it on, and data that merely has its columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from . import frames, leaving, peek
from .adapters.base import Container, Facts, Inputs, OnUnknown, Role, Task
from .catalog import Found, catalog_of, find_frames
from .profile import Profile, profile, sample_of
from .toolbox import ToolContext

_TRAINING_NAMES = ("x_train", "xtrain", "train_x", "x", "train", "df_train", "train_df")


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

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def flat_classes(self) -> list[Any]:
        return [label for labels in self.classes or () for label in labels]


@dataclass(frozen=True)
class Training:
    """Data taken for the training data. `by_position` when the model never saw names."""

    ref: str
    frame: Any
    source: str
    by_position: bool = False


def signature(ctx: ToolContext, found: Found, data: list[tuple[str, Any]] | None = None) -> Signature:
    """Cached until the model, the cells that speak of it, or its training data change.

    `data` are the frames of the namespace, for callers that have looked already.
    """
    catalog = catalog_of(ctx)
    inputs: Inputs = catalog.cached(found, "inputs", lambda: found.adapter.inputs(found.model))
    data = find_frames(ctx) if data is None else data
    training = _proven(ctx, found, inputs, data) or _matched(inputs, data)
    key = f"signature {found.ref} {training.ref} {id(training.frame)} {training.source}" if training else "signature"
    if training is not None:
        key += f" {training.frame.shape}"
    signed: Signature = catalog.cached(found, key, lambda: _sign(found, inputs, training, data))
    return signed


def _proven(ctx: ToolContext, found: Found, inputs: Inputs, data: list[tuple[str, Any]]) -> Training | None:
    fit = found.fit
    if fit is None or not fit.frame:
        return None
    by_ref = dict(data)
    frame = by_ref.get(fit.data) if fit.plain else None
    plain = frame is not None
    ref = fit.data if plain else fit.frame
    if frame is None:
        frame = by_ref.get(fit.frame)
    if frame is None:
        return None
    source = f"`{ref}` of In[{fit.cell}]" if plain else f"`{ref}`, from which In[{fit.cell}] took it"
    if catalog_of(ctx).history.changed_after(fit.frame, fit.cell):
        source = f"`{ref}`, assigned anew since In[{fit.cell}]"
    named = inputs.container == "frame" and inputs.names is not None
    columns, _ = frames.columns_of(frame)
    if named or inputs.names is None:
        if _respelt(inputs.names, columns):
            return Training(ref, frame, source, by_position=True)
        covered = bool(columns) and set(inputs.names or ()) <= set(columns)
        return Training(ref, frame, source) if covered else None
    fits = len(frame.shape) == 2 and frame.shape[1] == inputs.count
    return Training(ref, frame, source, by_position=True) if fits else None


def _respelt(names: tuple[str, ...] | None, columns: list[str]) -> bool:
    """Whether these are the data's names as lightgbm spells them: with `_` for a space."""
    return names is not None and list(names) != columns and list(names) == [re.sub(r"\s", "_", c) for c in columns]


def _matched(inputs: Inputs, data: list[tuple[str, Any]]) -> Training | None:
    if inputs.container != "frame" or not inputs.names:
        return None
    wanted = set(inputs.names)
    best: tuple[tuple[int, int, int], str, Any] | None = None
    for ref, frame in data:
        if frames.kind_of(frame) != "pandas" or frame.shape[1] < len(wanted):
            continue
        if wanted <= set(map(str, frame.columns)):
            rank = (ref.lower() in _TRAINING_NAMES, frame.shape[0], -frame.shape[1])
            if best is None or rank > best[0]:
                best = rank, ref, frame
    if best is None:
        return None
    return Training(best[1], best[2], f"`{best[1]}` has all its columns (matched, not proven)")


def _sign(found: Found, inputs: Inputs, training: Training | None, data: list[tuple[str, Any]]) -> Signature:
    names, source, facts = inputs.names, inputs.source, dict(inputs.facts)
    if training is not None and (training.by_position or names is None):
        columns, _ = frames.columns_of(training.frame)
        if columns:
            renamed = dict(zip(columns, names or columns, strict=True))
            facts = {new: facts.get(old, Facts()) for new, old in renamed.items()}
            names, source = tuple(columns), f"columns of {training.source}"
    profiles = _profiles(training, names or (), by_position=training is not None and training.by_position)
    where = training.source if training is not None else ""
    labels = found.adapter.classes(found.model) if found.status == "fitted" else None
    target, counts = _target(found, dict(data))
    classes = tuple(map(tuple, labels)) if labels is not None else None
    return Signature(
        found.ref,
        inputs.container,
        tuple(merge(name, facts.get(name, Facts()), profiles.get(name), where) for name in names or ()),
        names is not None,
        source,
        found.task,
        classes,
        all(leaving.classes_may_leave(one, counts) for one in classes or ()),
        target,
        training.ref if training is not None else "",
        where,
        frames.rows_of(training.frame) if training is not None else None,
    )


def _profiles(training: Training | None, names: tuple[str, ...], *, by_position: bool) -> dict[str, Profile]:
    if training is None:
        return {}
    sample = sample_of(training.frame)
    whole = frames.rows_of(sample) == frames.rows_of(training.frame)
    is_array = frames.kind_of(sample) == "numpy"
    found: dict[str, Profile] = {}
    places = {name: i for i, name in enumerate(names)}
    if not by_position:
        columns, _ = frames.columns_of(sample)
        places = {name: i for i, name in enumerate(columns) if name in places}
        if len(columns) != len(set(columns)):
            places = {name: i for name, i in places.items() if columns.count(name) == 1}
    for name, place in places.items():
        values = sample if len(sample.shape) == 1 else sample[:, place] if is_array else sample.iloc[:, place]
        if not (is_array and values.dtype.hasobject):
            found[name] = profile(values, whole=whole)
    return found


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
    if values is None or len(values.shape) != 1:
        return name, None
    own = getattr(values, "name", None)
    pandas = peek.library("pandas")
    if pandas is None or found.task != "classification":
        return str(own or name), None
    tally = pandas.Series(sample_of(values)).value_counts()
    return str(own or name), dict(zip(tally.index.tolist(), tally.tolist(), strict=True))


def merge(name: str, fact: Facts, seen: Profile | None, where: str) -> Column:
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
    statistics = seen is None or leaving.statistics_may_leave(name, seen.rows - seen.nulls, seen.distinct or 0)
    leaves = categories is not None and leaving.levels_may_leave(categories, counts)
    if seen is not None:
        sources["dtype"] = where
    p01 = seen.p01 if seen is not None else (fact.low if not fact.exact_range else None)
    p99 = seen.p99 if seen is not None else (fact.high if not fact.exact_range else None)
    numeric = isinstance(default, (int, float)) and categories is None
    return Column(
        name, seen.dtype if seen is not None else None, role, categories, complete, low, high, p01, p99,
        default, fact.required, nullable, fact.on_unknown, leaves, statistics,
        (statistics and numeric) or leaves, sources,
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
