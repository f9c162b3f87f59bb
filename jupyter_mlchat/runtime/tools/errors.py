"""Where a model is wrong: its worst rows and groups of rows, and how it treats groups of people."""

from __future__ import annotations

from typing import Any

from .. import budget, frames, leaving, peek
from ..asking import outputs
from ..evaluating import assessing, evaluation_recipes, groups, rates, slices
from ..evaluating.evaluation import Assessed, measured
from ..evidence import evidence_of
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from .evaluate import doubts, guarded, heading, ready, remarks

WORST_ROWS = 8
MAX_GROUPS = 12


@tool(
    effect="predict",
    lane="job",
    guidance="For where and on whom a model is wrong. Rows are told by position, never their values.",
    example="where is pipe wrong?",
)
def analyze_errors(
    ctx: ToolContext,
    model_id: str,
    data: str | None = None,
    target: str | None = None,
    max_batches: int = assessing.MAX_BATCHES,
) -> Outcome:
    """Find the rows a model is most wrong about, and the groups of rows on which it does worse than elsewhere.

    Args:
        model_id: A reference as `list_models` shows it.
        data: A frame of rows to predict, such as `X_test`; of a network also a tensor, data set or DataLoader.
        target: Its true answers: a column of it, or a series such as `y_test`.
        max_batches: Of a DataLoader, how many batches.
    """
    found, sig = ready(ctx, model_id, items=True)
    seen = assessing.assessed(ctx, found, sig, data, target, max_batches)
    losses = seen.losses()
    columns = _columns(seen)
    worst, tested = slices.worst(columns, losses)
    cards = [_slice_card(one, tested) for one in worst]
    shown: dict[str, Any] = {
        "loss": _LOSS["class" if seen.scored.chances is not None else "label"] if seen.classes else _LOSS["number"],
        "mean_loss": float(losses.mean()),
        "worst_rows": _worst_rows(seen, losses),
        "worst_slices": budget.fitting(cards, 3_500),
        "slices_tested": tested,
        "confused": _confused(seen),
    }
    return Outcome(
        {**heading(seen), **guarded(seen.n, shown)},
        doubts=doubts(ctx, seen),
        warnings=remarks(seen),
        evidence=[*evidence_of(found), *seen.labelled.evidence],
        code=_recipe(seen),
        revision=found.revision,
    )


_LOSS = {
    "class": "1 - the probability of the true class",
    "label": "1 where the class is wrong, else 0",
    "number": "the distance from the true number",
}


def _columns(seen: Assessed) -> list[tuple[str, Any]]:
    """Of the whole frame, also those that the model doesn't use; without the target. Of items what they are."""
    frame = seen.labelled.frame
    if frame is None:
        return [("true class", seen.labelled.truth)] if seen.classes else []
    names, _ = frames.columns_of(frame)
    if not names or len(frames.shape_of(frame)) == 1:
        return []
    inputs = {column.name for column in seen.sig.columns}
    order = sorted(range(len(names)), key=lambda i: names[i] not in inputs)
    found = []
    for place in order:
        if names[place] != seen.labelled.target:
            values = frames.values(frame, place)
            found.append((names[place], values.iloc[seen.rows] if hasattr(values, "iloc") else values[seen.rows]))
        if len(found) == slices.MAX_COLUMNS:
            break
    return found


def _worst_rows(seen: Assessed, losses: Any) -> list[dict[str, Any]]:
    """By position; what is true of a row stays with the person."""
    cards = []
    for place in losses.argsort(kind="stable")[::-1][:WORST_ROWS]:
        said = seen.predicted[place]
        card: dict[str, Any] = {"row": int(seen.rows[place])}
        if seen.classes:
            card["prediction"] = outputs.named(seen.sig, seen.classes[int(said)])
            card["truth"] = Local(seen.classes[int(seen.truth[place])])
            if seen.scored.chances is not None:
                card["probability"] = budget.figure(float(seen.scored.chances[place, int(said)]))
        else:
            card["prediction"] = budget.figure(float(said))
            card["truth"] = Local(float(seen.truth[place]))
            card["loss"] = Local(float(losses[place]))
        cards.append(card)
    return cards


def _slice_card(one: slices.Slice, tested: int) -> dict[str, Any]:
    low, high = one.bounds(tested)
    leaves = all(group.leaves for _, group in one.parts)
    where = {budget.short(name): group.name for name, group in one.parts}
    public = where if leaves else {budget.short(name): "(a group)" for name, _ in one.parts}
    return {
        "where": Local(where, public=public) if not leaves else where,
        "n": one.rows,
        "loss": budget.figure(one.loss),
        "more_than_elsewhere": budget.figure(one.gap),
        "low": budget.figure(low),
        "high": budget.figure(high),
    }


def _confused(seen: Assessed) -> list[dict[str, Any]] | None:
    """The commonest mistakes: what was said instead of what."""
    if not seen.classes:
        return None
    numpy: Any = peek.library("numpy")
    pairs = seen.truth * len(seen.classes) + seen.predicted
    counts = numpy.bincount(pairs[seen.truth != seen.predicted], minlength=1)
    found = []
    for pair in numpy.argsort(-counts, kind="stable")[:5]:
        if counts[pair]:
            true, said = (outputs.named(seen.sig, seen.classes[i]) for i in divmod(int(pair), len(seen.classes)))
            found.append({"truth": true, "prediction": said, "n": int(counts[pair])})
    return found


