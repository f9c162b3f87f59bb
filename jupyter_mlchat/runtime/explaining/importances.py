"""What matters to a model overall: as it says itself, or as its score on given rows says."""

from __future__ import annotations

from typing import Any

from .. import budget, leaving
from ..asking.given import known_signature
from ..asking.prediction import require_idle, steadily
from ..catalog import Found
from ..evaluating.evaluation import assess
from ..evaluating.matching import labelled
from ..evidence import evidence_of
from ..signature import Signature
from ..toolbox import Local, Outcome, ToolContext, ToolError
from . import importance_recipes, permutation

_SPLITS = {True: "training", False: "held-out", None: "unknown"}


def of_model(ctx: ToolContext, found: Found, sig: Signature, top: int, *, least: bool) -> Outcome | None:
    """Its own importances or coefficients; None where it has neither, or none that leads back to its columns."""
    names = [column.name for column in sig.columns]
    result = steadily(ctx, found, lambda: found.adapter.importance(found.model, names))
    if result is None:
        return None
    ranked = _ranked({name: {"importance": value} for name, value in zip(result.names, result.values, strict=True)})
    shown = budget.fitting((ranked[::-1] if least else ranked)[: max(1, top)], 6_500)
    return Outcome(
        {"model_id": found.ref, "method": result.method, "split": "training", "features": shown, "total": len(ranked)},
        warnings=list(result.notes),
        evidence=evidence_of(found),
        shown=len(shown),
        total=len(ranked),
        code=importance_recipes.of_model(found, result, names),
        revision=found.revision,
    )


def if_there_is_data(ctx: ToolContext, found: Found, sig: Signature, top: int, *, least: bool) -> Outcome | None:
    """By permutation on rows that suit the model; None where there are none with true answers."""
    if not sig.known or sig.container == "tensor":
        return None
    try:
        labelled(ctx, found, sig)
    except ToolError:
        return None
    return by_permutation(ctx, found, sig, None, None, top, least=least)


def by_permutation(
    ctx: ToolContext, found: Found, sig: Signature, data: str | None, target: str | None, top: int, *, least: bool
) -> Outcome:
    """How far its score falls when a column is shuffled. Raises ToolError as an evaluation does."""
    require_idle(found, ctx)
    known_signature(sig)
    seen = assess(ctx, found, sig, labelled(ctx, found, sig, data, target))
    names, notes = _columns(ctx, found, sig)
    told = permutation.permuted(ctx, found, sig, seen, names)
    ranked = _ranked(
        {
            name: {"importance": budget.figure(fall), "std": budget.figure(spread)}
            for name, (fall, spread) in told.falls.items()
        }
    )
    shown: Any = budget.fitting((ranked[::-1] if least else ranked)[: max(1, top)], 6_500)
    split = _SPLITS[seen.labelled.in_sample]
    if seen.labelled.in_sample:
        notes.append("These rows are those it was fitted on: what it only learnt by heart seems to matter too.")
    few = told.rows < leaving.MIN_ROWS
    data_out = {
        "model_id": found.ref,
        "method": f"permutation: mean fall of {told.metric} over {told.repeats} shuffles",
        "split": split,
        "data": seen.labelled.ref,
        "target": seen.labelled.target,
        "metric": told.metric,
        "baseline": Local(told.baseline) if few else told.baseline,
        "n": told.rows,
        "repeats": told.repeats,
        "features": Local(shown) if few else shown,
        "total": len(ranked),
    }
    return Outcome(
        data_out,
        warnings=notes,
        evidence=[*evidence_of(found), *seen.labelled.evidence],
        shown=len(shown),
        total=len(sig.columns),
        code=permutation.recipe(found, sig, seen, told),
        revision=found.revision,
    )


def _ranked(values: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    order = sorted(values.items(), key=lambda pair: -pair[1]["importance"])
    return [{"feature": budget.short(name), **card, "rank": rank} for rank, (name, card) in enumerate(order, 1)]


def _columns(ctx: ToolContext, found: Found, sig: Signature) -> tuple[list[str], list[str]]:
    """Those to shuffle: of a wide model the ones that matter most to itself. With a note of what was left out."""
    names = [column.name for column in sig.columns if column.required]
    if len(names) <= permutation.MAX_COLUMNS:
        return names, []
    own = steadily(ctx, found, lambda: found.adapter.importance(found.model, [column.name for column in sig.columns]))
    if own is None:
        raise ToolError(
            "unsupported",
            f"`{found.ref}` has {len(names):,} columns: to shuffle each would take too long.",
            "Ask it of a model of fewer columns.",
            about=found.ref,
        )
    weight = dict(zip(own.names, own.values, strict=True))
    chosen = sorted(names, key=lambda name: -weight.get(name, 0.0))[: permutation.MAX_COLUMNS]
    return chosen, [f"Of {len(names):,} columns the {len(chosen)} that matter most to the model itself were shuffled."]
