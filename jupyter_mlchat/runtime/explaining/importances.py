"""What matters to a model overall: as it says itself, or as its score on given rows says."""

from __future__ import annotations

from collections.abc import Iterable
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
    told = zip(result.names, result.values, strict=True)
    ranked = _ranked((budget.short(name), {"importance": value}) for name, value in told)
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
    return by_permutation(ctx, found, sig, None, None, top, least=least, exact=False)


def by_permutation(
    ctx: ToolContext,
    found: Found,
    sig: Signature,
    data: str | None,
    target: str | None,
    top: int,
    *,
    least: bool,
    exact: bool,
) -> Outcome:
    """How far its score falls when a column is shuffled. Raises ToolError as an evaluation does."""
    require_idle(found, ctx)
    known_signature(sig)
    seen = assess(ctx, found, sig, labelled(ctx, found, sig, data, target))
    names, known = _columns(ctx, found, sig)
    told = permutation.permuted(ctx, found, sig, seen, names, known=known, exact=exact)
    notes = _left_out(told, len(names), known=known)
    ranked = _ranked(
        (
            permutation.name_of(unit),
            {
                "importance": budget.figure(fall),
                "std": budget.figure(spread),
                **({"columns": len(unit)} if len(unit) > 1 else {}),
            },
        )
        for unit, (fall, spread) in told.falls.items()
    )
    shown: Any = budget.fitting((ranked[::-1] if least else ranked)[: max(1, top)], 6_500)
    split = _SPLITS[seen.labelled.in_sample]
    if seen.labelled.in_sample:
        notes.append("These rows are those it was fitted on: what it only learnt by heart seems to matter too.")
    few = told.rows < leaving.MIN_ROWS
    data_out = {
        "model_id": found.ref,
        "method": f"permutation: mean fall of {told.metric} over {told.repeats} shuffles"
        + (", measured in groups" if told.grouped else ""),
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


def _ranked(cards: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    order = sorted(cards, key=lambda pair: -pair[1]["importance"])
    return [{"feature": name, **card, "rank": rank} for rank, (name, card) in enumerate(order, 1)]


def _columns(ctx: ToolContext, found: Found, sig: Signature) -> tuple[list[str], bool]:
    """Those to shuffle. Of a wide model in the order in which they matter to itself, when it tells that."""
    names = [column.name for column in sig.columns if column.required]
    if len(names) <= permutation.FEW:
        return names, False
    own = steadily(ctx, found, lambda: found.adapter.importance(found.model, [column.name for column in sig.columns]))
    if own is None:
        return names, False
    weight = dict(zip(own.names, own.values, strict=True))
    return sorted(names, key=lambda name: -weight.get(name, 0.0)), True


def _left_out(told: permutation.Permuted, count: int, *, known: bool) -> list[str]:
    if not told.grouped and len(told.falls) == count:
        return []
    longer = f"The method `exact` shuffles each of the {count:,} alone, in about {budget.lasting(told.pace_s * count)}."
    if known:
        which = f"the {len(told.falls)} that matter most to the model itself"
        return [f"Of {count:,} columns {which} were shuffled, as many as a second allows. {longer}"]
    how = "in groups of neighbours; those that matter most were taken apart, as far as a second allows"
    return [f"The {count:,} columns were shuffled {how}. {longer}"]
