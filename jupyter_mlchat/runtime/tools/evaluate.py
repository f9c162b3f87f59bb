"""How good a model is, by itself and beside others."""

from __future__ import annotations

from typing import Any

from .. import budget, leaving
from ..asking.given import known_signature
from ..asking.outputs import named
from ..asking.prediction import require_fitted, require_idle
from ..catalog import Found, find_model
from ..evaluating import assessing, comparing, evaluation_recipes, groups, warned
from ..evaluating.evaluation import Assessed, baseline, calibration, measured, with_intervals
from ..evaluating.rows_form import rows_form
from ..evaluating.scores import LOWER_IS_BETTER
from ..evidence import evidence_of
from ..signature import Signature, signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool

MAX_CONFUSED = 10
MAX_MODELS = 10


@tool(
    effect="predict",
    lane="job",
    guidance="Without `data` it takes held-out data that has the model's columns and the true answers.",
    example="how good is pipe on X_test?",
)
def evaluate_model(
    ctx: ToolContext,
    model_id: str,
    data: str | None = None,
    target: str | None = None,
    by: str | None = None,
    max_batches: int = assessing.MAX_BATCHES,
    dismiss: bool | None = None,
) -> Outcome:
    """Measure a model against true answers: scores with intervals, confusion, calibration, by group if asked.

    Args:
        model_id: A reference as `list_models` shows it.
        data: A frame of rows to predict, such as `X_test`; of a network also a tensor, data set or DataLoader.
        target: Its true answers: a column of it, or a series such as `y_test`.
        by: A column; the scores are told for each of its groups too.
        max_batches: Of a DataLoader, how many batches.
        dismiss: True where the person no longer wants the in-sample warning for this model; false to hear it again.
    """
    found, sig = ready(ctx, model_id, items=True)
    warned.dismiss(ctx, found, "in_sample", dismiss)
    try:
        seen = assessing.assessed(ctx, found, sig, data, target, max_batches)
    except ToolError as error:
        # What nobody has named, and what can't be found, the person may still know.
        unnamed = (error.about == "data" and data is None) or (error.about == "target" and target is None)
        form = rows_form(ctx, found, sig, data, target) if unnamed else None
        if form is None:
            raise
        return Outcome({"model_id": found.ref, "message": str(error)}, form=form, revision=found.revision)
    shown: dict[str, Any] = {
        "metrics": with_intervals(seen),
        "baseline": baseline(seen),
        "confusion": confusion(seen),
        "calibration": calibration(seen),
    }
    if by is not None:
        shown["by"], shown["groups"] = by, _by_group(ctx, seen, by)
    return Outcome(
        {**heading(seen), **guarded(seen.n, shown)},
        doubts=doubts(ctx, seen),
        warnings=remarks(seen),
        evidence=[*evidence_of(found), *seen.labelled.evidence],
        code=evaluation_recipes.measures(seen),
        revision=found.revision,
    )


def ready(ctx: ToolContext, model_id: str, *, items: bool = False) -> tuple[Found, Signature]:
    """A model that can be asked now, with its signature. With `items` it may take tensors or images too."""
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    require_idle(found, ctx)
    sig = signature(ctx, found)
    return found, sig if items and sig.container == "tensor" else known_signature(sig)


def heading(seen: Assessed) -> dict[str, Any]:
    return {
        "model_id": seen.found.ref,
        "data": seen.labelled.ref,
        "target": seen.labelled.target,
        "task": "classification" if seen.classes else "regression",
        "n": seen.n,
        "in_sample": seen.labelled.in_sample,
    }


def guarded(rows: int, data: dict[str, Any]) -> dict[str, Any]:
    """Statistics of a handful of rows stay with the person."""
    return data if rows >= leaving.MIN_ROWS else {key: Local(value) for key, value in data.items()}


def doubts(ctx: ToolContext, seen: Assessed) -> list[str]:
    return warned.warned(ctx, "in_sample", seen.labelled.warnings, seen.found)


def remarks(seen: Assessed) -> list[str]:
    found: list[str] = []
    total = len(seen.labelled.truth)
    if seen.n + seen.dropped < total:
        found.append(f"Of {total:,} rows {seen.n:,}, evenly spread, were looked at.")
    if seen.dropped:
        found.append(f"{seen.dropped:,} rows without a true answer were left out.")
    if seen.labelled.note:
        found.append(seen.labelled.note)
    return found


def confusion(seen: Assessed) -> dict[str, Any] | None:
    """Rows by true class (down) and predicted class (across), of the commonest classes."""
    count = len(seen.classes)
    if not count:
        return None
    sizes = [int((seen.truth == place).sum()) for place in range(count)]
    chosen = sorted(sorted(range(count), key=lambda place: -sizes[place])[:MAX_CONFUSED])
    table = [[int(((seen.truth == t) & (seen.predicted == p)).sum()) for p in chosen] for t in chosen]
    return {"labels": [named(seen.sig, seen.classes[place]) for place in chosen], "counts": table, "classes": count}


