"""How sure a model is: intervals of one prediction, and what other thresholds would do."""

from __future__ import annotations

from typing import Any

from .. import budget
from ..asking import containers, given, outputs, recipes
from ..asking.given import Given
from ..asking.outputs import score
from ..asking.prediction import predict_rows
from ..catalog import Found, find_frame
from ..evaluating import assessing, curves, evaluation_recipes, intervals, warned
from ..evaluating.evaluation import Assessed, assess
from ..evaluating.matching import Labelled, labelled
from ..evidence import evidence_of
from ..signature import Signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from .evaluate import doubts, guarded, heading, ready, remarks


@tool(
    effect="predict",
    guidance="Always says by which method the interval was made and what it stands on.",
    example="how sure is pipe about X_test[3]?",
)
def get_prediction_interval(
    ctx: ToolContext,
    model_id: str,
    features: dict[str, Any] | None = None,
    row: str | None = None,
    level: float = 0.9,
    data: str | None = None,
    target: str | None = None,
) -> Outcome:
    """Tell the interval that the true number lies in with a given probability, or the classes that can't be ruled out.

    Args:
        model_id: A reference as `list_models` shows it.
        features: Column names with values. With `row`, the values to change in it.
        row: One row of a frame by position, such as `X_test[3]`.
        level: How often the interval shall hold the truth, between 0.5 and 0.99.
        data: Held-out rows that the errors are learnt from, such as `X_test`.
        target: Their true answers.
    """
    if not 0.5 <= level <= 0.99:
        raise ToolError(
            "invalid_input", "The level must lie between 0.5 and 0.99.", "Write 0.9 for 90 %.", about="level"
        )
    found, sig = ready(ctx, model_id)
    asked = given.read_one(ctx, found, sig, features, row, "get_prediction_interval")
    if isinstance(asked, Outcome):
        return asked
    training = find_frame(ctx, sig.frame)[1] if sig.frame else None
    X = containers.build(sig, [asked.values], training)
    output = predict_rows(ctx, found, sig, [asked.values], training)
    shown: dict[str, Any] = {"model_id": found.ref, "level": level}
    evidence = list(evidence_of(found))
    doubted: list[str] = []
    code = ""
    if output.spread is not None:
        shown |= intervals.normal(float(output.label[0]), float(output.spread[0]), level)
        lines, expression = asked.written(sig)
        code = "\n".join([*lines, intervals.recipe(found, expression, level)])
    else:
        held = _held_out(ctx, found, sig, data, target)
        if held is not None:
            seen = assess(ctx, found, sig, held)
            scored = score(ctx, found, sig, X)
            told = intervals.conformal(seen, scored, level)
            shown |= {"prediction": outputs.named(sig, scored.labels[0]) if seen.classes else float(scored.labels[0])}
            if "classes" in told:
                told["classes"] = [outputs.named(sig, label) for label in told["classes"]]
            shown |= told
            evidence += held.evidence
            doubted = warned.warned(ctx, "in_sample", held.warnings, found)
            code = _recipe(found, sig, asked, seen, level)
        else:
            trees = intervals.of_trees(ctx, found, X, level)
            if trees is None:
                raise ToolError(
                    "unsupported", f"`{found.ref}` has no interval of its own.",
                    "Name held-out rows as `data` and their answers as `target`: their errors make one.", found.ref,
                )  # fmt: skip
            shown |= trees
    shown["features"] = Local(asked.values)
    return Outcome(
        shown, issues=asked.checked.issues, doubts=doubted, evidence=evidence, code=code, revision=found.revision
    )


def _held_out(ctx: ToolContext, found: Found, sig: Signature, data: str | None, target: str | None) -> Labelled | None:
    """Rows to learn the errors from; those of the training are no good unless they were named."""
    if data is not None:
        return labelled(ctx, found, sig, data, target)
    try:
        held = labelled(ctx, found, sig)
    except ToolError:
        return None
    return held if held.seen == "unseen" else None


def _recipe(found: Found, sig: Signature, asked: Given, seen: Assessed, level: float) -> str:
    lines = evaluation_recipes.asked(seen)
    if lines is None:
        return ""
    start, row = asked.written(sig)
    place = f"min(len(y), int(np.ceil((len(y) + 1) * {level!r}))) - 1"
    if not seen.classes:
        return "\n".join(
            [*lines, *start, f"half = np.sort(np.abs(y - said))[{place}]",
             f"middle = {recipes.labels_expression(found, sig, row)}[0]", "(middle - half, middle + half)"]
        )  # fmt: skip
    chances = recipes.chances_expression(found, sig, row)
    return "\n".join(
        [*lines, *start, "misses = 1 - (chances * (y[:, None] == classes)).sum(axis=1)",
         f"limit = np.sort(misses)[{place}]", f"classes[1 - {chances}[0] <= limit].tolist()"]
    )  # fmt: skip


@tool(
    effect="predict",
    guidance="For models with two classes: what another threshold would do.",
    example="which threshold should pipe have?",
)
def get_threshold_curve(
    ctx: ToolContext,
    model_id: str,
    data: str | None = None,
    target: str | None = None,
    cost_false_alarm: float | None = None,
    cost_miss: float | None = None,
) -> Outcome:
    """Tell precision, recall, false alarms and share of alarms at each threshold; with costs, the cheapest one.

    Args:
        model_id: A reference as `list_models` shows it. Its last class is the alarm.
        data: A frame of rows to predict, such as `X_test`; of a network also a tensor, data set or DataLoader.
        target: Its true answers: a column of it, or a series such as `y_test`.
        cost_false_alarm: What one false alarm costs.
        cost_miss: What one missed case costs.
    """
    found, sig = ready(ctx, model_id, items=True)
    seen = assessing.assessed(ctx, found, sig, data, target)
    ranked = seen.ranked
    if ranked is None:
        raise ToolError(
            "unsupported", f"`{found.ref}` has no threshold: it needs two classes with a probability or score.",
            about=found.ref,
        )  # fmt: skip
    costs = None if cost_false_alarm is None and cost_miss is None else (cost_false_alarm or 0.0, cost_miss or 0.0)
    cards = curves.curve(seen.truth == 1, ranked, seen.scored.scale == "probability", costs)
    shown: dict[str, Any] = {
        "positive": outputs.named(seen.sig, seen.classes[1]),
        "scale": seen.scored.scale,
        "threshold_now": found.adapter.threshold(found.model),
        "curve": budget.fitting(cards, 4_500),
        "best_f1": max(cards, key=lambda one: one["f1"] or 0.0),
        "cheapest": None if costs is None else min(cards, key=lambda one: one["cost"]),
    }
    return Outcome(
        {**heading(seen), **guarded(seen.n, shown)},
        doubts=doubts(ctx, seen),
        warnings=remarks(seen),
        evidence=[*evidence_of(found), *seen.labelled.evidence],
        code=curves.recipe(seen, [one["threshold"] for one in cards]),
        revision=found.revision,
    )
