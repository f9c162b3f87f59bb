"""Telling what a model can't say itself, kept for this notebook."""

from __future__ import annotations

import json
from typing import Any

from .. import budget, frames
from ..catalog import find_frame, find_model
from ..evidence import evidence_of
from ..registered import facts_of, remember
from ..signature import signature
from ..toolbox import Outcome, ToolContext, ToolError, tool


@tool(
    effect="write",
    guidance="Only with what the person said of a model that doesn't say what it takes; never guess any of it.",
    example="rule takes the columns of X_train",
)
def register_model(
    ctx: ToolContext,
    model_id: str,
    data: str | None = None,
    target: str | None = None,
    classes: list[Any] | str | None = None,
    threshold: float | None = None,
    units: dict[str, Any] | None = None,
) -> Outcome:
    """Note what a model takes and what its answers mean, where it can't say so itself. Changes no variable.

    Args:
        model_id: A reference as `list_models` shows it.
        data: A frame or array with the model's input columns, such as `X_train`.
        target: What it predicts: a column of `data`, which is then not an input, or the name of other data.
        classes: Its labels in the order of its outputs.
        threshold: The probability from which the second class is meant.
        units: A unit for each column that has one.
    """
    found = find_model(ctx, model_id)
    X, y, written = _data(ctx, data or None, target or None)
    labels = _labels(classes)
    said = {"classes": labels, "threshold": threshold, "units": {k: str(v) for k, v in (units or {}).items()}}
    if X is None and y is None and labels is None and threshold is None and not units:
        raise ToolError("invalid_input", "Nothing was said of the model.", "Name data with its columns.", about="data")
    try:
        told = facts_of(found.ref, found.model, X, y, **said)
    except (TypeError, ValueError) as error:
        raise ToolError("invalid_input", str(error), "Look at the data that it was fitted on.", found.ref) from None
    remember(ctx.state, told)
    found = find_model(ctx, model_id)
    sig = signature(ctx, found)
    names = [budget.short(column.name) for column in sig.columns]
    lines = [f"{name}={value!r}" for name, value in said.items() if value]
    where = [{"kind": "registered", "text": f"the columns of `{data}`", "ref": data, "cell": None}] if data else []
    return Outcome(
        {
            "model_id": found.ref,
            "feature_names": budget.fitting(names, 4_000),
            "n_features": len(sig.columns) if sig.known else None,
            "target": sig.target or None,
            "task": sig.task,
            "n_classes": len(sig.flat_classes()) or None,
            "threshold": sig.threshold,
            "message": f"Noted for `{found.ref}`, and kept for this notebook.",
        },
        evidence=[*evidence_of(found), *where],  # type: ignore[list-item]
        code="\n".join(
            [
                "from jupyter_mlchat import register_model",
                f"register_model({', '.join([json.dumps(found.ref), found.ref, *written, *lines])})",
            ]
        ),
        revision=found.revision,
    )


def _data(ctx: ToolContext, data: str | None, target: str | None) -> tuple[Any, Any, list[str]]:
    """The inputs, the target, and how a cell writes them."""
    ref, X = "", None
    if data is not None:
        ref, X = find_frame(ctx, data)
    if target is None:
        return X, None, [f"X={ref}"] if ref else []
    columns = frames.columns_of(X)[0] if X is not None else []
    if X is not None and columns.count(target) == 1 and frames.kind_of(X) in ("pandas", "polars"):
        kept = [name for name in columns if name != target]
        return X[kept], frames.column(X, target), [f"X={ref}[{kept!r}]", f"y={ref}[{target!r}]"]
    other, y = find_frame(ctx, target)
    return X, y, [*([f"X={ref}"] if ref else []), f"y={other}"]


def _labels(classes: list[Any] | str | None) -> list[Any] | None:
    """A list, also of what a person typed into a form: `no, yes` or `0, 1`."""
    if not isinstance(classes, str):
        return classes or None
    texts = [text.strip().strip("\"'") for text in classes.strip("[]() ").split(",")]
    numbers = all(text.lstrip("-").isdigit() for text in texts)
    return [int(text) if numbers else text for text in texts] if any(texts) else None
