"""Why a network says what it says of one image or tensor: the parts of it that the answer rests on."""

from __future__ import annotations

from typing import Any

from .. import budget, peek
from ..adapters.base import Shape
from ..asking import items, tensor_answers
from ..asking.outputs import place_of
from ..asking.prediction import require_method, steadily
from ..catalog import Found
from ..evidence import evidence_of
from ..signature import Signature
from ..toolbox import Local, Outcome, ToolContext, ToolError
from .occlusion import Occlusion, grid_of, occlusion


def explain(ctx: ToolContext, found: Found, sig: Signature, text: str | None, output: str | None, top: int) -> Outcome:
    """An occlusion map of what is named. Raises ToolError `invalid_input` for no single item or no such class."""
    require_method(found)
    given = _one(ctx, found, sig, text)
    (item,) = given.batches
    grid = grid_of(sig.shape or Shape((), ""), item, given.ref)
    first, chances = _table(found, steadily(ctx, found, lambda: _ask(found, item), [None]))
    classes = tensor_answers.classes_of(sig, given.classes, first.shape[1]) or tuple(range(first.shape[1]))
    place = int(first[0].argmax()) if output is None else place_of(list(classes), output)
    if place is None:
        raise ToolError("invalid_input", f"`{found.ref}` has no such class.", f"It has {len(classes)}.", found.ref)

    def tell(done: int, total: int) -> None:
        if ctx.cancelled():
            raise ToolError("tool_timeout", "The explanation was stopped.", "Ask again.")
        ctx.progress(done, total, f"{done} of {total} parts")

    told = occlusion(
        lambda items: _table(found, steadily(ctx, found, lambda: _ask(found, items), [None]))[0][:, place],
        item, grid, tell,
    )  # fmt: skip
    leave = tensor_answers.may_leave(sig, classes)
    best = int(first[0].argmax())
    data: dict[str, Any] = {
        "model_id": found.ref,
        "data": given.ref,
        "prediction": told.total if first.shape[1] == 1 else _named(classes, best, leave),
        "explained": None if first.shape[1] == 1 else _named(classes, place, leave),
        "method": "occlusion: how far the answer falls when a part is covered with the mean of the item",
        "scale": "probability" if chances else "score",
        "total": told.total,
        "parts": _parts(told, top),
        "map": [[budget.figure(float(value)) for value in line] for line in told.drops],
        "rows": list(grid.rows),
        "columns": list(grid.columns),
    }
    known = tensor_answers.classes_of(sig, given.classes, first.shape[1]) is not None
    note = "Which classes its outputs stand for is not known: they are told by number."
    return Outcome(
        data,
        warnings=[] if known or first.shape[1] == 1 else [note],
        evidence=[*evidence_of(found), {"kind": "data", "text": f"`{given.ref}`", "ref": given.ref, "cell": None}],
        shown=len(data["parts"]),
        total=int(told.drops.size),
        code=_code(sig, found, given, told, place, chances=chances),
        revision=found.revision,
    )


def _one(ctx: ToolContext, found: Found, sig: Signature, text: str | None) -> items.Given:
    if text is None:
        raise ToolError(
            "invalid_input",
            f"`{found.ref}` takes tensors or images, which can't be typed.",
            "Name one as `row`: `batch[3]`, `dataset[17]`, or an image.",
            about=found.ref,
        )
    given = items.given(ctx, sig.shape or Shape((), ""), text, 1)
    if len(given.batches) != 1 or len(given.batches[0]) != 1:
        text = f"`{given.ref}` holds several items."
        raise ToolError("invalid_input", text, f"Name one of them, such as `{given.ref}[0]`.", about=given.ref)
    return given


def _ask(found: Found, items: Any) -> Any:
    return found.adapter.predict(found.model, items, details=True)


def _table(found: Found, output: Any) -> tuple[Any, bool]:
    """(n, outputs) numbers, and whether they are probabilities."""
    numpy: Any = peek.library("numpy")
    if output.probability is not None:
        return numpy.asarray(output.probability, dtype=float), True
    values = numpy.asarray(output.label)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise ToolError(
            "unsupported",
            f"`{found.ref}` answers with the shape {values.shape} for one item; explained are numbers for each class.",
            about=found.ref,
        )
    return values.astype(float), False


def _named(classes: tuple[Any, ...], place: int, leave: bool) -> Any:
    return classes[place] if leave else Local(classes[place], public=f"class {place + 1} of {len(classes)}")


def _parts(told: Occlusion, top: int) -> list[dict[str, Any]]:
    """The strongest cells of the map, in pixels."""
    cards = []
    for i, j in told.strongest(max(1, min(top, 20))):
        cards.append(
            {
                "rows": [told.grid.rows[i], told.grid.rows[i + 1]],
                "columns": [told.grid.columns[j], told.grid.columns[j + 1]],
                "contribution": float(told.drops[i, j]),
            }
        )
    return cards


def _code(sig: Signature, found: Found, given: items.Given, told: Occlusion, place: int, *, chances: bool) -> str:
    """Shows the whole map."""
    written = found.adapter.written(found.model, found.ref)
    if written is None or not given.source:
        return ""
    axes = (told.grid.rows_axis, told.grid.columns_axis)
    index = [":"] * max(axes[1] + 1, 3)
    index[axes[0]], index[axes[1]] = "top:bottom", "left:right"
    asked = (written.probability if chances else written.output).format(X="x")
    return "\n".join(
        [
            "import numpy as np",
            *(["import torch"] if "torch." in asked else []),
            *(["import keras"] if "keras." in asked else []),
            f"item = np.asarray({given.source})",
            f"rows, columns = {list(told.grid.rows)!r}, {list(told.grid.columns)!r}",
            f"ask = lambda x: {asked}.reshape(1, -1)[0, {place}]",
            "def drop(top, bottom, left, right):",
            "    covered = item.copy()",
            f"    covered[{', '.join(index)}] = item.mean(axis={axes!r}, keepdims=True)",
            "    return ask(item) - ask(covered)",
            "np.array([[drop(a, b, c, d) for c, d in zip(columns, columns[1:])] for a, b in zip(rows, rows[1:])])",
        ]
    )
