"""Whether data and model still belong together: drift, leakage, and whether the model is the notebook's own."""

from __future__ import annotations

from typing import Any

from .. import budget, frames, leaving
from ..asking import containers, outputs, tables
from ..asking.given import known_signature, not_for_text
from ..asking.outputs import score
from ..asking.prediction import require_fitted
from ..catalog import Found, catalog_of, find_frame, find_frames, find_model
from ..evaluating import drift, freshness, leakage, warned
from ..evaluating.drift import Drift
from ..evaluating.matching import labelled
from ..evidence import evidence_of
from ..explaining import mixing, partial
from ..notebook.cells import sources_of
from ..signature import Signature, signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from .evaluate import ready

SAMPLE = 50_000
MAX_COLUMNS = 500
SHOWN = 20


@tool(
    effect="predict",
    lane="job",
    guidance="For whether new data is like the training data.",
    example="has X_new drifted from what pipe was trained on?",
)
def check_drift(
    ctx: ToolContext, model_id: str, data: str, reference: str | None = None, dismiss: bool | None = None
) -> Outcome:
    """Compare new data with a model's training data, column by column, and the predictions for both.

    Args:
        model_id: A reference as `list_models` shows it; its inputs are compared.
        data: The new data.
        reference: The old data; without it the training data.
        dismiss: True where the person no longer wants this warning for this model; false to hear it again.
    """
    found, sig = ready(ctx, model_id)
    warned.dismiss(ctx, found, "drift", dismiss)
    if sig.container == "text":
        raise not_for_text(sig, "drift")
    if reference is None and not sig.frame:
        raise ToolError("invalid_input", "The training data is not known.", "Name a frame as `reference`.", "reference")
    old_ref, old = find_frame(ctx, reference or sig.frame)
    new_ref, new = find_frame(ctx, data)
    for ref, frame in ((old_ref, old), (new_ref, new)):
        mixing.require_columns(sig, ref, frame)
    if old is new:
        raise ToolError("invalid_input", f"`{new_ref}` is the training data itself.", "Name new data.", about="data")
    before, after = frames.strided(old, SAMPLE), frames.strided(new, SAMPLE)
    told = _drifts(sig, before, after)
    ranked = sorted(told, key=lambda one: (-len(one.flagged(len(told))), -one.psi))
    flagged = [one for one in ranked if one.flagged(len(told))]
    answers = _answers(ctx, found, sig, before, after)
    few = min(frames.rows_of(before), frames.rows_of(after)) < leaving.MIN_ROWS
    cards = budget.fitting([_card(sig, one, len(told), few) for one in ranked[:SHOWN]], 5_500)
    warnings = []
    if flagged:
        names = ", ".join(f"`{one.name[:40]}`" for one in flagged[:3])
        more = f" and {len(flagged) - 3} more" if len(flagged) > 3 else ""
        warnings.append(f"Drift from `{old_ref}` to `{new_ref}` in {names}{more}.")
    kind = "training_data" if old_ref == sig.frame and "matched" not in sig.frame_source else "data"
    source = sig.frame_source if old_ref == sig.frame else f"`{old_ref}`"
    return Outcome(
        {"model_id": found.ref, "data": new_ref, "reference": old_ref, "columns": len(told), "of": len(sig.columns),
         "drifted": len(flagged), "features": cards, "predictions": Local(answers) if few else answers},
        doubts=warned.warned(ctx, "drift", warnings, found),
        evidence=[*evidence_of(found), {"kind": kind, "text": f"compared with {source}", "ref": old_ref, "cell": None}],
        shown=len(cards),
        total=len(told),
        code=_drift_code(sig, old_ref, old, new_ref, new),
        revision=found.revision,
    )  # fmt: skip


def _drifts(sig: Signature, before: Any, after: Any) -> list[Drift]:
    places = [containers.places(sig, frame) for frame in (before, after)]
    found = []
    for column in sig.columns[:MAX_COLUMNS]:
        if any(column.name not in known for known in places):
            continue
        old, new = (
            frames.values(frame, known[column.name]) for frame, known in zip((before, after), places, strict=True)
        )
        one = drift.of_columns(column.name, old, new)
        if one is not None:
            found.append(one)
    return found


