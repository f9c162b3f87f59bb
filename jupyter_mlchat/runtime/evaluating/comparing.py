"""Two models on the same rows: how their scores differ, where they disagree, and what each costs."""

from __future__ import annotations

import io
import pickle
import statistics
import time
from typing import Any

from .. import budget, frames, peek
from ..asking import containers
from ..asking.outputs import named
from ..asking.prediction import steadily
from ..toolbox import ToolContext
from . import evaluation_recipes, scores
from .evaluation import Assessed

MAX_BYTES = 500_000_000
_TIMED_ROWS = 1_000
_SHOWN = 5


def difference(one: Assessed, other: Assessed, metric: str) -> dict[str, Any]:
    """`one` minus `other`, with a paired bootstrap interval: both are scored on the same draws of rows."""
    numpy: Any = peek.library("numpy")
    part = frames.strided(numpy.arange(one.n), scores.MAX_BOOTSTRAP_ROWS)
    ours, theirs = one.measures(part)[metric], other.measures(part)[metric]
    gaps = numpy.array([ours(w) - theirs(w) for w in scores.draws(len(part))])
    gaps = gaps[numpy.isfinite(gaps)]
    every = numpy.ones(one.n)
    value = one.measures()[metric](every) - other.measures()[metric](every)
    low, high = numpy.quantile(gaps, [0.025, 0.975]).tolist() if len(gaps) else (float("nan"), float("nan"))
    if len(part) < one.n:
        centre = ours(numpy.ones(len(part))) - theirs(numpy.ones(len(part)))
        narrow = (len(part) / one.n) ** 0.5
        low, high = value + (low - centre) * narrow, value + (high - centre) * narrow
    return {"difference": value, "low": low, "high": high, "more_than_chance": bool(low > 0 or high < 0)}


def disagreement(one: Assessed, other: Assessed) -> dict[str, Any]:
    """How often they say something else, and the rows (by position) where they are furthest apart."""
    numpy: Any = peek.library("numpy")
    if one.classes:
        share: dict[str, Any] = {"disagree": float((_labels(one) != _labels(other)).mean())}
        apart = _apart(numpy, one, other)
    else:
        gaps = numpy.abs(one.predicted - other.predicted)
        share = {"mean_gap": float(gaps.mean())}
        apart = gaps
    furthest = numpy.argsort(-apart, kind="stable")[:_SHOWN]
    share["furthest_apart"] = [
        {"row": int(one.rows[i]), "predictions": [_said(model, i) for model in (one, other)]}
        for i in furthest
        if apart[i] > 0
    ]
    return share


def _labels(seen: Assessed) -> Any:
    numpy: Any = peek.library("numpy")
    return numpy.array([str(label) for label in seen.classes])[seen.predicted]


def _apart(numpy: Any, one: Assessed, other: Assessed) -> Any:
    ours, theirs = one.scored.chances, other.scored.chances
    same = [str(label) for label in one.classes] == [str(label) for label in other.classes]
    if ours is None or theirs is None or not same:
        return (_labels(one) != _labels(other)).astype(float)
    return numpy.abs(ours - theirs).sum(axis=1) / 2


def _said(seen: Assessed, row: Any) -> dict[str, Any]:
    if not seen.classes:
        return {"prediction": float(seen.predicted[row])}
    card: dict[str, Any] = {"prediction": named(seen.sig, seen.classes[int(seen.predicted[row])])}
    if seen.scored.chances is not None:
        card["probability"] = float(seen.scored.chances[row, int(seen.predicted[row])])
    return card


def cost(ctx: ToolContext, seen: Assessed) -> dict[str, Any]:
    """Milliseconds for one row and for a thousand, and bytes when pickled (None for what can't be)."""
    found, sig, frame = seen.found, seen.sig, seen.labelled.frame
    if frame is None:
        one, many = seen.labelled.sample[:1], seen.labelled.sample
    else:
        one, many = (containers.fitting(sig, frames.part(frame, 0, rows)) for rows in (1, _TIMED_ROWS))
    return {
        "ms_one_row": budget.figure(_timed(ctx, seen, one, 5)),
        "ms_many_rows": budget.figure(_timed(ctx, seen, many, 1)),
        "many_rows": len(many) if frame is None else min(_TIMED_ROWS, frames.rows_of(frame)),
        "size_bytes": None if found.adapter.user_code(found.model) else size_of(found.model),
    }


def _timed(ctx: ToolContext, seen: Assessed, X: Any, times: int) -> float:
    found = seen.found

    def once() -> float:
        began = time.perf_counter()
        found.adapter.predict(found.model, X, details=False)
        return time.perf_counter() - began

    return 1e3 * statistics.median(steadily(ctx, found, once, [None]) for _ in range(times))


class _Counter(io.RawIOBase):
    """Counts what is written to it and keeps nothing."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: Any) -> int:
        self.size += len(data)
        if self.size > MAX_BYTES:
            raise OverflowError
        return len(data)


def size_of(model: Any) -> int | None:
    """Bytes of its pickle; None when it has none or it is over half a gigabyte."""
    counter = _Counter()
    try:
        pickle.Pickler(counter, protocol=5).dump(model)
    except Exception:
        return None
    return counter.size


def recipe(seen: list[Assessed], metric: str) -> str:
    """Shows the chosen measure of each model."""
    parts = ["found = {}"]
    for one in seen:
        lines = evaluation_recipes.measures(one, bootstrap=False)
        if not lines:
            return ""
        parts += [lines.rpartition("\n")[0], f"found[{one.found.ref!r}] = measures[{metric!r}](np.ones(len(y)))"]
    return "\n".join([*parts, "found"])
