"""Asking a model for predictions: of typed values, of a row of a frame with changes, of a whole frame."""

from __future__ import annotations

import datetime
from typing import Any

from .. import budget, containers, forms, frames, references
from ..answers import Answer, answers, summary
from ..catalog import Found, find_frame, find_model
from ..evidence import evidence_of
from ..prediction import predict_frame, predict_rows, require_fitted, require_idle
from ..signature import Signature, signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from ..validation import Checked, check_frame, validate
from .validate import known_signature, unlisted, verdict

MAX_ROWS = 1_000
_MAX_SHOWN = 50
_EMPTY = ("prediction", "probability", "confidence", "score", "interval")


@tool(
    effect="predict",
    guidance="Pass only values that the person gave; never make any up. A form asks for what is missing.",
    example="what does pipe say for tenure 12 and plan pro?",
)
def make_prediction(
    ctx: ToolContext,
    model_id: str,
    features: dict[str, Any] | list[dict[str, Any]] | None = None,
    row: str | None = None,
    data: str | None = None,
) -> Outcome:
    """Predict with a model of the notebook: one row of values, several, a row of a frame, or a whole frame.

    Args:
        model_id: A reference as `list_models` shows it.
        features: Column names with values, or a list of such rows. With `row`, the values to change in it.
        row: One row of a frame by position, such as `X_test[3]`.
        data: A whole frame by name. Answers counts or quantiles.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    require_idle(found, ctx)
    sig = known_signature(signature(ctx, found))
    if data is not None:
        if features is not None or row is not None:
            raise ToolError("invalid_input", "Give `data` alone, or `features` and `row`.")
        return _of_frame(ctx, found, sig, data)
    given = features if isinstance(features, list) else [features or {}]
    if not given or len(given) > MAX_ROWS:
        raise ToolError("invalid_input", f"Give 1 to {MAX_ROWS:,} rows of features.", "Or name a frame as `data`.")
    if not all(isinstance(one, dict) for one in given):
        raise ToolError("invalid_input", "Each row of features must be an object of column names with values.")
    base = _referenced(ctx, sig, row) if row is not None else {}
    checked, names = _check(sig, given, base)
    training = find_frame(ctx, sig.frame)[1] if sig.frame else None
    if not checked.valid:
        return _asks(found, sig, checked, given, base)
    output = predict_rows(ctx, found, sig, checked.rows, training)
    told = answers(sig, output, _MAX_SHOWN)
    result = _data(found, len(checked.rows), told, many=isinstance(features, list))
    shown = result.pop("shown")
    result["threshold"] = found.adapter.threshold(found.model)
    echo = checked.rows if isinstance(features, list) else checked.rows[0]
    result["features"] = Local(echo)
    if checked.suggestions:
        result["suggestions"] = Local(checked.suggestions)
    return Outcome(
        result,
        issues=checked.issues,
        warnings=unlisted(checked),
        evidence=evidence_of(found, sig),
        shown=shown,
        total=len(checked.rows),
        code=_code(found, sig, checked.rows, row if not names else None),
        revision=found.revision,
    )


def _referenced(ctx: ToolContext, sig: Signature, row: str) -> dict[str, Any]:
    parsed = references.row_of(row)
    if parsed is None:
        raise ToolError("invalid_input", f"`{row[:80]}` is not a row.", "Write it like `X_test[3]`.", about=row[:80])
    ref, frame = find_frame(ctx, parsed[0])
    return containers.row_of(frame, parsed[1], sig, ref)


def _check(sig: Signature, given: list[dict[str, Any]], base: dict[str, Any]) -> tuple[Checked, frozenset[str]]:
    """Typed values over those of a referenced row; only what was typed may be quoted."""
    if not base:
        checked = validate(sig, given)
        return checked, frozenset(checked.rows[0])
    changed: set[str] = set()
    rows = []
    for one in given:
        read = validate(sig, [one])
        named = set(read.rows[0]) | ({name for _, name in read.blocked} - set(read.missing))
        changed |= named
        rows.append({**{name: value for name, value in base.items() if name not in named}, **one})
    return validate(sig, rows, typed=frozenset(changed)), frozenset(changed)


def _asks(found: Found, sig: Signature, checked: Checked, given: list[dict[str, Any]], base: dict[str, Any]) -> Outcome:
    """No prediction: a form for one row, a refusal for several."""
    if len(given) > 1:
        rows = len({number for number, _ in checked.blocked})
        columns = ", ".join(f"`{name[:40]}`" for name in dict.fromkeys(name for _, name in checked.blocked))
        raise ToolError(
            "invalid_input",
            f"{rows} of {len(given)} rows can't be predicted; look at {columns[:400]}.",
            "`validate_features` tells what is wrong with one row.",
            about=found.ref,
        )
    asked = [name for _, name in checked.blocked]
    data: dict[str, Any] = {
        "model_id": found.ref,
        "n": 0,
        **dict.fromkeys(_EMPTY),
        "missing_features": budget.fitting([budget.short(name) for name in checked.missing], 3_000),
        "message": verdict(checked),
        "features": Local(checked.rows[0]),
    }
    if checked.suggestions:
        data["suggestions"] = Local(checked.suggestions)
    return Outcome(
        data,
        issues=checked.issues,
        warnings=unlisted(checked),
        evidence=evidence_of(found, sig),
        form=forms.form_of(sig, f"Predict with {found.ref}", "make_prediction", checked.rows[0], asked),
        revision=found.revision,
    )


def _data(found: Found, count: int, told: list[Answer], *, many: bool) -> dict[str, Any]:
    rows = [vars(answer) for answer in told]
    kept = budget.fitting(rows, 6_500)
    data: dict[str, Any] = {"model_id": found.ref, "n": count, "shown": len(kept)}
    for key in _EMPTY:
        values = [row[key] for row in kept]
        data[key] = values[0] if not many and values else None if all(v is None for v in values) else values
    return data


def _of_frame(ctx: ToolContext, found: Found, sig: Signature, name: str) -> Outcome:
    ref, frame = find_frame(ctx, name)
    checked = Checked()
    if frames.kind_of(frame) == "pandas" and sig.container == "frame":
        checked = check_frame(sig, frame)
    elif sig.container != "text" and (len(frame.shape) != 2 or frame.shape[1] != len(sig.columns)):
        raise ToolError(
            "invalid_input",
            f"`{ref}` has the shape {tuple(frame.shape)}; `{found.ref}` takes {len(sig.columns)} columns.",
            about=ref,
        )
    if not checked.valid:
        columns = ", ".join(f"`{column[:40]}`" for _, column in checked.blocked[:10])
        raise ToolError(
            "invalid_input",
            f"`{ref}` lacks what `{found.ref}` needs, or has it twice: {columns}.",
            "Name a frame with the model's columns.",
            about=ref,
        )
    if not frames.rows_of(frame):
        raise ToolError("invalid_input", f"`{ref}` has no rows.", about=ref)
    labels = predict_frame(ctx, found, sig, frame)
    data = {
        "model_id": found.ref,
        "data": ref,
        "n": len(labels),
        **dict.fromkeys(_EMPTY),
        "threshold": found.adapter.threshold(found.model),
        **summary(sig, labels),
    }
    names = [column.name for column in sig.columns]
    picked = f"[{names!r}]" if checked.extra and sig.container == "frame" else ""
    return Outcome(
        data,
        issues=checked.issues,
        evidence=[*evidence_of(found), {"kind": "data", "text": f"`{ref}`", "ref": ref, "cell": None}],
        code=f"{found.ref}.predict({ref}{picked})",
        revision=found.revision,
    )


def _code(found: Found, sig: Signature, rows: list[dict[str, Any]], row: str | None) -> str:
    """A cell that gives the same labels."""
    if sig.container == "text":
        return f"{found.ref}.predict({[one['text'] for one in rows]!r})"
    names = [column.name for column in sig.columns if column.required or any(column.name in one for one in rows)]
    if row is not None and sig.container == "frame":
        parsed = references.row_of(row)
        assert parsed is not None, "a referenced row was read before"
        return f"{found.ref}.predict({parsed[0]}.loc[:, {names!r}].iloc[[{parsed[1]}]])"
    table = [{name: _literal(one.get(name)) for name in names} for one in rows[:20]]
    if sig.container == "array":
        return f"{found.ref}.predict({[list(one.values()) for one in table]!r})"
    kinds = {
        column.name: column.dtype
        for column in sig.columns
        if column.name in names
        and column.dtype is not None
        and column.dtype not in ("int64", "float64", "str", "object")
    }
    cast = {name: kind for name, kind in kinds.items() if kind != "category" and kind != "bool"}
    lines = ["import pandas as pd", f"rows = pd.DataFrame({table!r})"]
    if cast:
        lines.append(f"rows = rows.astype({cast!r})")
    if sig.frame and "category" in kinds.values():
        chosen = [name for name, kind in kinds.items() if kind == "category"]
        lines.append(f"rows = rows.astype({sig.frame}[{chosen!r}].dtypes)")
    return "\n".join([*lines, f"{found.ref}.predict(rows)"])


def _literal(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
