"""Permutation importance: how far a model's score falls when one column is shuffled among the rows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from .. import frames, peek
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
MAX_COLUMNS = 100
MAX_SECONDS = 30.0
SEED = 0


@dataclass(frozen=True)
class Permuted:
    """`falls` are the mean fall of `metric` and its spread over the repeats, by column."""

    metric: str
    baseline: float
    falls: dict[str, tuple[float, float]]
    rows: int
    step: int
    """Every so manyth row was asked."""
    repeats: int


def metric_of(seen: Assessed) -> str:
    """Of two classes that are ranked the area under the curve, of others the accuracy, of numbers r2."""
    if not seen.classes:
        return "r2"
    return "roc_auc" if seen.ranked is not None else "accuracy"


def permuted(ctx: ToolContext, found: Found, sig: Signature, seen: Assessed, names: list[str]) -> Permuted:
    """Of the named columns. Raises ToolError `unsupported` where the score can't be told of so few rows."""
    numpy: Any = peek.library("numpy")
    step = -(-seen.n // MAX_ROWS)
    part = numpy.arange(0, seen.n, step)
    table = containers.fitting(sig, frames.taken(seen.labelled.frame, seen.rows[part]))
    columns = tuple(frames.columns_of(table)[0]) or tuple(column.name for column in sig.columns)
    pool = mixing.Pool(table, [], columns)
    metric, truth = metric_of(seen), seen.truth[part]

    def measured(scored: Scored) -> float:
        return _measured(numpy, metric, seen, truth, scored)

    baseline = measured(score(ctx, found, sig, table))
    if baseline != baseline:
        raise ToolError(
            "unsupported", f"The {metric} of these {len(part):,} rows can't be told.",
            "Name more rows as `data`.", about=found.ref,
        )  # fmt: skip
    falls: dict[str, list[float]] = {name: [] for name in names}
    rng, began, done = numpy.random.default_rng(SEED), time.monotonic(), 0
    index = numpy.repeat(numpy.arange(len(part))[:, None], len(columns), axis=1)
    for repeat in range(REPEATS):
        order = rng.permutation(len(part))
        if repeat and (time.monotonic() - began) * (repeat + 1) / repeat > MAX_SECONDS:
            break
        for name in names:
            if ctx.cancelled():
                raise ToolError("tool_timeout", "It was stopped.", "Ask for less.")
            place = columns.index(name)
            mixed = index.copy()
            mixed[:, place] = order
            falls[name].append(baseline - measured(score(ctx, found, sig, pool.mix(mixed))))
            done += 1
            ctx.progress(done, REPEATS * len(names), f"{done:,} of {REPEATS * len(names):,} shuffled columns")
    told = {name: (float(numpy.mean(all_of)), float(numpy.std(all_of))) for name, all_of in falls.items()}
    return Permuted(metric, baseline, told, len(part), step, len(next(iter(falls.values()))))


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
    shuffle = {
        "pandas": "X.assign(**{name: X[name].iloc[order].set_axis(X.index)})",
        "polars": "X.with_columns(X[name].gather(order))",
        "numpy": "np.column_stack([X[order if j == name else slice(None), j] for j in range(X.shape[1])])",
    }[words]
    names = list(told.falls)
    listed = names if words != "numpy" else [[one.name for one in sig.columns].index(name) for name in names]
    return recipes.cell(
        [
            "import numpy as np", "import pandas as pd", "from sklearn import metrics",
            f"X = {source}{stride}", f"y = np.asarray({truth})",
            f"classes = np.array({seen.classes!r})" if seen.classes else "",
            f"def score(X):\n    return {asked}",
            f"def shuffled(name, order):\n    return {shuffle}",
            f"rng = np.random.default_rng({SEED})",
            f"orders = [rng.permutation(len(y)) for _ in range({told.repeats})]",
            f"falls = [[score(X) - score(shuffled(name, order)) for order in orders] for name in {listed!r}]",
            f"pd.Series(np.mean(falls, axis=1), index={names!r}).sort_values(ascending=False)",
        ]
    )  # fmt: skip
