"""What to give a model: fields with their types, ranges and defaults, and a form to fill in."""

from __future__ import annotations

from typing import Any

from .. import budget
from ..asking import forms, given, recipes
from ..asking.given import Given
from ..asking.prediction import steadily
from ..asking.validation import validate
from ..catalog import Found
from ..evidence import evidence_of
from ..signature import Column, Signature
from ..toolbox import Local, Outcome, ToolContext, tool
from .evaluate import ready
from .predict import of_rows

MANY = 20
"""Of a model with more inputs the most important are asked for; the others are those of the starting row."""
ASKED = 12
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
    start, named, untouched = _start(ctx, sig, row)
    columns = [column for column in sig.columns if column.required]
    chosen = columns if len(columns) <= MANY else _most_important(ctx, found, sig, columns)
    if ask and features:
        read = _filled(ctx, sig, features, start if len(columns) > MANY else {}, row)
        if read.checked.valid:
            told = of_rows(ctx, found, sig, read, many=False)
            told.data["start"] = named if len(columns) > MANY else None
            return told
        return given.asks(found, sig, read, "suggest_inputs")
    data: dict[str, Any] = {
        "model_id": found.ref,
        "n_features": len(columns),
        "start": named,
        "start_values": Local(start),
        "inputs": budget.fitting([_card(column, start) for column in chosen], 6_000),
    }
    shown = len(data["inputs"])
    return Outcome(
        data,
        evidence=evidence_of(found, sig),
        shown=shown,
        total=len(columns),
        form=_form(found, chosen, features or {}, start) if ask else None,
        code="\n".join(_recipe(sig, start, untouched)),
        revision=found.revision,
    )


def _recipe(sig: Signature, start: dict[str, Any], row: str | None) -> list[str]:
    """Shows the starting row."""
    if not start or (row is None and len(start) > MAX_WRITTEN):
        return []
    lines, shown = recipes.row_expression(sig, [start], row)
    return [*lines, shown]


def _start(ctx: ToolContext, sig: Signature, row: str | None) -> tuple[dict[str, Any], str, str | None]:
    """Values of a row, else the usual ones, what to call them, and how a cell writes the row."""
    if row is not None:
        read = given.read(ctx, sig, [{}], row)
        return read.values, f"the row `{row.strip()[:80]}`", read.untouched
    usual = {column.name: column.default for column in sig.columns if column.default is not None}
    where = f"the median row of `{sig.frame}` (or what the model fills empty cells with)" if sig.frame else "defaults"
    return usual, where if usual else "", None


def _most_important(ctx: ToolContext, found: Found, sig: Signature, columns: list[Column]) -> list[Column]:
    """By the model's own importances, and those without a usual value, which must be given."""
    names = [column.name for column in sig.columns]
    known = steadily(ctx, found, lambda: found.adapter.importance(found.model, names))
    weight = dict(zip(known.names, known.values, strict=True)) if known is not None else {}
    ranked = sorted(columns, key=lambda column: -weight.get(column.name, 0.0))
    return [c for i, c in enumerate(ranked) if i < ASKED or c.default is None][: forms.MAX_FIELDS]


def _filled(
    ctx: ToolContext, sig: Signature, features: dict[str, Any], start: dict[str, Any], row: str | None
) -> Given:
    """The form's values over those of the starting row."""
    if row is not None:
        return given.read(ctx, sig, [features], row)
    alone = validate(sig, [features])
    typed = frozenset(alone.rows[0]) | ({name for _, name in alone.blocked} - set(alone.missing))
    rest = {name: value for name, value in start.items() if name not in typed}
    return Given(validate(sig, [{**rest, **features}], typed=typed), typed, None)


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


def _form(found: Found, chosen: list[Column], features: dict[str, Any], start: dict[str, Any]) -> Any:
    fields = []
    for column in chosen:
        field = forms.field_of(column, features.get(column.name))
        if column.unit:
            field["unit"] = column.unit
        if start.get(column.name) is not None:
            field["default"] = start[column.name]
        fields.append(field)
    return {
        "title": f"Predict with {found.ref}", "kind": "fields", "fields": fields,
        "tool": "suggest_inputs", "target": "features",
    }  # fmt: skip
