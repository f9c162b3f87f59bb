"""What a person says of a model that it can't say itself: `register_model("net", net, X=X_train, classes=[...])`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import frames, peek, references
from .adapters.base import Container, Facts, Inputs, Task
from .kept import tell
from .profile import Profile, profile, sample_of
from .toolbox import plain

if TYPE_CHECKING:
    from .catalog import Found
    from .toolbox import ToolContext

STATE_KEY = "registered"
_SOURCE = "registered"
MAX_CODES = 20


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
    levels: tuple[Any, ...] | None = None
    """The classes of `y`, sorted as libraries sort them, for a model that says none and of which none were named."""
    threshold: float | None = None
    units: dict[str, str] = field(default_factory=dict)
    thread_safe: bool = False
    """Whether it may be asked while a cell runs, though it runs Python that was written here."""
    stamp: str = field(default_factory=lambda: uuid.uuid4().hex)
    earlier: bool = False
    """Registered in another kernel of this notebook, and kept for this one."""

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

    def name_classes(
        self, labels: list[list[Any]] | None, task: Task
    ) -> tuple[list[list[Any]] | None, tuple[str, ...] | None]:
        """The labels, and their names where the model has codes of its own."""
        if self.classes is None:
            own = labels is None and self.levels is not None and task != "regression"
            return ([list(self.levels or ())] if own else labels), None
        if labels is None:
            return [list(self.classes)], None
        if len(labels) == 1 and len(labels[0]) == len(self.classes) and labels[0] != list(self.classes):
            return labels, tuple(map(str, self.classes))
        return labels, None

    def task(self, known: Task) -> Task:
        if known != "unknown":
            return known
        return "classification" if self.classes or self.levels else "regression" if self.numeric_target else known

    def contradiction(self, class_name: str, known: Inputs) -> str:
        """What speaks against this being the model that it was said of; "" if nothing does."""
        if class_name != self.class_name:
            return "it is of another class now"
        columns, names = self.columns, known.names
        if columns is None or names == columns or (names is None and known.count in (None, len(columns))):
            return ""
        by_place = known.container == "array" and known.count == len(columns)
        return "" if by_place or known.container in ("text", "tensor") else "it has other columns now"

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold; levels stay numbers where they are numbers."""
        told = asdict(replace(self, earlier=False))
        for holder in (told, *told["profiles"].values()):
            holder["counts"] = None if holder["counts"] is None else [*holder["counts"].items()]
        made: dict[str, Any] = plain(told, local=True)
        return made

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Registered:
        """Raises KeyError, TypeError or ValueError for what another release wrote."""
        profiles = {
            name: Profile(**{**one, "counts": _pairs(one["counts"])}) for name, one in found["profiles"].items()
        }
        columns, classes = found["columns"], found["classes"]
        read = {
            **found,
            "profiles": profiles,
            "counts": _pairs(found["counts"]),
            "columns": None if columns is None else tuple(columns),
            "classes": None if classes is None else tuple(classes),
            "levels": tuple(found["levels"]) if found.get("levels") else None,
        }
        return cls(**read)


def _pairs(counts: Any) -> dict[Any, int] | None:
    return None if counts is None else {level: int(count) for level, count in counts}


def facts_of(name: str, model: object, X: Any = None, y: Any = None, **said: Any) -> Registered:
    """The record of one registration; `said` are fields of it. Raises TypeError or ValueError with what to give."""
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
    target, counts, numeric, levels = _target(y)
    classes, units = said.pop("classes", None), said.pop("units", None)
    told = Registered(
        name, peek.class_name(type(model)), columns, container, profiles,
        None if classes is None else tuple(classes), target, counts, numeric, levels if classes is None else None,
        units=dict(units or {}), **said,
    )  # fmt: skip
    if told.threshold is not None and not 0 < told.threshold < 1:
        raise ValueError("threshold is a probability between 0 and 1.")
    unknown = set(told.units) - set(columns or told.units)
    if unknown:
        raise ValueError(f"units name columns that X does not have: {', '.join(sorted(unknown)[:5])}.")
    return told


def _target(y: Any) -> tuple[str, dict[Any, int] | None, bool, tuple[Any, ...] | None]:
    """Its name, the rows of each class, whether it is a number, and its classes."""
    if y is None:
        return "", None, False, None
    if frames.kind_of(y) is None or frames.width_of(y) != 1:
        raise TypeError("y must be one column: a series or an array of one dimension.")
    seen = profile(frames.values(sample_of(y), 0), whole=True)
    names, _ = frames.columns_of(y)
    few = seen.counts or (None if seen.distinct is None or seen.distinct > 2 else {})
    numeric = seen.role == "numeric" and (seen.distinct or 0) > 20
    return (names[0] if names else ""), few or None, numeric, _levels(y, seen)


def _levels(y: Any, seen: Profile) -> tuple[Any, ...] | None:
    """Texts, truths, or whole numbers that count up from 0; other numbers may as well be amounts."""
    sample = sample_of(y)
    if frames.is_lazy(y) or frames.rows_of(sample) != frames.rows_of(y):
        return None
    found = [level for level, count in (seen.counts or {}).items() if count]
    if seen.role == "numeric" and seen.low == 0 and seen.high == (seen.distinct or 0) - 1 <= MAX_CODES:
        codes = frames.values(sample, 0)
        found = list(range(seen.distinct or 0)) if codes.dtype.kind in "iu" else []
    kinds = {type(level) for level in found}
    return tuple(sorted(found)) if len(found) > 1 and kinds in ({str}, {bool}, {int}) else None


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
    said = {"classes": classes, "threshold": threshold, "units": units, "thread_safe": thread_safe}
    remember(bridge.state, facts_of(ref, model, X, y, **said))


def remember(state: dict[str, Any], told: Registered) -> None:
    """Known from now on in this kernel, and told to who keeps it for the next one."""
    known: dict[str, Registered] = state.setdefault(STATE_KEY, {})
    known[told.name] = told
    tell(state, told.to_dict())


def registered_of(ctx: ToolContext, found: Found) -> Registered | None:
    """What was said of this model under any of its names, here or in an earlier kernel, if nothing contradicts it."""
    known: dict[str, Registered] = ctx.state.get(STATE_KEY) or {}
    for ref in (found.ref, *found.aliases):
        told = known.get(ref)
        if told is not None and told.class_name == peek.class_name(type(found.model)):
            return told
    from .recalled import recalled_of

    return recalled_of(ctx, found)
