"""Checking an input before predicting."""

from __future__ import annotations

from typing import Any

from .. import budget
from ..catalog import find_model
from ..evidence import evidence_of
from ..prediction import require_fitted
from ..signature import Signature, signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from ..validation import Checked, validate


@tool(
    guidance="Use it to check values without predicting.",
    example="is {tenure: 12, plan: pro} valid for pipe?",
)
def validate_features(ctx: ToolContext, model_id: str, features: dict[str, Any]) -> Outcome:
    """Check one row of input values against what a model needs, without predicting.

    Args:
        model_id: A reference as `list_models` shows it.
        features: Column names with values.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    sig = known_signature(signature(ctx, found))
    checked = validate(sig, [features])
    data: dict[str, Any] = {
        "model_id": found.ref,
        "valid": checked.valid,
        "missing_features": budget.fitting(map(budget.short, checked.missing), 3_500),
        "extra_features": budget.fitting(map(budget.short, checked.extra), 2_500),
        "message": verdict(checked),
    }
    if checked.suggestions:
        data["suggestions"] = Local(checked.suggestions)
    return Outcome(
        data,
        issues=checked.issues,
        warnings=unlisted(checked),
        evidence=evidence_of(found, sig),
        revision=found.revision,
    )


def known_signature(sig: Signature) -> Signature:
    """Raises ToolError `unsupported` for a model that doesn't say which columns it needs."""
    if not sig.known:
        raise ToolError(
            "unsupported",
            f"`{sig.ref}` doesn't say which columns it needs, and no cell shows it.",
            "Fit it on a frame with column names.",
            about=sig.ref,
        )
    return sig


def verdict(checked: Checked) -> str:
    if checked.missing:
        some = ", ".join(f"`{name[:40]}`" for name in checked.missing[:10])
        more = f" and {len(checked.missing) - 10} more" if len(checked.missing) > 10 else ""
        return f"Missing: {some}{more}."
    if not checked.valid:
        return f"{len(checked.blocked)} value(s) must be corrected."
    return "Valid, with remarks." if checked.issues else "Valid."


def unlisted(checked: Checked) -> list[str]:
    return [f"{checked.unlisted} more issues are not listed."] if checked.unlisted else []
