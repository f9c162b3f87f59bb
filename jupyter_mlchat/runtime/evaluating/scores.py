"""Measures of how good answers are, each with weights, so that a bootstrap is one pass over them.

All take numpy arrays of n rows and weights (n,) and give one number; nan where there is nothing to measure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import peek

Measure = Callable[[Any], float]
"""Weights (n,) -> the measure."""
LOWER_IS_BETTER = frozenset({"rmse", "mae", "log_loss", "brier"})
REPEATS = 200
MAX_BOOTSTRAP_ROWS = 20_000
SEED = 0


def of_numbers(truth: Any, predicted: Any) -> dict[str, Measure]:
    numpy = _numpy()
    errors = predicted - truth
    size = numpy.abs(errors)

    def r2(w: Any) -> float:
        mean = _mean(truth, w)
        spread = float((w * (truth - mean) ** 2).sum())
        return 1 - float((w * errors**2).sum()) / spread if spread > 0 else float("nan")

    return {
        "r2": r2,
        "rmse": lambda w: _mean(errors**2, w) ** 0.5,
        "mae": lambda w: _mean(size, w),
        "bias": lambda w: _mean(errors, w),
    }


def of_classes(
    truth: Any, predicted: Any, classes: list[Any], chances: Any | None, scores: Any | None
) -> dict[str, Measure]:
    """`truth` and `predicted` are places in `classes`; `chances` (n, classes); `scores` (n,) of the last of two."""
    numpy = _numpy()
    right = (truth == predicted).astype(float)
    found: dict[str, Measure] = {"accuracy": lambda w: _mean(right, w)}
    count = len(classes)
    found["balanced_accuracy"] = lambda w: _present(
        numpy, [_ratio(w[(truth == c)], right[truth == c]) for c in range(count)]
    )
    if count == 2:
        found["precision"] = lambda w: _ratio(w[predicted == 1], right[predicted == 1])
        found["recall"] = lambda w: _ratio(w[truth == 1], right[truth == 1])
        found["f1"] = lambda w: _f1(truth, predicted, 1, w)
        ranked = chances[:, 1] if chances is not None else scores
        if ranked is not None:
            found["roc_auc"] = auc(truth == 1, ranked)
            found["average_precision"] = average_precision(truth == 1, ranked)
    else:
        found["f1_macro"] = lambda w: _present(numpy, [_f1(truth, predicted, c, w) for c in range(count)])
        if chances is not None and chances.shape[1] == count:
            each = [auc(truth == c, chances[:, c]) for c in range(count)]
            found["roc_auc_ovr"] = lambda w: _mean_of(numpy, [one(w) for one in each])
    if chances is not None and chances.shape[1] == count:
        own = numpy.clip(chances[numpy.arange(len(truth)), truth], 1e-15, 1)
        loss = -numpy.log(own)
        found["log_loss"] = lambda w: _mean(loss, w)
        hits = numpy.zeros_like(chances)
        hits[numpy.arange(len(truth)), truth] = 1
        squares = ((chances - hits) ** 2).sum(axis=1) / (2 if count == 2 else 1)
        found["brier"] = lambda w: _mean(squares, w)
    return found


def auc(positive: Any, ranked: Any) -> Measure:
    """Area under the ROC curve, ties counted half."""
    numpy = _numpy()
    order = numpy.argsort(ranked, kind="stable")
    truth = positive[order]
    ties = numpy.flatnonzero(numpy.r_[True, numpy.diff(ranked[order]) != 0])

    def measure(w: Any) -> float:
        ups = numpy.add.reduceat(w[order] * truth, ties)
        downs = numpy.add.reduceat(w[order] * ~truth, ties)
        total = float(ups.sum() * downs.sum())
        below = numpy.cumsum(downs) - downs
        return float((ups * (below + downs / 2)).sum()) / total if total > 0 else float("nan")

    return measure


def average_precision(positive: Any, ranked: Any) -> Measure:
    numpy = _numpy()
    order = numpy.argsort(-ranked, kind="stable")
    truth = positive[order]
    ends = numpy.flatnonzero(numpy.r_[numpy.diff(ranked[order]) != 0, True])

    def measure(w: Any) -> float:
        ups, every = numpy.cumsum(w[order] * truth)[ends], numpy.cumsum(w[order])[ends]
        if ups[-1] <= 0:
            return float("nan")
        steps = numpy.diff(numpy.r_[0, ups]) / ups[-1]
        with_any = every > 0
        return float((steps[with_any] * ups[with_any] / every[with_any]).sum())

    return measure


def draws(rows: int, repeats: int = REPEATS) -> Any:
    """Weights of a bootstrap, (repeats, rows), how often each row was drawn."""
    numpy = _numpy()
    rng = numpy.random.default_rng(SEED)
    return (numpy.bincount(rng.integers(0, rows, rows), minlength=rows).astype(float) for _ in range(repeats))


def intervals(measures: Mapping[str, Measure], rows: int, level: float = 0.95) -> dict[str, tuple[float, float]]:
    """Percentile bootstrap of each measure."""
    numpy = _numpy()
    table = numpy.array([[measure(w) for measure in measures.values()] for w in draws(rows)])
    tail = (1 - level) / 2
    found = {}
    for name, values in zip(measures, table.T, strict=True):
        known = values[numpy.isfinite(values)]
        low, high = numpy.quantile(known, [tail, 1 - tail]).tolist() if len(known) else (float("nan"), float("nan"))
        found[name] = (low, high)
    return found


def _mean(values: Any, w: Any) -> float:
    total = float(w.sum())
    return float((w * values).sum()) / total if total > 0 else float("nan")


def _ratio(w: Any, values: Any) -> float:
    return _mean(values, w) if len(values) else float("nan")


def _f1(truth: Any, predicted: Any, place: int, w: Any) -> float:
    hit = float(w[(truth == place) & (predicted == place)].sum())
    total = float(w[truth == place].sum() + w[predicted == place].sum())
    return 2 * hit / total if total > 0 else float("nan")


def _present(numpy: Any, values: list[float]) -> float:
    """The mean over the classes that are there."""
    known = [value for value in values if value == value]
    return float(numpy.mean(known)) if known else float("nan")


def _mean_of(numpy: Any, values: list[float]) -> float:
    return float(numpy.mean(values))


def _numpy() -> Any:
    numpy = peek.library("numpy")
    assert numpy is not None, "answers are arrays"
    return numpy
