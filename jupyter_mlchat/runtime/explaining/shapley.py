"""Shapley values of raw columns for any model: what a column adds when it joins the others, over all orders.

A column that is not in yet has its value in a background row. Small cases are counted out; else orders are
drawn, each followed by its reverse. The values always add up to f(row) minus the mean of f over the background.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import peek

MAX_ROWS = 8_000
"""Rows that the model is asked for, unless two orders and their reverses need more."""
CELLS = 4_000_000
MAX_EXACT = 7
MAX_PAIRS = 250
SEED = 0


@dataclass(frozen=True)
class Shares:
    """`values` and `errors` (columns,); `errors` are None when every order was counted."""

    base: float
    total: float
    values: Any
    errors: Any | None
    rows: int
    pairs: int


def shapley(ask: Callable[[Any], Any], background: int, columns: int, active: list[int]) -> Shares:
    """The pool's rows 0..background-1 are the background, the next one is explained.

    `ask` gets an index (n, columns) of pool rows and answers (n,) numbers. `active` are the columns in which the
    explained row differs from the background; the others add nothing.
    """
    if len(active) <= MAX_EXACT:
        return _counted(ask, background, columns, active)
    return _drawn(ask, background, columns, active)


def _counted(ask: Callable[[Any], Any], background: int, columns: int, active: list[int]) -> Shares:
    numpy = _numpy()
    size = len(active)
    sets = 2**size
    index = numpy.repeat(numpy.tile(numpy.arange(background), sets)[:, None], columns, axis=1)
    members = numpy.repeat(numpy.arange(sets), background)
    for place, column in enumerate(active):
        index[(members >> place) & 1 == 1, column] = background
    worth = ask(index).reshape(sets, background).mean(axis=1)
    values = numpy.zeros(columns)
    subsets = numpy.arange(sets)
    sizes = numpy.array([bin(one).count("1") for one in range(sets)])
    weights = numpy.array(
        [math.factorial(k) * math.factorial(size - k - 1) / math.factorial(size) for k in range(size)]
    )
    for place, column in enumerate(active):
        without = subsets[(subsets >> place) & 1 == 0]
        values[column] = (weights[sizes[without]] * (worth[without | (1 << place)] - worth[without])).sum()
    return Shares(float(worth[0]), float(worth[-1]), values, None, len(index), 0)


def _drawn(ask: Callable[[Any], Any], background: int, columns: int, active: list[int]) -> Shares:
    numpy = _numpy()
    rng = numpy.random.default_rng(SEED)
    size = len(active)
    pairs = max(2, min(MAX_PAIRS, MAX_ROWS // (2 * (size + 1))))
    usual = rng.permutation(background)
    gains = numpy.zeros((pairs, columns))
    base = total = 0.0
    at_once = max(1, CELLS // (2 * (size + 1) * columns))
    for start in range(0, pairs, at_once):
        batch = range(start, min(start + at_once, pairs))
        orders = [rng.permutation(active) for _ in batch]
        walks = [
            _walk(numpy, way, usual[pair % background], background, columns)
            for pair, order in zip(batch, orders, strict=True)
            for way in (order, order[::-1])
        ]
        worth = ask(numpy.concatenate(walks)).reshape(len(orders), 2, size + 1)
        for pair, order, (there, back) in zip(batch, orders, worth, strict=True):
            gains[pair, order] += numpy.diff(there) / 2
            gains[pair, order[::-1]] += numpy.diff(back) / 2
        base += float(worth[:, 0, 0].sum()) / pairs
        total = float(worth[0, 0, -1])
    errors = gains.std(axis=0, ddof=1) / math.sqrt(pairs)
    return Shares(base, total, gains.mean(axis=0), errors, 2 * pairs * (size + 1), pairs)


def _walk(numpy: Any, order: Any, row: Any, explained: int, columns: int) -> Any:
    """From a background row to the explained one, a column at a time: (len(order) + 1, columns)."""
    index = numpy.full((len(order) + 1, columns), row)
    steps = numpy.arange(len(order) + 1)[:, None] > numpy.arange(len(order))
    index[:, order] = numpy.where(steps, explained, row)
    return index


def _numpy() -> Any:
    numpy = peek.library("numpy")
    assert numpy is not None, "a model that predicts is here with numpy"
    return numpy
