"""What a model answers, as numbers that can be added up: probabilities, else scores, else the prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .. import frames, peek
from ..catalog import Found
from ..signature import Signature
from ..toolbox import Local, ToolContext, ToolError
from . import containers
from .prediction import require_method, squeeze, steadily

Scale = Literal["probability", "score", "label", "prediction"]
CHUNK_CELLS = 4_000_000


@dataclass(frozen=True)
class Scored:
    """`labels` (n,); `values` (n, k), by class or k = 1: see `scale`. `score` of two classes is k = 1.

    With scale `label` a value is 1 where the class is the predicted one, else 0.
    """

    labels: Any
    values: Any
    scale: Scale

    @property
    def chances(self) -> Any | None:
        """(n, k) probabilities; None when these are none."""
        return self.values if self.scale == "probability" else None


@dataclass(frozen=True)
class Aim:
    """The one number of an answer that is looked at. `sign` -1 turns a score of two classes round."""

    label: Any
    column: int
    sign: int
    scale: Scale

    def of(self, scored: Scored) -> Any:
        """(n,)"""
        return self.sign * scored.values[:, self.column]


def score(ctx: ToolContext, found: Found, sig: Signature, X: Any) -> Scored:
    """Of rows as the model wants them. Raises ToolError `unsupported` for several outputs or no numbers."""
    require_method(found)
    numpy = peek.library("numpy")
    assert numpy is not None, "a model that predicts is here with numpy"
    rows = int(X.shape[0]) if hasattr(X, "shape") else len(X)
    size = max(1, CHUNK_CELLS // max(1, len(sig.columns)))
    parts = []
    for start in range(0, rows, size):
        if ctx.cancelled():
            raise ToolError("tool_timeout", "It was stopped.", "Ask for less.")
        chunk = X if rows <= size else frames.part(X, start, start + size)
        parts.append(read(found, sig, numpy, steadily(ctx, found, _asker(found, chunk), [None])))
        if rows > size:
            ctx.progress(min(start + size, rows), rows, f"{min(start + size, rows):,} of {rows:,} rows")
    if len(parts) == 1:
        return parts[0]
    joined = [numpy.concatenate([getattr(part, name) for part in parts]) for name in ("labels", "values")]
    return Scored(joined[0], joined[1], parts[0].scale)


def _asker(found: Found, X: Any) -> Any:
    return lambda: found.adapter.predict(found.model, X, details=True)


def read(found: Found, sig: Signature, numpy: Any, output: Any) -> Scored:
    """What an adapter answered. Raises ToolError `unsupported` for several outputs or no numbers."""
    chances = output.probability
    labels = squeeze(numpy.asarray(output.label))
    if sig.returns == "logits" and chances is None and (labels.ndim > 1 or sig.classes):
        return _of_logits(sig, numpy, labels)
    if isinstance(chances, list) or (labels.ndim != 1 and (chances is None or sig.returns == "label")):
        raise ToolError(
            "unsupported", f"`{found.ref}` has several outputs; this looks at models with one.",
            "Ask about one of its estimators.", found.ref,
        )  # fmt: skip
    classes = sig.classes[0] if sig.classes and len(sig.classes) == 1 else ()
    if chances is not None:
        chances = numpy.asarray(chances, dtype=float)
        chances = chances[:, None] if chances.ndim == 1 else chances
        if chances.shape[1] == 1:
            chances = numpy.hstack([1 - chances, chances])
        if sig.returns != "label":
            labels = _labels(sig, numpy, chances, list(classes))
        return Scored(labels, chances, "probability")
    if output.score is not None:
        scores = numpy.asarray(output.score, dtype=float)
        if sig.returns == "score" and len(classes) == 2 and scores.ndim == 1:
            labels = numpy.asarray(classes)[(scores > 0).astype(int)]
        return Scored(labels, scores[:, None] if scores.ndim == 1 else scores, "score")
    if classes:
        return Scored(labels, numpy.stack([labels == label for label in classes], axis=1).astype(float), "label")
    if labels.dtype.kind not in "fiub":
        raise ToolError("unsupported", f"`{found.ref}` doesn't answer with numbers.", about=found.ref)
    return Scored(labels, labels.astype(float)[:, None], "prediction")


def _of_logits(sig: Signature, numpy: Any, scores: Any) -> Scored:
    """A network's own numbers, (n, classes). Of two classes the second less the first, which is what decides.

    Raises ToolError `unsupported` where it is not known what they stand for.
    """
    classes = sig.flat_classes()
    width = scores.shape[1] if scores.ndim == 2 else 1
    if scores.ndim != 2 or width != len(classes):
        hint = f'`register_model("{sig.ref}", {sig.ref}, classes=[...])` tells it, in the order of its outputs.'
        known = f", which is not one for each of its {len(classes)} classes" if classes else ""
        meant = "what they mean" if scores.ndim > 2 else "which classes they stand for"
        numbers = "one number" if width == 1 else f"{width} numbers"
        raise ToolError(
            "unsupported",
            f"`{sig.ref}` answers {numbers} a row{known}; {meant} is unknown.",
            "Give it a last layer with one output for each class." if classes else hint,
            about=sig.ref,
        )
    labels = numpy.asarray(classes)[scores.argmax(axis=1)]
    values = scores.astype(float)
    return Scored(labels, values[:, 1:] - values[:, :1] if width == 2 else values, "score")


def _labels(sig: Signature, numpy: Any, chances: Any, classes: list[Any]) -> Any:
    """Of a model that only gives probabilities."""
    places = chances.argmax(axis=1)
    if chances.shape[1] == 2 and sig.threshold is not None:
        places = (chances[:, 1] >= sig.threshold).astype(int)
    return numpy.asarray(classes)[places] if len(classes) == chances.shape[1] else places


def classes_of(sig: Signature, scored: Scored) -> list[Any]:
    """Of a classifier: as it names them, else their numbers. Empty for numbers."""
    if sig.classes and len(sig.classes) == 1:
        return list(sig.classes[0])
    return list(range(scored.values.shape[1])) if scored.scale == "probability" else []


def aim(sig: Signature, scored: Scored, label: Any = None) -> Aim:
    """At a class (of the first row, where none is named), or at the only number.

    Raises ToolError `invalid_input` for a class that the model doesn't have.
    """
    classes = classes_of(sig, scored)
    if not classes or scored.scale == "prediction":
        if label is not None:
            raise ToolError("invalid_input", f"`{sig.ref}` has no classes.", "Leave the class out.", sig.ref)
        return Aim(None, 0, 1, scored.scale)
    wanted = scored.labels[0] if label is None else label
    place = place_of(classes, wanted)
    if place is None:
        raise ToolError("invalid_input", f"`{sig.ref}` has no such class.", f"It has {len(classes)}.", sig.ref)
    if scored.values.shape[1] == 1:
        return Aim(classes[place], 0, 1 if place == len(classes) - 1 else -1, scored.scale)
    return Aim(classes[place], place, 1, scored.scale)


def place_of(classes: list[Any], wanted: Any) -> int | None:
    """Exactly, else by the text of it."""
    plain = wanted.item() if hasattr(type(wanted), "item") else wanted
    exact = [
        i for i, label in enumerate(classes) if label == plain and isinstance(label, bool) == isinstance(plain, bool)
    ]
    if exact:
        return exact[0]
    near = [i for i, label in enumerate(classes) if str(label).casefold() == str(plain).strip().casefold()]
    return near[0] if len(near) == 1 else None


def named(sig: Signature, label: Any) -> Any:
    """A class as it may be told: its number stands for a name that must not leave."""
    plain = label.item() if hasattr(type(label), "item") else label
    if label is None or sig.classes_leave or not sig.classes:
        return plain
    classes = list(sig.classes[0])
    place = place_of(classes, plain)
    return Local(plain, public=None if place is None else f"class {place + 1} of {len(classes)}")


def answer_card(sig: Signature, scored: Scored, row: int, at: Aim) -> dict[str, Any]:
    """One prediction, with the number that is looked at; `of` names its class where that is not the one predicted."""
    card: dict[str, Any] = {"prediction": named(sig, scored.labels[row])}
    if at.scale == "prediction":
        card["prediction"] = float(scored.labels[row])
    else:
        card[at.scale] = float(at.of(scored)[row])
        if at.label is not None and bool(scored.labels[row] != at.label):
            card["of"] = named(sig, at.label)
    return card


def frame_rows(sig: Signature, frame: Any) -> list[dict[str, Any]]:
    """Rows of a frame as plain values by the signature's names."""
    if sig.container == "text":
        return [{"text": str(value)} for value in frames.values(frame, 0).tolist()]
    found = containers.places(sig, frame)
    used = [column.name for column in sig.columns if column.name in found]
    lists = [frames.values(frame, found[name]).tolist() for name in used]
    return [dict(zip(used, line, strict=True)) for line in zip(*lists, strict=True)]
