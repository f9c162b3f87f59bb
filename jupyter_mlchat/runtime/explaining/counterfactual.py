"""The fewest and smallest changes of one row after which a model says what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .. import peek
from ..signature import Column

BEAM = 8
BISECTIONS = 7
MAX_OPTIONS = 3
Ask = Callable[[list[dict[str, Any]]], Any]
"""Rows as changes of the start -> (n,) numbers, at least 0 where the wish is met."""


@dataclass(frozen=True)
class Option:
    """`changes` by column; `score` is what the model says beyond (at least 0) or short of the wish."""

    changes: dict[str, Any]
    score: float
    distance: float


@dataclass(frozen=True)
class Search:
    columns: Sequence[Column]
    start: dict[str, Any]
    candidates: dict[str, list[Any]]
    widths: dict[str, float]
    """Usual range of each number: what a change of it is measured by."""

    def run(self, ask: Ask, most: int) -> tuple[list[Option], Option | None]:
        """Up to three ways that meet the wish with as few changes as possible, and the best that doesn't."""
        numpy: Any = peek.library("numpy")
        beam: list[dict[str, Any]] = [{}]
        closest: Option | None = None
        for _ in range(most):
            tries = [
                {**held, column.name: value}
                for held in beam
                for column in self.columns
                if column.name not in held
                for value in self.candidates[column.name]
                if value != self.start.get(column.name)
            ]
            tries = [dict(one) for one in {tuple(sorted(one.items(), key=str)): one for one in tries}.values()]
            if not tries:
                break
            scores = ask(tries)
            met = [self._option(one, float(s)) for one, s in zip(tries, scores, strict=True) if s >= 0]
            if met:
                return self._chosen(ask, met), None
            order = numpy.argsort(-scores, kind="stable")
            best = int(order[0])
            closest = self._option(tries[best], float(scores[best]))
            beam = self._diverse([tries[int(i)] for i in order])
        return [], closest

    def _diverse(self, ranked: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The best of each set of columns, so that the beam is not one column's values alone."""
        kept: dict[tuple[str, ...], dict[str, Any]] = {}
        for one in ranked:
            kept.setdefault(tuple(sorted(one)), one)
            if len(kept) == BEAM:
                break
        return list(kept.values())

    def _chosen(self, ask: Ask, met: list[Option]) -> list[Option]:
        best: dict[tuple[str, ...], Option] = {}
        for option in sorted(met, key=lambda one: one.distance):
            best.setdefault(tuple(sorted(option.changes)), option)
        nearer = [self._nearer(ask, option) for option in list(best.values())[: 2 * MAX_OPTIONS]]
        return sorted(nearer, key=lambda one: one.distance)[:MAX_OPTIONS]

    def _nearer(self, ask: Ask, option: Option) -> Option:
        """Each changed number as near to its old value as the wish allows."""
        for column in self.columns:
            old, new = self.start.get(column.name), option.changes.get(column.name)
            if new is None or not _are_numbers(column, old, new):
                continue
            far, near = float(new), float(old)  # type: ignore[arg-type]
            for _ in range(BISECTIONS):
                middle = (far + near) / 2
                tried: Any = round(middle) if column.is_integer else float(f"{middle:.4g}")
                if tried in (option.changes[column.name], old):
                    break
                changes = {**option.changes, column.name: tried}
                score = float(ask([changes])[0])
                if score >= 0:
                    option, far = self._option(changes, score), float(tried)
                else:
                    near = float(tried)
        return option

    def _option(self, changes: dict[str, Any], score: float) -> Option:
        distance = 0.0
        for column in self.columns:
            if column.name in changes:
                old, new = self.start.get(column.name), changes[column.name]
                width = self.widths.get(column.name, 0.0)
                known = _are_numbers(column, old, new) and width > 0
                distance += abs(float(new) - float(old)) / width if known else 1.0  # type: ignore[arg-type]
        return Option(changes, score, distance)


def _are_numbers(column: Column, old: Any, new: Any) -> bool:
    plain = all(isinstance(one, (int, float)) and not isinstance(one, bool) and one == one for one in (old, new))
    return column.categories is None and plain
