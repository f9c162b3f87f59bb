"""What to give a model: fields with their types, ranges and defaults, and a form to fill in."""

from __future__ import annotations

from typing import Any

from .. import budget
from ..asking import forms, given, recipes, starting
from ..catalog import Found
from ..evidence import evidence_of
from ..signature import Column, Signature
from ..toolbox import Local, Outcome, ToolContext, tool
from .evaluate import ready
from .predict import of_rows

MAX_WRITTEN = 200
"""A cell of more values is no help."""


@tool(
    effect="predict",
    guidance="For what to give a model. With `ask` the person gets a form; filled in, it predicts.",
    example="give me a form for pipe",
)
def suggest_inputs(
    ctx: ToolContext,
    model_id: str,
    features: dict[str, Any] | None = None,
    row: str | None = None,
    ask: bool = False,
) -> Outcome:
    """Tell which inputs a model needs: type, choices, usual range, default and unit of each; or show them as a form.

    Args:
        model_id: A reference as `list_models` shows it.
        features: Values that are known already. With `ask`, what the form was filled with.
        row: A row to start from, such as `X_test[3]`; without it the usual values.
        ask: Show a form to the person instead of telling the inputs.
    """
    found, sig = ready(ctx, model_id)
    columns = [column for column in sig.columns if column.required]
    many = len(columns) > starting.MANY
    based = row if row is not None else starting.MEDIAN if many and starting.usual(sig) else None
    if ask and (features or (features is not None and row is not None)):
        read = given.read(ctx, sig, [features], based)
        if read.checked.valid:
            told = of_rows(ctx, found, sig, read, many=False)
            told.data["start"] = starting.named(sig, based) if based is not None else None
            return told
        return given.asks(ctx, found, sig, read, "suggest_inputs", row)
    start, untouched = _start(ctx, sig, row)
    named = starting.named(sig, row or starting.MEDIAN) if start else ""
    chosen = _most_important(ctx, found, sig, columns) if many else columns
    data: dict[str, Any] = {
        "model_id": found.ref,
        "n_features": len(columns),
        "start": named,
        "start_values": Local(start),
        "inputs": budget.fitting([_card(column, start) for column in chosen], 6_000),
    }
    form = None
    if ask:
        title = f"Predict with {found.ref}"
        if row is not None or (many and start):
            base = row or starting.MEDIAN
            form = forms.started(ctx, found, sig, title, "suggest_inputs", features or {}, base, start)
        else:
            form = forms.form_of(sig, title, "suggest_inputs", features or {}, [column.name for column in chosen])
    shown = len(data["inputs"])
    return Outcome(
        data,
        evidence=evidence_of(found, sig),
        shown=shown,
        total=len(columns),
        form=form,
        code="\n".join(_recipe(sig, start, untouched)),
        revision=found.revision,
    )


def _recipe(sig: Signature, start: dict[str, Any], row: str | None) -> list[str]:
    """Shows the starting row."""
    if not start or (row is None and len(start) > MAX_WRITTEN):
        return []
    lines, shown = recipes.row_expression(sig, [start], row)
    return [*lines, shown]


def _start(ctx: ToolContext, sig: Signature, row: str | None) -> tuple[dict[str, Any], str | None]:
    """Values of a row, else the usual ones, and how a cell writes the row."""
    if row is None:
        return starting.usual(sig), None
    read = given.read(ctx, sig, [{}], row)
    return read.values, read.untouched


def _most_important(ctx: ToolContext, found: Found, sig: Signature, columns: list[Column]) -> list[Column]:
    """And those without a usual value, which must be given."""
    ranked = starting.ranked(ctx, found, sig, columns)
    return [c for i, c in enumerate(ranked) if i < starting.ASKED or c.default is None][: forms.MAX_FIELDS]


def _card(column: Column, start: dict[str, Any]) -> dict[str, Any]:
    """One input. What may not leave stays with the person."""
    field = forms.field_of(column, None)
    kind = "text" if field["kind"] == "textarea" else field["kind"]
    card: dict[str, Any] = {"name": budget.short(column.name), "kind": kind, "required": column.required}
    if column.unit:
        card["unit"] = column.unit
    if column.categories is not None:
        options = list(column.categories[:50])
        card["n_options"] = len(column.categories)
        card["options"] = options if column.categories_leave else Local(options)
    usual = [budget.figure(column.p01), budget.figure(column.p99)]
    if column.low is not None and column.high is not None:
        leaves = column.statistics_leave and column.p01 is not None
        card["range"] = Local([column.low, column.high], public=usual if leaves else None)
    elif column.p01 is not None and column.statistics_leave:
        card["range"] = usual
    default = budget.figure(column.default)
    if default is not None:
        card["default"] = default if column.default_leaves else Local(default)
    own = start.get(column.name)
    if own != column.default:
        card["start"] = Local(own)
    return card
