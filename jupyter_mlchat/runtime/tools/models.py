"""Which models there are, what one is and needs, and removing one."""

from __future__ import annotations

from typing import Any, Literal

from .. import budget, changing, leaving, peek, prefixes
from ..catalog import Found, catalog_of, find_frames, find_model
from ..evidence import evidence_of
from ..explaining import mapping
from ..signature import Column, Signature, signature
from ..toolbox import Local, Outcome, ToolContext, tool

_BUDGETS = {
    "summary": {"features": 2_800, "feature_names": 700, "classes": 500, "steps": 700, "parameters": 1_200},
    "signature": {"features": 4_800, "feature_names": 300, "classes": 500, "steps": 200, "parameters": 200},
    "steps": {"features": 900, "feature_names": 300, "classes": 300, "steps": 3_500, "parameters": 1_200},
    "parameters": {"features": 900, "feature_names": 300, "classes": 300, "steps": 1_200, "parameters": 3_500},
    "feature_mapping": {"features": 900, "feature_names": 300, "classes": 300, "steps": 700, "parameters": 200},
}
"""Bytes for each list of an answer, by what was asked for in detail."""
_LISTED_NAMES = 20
_WIDE = {"features": 3_600, "feature_names": 300, "steps": 600, "parameters": 600}
_GROUPS = 600
"""Bytes for the groups of a wide model's columns."""


@tool(guidance="Call this first when it is not clear which model is meant.", example="which models do I have?")
def list_models(ctx: ToolContext, status_filter: Literal["all", "fitted", "unfitted"] = "all") -> Outcome:
    """List the machine-learning models in the notebook with their task, fit status, inputs and classes.

    Args:
        status_filter: Only fitted models, only those not fitted, or all.
    """
    models = catalog_of(ctx).models(ctx)
    wanted = [m for m in models if status_filter == "all" or (m.status == "fitted") == (status_filter == "fitted")]
    data = find_frames(ctx)
    cards = budget.fitting((_list_card(signature(ctx, found, data), found) for found in wanted), 7_000)
    return Outcome(
        {"models": cards, "total": len(wanted)},
        evidence=[line for found in wanted[: min(20, len(cards))] for line in evidence_of(found)],
        shown=len(cards),
        total=len(wanted),
        code=f"{{{', '.join(f'{found.ref!r}: type({found.ref}).__name__' for found in wanted[: len(cards)])}}}",
    )


def _list_card(sig: Signature, found: Found) -> dict[str, Any]:
    names = [budget.short(column.name) for column in sig.columns]
    return {
        **_identity(found),
        "n_features": len(sig.columns) if sig.known else None,
        "feature_names": budget.fitting(names[:_LISTED_NAMES], 600),
        "classes": _classes(sig, 300),
        "n_classes": len(sig.flat_classes()) or None,
        "cell": found.cell,
        "aliases": list(found.aliases)[:10],
        "created_at": found.seen_at,
    }


def _identity(found: Found) -> dict[str, Any]:
    return {
        "id": found.ref,
        "name": found.ref,
        "status": found.status,
        "model_type": peek.short_name(type(found.model)),
        "estimator": peek.short_name(type(found.adapter.estimator(found.model))),
        "task": found.task,
    }


def _classes(sig: Signature, size: int) -> Any:
    if sig.classes is None:
        return None
    labels: Any = sig.classes[0] if len(sig.classes) == 1 else [list(labels) for labels in sig.classes]
    shown = budget.fitting(labels, size)
    return shown if sig.classes_leave else Local(shown)


