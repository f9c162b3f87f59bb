"""Partial dependence: the mean answer over rows in which one or two columns were set to each of some values."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .. import peek
from ..asking import outputs, recipes, tables
from ..asking.outputs import Aim, Scored
from ..catalog import Found
from ..signature import Column, Signature
from . import mixing


@dataclass(frozen=True)
class Point:
    """`low` and `high` are the 10th and 90th percentile of the rows."""

    values: tuple[Any, ...]
    mean: float
    low: float
    high: float


def aimed(sig: Signature, scored: Scored, output: str | None) -> Aim:
    """At the named class; else at the last of two, or the one that is said most."""
    numpy: Any = peek.library("numpy")
    classes = outputs.classes_of(sig, scored)
    if output is None and len(classes) == 2:
        return outputs.aim(sig, scored, classes[1])
    if output is None and classes:
        counts = [int(numpy.count_nonzero(scored.labels == label)) for label in classes]
        return outputs.aim(sig, scored, classes[counts.index(max(counts))])
    return outputs.aim(sig, scored, output)


def dependence(
    ask: Callable[[Any], Any], sig: Signature, rows: Sequence[dict[str, Any]], names: Sequence[str],
    tried: Sequence[Sequence[Any]], training: Any,
) -> list[Point]:  # fmt: skip
    """One point for each combination of values, in their order."""
    numpy: Any = peek.library("numpy")
    usual = list(rows)
    longest = max(map(len, tried))
    extra = [
        {**usual[0], **{name: values[min(i, len(values) - 1)] for name, values in zip(names, tried, strict=True)}}
        for i in range(longest)
    ]
    pool = mixing.pool(sig, [*usual, *extra], training)
    places = [pool.names.index(name) for name in names]
    combined = list(itertools.product(*(range(len(values)) for values in tried)))
    index = numpy.repeat(numpy.tile(numpy.arange(len(usual)), len(combined))[:, None], len(pool.names), axis=1)
    for i, combination in enumerate(combined):
        for place, number in zip(places, combination, strict=True):
            index[i * len(usual) : (i + 1) * len(usual), place] = len(usual) + number
    answers = ask(pool.mix(index)).reshape(len(combined), len(usual))
    low, high = numpy.quantile(answers, [0.1, 0.9], axis=1)
    return [
        Point(
            tuple(values[n] for values, n in zip(tried, combination, strict=True)),
            float(answers[i].mean()), float(low[i]), float(high[i]),
        )
        for i, combination in enumerate(combined)
    ]  # fmt: skip


def direction(means: list[float], columns: list[Column]) -> str | None:
    """Of one column of numbers: whether the curve rises, falls, or both."""
    if len(columns) != 1 or columns[0].categories is not None or columns[0].role != "numeric":
        return None
    slack = 1e-9 * max(1.0, max(map(abs, means)))
    steps = [after - before for before, after in itertools.pairwise(means)]
    up, down = any(step > slack for step in steps), any(step < -slack for step in steps)
    return "mixed" if up and down else "rising" if up else "falling" if down else "flat"


def recipe(found: Found, sig: Signature, at: Aim, columns: list[Column], tried: list[list[Any]], usual: str) -> str:
    """Shows the means in the order of the curve."""
    asks = recipes.score_expression(found, sig, at)
    if not asks or not tables.writable(sig):
        return ""
    cells = {c.name: tables.constant(sig, c.name, f"values[{i}]", "usual") for i, c in enumerate(columns)}
    made = [f"    {line}" for line in tables.assigned(sig, "X", "usual", cells)]
    return recipes.cell(
        ["import itertools", f"usual = {usual}", "means = []", f"for values in itertools.product(*{tried!r}):", *made,
         f"    means.append({asks.format(X='X')}.mean())", "means"]
    )  # fmt: skip
