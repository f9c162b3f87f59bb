"""Asking a model for predictions: of typed values, of a row of a frame with changes, of a whole frame."""

from __future__ import annotations

from typing import Any

from .. import budget, frames, leaving
from ..asking import conditions, given, prediction_recipes, recipes, tables, tensor_answers, typed, units
from ..asking.answers import Answer, answers, summary
from ..asking.given import EMPTY, Given, known_signature
from ..asking.prediction import predict_frame, predict_rows, require_fitted, require_idle
from ..asking.validation import Checked, check_frame
from ..catalog import Found, find_frame, find_model
from ..evidence import evidence_of
from ..explaining.mixing import require_columns
from ..signature import Signature, signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool

MAX_ROWS = 1_000
_MAX_SHOWN = 50
_FEW = f"fewer than {leaving.MIN_ROWS}"
_NEARLY_ALL = f"all but fewer than {leaving.MIN_ROWS}"
"""Said of a condition in place of its rows: asked often enough, exact small numbers tell the values of a row."""


@tool(
    effect="predict",
    guidance="Pass only values that the person gave; never make any up. A form asks for what is missing.",
    example="what does pipe say for tenure 12 and plan pro?",
)
def make_prediction(
    ctx: ToolContext,
    model_id: str,
    features: dict[str, Any] | list[Any] | str | None = None,
    row: str | None = None,
    data: str | None = None,
    where: str | None = None,
    max_batches: int = 4,
) -> Outcome:
    """Predict with a model of the notebook: one row of values, several, a row of a frame, or a whole frame.

    Args:
        model_id: A reference as `list_models` shows it.
        features: Column names with values, or a text, or a list of these. With `row`, the values to change in it.
        row: One row of a frame by position, such as `X_test[3]`.
        data: A whole frame by name, which answers counts or quantiles; a tensor, image, DataLoader or `dataset[17]`.
        where: With `data`, a condition on its columns, such as `age > 40 and plan == "pro"`.
        max_batches: Of a DataLoader, how many batches.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    require_idle(found, ctx)
    sig = signature(ctx, found)
    if tensor_answers.takes(ctx, sig, data, row):
        return tensor_answers.predict_reference(ctx, found, sig, data if data is not None else row, max_batches)
    known_signature(sig)
    if data is not None:
        if features is not None or row is not None:
            raise ToolError("invalid_input", "Give `data` alone, or `features` and `row`.")
        return _of_frame(ctx, found, sig, data, where)
    if where is not None:
        raise ToolError("invalid_input", "A condition needs the frame it is about.", "Name it as `data`.", "where")
    rows = typed.rows_of(ctx, sig, features)
    if not rows or len(rows) > MAX_ROWS:
        raise ToolError("invalid_input", f"Give 1 to {MAX_ROWS:,} rows of features.", "Or name a frame as `data`.")
    read = given.read(ctx, sig, rows, row)
    if not read.checked.valid:
        return given.asks(ctx, found, sig, read, "make_prediction", row)
    return of_rows(ctx, found, sig, read, many=isinstance(features, list))


def of_rows(ctx: ToolContext, found: Found, sig: Signature, read: Given, *, many: bool) -> Outcome:
    """The answer for valid rows: as lists with `many`, else of the only one."""
    checked = read.checked
    training = find_frame(ctx, sig.frame)[1] if sig.frame else None
    output = predict_rows(ctx, found, sig, checked.rows, training)
    told = answers(sig, output, _MAX_SHOWN)
    result = _data(found, len(checked.rows), told, many=many)
    shown = result.pop("shown")
    result["threshold"] = sig.threshold
    result["features"] = Local(checked.rows if many else read.values)
    if checked.suggestions:
        result["suggestions"] = Local(checked.suggestions)
    one = len(checked.rows) == 1
    lines, rows = read.written(sig) if one else recipes.row_expression(sig, checked.rows, None)
    doubts, speaks = units.doubts(ctx, found, sig, checked, read.typed)
    return Outcome(
        result,
        issues=checked.issues,
        doubts=doubts,
        warnings=given.unlisted(checked),
        evidence=[*evidence_of(found, sig), *speaks],
        shown=shown,
        total=len(checked.rows),
        code=prediction_recipes.of_rows(found, sig, lines, rows, checked.rows),
        revision=found.revision,
    )


def _data(found: Found, count: int, told: list[Answer], *, many: bool) -> dict[str, Any]:
    rows = [vars(answer) for answer in told]
    kept = budget.fitting(rows, 6_500)
    data: dict[str, Any] = {"model_id": found.ref, "n": count, "shown": len(kept)}
    for key in EMPTY:
        values = [row[key] for row in kept]
        data[key] = values[0] if not many and values else None if all(v is None for v in values) else values
    return data


def _as_pandas(frame: Any) -> Any:
    return frame.to_pandas() if frames.kind_of(frame) == "arrow" else frames.tabular(frame)


def _of_frame(ctx: ToolContext, found: Found, sig: Signature, name: str, where: str | None) -> Outcome:
    ref, frame = find_frame(ctx, name)
    source, total = ref, frames.rows_of(frame)
    if where is not None and frames.kind_of(frame) in ("arrow", "records"):
        source, frame = tables.as_pandas(ref, frame)[0], _as_pandas(frame)
    if where is not None:
        condition = conditions.read(where, source, frame)
        if frames.kind_of(frame) == "polars":
            frame, source = frame.filter(condition.mask), f"{source}.filter({condition.source})"
        else:
            frame, source = frame[condition.mask], f"{source}[{condition.source}]"
    checked = Checked()
    if frames.kind_of(frame) == "pandas" and sig.container == "frame":
        checked = check_frame(sig, frame)
    else:
        require_columns(sig, ref, frame)
    if not checked.valid:
        columns = ", ".join(f"`{column[:40]}`" for _, column in checked.blocked[:10])
        raise ToolError(
            "invalid_input",
            f"`{ref}` lacks what `{found.ref}` needs, or has it twice: {columns}.",
            "Name a frame with the model's columns.",
            about=ref,
        )
    rows = frames.rows_of(frame)
    if not rows and where is None:
        raise ToolError("invalid_input", f"`{ref}` has no rows.", about=ref)
    about: dict[str, Any] = {}
    if rows:
        labels = predict_frame(ctx, found, sig, frame)
        about, rows = summary(sig, labels), len(labels)
    rest = total - rows
    if where is not None and (rows < leaving.MIN_ROWS or rest < leaving.MIN_ROWS):
        counted = Local(rows, public=_FEW if rows < leaving.MIN_ROWS else _NEARLY_ALL)
        # What is told of nearly all rows, beside what is told of all, tells of the few that are left.
        about = {"n": counted, **{key: Local(value) for key, value in about.items()}}
    data = {
        "model_id": found.ref,
        "data": ref,
        "where": where,
        "n": rows,
        **dict.fromkeys(EMPTY),
        "threshold": sig.threshold,
        **about,
    }
    return Outcome(
        data,
        issues=checked.issues,
        evidence=[*evidence_of(found), {"kind": "data", "text": f"`{ref}`", "ref": ref, "cell": None}],
        code=prediction_recipes.of_table(found, sig, [], recipes.frame_expression(sig, source, frame)),
        revision=found.revision,
    )
