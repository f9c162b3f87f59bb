"""A model's raw output as plain values: labels, probabilities by class, scores, intervals, counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import frames, leaving, peek
from ..adapters.base import Output
from ..signature import Signature
from ..toolbox import Local
from .prediction import squeeze

MAX_CLASSES = 10
"""Of more classes only the most probable are told."""
LEVEL = 0.95
_Z = 1.959964
MAX_QUANTILE_ROWS = 50_000


@dataclass(frozen=True)
class Answer:
    """Of one row. With several outputs each part is a list, one entry for each output."""

    prediction: Any
    probability: Any = None
    confidence: Any = None
    score: Any = None
    interval: Any = None


def answers(signature: Signature, output: Output, most: int) -> list[Answer]:
    """One for each of the first `most` rows of `output`."""
    labels = squeeze(_array(output.label))
    chances = output.probability
    output = Output(
        labels,
        [_array(one) for one in chances] if isinstance(chances, list) else _array(chances),
        _array(output.score),
        _array(output.spread),
    )
    return [_answer(signature, output, labels, row) for row in range(min(most, len(labels)))]


def _answer(signature: Signature, output: Output, labels: Any, row: int) -> Answer:
    label = labels[row]
    if signature.returns != "label":
        return _chances(signature, output, label, row)
    several = getattr(label, "ndim", 0) == 1
    predicted = [_label(signature, one, i) for i, one in enumerate(label)] if several else _label(signature, label, 0)
    probability: Any = None
    confidence: Any = None
    if output.probability is not None:
        tables = output.probability if isinstance(output.probability, list) else [output.probability]
        parts = label if several else [label]
        if several and not isinstance(output.probability, list):
            # a classifier of several labels gives (n, outputs): the probability of each label being 1
            confidence = [float(p if one else 1 - p) for p, one in zip(tables[0][row], parts, strict=True)]
            probability = [{"1": float(p)} for p in tables[0][row]]
        else:
            told = [_probability(signature, t[row], parts[i], i) for i, t in enumerate(tables)]
            probability = [one[0] for one in told] if several else told[0][0]
            confidence = [one[1] for one in told] if several else told[0][1]
    return Answer(
        predicted,
        probability,
        confidence,
        _score(signature, output.score, row),
        _interval(output.spread, label, row),
    )


def _chances(signature: Signature, output: Output, label: Any, row: int) -> Answer:
    """Of a model whose `predict` gives probabilities or scores: they stay what they are."""
    given = label.tolist() if getattr(label, "ndim", 0) == 1 else label
    meant = signature.class_of(label) if signature.returns == "logits" else None
    if meant is not None:
        given = _label(signature, meant, 0)
    if output.probability is None:
        return Answer(given, score=_score(signature, output.score, row))
    chances = output.probability[row]
    place = int(chances.argmax())
    if signature.threshold is not None and len(chances) == 2:
        place = int(chances[1] >= signature.threshold)
    classes = signature.classes[0] if signature.classes else ()
    named, confidence = _probability(signature, chances, classes[place] if place < len(classes) else None, 0)
    return Answer(given, named, confidence, _score(signature, output.score, row))


def _label(signature: Signature, value: Any, output: int) -> Any:
    if signature.task != "classification" or signature.classes_leave or not signature.classes:
        return value
    classes = signature.classes[min(output, len(signature.classes) - 1)]
    place = _place(classes, value)
    return Local(value, public=f"class {place + 1} of {len(classes)}" if place is not None else None)


def _place(classes: tuple[Any, ...], value: Any) -> int | None:
    plain = value.item() if hasattr(type(value), "item") else value
    return next((i for i, label in enumerate(classes) if label == plain), None)


def _probability(signature: Signature, row: Any, label: Any, output: int) -> tuple[Any, float | None]:
    """By class, and that of the predicted class."""
    values = [float(value) for value in row]
    classes = signature.classes[output] if signature.classes and output < len(signature.classes) else None
    if classes is None or len(classes) != len(values):
        return values[:MAX_CLASSES], None
    place = _place(classes, label)
    order = sorted(range(len(values)), key=lambda i: -values[i])[:MAX_CLASSES]
    shown = sorted(order)
    names = signature.class_names or classes
    named = {str(names[i]): values[i] for i in shown}
    confidence = values[place] if place is not None else None
    if signature.classes_leave:
        return named, confidence
    return Local(named, public={f"class {i + 1}": values[i] for i in shown}), confidence


def _score(signature: Signature, score: Any, row: int) -> Any:
    """The decision function: one number, or one for each class. It is not a probability."""
    if score is None:
        return None
    value = score[row]
    if getattr(value, "ndim", 0) == 0:
        return float(value)
    return [float(one) for one in value[:MAX_CLASSES]]


def _interval(spread: Any, label: Any, row: int) -> dict[str, Any] | None:
    if spread is None or getattr(label, "ndim", 0) != 0:
        return None
    half = _Z * float(spread[row])
    return {
        "low": float(label) - half,
        "high": float(label) + half,
        "level": LEVEL,
        "method": "normal, from the model's own standard deviation",
    }


def summary(signature: Signature, labels: Any) -> dict[str, Any]:
    """Of predictions for a whole frame: how many rows of each class, or mean and quantiles."""
    numpy = peek.library("numpy")
    assert numpy is not None, "predictions are arrays"
    if getattr(labels, "ndim", 1) != 1:
        return {"outputs": [summary(signature, labels[:, i]) for i in range(min(5, labels.shape[1]))]}
    counted = signature.task == "classification" and signature.returns == "label"
    if counted or labels.dtype.kind not in "fc":
        classes = signature.classes[0] if signature.classes and len(signature.classes) == 1 else ()
        return {"counts": told_counts(signature, tally(labels, classes))}
    sample = frames.strided(labels, MAX_QUANTILE_ROWS)
    low, high = leaving.tails(len(sample))
    values = numpy.quantile(sample, [low, 0.25, 0.5, 0.75, high]).tolist()
    quantiles = dict(zip(("p1", "p25", "median", "p75", "p99"), values, strict=True))
    return {"mean": float(labels.mean()), "quantiles": quantiles, "quantiles_from": len(sample)}


def told_counts(signature: Signature, found: dict[Any, int]) -> Any:
    """Rows of each of the 50 commonest labels, by names that may leave."""
    top = dict(sorted(found.items(), key=lambda pair: -pair[1])[:50])
    named = {str(label): count for label, count in top.items()}
    if signature.classes_leave or signature.task != "classification":
        return named
    classes = signature.flat_classes()
    return Local(named, public={f"class {classes.index(label) + 1}": n for label, n in top.items() if label in classes})


def tally(labels: Any, classes: tuple[Any, ...]) -> dict[Any, int]:
    """Rows of each label. Comparing with a few known classes is much faster than hashing or sorting texts."""
    numpy = peek.library("numpy")
    assert numpy is not None, "predictions are arrays"
    if 0 < len(classes) <= MAX_CLASSES:
        found = {label: int(numpy.count_nonzero(labels == label)) for label in classes[1:]}
        found[classes[0]] = len(labels) - sum(found.values())
        return found
    values, sizes = numpy.unique(labels, return_counts=True)
    return dict(zip(values.tolist(), sizes.tolist(), strict=True))


def _array(values: Any) -> Any:
    numpy = peek.library("numpy")
    return numpy.asarray(values) if numpy is not None and values is not None else values
