"""Predictions of tensors and images by reference: the five likeliest classes of each, or what came out."""

from __future__ import annotations

from typing import Any

from .. import budget, leaving, peek
from ..adapters.base import Shape
from ..catalog import Found
from ..evidence import evidence_of
from ..signature import Signature
from ..toolbox import Local, Outcome, ToolContext, ToolError
from . import items, recipes, tensors
from .prediction import require_method, steadily

TOP = 5
MAX_SHOWN = 20
MAX_BATCHES = 4
MAX_COUNTED = 50


def takes(ctx: ToolContext, sig: Signature, data: str | None, row: str | None) -> bool:
    """Whether a call is about a tensor: the model takes nothing else, or one is named."""
    named = data if data is not None else row
    return sig.container == "tensor" or (
        sig.container == "array" and named is not None and tensors.is_tensor(ctx, named)
    )


def predict_reference(
    ctx: ToolContext, found: Found, sig: Signature, text: str | None, max_batches: int = MAX_BATCHES
) -> Outcome:
    """Raises ToolError `invalid_input` when nothing, or nothing fitting, is named."""
    require_method(found)
    if text is None:
        raise ToolError(
            "invalid_input",
            f"`{found.ref}` takes tensors or images, which can't be typed.",
            "Name one as `data`: `batch`, `X_test[3]`, `dataset[17]`, or a DataLoader.",
            about=found.ref,
        )
    shape = sig.shape or Shape((None, len(sig.columns)), "float32")
    given = items.given(ctx, shape, text, max_batches)
    numpy: Any = peek.library("numpy")

    def ask() -> tuple[Any, Any]:
        found_by_batch = [found.adapter.predict(found.model, batch, details=True) for batch in given.batches]
        labels = numpy.concatenate([numpy.asarray(one.label) for one in found_by_batch])
        if any(one.probability is None for one in found_by_batch):
            return labels, None
        return labels, numpy.concatenate([one.probability for one in found_by_batch])

    labels, chances = steadily(ctx, found, ask, [None])
    table = chances if chances is not None else labels if labels.ndim == 2 else None
    classes = None if table is None else classes_of(sig, given.classes, table.shape[1])
    data: dict[str, Any] = {"model_id": found.ref, "data": given.ref, "n": len(labels)}
    if classes is None or table is None or (sig.returns == "label" and chances is None):
        data["output_shape"] = list(labels.shape)
        data["prediction"] = Local(labels[:MAX_SHOWN].tolist()) if labels.size <= 2_000 else None
        warnings = ["Which classes its outputs stand for is not known; `register_model(..., classes=...)` tells."]
    else:
        warnings = []
        data.update(_told(sig, classes, table, chances is not None))
    if given.cut:
        warnings.append(f"Only the first {len(labels):,} items were asked.")
    return Outcome(
        data,
        warnings=warnings,
        code=_code(found, given),
        evidence=[*evidence_of(found), {"kind": "data", "text": f"`{given.ref}`", "ref": given.ref, "cell": None}],
        shown=min(MAX_SHOWN, len(labels)),
        total=len(labels),
        revision=found.revision,
    )


def _code(found: Found, given: items.Given) -> str:
    """Shows the numbers of each class; "" for what can't be written in short."""
    written = found.adapter.written(found.model, found.ref)
    if written is None or not given.source:
        return ""
    return recipes.cell([(written.probability or written.output).format(X=given.source)])


def classes_of(sig: Signature, named: tuple[str, ...] | None, width: int) -> tuple[Any, ...] | None:
    """What the columns of the answer stand for: as registered, as the data set says, as the model says."""
    own = sig.classes[0] if sig.classes is not None and len(sig.classes) == 1 else None
    for names in (sig.class_names, named, own):
        if names is not None and len(names) == width:
            return tuple(names)
    return None


def may_leave(sig: Signature, classes: tuple[Any, ...]) -> bool:
    return sig.classes_leave and leaving.classes_may_leave(classes, None)


def _told(sig: Signature, classes: tuple[Any, ...], table: Any, chances: bool) -> dict[str, Any]:
    """The five likeliest classes of each item. Scores of a network are not called probabilities."""
    kind = "probability" if chances else "score"
    leave = may_leave(sig, classes)
    rows: list[Any] = []
    for line in table[:MAX_SHOWN]:
        order = sorted(range(len(line)), key=lambda i: -float(line[i]))[:TOP]
        top = [{"class": classes[i], kind: float(line[i])} for i in order]
        public = [{"class": f"class {i + 1}", kind: float(line[i])} for i in order]
        rows.append(top if leave else Local(top, public))
    rows = budget.fitting(rows, 5_000)
    places = table.argmax(axis=1).tolist()
    labels = [classes[place] for place in places[: len(rows)]]
    often = sorted(dict.fromkeys(places), key=lambda place: -places.count(place))[:MAX_COUNTED]
    counts = budget.fitting_dict({budget.short(str(classes[place])): places.count(place) for place in often}, 1_500)
    one = len(rows) == 1
    best = [float(line.max()) for line in table[: len(rows)]] if chances else None
    return {
        "prediction": _hidden(labels[0] if one else labels, leave),
        "confidence": None if best is None else best[0] if one else best,
        "top": rows[0] if one else rows,
        **({} if one else {"counts": _hidden(counts, leave)}),
    }


def _hidden(value: Any, leave: bool) -> Any:
    return value if leave else Local(value)