def _answers(ctx: ToolContext, found: Found, sig: Signature, before: Any, after: Any) -> dict[str, Any] | None:
    first, second = (score(ctx, found, sig, containers.fitting(sig, frame)) for frame in (before, after))
    at = partial.aimed(sig, first, None)
    old, new = at.of(first), at.of(second)
    told = drift.of_numbers("prediction", old, new)
    if told is None:
        return None
    return {
        "about": outputs.named(sig, at.label), "mean_before": budget.figure(float(old.mean())),
        "mean_after": budget.figure(float(new.mean())), "psi": budget.figure(told.psi),
        "drifted": bool(told.flagged(1)),
    }  # fmt: skip


def _card(sig: Signature, one: Drift, columns: int, few: bool) -> dict[str, Any]:
    column = sig.column(one.name)
    numbers: dict[str, Any] = {
        "psi": budget.figure(one.psi), "distance": budget.figure(one.distance), "p": budget.figure(one.p),
        "nulls": [budget.figure(one.nulls_before), budget.figure(one.nulls_after)],
    }  # fmt: skip
    if one.shift is not None:
        numbers["mean_shift_in_std"] = budget.figure(one.shift)
    if one.unseen:
        top = sorted(one.unseen.items(), key=lambda pair: -pair[1])[:5]
        named = {str(level): count for level, count in top}
        safe = column is not None and column.categories_leave and leaving.levels_may_leave(one.unseen, one.unseen)
        numbers["unseen_share"] = budget.figure(one.unseen_share)
        numbers["n_unseen"] = len(one.unseen)
        numbers["unseen"] = named if safe else Local(named)
    told = {key: Local(value) for key, value in numbers.items()} if few else numbers
    return {"feature": budget.short(one.name), "kind": one.kind, "drifted": one.flagged(columns), **told}


