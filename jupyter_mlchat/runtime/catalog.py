"""The models and frames of a namespace, found by looking only: see `peek`."""

from __future__ import annotations

import itertools
import threading
import uuid
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from . import frames, peek, references
from .adapters import Registry
from .adapters.base import Adapter, Status, Task
from .files import handles
from .files.origins import file_of
from .provenance import Fit, History
from .registered import Registered, registered_of
from .stamp import Stamp, stamp
from .toolbox import ToolContext, ToolError
from .wire import Catalogue, FrameCard, ModelCard

DEPTH = 2
MAX_ITEMS = 200
MAX_FRAME_COLUMNS = 2_000
MAX_OTHERS = 500
_STATE_KEY = "catalog"
_PLAIN = frozenset(
    map(id, (int, float, complex, str, bytes, bool, type(None), object, type, type(len), type(lambda: 0), type(uuid)))
)
"""Ids of exact types that are never models, frames or containers: hashing a class may run its metaclass."""


_CONTAINERS = frozenset(map(id, (dict, list, tuple)))
_CODE = frozenset(map(id, (type, type(len), type(lambda: 0), type(uuid))))
"""Classes, functions and modules: nothing anybody asks about."""


@dataclass(frozen=True)
class Found:
    """A model in the namespace. `aliases` are other references to the same object."""

    ref: str
    aliases: tuple[str, ...]
    model: Any = field(repr=False, compare=False)
    adapter: Adapter = field(repr=False, compare=False)
    status: Status
    task: Task
    revision: str
    fit: Fit | None
    """The call that fitted it, where a cell shows one."""
    cell: int | None
    """The cell that fitted it, else the one that assigned it."""
    seen_at: str
    """When this state of the model was first seen here, ISO 8601 in UTC."""
    told: Registered | None = field(default=None, repr=False, compare=False)
    """What a person registered of it."""
    file: str = ""
    """The name of the file that a tool loaded it from, just as it is."""


@dataclass
class _Known:
    """What is remembered of one object: its newest stamp, and what was computed for that."""

    alive: Any
    stamp: Stamp
    revision: str
    seen_at: str
    computed: dict[str, Any] = field(default_factory=dict)


class Catalog:
    """One per kernel. Holds no model alive; forgets what is gone."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.history = History()
        self._lock = threading.RLock()
        self._token = uuid.uuid4().hex[:6]
        self._count = 0
        self._known: dict[int, _Known] = {}

    def models(self, ctx: ToolContext) -> list[Found]:
        """Every model that the person has not hidden, in the order of the namespace, aliases folded."""
        with self._lock:
            self.history.read(ctx.cells())
            refs: dict[int, list[str]] = {}
            objects: dict[int, tuple[Any, Adapter]] = {}
            for ref, value in walk(ctx.names()):
                adapter = None if id(type(value)) in _CONTAINERS else self.registry.of(value)
                if adapter is not None:
                    refs.setdefault(id(value), []).append(ref)
                    objects[id(value)] = (value, adapter)
            self._forget()
            return [self._told(ctx, self._found(refs[key], *objects[key])) for key in refs]

    def cached(self, found: Found, key: str, compute: Any) -> Any:
        """`compute()` once for this state of the model."""
        with self._lock:
            known = self._known.get(id(found.model))
            if known is None or known.revision != found.revision:
                return compute()
            if key not in known.computed:
                known.computed[key] = compute()
            return known.computed[key]

    def _told(self, ctx: ToolContext, found: Found) -> Found:
        told = registered_of(ctx, found)
        file = file_of(ctx, found.model)
        if file:
            found = replace(found, file=file, fit=None, cell=None)
        return found if told is None else replace(found, task=told.task(found.task), told=told)

    def _found(self, refs: list[str], model: Any, adapter: Adapter) -> Found:
        known = self._remember(model)
        fit = self.history.fit_of(refs)
        assigned = self.history.assigned(refs)
        return Found(
            refs[0],
            tuple(refs[1:]),
            model,
            adapter,
            adapter.status(model),
            adapter.task(model),
            known.revision,
            fit,
            fit.cell if fit is not None else assigned,
            known.seen_at,
        )

    def _remember(self, model: Any) -> _Known:
        now = stamp(model)
        known = self._known.get(id(model))
        if known is not None and known.alive() is model and known.stamp.matches(now):
            return known
        self._count += 1
        try:
            alive: Any = weakref.ref(model)
        except TypeError:
            alive = _Strong(model)
        known = _Known(alive, now, f"{self._token}-{self._count}", _now())
        self._known[id(model)] = known
        return known

    def _forget(self) -> None:
        for key in [key for key, known in self._known.items() if known.alive() is None]:
            del self._known[key]


@dataclass(frozen=True)
class _Strong:
    """For the rare object that can't be referenced weakly."""

    value: Any

    def __call__(self) -> Any:
        return self.value