def _by_group(ctx: ToolContext, seen: Assessed, by: str) -> list[dict[str, Any]]:
    name, values, _ = groups.beside(ctx, seen, by)
    cards = []
    for group in groups.groups_of(name, values, 12):
        told = {key: budget.figure(value) for key, value in measured(seen, group.mask).items()}
        few = group.rows < leaving.MIN_ROWS
        cards.append({"group": group.told, "n": Local(group.rows) if few else group.rows,
                      "metrics": Local(told) if few else told})  # fmt: skip
    return budget.fitting(cards, 3_500)


@tool(
    effect="predict",
    lane="job",
    guidance="For which of several models is better, and whether the difference is more than chance.",
    example="compare pipe and rf on X_test",
)
def compare_models(
    ctx: ToolContext,
    models: list[str],
    data: str | None = None,
    target: str | None = None,
    metric: str | None = None,
    max_batches: int = assessing.MAX_BATCHES,
) -> Outcome:
    """Compare models on the same rows: scores, paired differences with intervals, disagreements, speed, size.

    Args:
        models: Two to ten references as `list_models` shows them.
        data: A frame of rows to predict, such as `X_test`; of networks also a tensor, data set or DataLoader.
        target: Its true answers: a column of it, or a series such as `y_test`.
        metric: What to rank by, such as `roc_auc`, `accuracy`, `f1` or `rmse`.
        max_batches: Of a DataLoader, how many batches.
    """
    if not 2 <= len(set(models)) <= MAX_MODELS:
        raise ToolError("invalid_input", f"Name two to {MAX_MODELS} different models.", about="models")
    seen = _on_same_rows(ctx, list(dict.fromkeys(models)), data, target, max_batches)
    first = seen[0]
    chosen = _metric(seen, metric)
    values = [measured(one) for one in seen]
    sign = -1 if chosen in LOWER_IS_BETTER else 1
    order = sorted(range(len(seen)), key=lambda i: -sign * values[i][chosen])
    best = seen[order[0]]
    cards = [_card(ctx, seen[i], values[i], rank) for rank, i in enumerate(order, 1)]
    pairs = [
        {"model": best.found.ref, "other": seen[i].found.ref, **comparing.difference(best, seen[i], chosen),
         **comparing.disagreement(best, seen[i])}
        for i in order[1:]
    ]  # fmt: skip
    texts = [f"`{one.found.ref}`: {text}" for one in seen for text in one.labelled.warnings]
    known = [one.labelled.in_sample for one in seen]
    if any(known) and not all(known):
        texts.insert(0, "Some were fitted on these rows and others not: that is no fair comparison.")
    doubted = warned.warned(ctx, "in_sample", texts, *(one.found for one in seen if one.labelled.in_sample))
    shown = {"models": cards, "differences": budget.fitting(pairs, 2_500)}
    return Outcome(
        {"data": first.labelled.ref, "target": first.labelled.target, "n": first.n, "metric": chosen,
         "lower_is_better": sign < 0, "best": best.found.ref, **guarded(first.n, shown)},
        doubts=doubted,
        evidence=[line for one in seen for line in evidence_of(one.found)] + first.labelled.evidence,
        code=comparing.recipe(seen, chosen),
    )  # fmt: skip


def _on_same_rows(
    ctx: ToolContext, models: list[str], data: str | None, target: str | None, max_batches: int
) -> list[Assessed]:
    """The data that suits the first model, for all of them."""
    asked = [ready(ctx, model, items=True) for model in models]
    seen: list[Assessed] = []
    for found, sig in asked:
        data = data if not seen else seen[0].labelled.ref
        seen.append(assessing.assessed(ctx, found, sig, data, target, max_batches))
    if len({bool(one.classes) for one in seen}) > 1:
        text = "Some of these models tell classes and others numbers."
        raise ToolError("invalid_input", text, "Compare models of one kind.", about="models")
    return seen


def _metric(seen: list[Assessed], wanted: str | None) -> str:
    shared = [name for name in seen[0].measures() if all(name in one.measures() for one in seen)]
    if wanted is not None:
        folded = wanted.strip().lower().replace(" ", "_").replace("-", "_")
        folded = {"auc": "roc_auc", "f1_score": "f1", "mean_absolute_error": "mae", "r²": "r2"}.get(folded, folded)
        if folded in shared:
            return folded
        known = ", ".join(shared)
        raise ToolError(
            "invalid_input", f"`{wanted[:40]}` can't be told for all of them.", f"There is {known}.", "metric"
        )
    return next(name for name in ("roc_auc", "accuracy", "rmse") if name in shared)


def _card(ctx: ToolContext, one: Assessed, values: dict[str, float], rank: int) -> dict[str, Any]:
    return {
        "model_id": one.found.ref,
        "rank": rank,
        "metrics": {name: budget.figure(value) for name, value in values.items()},
        "in_sample": one.labelled.in_sample,
        **comparing.cost(ctx, one),
    }
