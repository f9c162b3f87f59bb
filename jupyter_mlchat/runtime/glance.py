"""What a person sees of the namespace at a glance: cards that stay small however many models and columns there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import budget, frames, peek
from .catalog import Found, catalog_of, find_frames
from .evaluating import freshness
from .signature import signature
from .toolbox import ToolContext
from .wire import FrameGlance, Glance, ModelGlance

SHOWN = 8
"""Names of columns or classes on one card."""
LONGEST = 48
MODELS_BYTES, FRAMES_BYTES = 150_000, 40_000
"""Together below what one event may have."""


def glance(ctx: ToolContext) -> Glance:
    """For the person alone: never sent to an llm."""
    data, models = find_frames(ctx), catalog_of(ctx).models(ctx)
    return {
        "models": budget.fitting((_model(ctx, found, data) for found in models), MODELS_BYTES),
        "n_models": len(models),
        "frames": budget.fitting((_frame(ref, value) for ref, value in data), FRAMES_BYTES),
        "n_frames": len(data),
    }


def _model(ctx: ToolContext, found: Found, data: list[tuple[str, Any]]) -> ModelGlance:
    sig = signature(ctx, found, data)
    classes = sig.flat_classes()
    doubts = []
    if found.status == "fitted":
        doubts = [one for one in freshness.findings(found, ctx.cells(), catalog_of(ctx).history) if one.stale]
    return {
        "ref": found.ref,
        "names": [found.ref, *found.aliases[:SHOWN]],
        "class_name": peek.short_name(type(found.model)),
        "estimator": peek.short_name(type(found.adapter.estimator(found.model))),
        "task": found.task,
        "fitted": {"fitted": True, "unknown": None}.get(found.status, False),
        "features": _short(column.name for column in sig.columns[:SHOWN]),
        "n_features": len(sig.columns),
        "classes": _short(classes[:SHOWN]),
        "n_classes": len(classes),
        "cell": found.cell,
        "fresh": None if found.fit is None else not doubts,
        "stale": doubts[0].text if doubts else "",
    }


def _frame(ref: str, value: Any) -> FrameGlance:
    columns, _ = frames.columns_of(value)
    return {
        "ref": ref,
        "class_name": peek.short_name(type(value)),
        "shape": frames.shape_of(value),
        "columns": _short(columns[:SHOWN]),
        "n_columns": len(columns),
    }


def _short(values: Iterable[Any]) -> list[str]:
    return [text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in map(str, values)]