def catalog_of(ctx: ToolContext) -> Catalog:
    found = ctx.state.get(_STATE_KEY)
    if found is None:
        found = ctx.state.setdefault(_STATE_KEY, Catalog())
    catalog: Catalog = found
    return catalog


def walk(names: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """References and values: names first, then what plain containers and the person's own objects hold.

    Without plain values, and without dicts and tuples themselves. `names` must be nobody else's.
    """
    level: Iterable[tuple[str, Any]] = names.items()
    seen: set[int] = set()
    plain = _PLAIN.issuperset
    for depth in range(DEPTH + 1):
        deeper: list[tuple[str, Any]] = []
        for ref, value in level:
            kind = type(value)
            if id(kind) in _PLAIN:
                continue
            if kind is dict or kind is list or kind is tuple:
                if kind is list:
                    yield ref, value
                # Most hold nothing but plain values: told without a step of Python for each of them.
                parts = list(value.values()) if kind is dict else value
                if len(parts) > MAX_ITEMS or plain(map(id, map(type, parts))):
                    continue
            else:
                yield ref, value
            if depth < DEPTH and id(value) not in seen:
                inner = _inside(ref, value)
                if inner:
                    seen.add(id(value))
                    deeper += inner
        level = deeper


def _inside(ref: str, value: Any) -> list[tuple[str, Any]]:
    """Written out for speed: most values of a namespace hold nothing but plain ones."""
    kind = type(value)
    if kind is dict:
        pairs = list(value.items()) if len(value) <= MAX_ITEMS else []
    elif kind is list or kind is tuple:
        pairs = list(enumerate(value)) if len(value) <= MAX_ITEMS else []
    elif peek.module_of(kind) == "__main__":
        return [
            (references.attribute_of(ref, name), part)
            for name, part in list(peek.attributes(value).items())[:MAX_ITEMS]
            if type(name) is str and not name.startswith("_")
        ]
    else:
        return []
    return [
        (references.item_of(ref, key), part)
        for key, part in pairs
        if id(type(part)) not in _PLAIN and (type(key) is str or type(key) is int)
    ]


def find_model(ctx: ToolContext, ref: str) -> Found:
    """The model that a reference or alias names. Raises ToolError `unknown_model` with close names."""
    models = catalog_of(ctx).models(ctx)
    wanted = references.canonical(ref) or ref.strip()
    for found in models:
        if wanted == found.ref or wanted in found.aliases:
            return found
    names = [name for found in models for name in (found.ref, *found.aliases)]
    folded = [name for name in names if name.casefold() == wanted.casefold()]
    if folded:
        hint = f"Did you mean {folded[0]}?"
    elif names:
        import difflib

        close = difflib.get_close_matches(wanted, names, 3, 0.5)
        hint = f"Did you mean {', '.join(close)}?" if close else f"There is {', '.join(names[:5])}."
    else:
        hint = "Fit one in a cell, then ask again."
    held = ctx.names().get(wanted)
    text = f"There is no model `{wanted[:80]}` in this notebook."
    if held is not None and peek.root_of(type(held)) == "sklearn":
        text = f"`{wanted[:80]}` is a {peek.short_name(type(held))}, which predicts nothing."
    raise ToolError("unknown_model", text, hint, about=wanted[:80])


def find_frames(ctx: ToolContext) -> list[tuple[str, Any]]:
    """Frames, series and arrays, each under its first reference."""
    seen: set[int] = set()
    found = []
    for ref, value in walk(ctx.names()):
        if frames.kind_of(value) is not None and id(value) not in seen:
            seen.add(id(value))
            found.append((ref, value))
    return found


def find_frame(ctx: ToolContext, ref: str) -> tuple[str, Any]:
    """The canonical reference and the object. Raises ToolError `unknown_frame` with close names."""
    wanted = references.canonical(ref) or ref.strip()
    names = []
    for name, value in walk(ctx.names()):
        if frames.kind_of(value) is not None:
            names.append(name)
            if name == wanted:
                return name, value
    made = _column_or_texts(ctx, wanted)
    if made is not None:
        return wanted, made
    import difflib

    close = difflib.get_close_matches(wanted, names, 3, 0.5)
    hint = f"Did you mean {', '.join(close)}?" if close else "`list_dataframes` shows what there is."
    raise ToolError("unknown_frame", f"There is no data `{wanted[:80]}` in this notebook.", hint, about=wanted[:80])


def _column_or_texts(ctx: ToolContext, wanted: str) -> Any | None:
    """A column, as in `df["review"]`, data of sklearn's, as in `wine.data`, a plain list of texts; else None."""
    parsed = references.parse(wanted)
    base = None if parsed is None or not parsed[1] else parsed[1][-1][1]
    for name, value in walk(ctx.names()):
        if type(base) is str and wanted in (references.item_of(name, base), references.attribute_of(name, base)):
            if peek.is_a(value, "sklearn.utils._bunch.Bunch"):
                held = dict.get(value, base)
                return held if frames.kind_of(held) is not None else None
            return frames.column(value, base)
        if name == wanted and type(value) is list and value and all(type(one) is str for one in value):
            library = peek.library("pandas") or peek.library("polars")
            return library.Series(value) if library is not None else None
    return None


def catalogue(ctx: ToolContext) -> Catalogue:
    """What the namespace holds, for the service's own use. Never sent to an llm."""
    from .signature import signature

    catalog = catalog_of(ctx)
    cards: list[ModelCard] = []
    model_names: set[str] = set()
    data = find_frames(ctx)
    for found in catalog.models(ctx):
        sig = signature(ctx, found, data)
        model_names.update((found.ref, *found.aliases))
        cards.append(
            {
                "ref": found.ref,
                "aliases": list(found.aliases),
                "class_name": peek.short_name(type(found.model)),
                "estimator": peek.short_name(type(found.adapter.estimator(found.model))),
                "library": peek.root_of(type(found.model)),
                "task": found.task,
                "fitted": {"fitted": True, "unknown": None}.get(found.status, False),
                "features": [column.name for column in sig.columns],
                "categories": {
                    column.name: list(column.categories) for column in sig.columns if column.categories is not None
                },
                "classes": sig.flat_classes(),
                "cell": found.cell,
                "revision": found.revision,
            }
        )
    shown: list[FrameCard] = []
    for ref, value in data:
        columns, dtypes = frames.columns_of(value)
        shown.append(
            {
                "ref": ref,
                "class_name": peek.short_name(type(value)),
                "shape": frames.shape_of(value),
                "columns": columns[:MAX_FRAME_COLUMNS],
                "dtypes": dtypes[:MAX_FRAME_COLUMNS],
            }
        )
    listed = model_names | {card["ref"] for card in shown}
    others = (
        (name, peek.short_name(type(value)))
        for name, value in ctx.names().items()
        if name not in listed and not any(id(base) in _CODE for base in peek.mro(type(value)))
    )
    listed_others = dict(itertools.islice(others, MAX_OTHERS))
    return {"models": cards, "frames": shown, "others": listed_others, "files": handles.known(ctx.state)}


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
