"""Permutation importance: how far a model's score falls when one column is shuffled among the rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .. import budget, frames, peek
from ..asking import containers, recipes, tables
from ..asking.outputs import Scored, score
from ..catalog import Found
from ..evaluating import scores
from ..evaluating.evaluation import Assessed, places
from ..signature import Signature
from ..toolbox import ToolContext, ToolError
from . import mixing

MAX_ROWS = 2_000
REPEATS = 5
FEW = 30
"""So many columns are always shuffled, each alone."""
SECONDS, MAX_SECONDS = 1.0, 30.0
"""What the shuffling may take of a wide model, and what further repeats may take elsewhere."""
GROUPS, PARTS, KEPT = 16, 4, 12
SEED = 0
Unit = tuple[str, ...]
"""Columns that are shuffled together: one, or neighbours of a wide table."""


@dataclass(frozen=True)
class Permuted:
    """`falls` are the mean fall of `metric` and its spread over the repeats, by what was shuffled."""

    metric: str
    baseline: float
    falls: dict[Unit, tuple[float, float]]
    rows: int
    step: int
    """Every so manyth row was asked."""
    repeats: int
    pace_s: float
    """What one shuffle took."""

    @property
    def grouped(self) -> bool:
        return any(len(unit) > 1 for unit in self.falls)


def metric_of(seen: Assessed) -> str:
    """Of two classes that are ranked the area under the curve, of others the accuracy, of numbers r2."""
    if not seen.classes:
        return "r2"
    return "roc_auc" if seen.ranked is not None else "accuracy"


def permuted(
    ctx: ToolContext, found: Found, sig: Signature, seen: Assessed, names: Sequence[str], *, known: bool, exact: bool
) -> Permuted:
    """Of the named columns, or of as many as there is time for: the first of them where it is `known` that those matter
    most, else of groups. Raises ToolError `unsupported` where the score can't be told of so few rows.
    """
    numpy: Any = peek.library("numpy")
    step = -(-seen.n // MAX_ROWS)
    part = numpy.arange(0, seen.n, step)
    table = containers.fitting(sig, frames.taken(seen.labelled.frame, seen.rows[part]))
    columns = tuple(frames.columns_of(table)[0]) or tuple(column.name for column in sig.columns)
    pool, place = mixing.Pool(table, [], columns), {name: at for at, name in enumerate(columns)}
    metric, truth = metric_of(seen), seen.truth[part]

    def measured(scored: Scored) -> float:
        return _measured(numpy, metric, seen, truth, scored)

    began = time.monotonic()
    baseline = measured(score(ctx, found, sig, table))
    if baseline != baseline:
        raise ToolError(
            "unsupported", f"The {metric} of these {len(part):,} rows can't be told.",
            "Name more rows as `data`.", about=found.ref,
        )  # fmt: skip
    rng = numpy.random.default_rng(SEED)
    orders = [rng.permutation(len(part)) for _ in range(REPEATS)]
    index = numpy.repeat(numpy.arange(len(part))[:, None], len(columns), axis=1)
    done = 0

    def fall(unit: Unit, repeat: int) -> float:
        nonlocal done
        if ctx.cancelled():
            raise ToolError("tool_timeout", "It was stopped.", "Ask for less.")
        mixed = index.copy()
        mixed[:, [place[name] for name in unit]] = orders[repeat][:, None]
        done += 1
        ctx.progress(done, max(done, REPEATS * len(names)), f"{done:,} shuffles")
        return baseline - measured(score(ctx, found, sig, pool.mix(mixed)))

    hasty = len(names) > FEW and not exact
    first = time.monotonic()
    if hasty and not known and (first - began) * len(names) > SECONDS:
        falls = _searched(names, lambda unit: fall(unit, 0), first + SECONDS / 2)
    else:
        falls = _each(names, lambda unit: fall(unit, 0), first + SECONDS / 2 if hasty else None)
    pace = (time.monotonic() - first) / done
    left = first + (SECONDS if hasty else MAX_SECONDS) - time.monotonic()
    repeats = 1 + min(REPEATS - 1, max(0, int(left / (pace * len(falls)))))
    told = {unit: [value, *(fall(unit, repeat) for repeat in range(1, repeats))] for unit, value in falls.items()}
    spreads = {unit: (float(numpy.mean(all_of)), float(numpy.std(all_of))) for unit, all_of in told.items()}
    return Permuted(metric, baseline, spreads, len(part), step, repeats, pace)


def _each(names: Sequence[str], fall: Callable[[Unit], float], due: float | None) -> dict[Unit, float]:
    """Each alone, in their order; until `due`, but for the first few."""
    falls: dict[Unit, float] = {}
    for name in names:
        if due is not None and len(falls) >= KEPT and time.monotonic() > due:
            break
        falls[(name,)] = fall((name,))
    return falls


def _searched(names: Sequence[str], fall: Callable[[Unit], float], due: float) -> dict[Unit, float]:
    """Groups of neighbours that matter most. The one with the largest fall is taken apart, and so on until `due`."""
    falls = {unit: fall(unit) for unit in _parts(tuple(names), GROUPS)}
    while time.monotonic() < due:
        divided = {unit: value for unit, value in falls.items() if len(unit) > 1 and value > 0}
        if not divided:
            break
        largest = max(divided, key=lambda unit: divided[unit])
        del falls[largest]
        falls.update((unit, fall(unit)) for unit in _parts(largest, PARTS))
    return dict(sorted(falls.items(), key=lambda pair: -pair[1])[:KEPT])


def _parts(unit: Unit, count: int) -> list[Unit]:
    size = -(-len(unit) // count)
    return [unit[start : start + size] for start in range(0, len(unit), size)]


def _measured(numpy: Any, metric: str, seen: Assessed, truth: Any, scored: Scored) -> float:
    if metric == "r2":
        return scores.of_numbers(truth, scored.labels.astype(float))["r2"](numpy.ones(len(truth)))
    if metric == "accuracy":
        return float((places(numpy, scored.labels, seen.classes) == truth).mean())
    return scores.auc(truth == 1, scored.values[:, -1])(numpy.ones(len(truth)))


def recipe(found: Found, sig: Signature, seen: Assessed, told: Permuted) -> str:
    """Shows the mean fall of each column; "" for models that are asked in a way that can't be written in short."""
    data = seen.labelled
    asked = recipes.labels_expression(found, sig, "X")
    chances = recipes.chances_expression(found, sig, "X") if seen.scored.scale == "probability" else ""
    if told.metric == "roc_auc":
        asked = f"{chances}[:, 1]" if chances else recipes.ranked_expression(found, sig, "X")
        asked = f"metrics.roc_auc_score(y == classes[1], {asked})"
    elif asked:
        asked = f"metrics.{told.metric}_score(y, {asked})"
    words = tables.words_of(sig)
    if not asked or seen.dropped or len(data.truth) != seen.n or not tables.writable(sig):
        return ""
    stride = "" if told.step == 1 else f".iloc[::{told.step}]" if words == "pandas" else f"[::{told.step}]"
    source = recipes.frame_expression(sig, data.ref, data.frame)
    truth = data.target_source + ("" if told.step == 1 else f"[::{told.step}]")
    listed, shuffle = _shuffled(sig, told, words)
    if not listed:
        return ""
    return recipes.cell(
        [
            "import numpy as np", "import pandas as pd", "from sklearn import metrics",
            f"X = {source}{stride}", f"y = np.asarray({truth})",
            f"classes = np.array({seen.classes!r})" if seen.classes else "",
            f"def score(X):\n    return {asked}",
            f"def shuffled(part, order):\n    return {shuffle}",
            f"rng = np.random.default_rng({SEED})",
            f"orders = [rng.permutation(len(y)) for _ in range({told.repeats})]",
            f"falls = [[score(X) - score(shuffled(part, order)) for order in orders] for part in {listed}]",
            f"names = {[unit[0] if len(unit) == 1 else name_of(unit) for unit in told.falls]!r}",
            "pd.Series(np.mean(falls, axis=1), index=names).sort_values(ascending=False)",
        ]
    )  # fmt: skip


def name_of(unit: Unit) -> str:
    return " … ".join(budget.short(name) for name in dict.fromkeys((unit[0], unit[-1])))


def _shuffled(sig: Signature, told: Permuted, words: str) -> tuple[str, str]:
    """What is shuffled as a cell lists it, and how; empty where the columns of a group do not lie side by side."""
    columns = [column.name for column in sig.columns]
    if not told.grouped and words != "numpy":
        return repr([unit[0] for unit in told.falls]), {
            "pandas": "X.assign(**{part: X[part].iloc[order].set_axis(X.index)})",
            "polars": "X.with_columns(X[part].gather(order))",
        }[words]
    places = [(columns.index(unit[0]), columns.index(unit[-1]) + 1) for unit in told.falls]
    if any(columns[start:stop] != list(unit) for (start, stop), unit in zip(places, told.falls, strict=True)):
        return "", ""
    return f"[slice(*ends) for ends in {places!r}]", {
        "pandas": "X.assign(**{name: X[name].iloc[order].set_axis(X.index) for name in X.columns[part]})",
        "polars": "X.with_columns(X[name].gather(order) for name in X.columns[part])",
        "numpy": "np.column_stack([X[:, :part.start], X[order, part], X[:, part.stop:]])",
    }[words]
