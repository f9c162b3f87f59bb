"""What matters to a model."""

from __future__ import annotations

from .. import budget
from ..catalog import find_model
from ..evidence import evidence_of
from ..prediction import require_fitted, steadily
from ..signature import signature
from ..toolbox import Outcome, ToolContext, ToolError, tool


@tool(guidance="For what matters overall, not for one prediction.", example="what matters most to pipe?")
def get_feature_importance(ctx: ToolContext, model_id: str, top: int = 10) -> Outcome:
    """Rank the inputs of a model by its own importances or the size of its coefficients.

    Args:
        model_id: A reference as `list_models` shows it.
        top: How many to show.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    sig = signature(ctx, found)
    names = [column.name for column in sig.columns]
    result = steadily(ctx, found, lambda: found.adapter.importance(found.model, names))
    if result is None:
        raise ToolError(
            "unsupported",
            f"`{found.ref}` has no importances or coefficients that lead back to its columns.",
            "Permutation importance on held-out data works for every model.",
            about=found.ref,
        )
    order = sorted(zip(result.names, result.values, strict=True), key=lambda pair: -pair[1])
    ranked = [
        {"feature": budget.short(name), "importance": value, "rank": rank}
        for rank, (name, value) in enumerate(order, 1)
    ]
    shown = budget.fitting(ranked[: max(1, top)], 6_500)
    return Outcome(
        {"model_id": found.ref, "method": result.method, "features": shown, "total": len(ranked)},
        warnings=list(result.notes),
        evidence=evidence_of(found),
        shown=len(shown),
        total=len(ranked),
        revision=found.revision,
    )
