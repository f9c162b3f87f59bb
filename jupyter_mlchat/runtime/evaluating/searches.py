"""What a search over settings tried and found: scikit-learn's grid, random and halving searches, and Optuna studies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import peek
from ..adapters import scikit_parts as parts

STUDY = "optuna.study.study.Study"
_BORDER = 0.02
"""A number so near to the end of what was tried lies on the border."""


@dataclass(frozen=True)
class Trial:
    """`score` is what was ranked by, `std` its spread over the folds; nan score of what failed."""

    params: dict[str, Any]
    score: float
    std: float | None = None
    train: float | None = None
    seconds: float | None = None
    rung: int | None = None
    """Of a halving search: the iteration, which had more data than the ones before."""


@dataclass(frozen=True)
class Searched:
    kind: str
    metric: str
    trials: Sequence[Trial]
    higher_is_better: bool
    folds: int | None
    failed: int
    pruned: int = 0
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Of numbers that were drawn from a range."""
    metrics: tuple[str, ...] = ()

    @property
    def ranked(self) -> list[Trial]:
        """The best first; of a halving search those of the last iteration come before earlier ones."""
        known = [one for one in self.trials if one.score == one.score]
        sign = -1 if self.higher_is_better else 1
        return sorted(known, key=lambda one: (-(one.rung or 0), sign * one.score))


def is_search(value: object) -> bool:
    return peek.is_a(value, parts.SEARCH, STUDY)


def read(value: Any, metric: str | None) -> Searched | None:
    """None for a search that has not run. Raises KeyError with the known ones for an unknown metric."""
    return _study(value) if peek.is_a(value, STUDY) else _search(value, metric)


def _search(search: Any, wanted: str | None) -> Searched | None:
    table = peek.attribute(search, "cv_results_")
    if type(table) is not dict:
        return None
    names = [key.removeprefix("mean_test_") for key in table if key.startswith("mean_test_")]
    refit = peek.attribute(search, "refit")
    metric = wanted or (refit if refit in names and type(refit) is str else names[0])
    if metric not in names:
        raise KeyError(*names)
    scoring = peek.attribute(search, "scoring")
    called = metric if metric != "score" else scoring if type(scoring) is str else "the model's own score"
    splits = [key for key in table if key.startswith("split") and key.endswith(f"_test_{metric}")]
    trials = [
        Trial(
            dict(params), float(table[f"mean_test_{metric}"][i]), float(table[f"std_test_{metric}"][i]),
            float(table[f"mean_train_{metric}"][i]) if f"mean_train_{metric}" in table else None,
            float(table["mean_fit_time"][i]) + float(table["mean_score_time"][i]),
            int(table["iter"][i]) if "iter" in table else None,
        )
        for i, params in enumerate(table["params"])
    ]  # fmt: skip
    failed = sum(any(math.isnan(float(table[key][i])) for key in splits) for i in range(len(trials)))
    shown = tuple(names) if len(names) > 1 else ()
    return Searched(peek.short_name(type(search)), called, trials, True, len(splits) or None, failed, metrics=shown)


def _study(study: Any) -> Searched | None:
    done, failed, pruned = [], 0, 0
    bounds: dict[str, tuple[float, float]] = {}
    trials = study.get_trials(deepcopy=False)
    for trial in trials:
        state = trial.state.name
        failed += state == "FAIL"
        pruned += state == "PRUNED"
        if state != "COMPLETE" or trial.values is None:
            continue
        seconds = trial.duration.total_seconds() if trial.duration is not None else None
        done.append(Trial(dict(trial.params), float(trial.values[0]), seconds=seconds))
        for name, kind in trial.distributions.items():
            low, high = getattr(kind, "low", None), getattr(kind, "high", None)
            if isinstance(low, (int, float)) and isinstance(high, (int, float)):
                bounds[name] = (float(low), float(high))
    if not done:
        return None
    higher = study.directions[0].name == "MAXIMIZE"
    return Searched("Optuna study", "objective", done, higher, None, failed, pruned, bounds)


@dataclass(frozen=True)
class Effect:
    """Of one setting: the mean score at each value (or range of values), best first, and how far they are apart."""

    name: str
    scores: tuple[tuple[str, float, int], ...]
    spread: float
    best: Any
    border: str | None
    """ "lowest" or "highest" when the best value is the last that was tried on that side."""


def effects(found: Searched) -> list[Effect]:
    """The settings that were varied, the one that matters most first."""
    trials = found.ranked
    if found.trials and any(one.rung is not None for one in trials):
        last = max(one.rung or 0 for one in trials)
        trials = [one for one in trials if one.rung == last] if sum(one.rung == last for one in trials) > 2 else trials
    if not trials:
        return []
    names = list(dict.fromkeys(name for one in trials for name in one.params))
    told = []
    for name in names:
        pairs = [(one.params[name], one.score) for one in trials if name in one.params]
        if len({repr(value) for value, _ in pairs}) > 1:
            told.append(_effect(found, name, pairs, found.ranked[0].params.get(name)))
    return sorted(told, key=lambda one: -one.spread)


def _effect(found: Searched, name: str, pairs: list[tuple[Any, float]], best: Any) -> Effect:
    numeric = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value, _ in pairs)
    values = sorted({value for value, _ in pairs}) if numeric else []
    groups: dict[str, list[float]] = {}
    for value, score in pairs:
        groups.setdefault(_label(value, values), []).append(score)
    means = [(label, sum(scores) / len(scores), len(scores)) for label, scores in groups.items()]
    means.sort(key=lambda one: one[1], reverse=found.higher_is_better)
    spread = abs(means[0][1] - means[-1][1]) if len(means) > 1 else 0.0
    return Effect(name, tuple(means), spread, best, _border(found, name, values, best))


def _label(value: Any, values: list[Any]) -> str:
    """A number among many is told by the quarter of the tried ones that it is in."""
    if len(values) > 8:
        quarter = min(3, 4 * values.index(value) // len(values))
        first, last = values[quarter * len(values) // 4], values[(quarter + 1) * len(values) // 4 - 1]
        return f"{first:.4g} to {last:.4g}"
    return f"{value:.6g}" if isinstance(value, float) else told(value)


def told(value: Any) -> str:
    """A setting in a few characters: objects by their class."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return str(value)[:60]
    if type(value) in (tuple, list) and len(value) <= 8:
        return str(tuple(told(one) for one in value))[:60]
    return peek.short_name(type(value))


def _border(found: Searched, name: str, values: list[Any], best: Any) -> str | None:
    if len(values) < 3 or best is None:
        return None
    low, high = found.bounds.get(name, (values[0], values[-1]))
    if low > 0 and high / low >= 100:
        low, high, at = math.log(low), math.log(high), math.log(best) if best > 0 else -math.inf
    else:
        at = best
    width = _BORDER * (high - low)
    return "lowest" if at <= low + width else "highest" if at >= high - width else None