def _drift_code(sig: Signature, old_ref: str, old: Any, new_ref: str, new: Any) -> str:
    """Shows the stability index of each input of numbers."""
    if any(frames.kind_of(frame) not in ("pandas", "polars", "numpy") for frame in (old, new)):
        return ""
    if any(columns and sig.columns[0].name not in columns for columns, _ in map(frames.columns_of, (old, new))):
        return ""  # compared by position
    names = [column.name for column in sig.columns if column.role == "numeric"][:200]
    numbered = {c.name: i for i, c in enumerate(sig.columns) if c.name in names}
    array = any(frames.kind_of(frame) == "numpy" for frame in (old, new))
    parts = []
    for frame, name in ((old, "old"), (new, "new")):
        place = "places[name]" if frames.kind_of(frame) == "numpy" else "name"
        parts.append(tables.numbers(frame, name, place))
    steps = []
    for frame in (old, new):
        sliced = ".iloc[::{}]" if frames.kind_of(frame) == "pandas" else "[::{}]"
        steps.append(sliced.format(-(-len(frame) // SAMPLE)) if len(frame) > SAMPLE else "")
    return "\n".join(
        ["import numpy as np", "import pandas as pd", f"old, new = {old_ref}{steps[0]}, {new_ref}{steps[1]}",
         *([f"places = {numbered!r}"] if array else []),
         "def psi(name):", f"    a, b = {parts[0]}, {parts[1]}", "    a, b = a[np.isfinite(a)], b[np.isfinite(b)]",
         "    edges = np.unique(np.quantile(a, [i / 10 for i in range(1, 10)]))",
         "    counts = (np.bincount(np.searchsorted(edges, v), minlength=len(edges) + 1) / len(v) for v in (a, b))",
         "    a, b = (np.maximum(c, 1e-4) for c in counts)", "    return ((b - a) * np.log(b / a)).sum()",
         f"pd.Series({{name: psi(name) for name in {names!r}}})"]
    )  # fmt: skip


@tool(
    guidance="For a model that is too good to be true.",
    example="does pipe have leakage?",
)
def check_leakage(
    ctx: ToolContext, model_id: str, data: str | None = None, target: str | None = None, dismiss: bool | None = None
) -> Outcome:
    """Look for signs that a model was shown the answers: inputs that tell the target, rows in both parts, early fits.

    Args:
        model_id: A reference as `list_models` shows it.
        data: The training data; without it the data it was fitted on.
        target: Its true answers: a column of it, or a series such as `y_train`.
        dismiss: True where the person no longer wants this warning for this model; false to hear it again.
    """
    found = find_model(ctx, model_id)
    warned.dismiss(ctx, found, "leakage", dismiss)
    require_fitted(found, ctx)
    sig = known_signature(signature(ctx, found))
    if data is None and not sig.frame:
        raise ToolError("invalid_input", "The training data is not known.", "Name a frame as `data`.", about="data")
    known = labelled(ctx, found, sig, data or sig.frame, target)
    sample = frames.strided(known.frame, leakage.MAX_ROWS)
    step = -(-frames.rows_of(known.frame) // leakage.MAX_ROWS) if sample is not known.frame else 1
    places = containers.places(sig, sample)
    columns = [
        (c.name, frames.values(sample, places[c.name]))
        for c in sig.columns
        if c.name in places and sig.container != "text"
    ]
    told = leakage.of_inputs(columns, known.target, known.truth[::step])
    fit = found.fit
    if fit is not None and fit.plain and known.ref == fit.data:
        inputs = [column.name for column in sig.columns]
        for ref, frame in _held_out(ctx, sig, known.ref, known.frame):
            told += leakage.of_rows(known.frame, frame, inputs, ref)
    told += leakage.of_cells(ctx.cells())
    told.sort(key=lambda one: one.severity != "high")
    cards = [
        {"kind": one.kind, "severity": one.severity, "column": budget.short(one.column) if one.column else None,
         "value": budget.figure(one.value), "text": one.text}
        for one in told
    ]  # fmt: skip
    shown = budget.fitting(cards, 6_000)
    return Outcome(
        {"model_id": found.ref, "data": known.ref, "target": known.target, "inputs_checked": len(columns),
         "findings": shown, "clear": not told},
        doubts=warned.warned(ctx, "leakage", [one.text for one in told if one.severity == "high"], found),
        evidence=[*evidence_of(found), *known.evidence],
        shown=len(shown),
        total=len(cards),
        code=_leakage_code(known.source, known.target_source, columns),
        revision=found.revision,
    )  # fmt: skip


def _held_out(ctx: ToolContext, sig: Signature, ref: str, trained: Any) -> list[tuple[str, Any]]:
    """Other frames with the model's columns that a split made beside the training data: `X_test` of `X_train`."""
    root = ref.lower().replace("train", "")
    found = []
    for name, frame in find_frames(ctx):
        if frame is trained or frames.kind_of(frame) != "pandas" or name == ref or "train" not in ref.lower():
            continue
        rest = name.lower()
        for word in ("test", "validation", "valid", "val", "eval", "holdout"):
            rest = rest.replace(word, "")
        if rest == root and name.lower() != root and {c.name for c in sig.columns} <= set(map(str, frame.columns)):
            found.append((name, frame))
    return found


def _leakage_code(source: str, target: str, columns: list[tuple[str, Any]]) -> str:
    """Shows how strongly each input of numbers goes with the target."""
    if not columns:
        return ""
    return "\n".join(
        ["import numpy as np", "import pandas as pd", f"X, y = {source}, np.asarray({target})",
         "codes = pd.Series(pd.factorize(y)[0] if y.dtype.kind in 'OUST' else y, index=pd.DataFrame(X).index)",
         "pd.DataFrame(X).select_dtypes('number').corrwith(codes).abs().sort_values(ascending=False)"]
    )  # fmt: skip


@tool(
    guidance="For whether a model is still what the cells above say.",
    example="is pipe up to date?",
)
def check_freshness(ctx: ToolContext, model_id: str, dismiss: bool | None = None) -> Outcome:
    """Tell which cell fitted a model, and what happened since: data made anew, settings changed, loaded from a file.

    Args:
        model_id: A reference as `list_models` shows it.
        dismiss: True where the person no longer wants this warning for this model; false to hear it again.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    warned.dismiss(ctx, found, "stale", dismiss)
    told = freshness.findings(found, ctx.cells(), catalog_of(ctx).history)
    stale = any(one.stale for one in told)
    fit = found.fit
    return Outcome(
        {
            "model_id": found.ref,
            "fresh": None if fit is None else not stale,
            "fitted_in": fit.cell if fit is not None else None,
            "fitted_on": fit.data if fit is not None else None,
            "findings": [{"kind": one.kind, "cell": one.cell, "text": one.text, "stale": one.stale} for one in told],
        },
        doubts=warned.warned(ctx, "stale", [one.text for one in told if one.stale][:1], found),
        evidence=evidence_of(found),
        code=sources_of(cell for cell in (fit and fit.cell, *(one.cell for one in told)) if cell),
        revision=found.revision,
    )
