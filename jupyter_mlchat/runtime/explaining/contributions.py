"""What each raw column adds to one answer of a model. Every way of finding out is checked against the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import peek
from ..asking.outputs import Aim
from . import treeshap
from .path import Path, row_vector

TOLERANCE = 1e-4


@dataclass(frozen=True)
class Contributions:
    """`base` plus all `values` is `total`, which is what the model answers on this scale."""

    method: str
    scale: str
    base: float
    total: float
    values: dict[str, float]
    errors: dict[str, float] | None = None
    """Standard errors, where the values are from a sample of orders."""
    place: int = 0
    sign: int = 1
    """Which output of the estimator this is, and -1 where its sign was turned."""

    @property
    def gap(self) -> float:
        return self.total - self.base - sum(self.values.values())


def of_trees(path: Path, X: Any, at: Aim, names: tuple[str, ...], classes: int) -> Contributions | None:
    """By the boosting library's own TreeSHAP, or by the shap package where the person has it. None: not these."""
    found = treeshap.explain(path.final, path.transform(X))
    if found is None or found.values.shape[-1] != len(path.origins):
        return None
    place, sign = output_of(found.values.shape[0], at, classes)
    if place is None:
        return None
    total = sign * float(found.totals[place])
    base = sign * float(found.bases[place])
    values = path.sums(sign * found.values[place], names)
    scale = found.scale if at.label is not None else "prediction" if found.identity else "raw score"
    done = Contributions(found.method, scale, base, total, values, None, place, sign)
    return done if abs(done.gap) <= TOLERANCE * max(1.0, abs(total)) else None


def output_of(outputs: int, at: Aim, classes: int) -> tuple[int | None, int]:
    """Which of the explained outputs is the aimed at, and its sign."""
    if outputs == 1:
        if at.label is None:
            return 0, 1
        last = at.column == classes - 1 if at.scale in ("probability", "label") else at.sign > 0
        return (0, 1 if last else -1) if classes == 2 else (None, 1)
    if at.label is None:
        return None, 1
    if at.scale == "score" and classes == 2:
        return (1 if at.sign > 0 else 0), 1
    return (at.column, 1) if outputs == classes else (None, 1)


def of_linear(path: Path, X: Any, usual: Any, at: Aim, names: tuple[str, ...], classes: int) -> Contributions | None:
    """Coefficient x (value - mean of the usual rows). None unless the estimator really is this sum.

    Without usual rows the values are taken from 0, which is the mean where features were scaled.
    """
    final = path.final
    numpy = peek.library("numpy")
    coefficients, intercept = peek.attribute(final, "coef_"), peek.attribute(final, "intercept_")
    if numpy is None or coefficients is None or intercept is None:
        return None
    matrix = coefficients.toarray() if hasattr(type(coefficients), "toarray") else coefficients
    matrix = numpy.atleast_2d(numpy.asarray(matrix, dtype=float))
    offsets = numpy.atleast_1d(numpy.asarray(intercept, dtype=float)).ravel()
    offsets = numpy.broadcast_to(offsets, (len(matrix),)) if len(offsets) == 1 else offsets
    place, sign = output_of(len(matrix), at, classes)
    if place is None or matrix.shape[1] != len(path.origins) or len(offsets) != len(matrix):
        return None
    features = path.transform(X)
    z = row_vector(features)
    mean = numpy.zeros(len(z))
    if usual is not None:
        mean = _means(path.transform(usual))
    weights = sign * matrix[place]
    total = float(weights @ z + sign * offsets[place])
    told = direct(final, features, place, sign, at)
    if told is None or abs(told - total) > TOLERANCE * max(1.0, abs(total)):
        return None
    scale = "prediction" if at.label is None else "log-odds" if _is_logit(final, classes) else "decision score"
    base = float(weights @ mean + sign * offsets[place])
    method = "linear coefficients" if usual is not None else "linear coefficients, from 0 of every feature"
    return Contributions(method, scale, base, total, path.sums(weights * (z - mean), names), None, place, sign)


def _means(features: Any) -> Any:
    """(f,) of a frame, an array or a sparse matrix."""
    numpy: Any = peek.library("numpy")
    table = features if hasattr(type(features), "tocsr") else numpy.asarray(features)
    return numpy.asarray(table.mean(axis=0), dtype=float).ravel()


def _is_logit(final: Any, classes: int) -> bool:
    return classes == 2 and peek.short_name(type(final)) in ("LogisticRegression", "LogisticRegressionCV")


def direct(final: Any, features: Any, place: int, sign: int, at: Aim) -> float | None:
    """The estimator's own answer on this scale; None when it has none."""
    name = "predict" if at.label is None else "decision_function"
    if peek.class_attribute(type(final), name) is None:
        return None
    numpy = peek.library("numpy")
    assert numpy is not None, "an estimator with coefficients is here with numpy"
    answer = numpy.asarray(getattr(final, name)(features), dtype=float).reshape(-1)
    return float(sign * answer[place]) if place < len(answer) else None
