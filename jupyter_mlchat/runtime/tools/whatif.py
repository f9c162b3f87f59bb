"""What a model would say if the input were another."""

from __future__ import annotations

from typing import Any

from .. import budget, frames, leaving
from ..asking import containers, given, outputs, typed
from ..asking.given import Given
from ..asking.outputs import Scored, aim, answer_card, score
from ..asking.validation import Checked
from ..catalog import Found, find_frame
from ..evidence import evidence_of
from ..explaining import changed, grids, mixing
from ..explaining.changes import Change, column_of, read
from ..signature import Column, Signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from .evaluate import ready

MAX_SWEEP = 50
GRID = 11
MAX_ROWS = 20_000


@tool(
    effect="predict",
    guidance='Changes are new values, or "+20 %", "doubled", "halved", "+5". With `data`, they are made in every row.',
    example="what if the fee of X_test[3] doubled?",
)
def what_if(
    ctx: ToolContext,
    model_id: str,
    changes: dict[str, Any] | None = None,
    features: dict[str, Any] | str | None = None,
    row: str | None = None,
    data: str | None = None,
    sweep: str | None = None,
    values: list[Any] | None = None,
    output: str | None = None,
) -> Outcome:
    """Change inputs of one row (or of every row of a frame) and tell the prediction before and after.

    Args:
        model_id: A reference as `list_models` shows it.
        changes: Column names with a new value, or with a change such as "+20 %", "doubled", {"add": 5}.
        features: The row to start from: column names with values. With `row`, the values to change in it first.
        row: The row to start from, by position, such as `X_test[3]`.
        data: A whole frame instead of one row.
        sweep: One column to try many values of.
        values: The values to try; without them its usual range or its categories.
        output: The class whose probability is told; without it the one predicted at first.
    """
    found, sig = ready(ctx, model_id)
    if (changes is None) == (sweep is None):
        raise ToolError("invalid_input", "Give either `changes` or a `sweep`.", "Name what to change.", about="changes")
    if sig.container == "text" and (data is not None or (sweep is not None and values is None)):
        raise given.not_for_text(sig, "a change of every row" if data is not None else "a range of values")
    if data is not None:
        if row is not None or features is not None or changes is None:
            raise ToolError("invalid_input", "With `data` go `changes` alone.", "Leave the row out.", about="data")
        return _of_frame(ctx, found, sig, data, read(sig, changes), output)
    asked = given.read_one(ctx, found, sig, typed.row_of(ctx, sig, features), row, "what_if")
    if isinstance(asked, Outcome):
        return asked
    if sweep is not None:
        return _swept(ctx, found, sig, asked, column_of(sig, sweep), values, output)
    return _changed(ctx, found, sig, asked, read(sig, changes or {}), output)


def _changed(
    ctx: ToolContext, found: Found, sig: Signature, asked: Given, made: list[Change], output: str | None
) -> Outcome:
    before = asked.values
    new = {one.column.name: one.of(before.get(one.column.name)) for one in made}
    typed = frozenset(one.column.name for one in made if one.how == "set" or one.column.name in asked.typed)
    checked = changed.require_valid(sig, {**before, **new}, typed)
    after = checked.rows[0]
    scored = _score(ctx, found, sig, [before, after])
    at = aim(sig, scored, output)
    told = at.of(scored)
    cards = [_card(one.column, before, after, asked.typed, typed) for one in made]
    label = scored.labels
    shown: dict[str, Any] = {
        "model_id": found.ref,
        "before": answer_card(sig, scored, 0, at),
        "after": answer_card(sig, scored, 1, at),
        "about": outputs.named(sig, at.label),
        "delta": float(told[1] - told[0]),
        "flipped": bool(label[0] != label[1]) if at.label is not None else None,
        "changes": budget.fitting(cards, 3_000),
        "features": Local(after),
    }
    return Outcome(
        shown,
        issues=checked.issues,
        warnings=_outside(checked, set(new)),
        evidence=evidence_of(found, sig),
        code=changed.of_row(found, sig, asked, at, made),
        revision=found.revision,
    )


def _outside(checked: Checked, names: set[str]) -> list[str]:
    found = [issue.get("column", "") for issue in checked.issues if issue.get("code") == "out_of_range"]
    found = [name for name in found if name in names]
    if not found:
        return []
    said = ", ".join(f"`{name[:40]}`" for name in dict.fromkeys(found[:5]))
    return [f"{said} leaves the range of the training data: what the model says there is a guess."]


