"""How a model's answer moves with one or two inputs, over many rows."""

from __future__ import annotations

from typing import Any

from .. import budget, leaving
from ..asking import outputs
from ..asking.given import not_for_text
from ..asking.outputs import score
from ..catalog import find_frame
from ..evidence import evidence_of
from ..explaining import grids, mixing, partial
from ..explaining.changes import column_of
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from ..wire import EvidenceDict
from .evaluate import ready

GRID = 15
GRID_OF_TWO = 6
ROWS = 300
MAX_GRID = 50


@tool(
    effect="predict",
    lane="job",
    guidance="For how an input acts on the whole. For one row use what_if with a sweep.",
    example="how does the fee act on pipe?",
)
def get_partial_dependence(
    ctx: ToolContext,
    model_id: str,
    features: list[str],
    data: str | None = None,
    output: str | None = None,
    grid: int | None = None,
) -> Outcome:
    """Tell the mean prediction over many rows as one input (or two) takes each value of its usual range.

    Args:
        model_id: A reference as `list_models` shows it.
        features: One or two inputs.
        data: A frame of rows to average over; without it the training data.
        output: The class whose probability is told; without it the last of two, or the commonest prediction.
        grid: How many values to try.
    """
    found, sig = ready(ctx, model_id)
    if sig.container == "text":
        raise not_for_text(sig, "partial dependence")
    if not 1 <= len(features) <= 2:
        raise ToolError("invalid_input", "Name one or two inputs.", "More can't be shown at once.", about="features")
    columns = [column_of(sig, name) for name in features]
    usual = mixing.background(ctx, sig, data, ROWS)
    size = min(max(2, grid or (GRID if len(columns) == 1 else GRID_OF_TWO)), MAX_GRID if len(columns) == 1 else 10)
    tried = [grids.grid_of(column, [row.get(column.name) for row in usual.rows], size) for column in columns]
    for column, values in zip(columns, tried, strict=True):
        if not values:
            text = f"`{column.name}` has no range or categories to try."
            raise ToolError("invalid_input", text, "Name another input.", about=column.name)
    training = find_frame(ctx, sig.frame)[1] if sig.frame else None
    at = partial.aimed(sig, score(ctx, found, sig, mixing.pool(sig, usual.rows, training).table), output)
    curve = partial.dependence(
        lambda X: at.of(score(ctx, found, sig, X)), sig, usual.rows, [c.name for c in columns], tried, training
    )
    cards = [
        {"value": _told(columns, point.values, usual.rows), "mean": point.mean, "p10": point.low, "p90": point.high}
        for point in curve
    ]
    shown = budget.fitting(cards, 6_500)
    means = [point.mean for point in curve]
    few = len(usual.rows) < leaving.MIN_ROWS
    over: EvidenceDict = {"kind": "data", "text": f"mean over {usual.source}", "ref": usual.ref, "cell": None}
    return Outcome(
        {"model_id": found.ref, "features": [budget.short(c.name) for c in columns], "scale": at.scale,
         "about": outputs.named(sig, at.label), "rows": len(usual.rows), "curve": Local(shown) if few else shown,
         **{name: Local(value) if few else value for name, value in (("lowest", min(means)), ("highest", max(means)))},
         "direction": partial.direction(means, columns)},
        evidence=[*evidence_of(found), over],
        shown=len(shown),
        total=len(cards),
        code=partial.recipe(found, sig, at, columns, tried, mixing.expression(ctx, sig, usual)),
        revision=found.revision,
    )  # fmt: skip


def _told(columns: list[Any], values: tuple[Any, ...], rows: list[dict[str, Any]]) -> Any:
    cells = [
        grids.told(column, value, [row.get(column.name) for row in rows])
        for column, value in zip(columns, values, strict=True)
    ]
    return cells[0] if len(cells) == 1 else cells