def _recipe(seen: Assessed) -> str:
    """Shows the loss of each row."""
    lines = evaluation_recipes.asked(seen)
    if lines is None:
        return ""
    if not seen.classes:
        return "\n".join([*lines, "np.abs(said - y)"])
    if seen.scored.chances is None:
        return "\n".join([*lines, "(said != y).astype(float)"])
    return "\n".join([*lines, "1 - (chances * (y[:, None] == classes)).sum(axis=1)"])


@tool(
    effect="predict",
    lane="job",
    guidance="Tells rates and differences with intervals; what is fair is for people to say.",
    example="does pipe treat men and women alike?",
)
def check_fairness(
    ctx: ToolContext,
    model_id: str,
    group: str,
    data: str | None = None,
    target: str | None = None,
    output: str | None = None,
    max_batches: int = assessing.MAX_BATCHES,
) -> Outcome:
    """Compare how a model treats groups: how often each gets an outcome, and how often wrongly, with differences.

    Args:
        model_id: A reference as `list_models` shows it.
        group: The column that makes the groups, or a series with one value for each row.
        data: A frame of rows to predict, such as `X_test`; of a network also a tensor, data set or DataLoader.
        target: Its true answers: a column of it, or a series such as `y_test`.
        output: The class that is the outcome; without it the last of two.
        max_batches: Of a DataLoader, how many batches.
    """
    found, sig = ready(ctx, model_id, items=True)
    seen = assessing.assessed(ctx, found, sig, data, target, max_batches)
    name, values, source = groups.beside(ctx, seen, group)
    parts = [part for part in groups.groups_of(name, values, MAX_GROUPS) if part.rows]
    if len(parts) < 2:
        raise ToolError(
            "invalid_input", f"`{name}` makes no two groups of these rows.", "Name another column.", "group"
        )
    place = _outcome(seen, output)
    cards = [_group_card(seen, part, place) for part in parts]
    gaps = [] if place is None else [
        {"group": part.told, "than": parts[0].told, **_gaps(seen, part, parts[0], place)}
        for part in parts[1:] if part.rows >= leaving.MIN_ROWS
    ]  # fmt: skip
    data_out: dict[str, Any] = {
        "group": name,
        "outcome": None if place is None else outputs.named(seen.sig, seen.classes[place]),
        "groups": budget.fitting(cards, 3_800),
        "differences": budget.fitting(gaps, 2_500),
    }
    uses = any(column.name == name for column in sig.columns)
    return Outcome(
        {**heading(seen), "model_uses_it": uses, **guarded(seen.n, data_out)},
        doubts=doubts(ctx, seen),
        warnings=remarks(seen),
        evidence=[*evidence_of(found), *seen.labelled.evidence],
        shown=len(data_out["groups"]),
        total=len(cards),
        code=_fairness_recipe(seen, parts, place, source),
        revision=found.revision,
    )


def _outcome(seen: Assessed, output: str | None) -> int | None:
    if not seen.classes:
        return None
    if output is None:
        return len(seen.classes) - 1
    place = outputs.place_of(seen.classes, output)
    if place is None:
        raise ToolError("invalid_input", f"`{seen.found.ref}` has no such class.", "", "output")
    return place


def _counts(seen: Assessed, part: groups.Group, place: int) -> dict[str, tuple[int, int]]:
    said, true = seen.predicted[part.mask] == place, seen.truth[part.mask] == place
    return {
        "selected": (int(said.sum()), len(said)),
        "true_share": (int(true.sum()), len(true)),
        "true_positive_rate": (int((said & true).sum()), int(true.sum())),
        "false_positive_rate": (int((said & ~true).sum()), int((~true).sum())),
        "precision": (int((said & true).sum()), int(said.sum())),
    }


def _group_card(seen: Assessed, part: groups.Group, place: int | None) -> dict[str, Any]:
    told: dict[str, Any] = {"metrics": {key: budget.figure(value) for key, value in measured(seen, part.mask).items()}}
    if place is not None:
        told = {key: _rounded(rates.share(*pair)) for key, pair in _counts(seen, part, place).items()}
        told["accuracy"] = budget.figure(measured(seen, part.mask)["accuracy"])
    few = part.rows < leaving.MIN_ROWS
    told["n"] = part.rows
    return {"group": part.told, **({key: Local(value) for key, value in told.items()} if few else told)}


def _gaps(seen: Assessed, part: groups.Group, first: groups.Group, place: int) -> dict[str, Any]:
    ours, theirs = _counts(seen, part, place), _counts(seen, first, place)
    names = ("selected", "true_positive_rate", "false_positive_rate", "precision")
    return {name: _rounded(rates.gap(*ours[name], *theirs[name])) for name in names}


def _rounded(told: dict[str, float | None]) -> dict[str, Any]:
    return {key: budget.figure(value) for key, value in told.items()}


def _fairness_recipe(seen: Assessed, parts: list[groups.Group], place: int | None, source: str) -> str:
    """Shows the share of each group that gets the outcome, or its mean error."""
    lines = evaluation_recipes.asked(seen)
    if lines is None:
        return ""
    masks = ", ".join(f"{part.name!r}: np.asarray({part.source.format(column='column')})" for part in parts)
    value = "np.abs(said - y)" if place is None else f"said == classes[{place}]"
    return "\n".join(
        [*lines, f"column = {source}", f"groups = {{{masks}}}", f"value = {value}",
         "{name: value[mask.astype(bool)].mean() for name, mask in groups.items()}"]
    )  # fmt: skip
