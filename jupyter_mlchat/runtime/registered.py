"""What a person says of a model that it can't say itself: `register_model("net", net, X=X_train, classes=[...])`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import frames, peek, references
from .adapters.base import Container, Facts, Inputs, Task
from .profile import Profile, profile, sample_of

if TYPE_CHECKING:
    from .catalog import Found
    from .toolbox import ToolContext

STATE_KEY = "registered"
_SOURCE = "registered"


@dataclass(frozen=True)
class Registered:
    """Plain data, so that a notebook can keep it. `columns` is None when no data was given."""

    name: str
    class_name: str
    columns: tuple[str, ...] | None = None
    container: Container = "frame"
    profiles: dict[str, Profile] = field(default_factory=dict)
    classes: tuple[Any, ...] | None = None
    target: str = ""
    counts: dict[Any, int] | None = None
    """Rows of each class, where `y` has classes."""
    numeric_target: bool = False
    threshold: float | None = None
    units: dict[str, str] = field(default_factory=dict)
    thread_safe: bool = False
    """Whether it may be asked while a cell runs, though it runs Python that was written here."""
    stamp: str = field(default_factory=lambda: uuid.uuid4().hex)

    def inputs(self, known: Inputs) -> Inputs:
        """The model's own inputs, with names where it has none."""
        columns = self.columns
        if columns is None or known.container in ("text", "tensor") or columns == known.names:
            return known
        if known.names is None:
            facts = {name: Facts() for name in columns}
            return Inputs(columns, len(columns), self.container, _SOURCE, facts)
        if known.container == "array" and len(columns) == known.count:
            facts = {new: known.facts.get(old, Facts()) for new, old in zip(columns, known.names, strict=True)}
            return replace(known, names=columns, source=_SOURCE, facts=facts)
        return known

    def name_classes(self, labels: list[list[Any]] | None) -> tuple[list[list[Any]] | None, tuple[str, ...] | None]:
        """The labels, and their names where the model has codes of its own."""
        if self.classes is None:
            return labels, None
        if labels is None:
            return [list(self.classes)], None
        if len(labels) == 1 and len(labels[0]) == len(self.classes) and labels[0] != list(self.classes):
            return labels, tuple(map(str, self.classes))
        return labels, None

    def task(self, known: Task) -> Task:
        if known != "unknown":
            return known
        return "classification" if self.classes is not None else "regression" if self.numeric_target else known

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Registered:
        profiles = {name: Profile(**one) for name, one in found["profiles"].items()}
        columns, classes = found["columns"], found["classes"]
        plain = {
            **found,
            "profiles": profiles,
            "columns": None if columns is None else tuple(columns),
            "classes": None if classes is None else tuple(classes),
        }
        return cls(**plain)


def facts_of(
    name: str,
    model: object,
    X: Any = None,
    y: Any = None,
    classes: Sequence[Any] | None = None,
    threshold: float | None = None,
    units: Mapping[str, str] | None = None,
    thread_safe: bool = False,
) -> Registered:
    """The record of one registration. Raises TypeError or ValueError that says what to give instead."""
    columns: tuple[str, ...] | None = None
    profiles: dict[str, Profile] = {}
    container: Container = "frame"
    if X is not None:
        if frames.kind_of(X) is None or len(frames.shape_of(X)) != 2:
            raise TypeError("X must be a frame or an array of two dimensions, as the model was fitted on.")
        names, dtypes = frames.columns_of(X)
        container = "frame" if names else "array"
        columns = tuple(names or (f"x{i}" for i in range(frames.width_of(X))))
        sample = sample_of(X)
        whole = not frames.is_lazy(X) and frames.rows_of(sample) == frames.rows_of(X)
        kinds: list[str | None] = [*dtypes] if names else [None] * len(columns)
        profiles = {
            column: profile(frames.values(sample, i), whole=whole, dtype=kinds[i]) for i, column in enumerate(columns)
        }
    if threshold is not None and not 0 < threshold < 1:
        raise ValueError("threshold is a probability between 0 and 1.")
    unknown = set(units or ()) - set(columns or units or ())
    if unknown:
        raise ValueError(f"units name columns that X does not have: {', '.join(sorted(unknown)[:5])}.")
    target, counts, numeric = _target(y)
    labels = tuple(classes) if classes is not None else None
    return Registered(
        name, peek.class_name(type(model)), columns, container, profiles, labels, target, counts, numeric, threshold,
        dict(units or {}), thread_safe,
    )  # fmt: skip


def _target(y: Any) -> tuple[str, dict[Any, int] | None, bool]:
    if y is None:
        return "", None, False
    if frames.kind_of(y) is None or frames.width_of(y) != 1:
        raise TypeError("y must be one column: a series or an array of one dimension.")
    seen = profile(frames.values(sample_of(y), 0), whole=True)
    names, _ = frames.columns_of(y)
    few = seen.counts or (None if seen.distinct is None or seen.distinct > 2 else {})
    return (names[0] if names else ""), few or None, seen.role == "numeric" and (seen.distinct or 0) > 20


def register_model(
    name: str,
    model: object,
    *,
    X: Any = None,
    y: Any = None,
    classes: Sequence[Any] | None = None,
    threshold: float | None = None,
    units: Mapping[str, str] | None = None,
    thread_safe: bool = False,
) -> None:
    """Tell the chat of this kernel what a model can't say itself.

    `name` is how the notebook refers to it: `net`, `models["rf"]`. `X` and `y` are the data it was fitted on
    (names, types and ranges are taken from it), `classes` the labels in the order of its outputs, `threshold`
    the probability from which the second class is meant, `units` a unit for each column, `thread_safe` that it
    may be asked while a cell runs. Raises TypeError or ValueError for what doesn't fit, RuntimeError outside a
    kernel.
    """
    from .catalog import walk
    from .entry import attach, current_shell

    ref = references.canonical(name)
    ip = current_shell()
    if ip is None:
        raise RuntimeError("register_model works in a notebook or an IPython console.")
    bridge = attach(ip).bridge
    if ref is None or not any(held is model for other, held in walk(bridge.shell.names()) if other == ref):
        raise ValueError(f"{name!r} is not where the notebook has this model: give the name it has there.")
    known: dict[str, Registered] = bridge.state.setdefault(STATE_KEY, {})
    known[ref] = facts_of(ref, model, X, y, classes, threshold, units, thread_safe)


def registered_of(ctx: ToolContext, found: Found) -> Registered | None:
    """What was said of this model under any of its names, if it is still of the same class."""
    known: dict[str, Registered] = ctx.state.get(STATE_KEY) or {}
    for ref in (found.ref, *found.aliases):
        told = known.get(ref)
        if told is not None and told.class_name == peek.class_name(type(found.model)):
            return told
    return None
