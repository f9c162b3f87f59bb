"""Which groups of rows a model does worst on: of one column, or of two together."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import peek
from .groups import Group, groups_of

MIN_ROWS = 25
MIN_SHARE = 0.01
MAX_COLUMNS = 100
PAIRED = 6
"""The columns whose groups are worst are looked at in pairs too."""
LEVEL = 0.95


@dataclass(frozen=True)
class Slice:
    """`gap` is its mean loss minus that of all other rows, `error` the standard error of that."""

    parts: tuple[tuple[str, Group], ...]
    rows: int
    loss: float
    gap: float
    error: float

    @property
    def strength(self) -> float:
        return self.gap / self.error if self.error > 0 else float(self.gap > 0) * 1e9

    def bounds(self, tested: int) -> tuple[float, float]:
        """Of the gap, with 95 % for all slices that were looked at together."""
        z = statistics.NormalDist().inv_cdf(1 - (1 - LEVEL) / (2 * max(1, tested)))
        return self.gap - z * self.error, self.gap + z * self.error


def worst(columns: Sequence[tuple[str, Any]], losses: Any, most: int = 5) -> tuple[list[Slice], int]:
    """Slices whose loss is beyond chance above that of the rest, the strongest first; and how many were tested."""
    numpy: Any = peek.library("numpy")
    least = max(MIN_ROWS, int(MIN_SHARE * len(losses)))
    single: list[Slice] = []
    for name, values in columns[:MAX_COLUMNS]:
        for group in groups_of(name, values):
            found = _slice(numpy, ((name, group),), group.mask, losses, least)
            if found is not None:
                single.append(found)
    single.sort(key=lambda one: one.strength, reverse=True)
    tested = len(single)
    pairs: list[Slice] = []
    heads = [one for one in single if one.gap > 0][: 3 * PAIRED]
    for i, one in enumerate(heads):
        for other in heads[i + 1 :]:
            if one.parts[0][0] != other.parts[0][0]:
                mask = one.parts[0][1].mask & other.parts[0][1].mask
                found = _slice(numpy, (*one.parts, *other.parts), mask, losses, least)
                tested += found is not None
                if found is not None and found.gap > 1.25 * max(one.gap, other.gap):
                    pairs.append(found)
    ranked = sorted([*single, *pairs], key=lambda one: one.strength, reverse=True)
    return _distinct([one for one in ranked if one.bounds(tested)[0] > 0], most), tested


def _slice(numpy: Any, parts: tuple[tuple[str, Group], ...], mask: Any, losses: Any, least: int) -> Slice | None:
    rows = int(mask.sum())
    if not least <= rows <= len(losses) - least:
        return None
    inside, outside = losses[mask], losses[~mask]
    gap = float(inside.mean() - outside.mean())
    error = float(numpy.sqrt(inside.var(ddof=1) / len(inside) + outside.var(ddof=1) / len(outside)))
    return Slice(parts, rows, float(inside.mean()), gap, error)


def _distinct(ranked: list[Slice], most: int) -> list[Slice]:
    """Without those whose rows are mostly those of a stronger one."""
    kept: list[Slice] = []
    masks: list[Any] = []
    for one in ranked:
        mask = one.parts[0][1].mask
        for _, group in one.parts[1:]:
            mask = mask & group.mask
        if all((mask & other).sum() < 0.8 * min(mask.sum(), other.sum()) for other in masks):
            kept.append(one)
            masks.append(mask)
        if len(kept) == most:
            break
    return kept
