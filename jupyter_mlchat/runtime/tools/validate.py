"""Checking an input before predicting."""

from __future__ import annotations

from typing import Any

from .. import budget
from ..asking import typed, units, validation_recipes
from ..asking.given import known_signature, unlisted, verdict
from ..asking.prediction import require_fitted
from ..asking.validation import validate
from ..catalog import find_frame, find_model
from ..evaluating import warned
from ..evidence import evidence_of
from ..signature import signature
from ..toolbox import Local, Outcome, ToolContext, tool


@tool(
    guidance="Use it to check values without predicting.",
    example="is {tenure: 12, plan: pro} valid for pipe?",
)
def validate_features(
    ctx: ToolContext, model_id: str, features: dict[str, Any] | str, dismiss: bool | None = None
) -> Outcome:
    """Check one row of input values against what a model needs, without predicting.

    Args:
        model_id: A reference as `list_models` shows it.
        features: Column names with values, or one text.
        dismiss: True where the person no longer wants to be warned of units for this model; false to hear it again.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    warned.dismiss(ctx, found, "unit", dismiss)
    sig = known_signature(signature(ctx, found))
    row = typed.row_of(ctx, sig, features)
    checked = validate(sig, [row])
    data: dict[str, Any] = {
        "model_id": found.ref,
        "valid": checked.valid,
        "missing_features": budget.fitting(map(budget.short, checked.missing), 3_500),
        "extra_features": budget.fitting(map(budget.short, checked.extra), 2_500),
        "message": verdict(checked),
    }
    if checked.suggestions:
        data["suggestions"] = Local(checked.suggestions)
    doubts, speaks = units.doubts(ctx, found, sig, checked)
    return Outcome(
        data,
        issues=checked.issues,
        warnings=unlisted(checked),
        doubts=doubts,
        evidence=[*evidence_of(found, sig), *speaks],
        code=validation_recipes.checks(sig, row, checked, find_frame(ctx, sig.frame)[1] if sig.frame else None),
        revision=found.revision,
    )