def _card(
    column: Column, before: dict[str, Any], after: dict[str, Any], known: frozenset[str], typed: frozenset[str]
) -> dict[str, Any]:
    old, new = before.get(column.name), after.get(column.name)
    return {
        "column": budget.short(column.name),
        "from": old if column.name in known else Local(old),
        "to": new if column.name in typed else Local(new),
    }


def _score(ctx: ToolContext, found: Found, sig: Signature, rows: list[dict[str, Any]]) -> Scored:
    training = find_frame(ctx, sig.frame)[1] if sig.frame else None
    return score(ctx, found, sig, containers.build(sig, rows, training))


def _swept(
    ctx: ToolContext, found: Found, sig: Signature, asked: Given, column: Column,
    values: list[Any] | None, output: str | None,
) -> Outcome:  # fmt: skip
    before = asked.values
    if values is not None and not 1 <= len(values) <= MAX_SWEEP:
        raise ToolError("invalid_input", f"Give 1 to {MAX_SWEEP} values to try.", about="values")
    sample: list[Any] = []
    if values is None and sig.frame:
        sample = [row.get(column.name) for row in mixing.background(ctx, sig, None, 1_000).rows]
    tried = values if values is not None else grids.grid_of(column, sample, GRID)
    if not tried:
        text = f"There is no usual range of `{column.name}` known."
        raise ToolError("invalid_input", text, "Name the values to try.", about=column.name)
    typed = frozenset({column.name}) if values is not None else frozenset[str]()
    rows = [changed.require_valid(sig, {**before, column.name: value}, typed).rows[0] for value in tried]
    scored = _score(ctx, found, sig, [before, *rows])
    at = aim(sig, scored, output)
    told = at.of(scored)
    cards = [
        {"value": value if values is not None else grids.told(column, value), **answer_card(sig, scored, i, at)}
        for i, value in enumerate(tried, 1)
    ]
    shown = budget.fitting(cards, 5_500)
    flips = (
        [i for i in range(1, len(tried)) if scored.labels[i] != scored.labels[i + 1]] if at.label is not None else []
    )
    data: dict[str, Any] = {
        "model_id": found.ref,
        "column": column.name,
        "before": answer_card(sig, scored, 0, at),
        "about": outputs.named(sig, at.label),
        "sweep": shown,
        "lowest": float(told[1:].min()),
        "highest": float(told[1:].max()),
        "flips_between": [[cards[i - 1]["value"], cards[i]["value"]] for i in flips[:5]],
        "features": Local(before),
    }
    return Outcome(
        data,
        evidence=evidence_of(found, sig),
        shown=len(shown),
        total=len(cards),
        code=changed.of_sweep(found, sig, asked, at, column, [row[column.name] for row in rows]),
        revision=found.revision,
    )


def _of_frame(
    ctx: ToolContext, found: Found, sig: Signature, name: str, made: list[Change], output: str | None
) -> Outcome:
    ref, frame = find_frame(ctx, name)
    mixing.require_columns(sig, ref, frame)
    sample = frames.strided(frame, MAX_ROWS)
    X = containers.fitting(sig, sample)
    Y = X
    for one in made:
        Y = changed.with_column(sig, Y, one)
    first, second = score(ctx, found, sig, X), score(ctx, found, sig, Y)
    at = aim(sig, first, output)
    old, new = at.of(first), at.of(second)
    few = len(old) < leaving.MIN_ROWS
    shown: dict[str, Any] = {
        "mean_before": float(old.mean()),
        "mean_after": float(new.mean()),
        "delta": float((new - old).mean()),
        "rows_up": int((new > old).sum()),
        "rows_down": int((new < old).sum()),
        "flipped": int((first.labels != second.labels).sum()) if at.label is not None else None,
    }
    rows = frames.rows_of(sample)
    note = [] if rows == frames.rows_of(frame) else [f"{rows:,} of {frames.rows_of(frame):,} rows were looked at."]
    return Outcome(
        {"model_id": found.ref, "data": ref, "n": len(old), "about": outputs.named(sig, at.label),
         "changes": [one.words[:120] for one in made],
         **({key: Local(value) for key, value in shown.items()} if few else shown)},
        warnings=note,
        evidence=[*evidence_of(found), {"kind": "data", "text": f"`{ref}`", "ref": ref, "cell": None}],
        code=changed.of_frame(found, sig, at, ref, frame, made) if not note else "",
        revision=found.revision,
    )  # fmt: skip
