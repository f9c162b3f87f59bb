"""A model's answers beside the true ones: the same rows, the same spelling of classes, and the measures for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import frames, peek
from ..asking import containers
from ..asking.outputs import Scored, classes_of, score
from ..catalog import Found
from ..signature import Signature
from ..toolbox import ToolContext, ToolError
from . import scores
from .matching import MAX_ROWS, Labelled
from .scores import Measure


@dataclass(frozen=True)
class Assessed:
    """`truth` and `predicted` (n,): places in `classes`, or numbers when `classes` is empty.

    `rows` (n,) are positions in the frame: a sample of long ones, without those whose truth is empty.
    """

    found: Found
    sig: Signature
    labelled: Labelled
    scored: Scored
    classes: list[Any]
    truth: Any
    predicted: Any
    rows: Any
    dropped: int

    @property
    def n(self) -> int:
        return len(self.truth)

    @property
    def ranked(self) -> Any | None:
        """(n,) what stands for the last of two classes; None where nothing does."""
        if len(self.classes) != 2 or self.scored.scale not in ("probability", "score"):
            return None
        return self.scored.values[:, -1]

    def measures(self, pick: Any = None) -> dict[str, Measure]:
        """Of all rows, or of those that a mask or index picks."""
        pick = slice(None) if pick is None else pick
        truth, predicted = self.truth[pick], self.predicted[pick]
        if not self.classes:
            return scores.of_numbers(truth, predicted)
        chances, ranked = self.scored.chances, self.ranked
        return scores.of_classes(
            truth, predicted, self.classes,
            None if chances is None else chances[pick], None if ranked is None else ranked[pick],
        )  # fmt: skip

    def losses(self) -> Any:
        """(n,) what each row adds to the error: 1 - the probability of its class, 0 or 1, or the distance."""
        numpy: Any = peek.library("numpy")
        if not self.classes:
            return numpy.abs(self.predicted - self.truth)
        if self.scored.chances is not None:
            return 1 - self.scored.chances[numpy.arange(self.n), self.truth]
        return (self.predicted != self.truth).astype(float)


def assess(ctx: ToolContext, found: Found, sig: Signature, data: Labelled) -> Assessed:
    """Raises ToolError `invalid_input` where the truth is nothing that the model could have said."""
    numpy: Any = peek.library("numpy")
    total = frames.rows_of(data.frame)
    step = -(-total // MAX_ROWS) if total > MAX_ROWS else 1
    rows = numpy.arange(0, total, step)
    truth = data.truth[::step]
    scored = score(ctx, found, sig, containers.fitting(sig, frames.strided(data.frame, MAX_ROWS)))
    classes = classes_of(sig, scored)
    if not classes and truth.dtype.kind not in "fiub":
        try:
            truth = truth.astype(float)
        except (TypeError, ValueError):
            text = f"`{data.target}` holds no numbers, which `{found.ref}` predicts."
            raise ToolError("invalid_input", text, "Name another target.", about="target") from None
    missing = _empty(numpy, truth)
    keep = ~missing
    if not keep.any():
        raise ToolError("invalid_input", f"`{data.target}` is empty in every row.", about="target")
    if missing.any():
        scored = Scored(scored.labels[keep], scored.values[keep], scored.scale)
    truth = truth[keep]
    if classes:
        predicted = places(numpy, scored.labels, classes)
        truth = places(numpy, truth, classes)
    else:
        predicted, truth = scored.labels.astype(float), truth.astype(float)
    return Assessed(found, sig, data, scored, classes, truth, predicted, rows[keep], int(missing.sum()))


def places(numpy: Any, labels: Any, classes: list[Any]) -> Any:
    """Labels (n,) as positions in `classes`."""
    found = numpy.zeros(len(labels), dtype=int)
    for place, label in enumerate(classes):
        found[labels == label] = place
    return found


def _empty(numpy: Any, values: Any) -> Any:
    if values.dtype.kind == "f":
        return numpy.isnan(values)
    if values.dtype.hasobject:
        pandas = peek.library("pandas")
        if pandas is not None:
            return pandas.isna(values)
    return numpy.zeros(len(values), dtype=bool)


def measured(assessed: Assessed, pick: Any = None) -> dict[str, float]:
    """Each measure without an interval."""
    numpy: Any = peek.library("numpy")
    rows = assessed.n if pick is None else int(pick.sum())
    return {name: measure(numpy.ones(rows)) for name, measure in assessed.measures(pick).items()}


def with_intervals(assessed: Assessed, pick: Any = None) -> dict[str, dict[str, float]]:
    """Each measure with its bootstrap interval of 95 %; of many rows from a part, and narrowed."""
    numpy: Any = peek.library("numpy")
    values = measured(assessed, pick)
    index = numpy.flatnonzero(pick) if pick is not None else numpy.arange(assessed.n)
    part = frames.strided(index, scores.MAX_BOOTSTRAP_ROWS)
    bounds = scores.intervals(assessed.measures(part), len(part))
    if len(part) < len(index):
        centre = {name: measure(numpy.ones(len(part))) for name, measure in assessed.measures(part).items()}
        narrow = (len(part) / len(index)) ** 0.5
        bounds = _around(values, centre, bounds, narrow)
    return {name: {"value": value, "low": bounds[name][0], "high": bounds[name][1]} for name, value in values.items()}


def _around(
    values: Mapping[str, float], centre: Mapping[str, float], bounds: Mapping[str, tuple[float, float]], narrow: float
) -> dict[str, tuple[float, float]]:
    return {
        name: (value + (bounds[name][0] - centre[name]) * narrow, value + (bounds[name][1] - centre[name]) * narrow)
        for name, value in values.items()
    }


def baseline(assessed: Assessed) -> dict[str, Any]:
    """What somebody scores who always says the same: the commonest class, or the mean."""
    numpy: Any = peek.library("numpy")
    if assessed.classes:
        counts = numpy.bincount(assessed.truth, minlength=len(assessed.classes))
        return {"always": "the commonest class", "accuracy": float(counts.max() / counts.sum())}
    return {"always": "the mean", "rmse": float(assessed.truth.std()), "r2": 0.0}


def calibration(assessed: Assessed, bins: int = 10, least: int = 10) -> list[dict[str, Any]] | None:
    """Said and seen: of rows by their probability (of the last of two classes, else of the predicted one)."""
    numpy: Any = peek.library("numpy")
    chances = assessed.scored.chances
    if chances is None or not assessed.classes or assessed.n < 2 * least:
        return None
    if len(assessed.classes) == 2:
        said, seen = chances[:, 1], assessed.truth == 1
    else:
        said = chances[numpy.arange(assessed.n), assessed.predicted]
        seen = assessed.truth == assessed.predicted
    order = numpy.argsort(said, kind="stable")
    parts = numpy.array_split(order, min(bins, assessed.n // least))
    return [{"said": float(said[part].mean()), "seen": float(seen[part].mean()), "n": len(part)} for part in parts]