@tool(guidance="Use it before predicting, to learn what a model needs.", example="what does pipe need?")
def get_model_info(
    ctx: ToolContext,
    model_id: str,
    detail: Literal["summary", "signature", "steps", "feature_mapping", "parameters"] = "summary",
) -> Outcome:
    """Describe one model: inputs with types, ranges and categories, classes, steps, settings, data, feature mapping.

    Args:
        model_id: A reference as `list_models` shows it, such as `pipe` or `models["rf"]`.
        detail: What to tell most about; `feature_mapping` is what each column becomes for the estimator.
    """
    found = find_model(ctx, model_id)
    sig = signature(ctx, found)
    wide = len(sig.columns) > prefixes.WIDE
    sizes = {**_BUDGETS[detail], **(_WIDE if wide and detail in ("summary", "signature") else {})}
    library = peek.root_of(type(found.model))
    names = [budget.short(column.name) for column in sig.columns]
    told = sig.columns[: prefixes.SHOWN] if wide else sig.columns
    cards = (_in_short(feature_card(column)) if wide else feature_card(column) for column in told)
    features = budget.fitting(cards, sizes["features"])
    steps = [{"name": step.name, "class_name": step.class_name} for step in found.adapter.steps(found.model)]
    data: dict[str, Any] = {
        **_identity(found),
        "library": library,
        "version": str(getattr(peek.library(library), "__version__", "")) or None,
        "n_features": len(sig.columns) if sig.known else None,
        "feature_names": budget.fitting(names[:_LISTED_NAMES], sizes["feature_names"]),
        "created_at": found.seen_at,
        "features": features,
        "classes": _classes(sig, sizes["classes"]),
        "n_classes": len(sig.flat_classes()) or None,
        "target": sig.target or None,
        "threshold": sig.threshold,
        "steps": budget.fitting(steps, sizes["steps"]),
        "parameters": _parameters(found, sizes["parameters"]),
        "fit": _fit_info(found),
        "fitted_in": found.fit.cell if found.fit is not None else None,
        "training_data": {"ref": sig.frame, "source": sig.frame_source, "rows": sig.rows} if sig.frame else None,
        "aliases": list(found.aliases)[:10],
    }
    if wide:
        every = [column.name for column in sig.columns]
        data["groups"] = budget.fitting(prefixes.groups_of(every, [column.dtype for column in sig.columns]), _GROUPS)
    warnings = [] if sig.known or found.status != "fitted" else [f"`{found.ref}` doesn't say which columns it needs."]
    code = found.ref
    if detail == "feature_mapping":
        code = _map(found, sig, data, warnings) or code
    return Outcome(
        data,
        warnings=warnings,
        evidence=evidence_of(found, sig),
        shown=len(features),
        total=len(sig.columns),
        code=code,
        revision=found.revision,
    )


def _map(found: Found, sig: Signature, data: dict[str, Any], warnings: list[str]) -> str:
    """What each column becomes, into `data`. The cell that lists it."""
    told = mapping.mapping(found, sig) if found.status == "fitted" else None
    if told is None:
        data["feature_mapping"], data["n_made"] = None, None
        warnings.append("What its columns become on the way to its last step can't be followed.")
        return ""
    cards, made, code = told
    data["feature_mapping"], data["n_made"] = budget.fitting(cards, 3_200), made
    return code


def feature_card(column: Column) -> dict[str, Any]:
    """One input. The true range and rare categories stay with the person."""
    usual = (
        [budget.figure(column.p01), budget.figure(column.p99)]
        if column.statistics_leave and column.p01 is not None
        else None
    )
    whole = [column.low, column.high] if column.low is not None else None
    known, default = column.categories, budget.figure(column.default)
    shown = None if known is None else list(known[:50])
    return {
        "name": budget.short(column.name),
        "dtype": leaving.told_dtype(column.dtype),
        "role": column.role,
        "required": column.required,
        "nullable": column.nullable,
        "default": default if column.default_leaves or default is None else Local(default),
        "range": usual if whole is None else Local(whole, public=usual),
        "n_categories": None if known is None else len(known),
        "categories": shown if known is None or column.categories_leave else Local(shown),
        **({"unit": column.unit} if column.unit else {}),
        "source": "; ".join(dict.fromkeys(column.sources.values())) or None,
    }


def _in_short(card: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known and where the rest is from."""
    return {key: value for key, value in card.items() if value is not None and key not in ("source", "required")}


def _parameters(found: Found, size: int) -> dict[str, Any]:
    settings = found.adapter.parameters(found.model)
    safe = {name: value if leaving.option_may_leave(name, value) else Local(value) for name, value in settings.items()}
    return budget.fitting_dict(safe, size)


def _fit_info(found: Found) -> dict[str, Any]:
    info = dict(found.adapter.fit_info(found.model))
    best = info.pop("best_params", None)
    if best is not None:
        info["best_params"] = {
            str(name): value if type(value) in (int, float, bool, type(None)) or
            (type(value) is str and leaving.option_may_leave(str(name), value)) else type(value).__name__
            for name, value in list(best.items())[:20]
        }  # fmt: skip
    return budget.fitting_dict(info, 800)


@tool(
    effect="write",
    guidance="Only when the person asked to delete exactly this model.",
    example="delete old_rf",
)
def delete_model(ctx: ToolContext, model_id: str) -> Outcome:
    """Delete a model's name from the notebook, or its item from a dict. Other names of the same model stay.

    Args:
        model_id: A plain name such as `rf`, or a dict item such as `models["rf"]`.
    """
    found = find_model(ctx, model_id)
    ref = changing.remove(ctx, model_id, "delete_model")
    left = [other for other in (found.ref, *found.aliases) if other != ref]
    kept = f" The model itself lives on as {', '.join(f'`{other}`' for other in left[:10])}." if left else ""
    return Outcome(
        {"deleted": ref, "aliases": left[:10], "message": f"`{ref}` was deleted.{kept}"},
        evidence=evidence_of(found),
        code=f"del {ref}",
        revision=found.revision,
    )
