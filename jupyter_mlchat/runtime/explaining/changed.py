"""Rows and frames with changes made to them, and the cells that make the same changes."""

from __future__ import annotations

from typing import Any

from .. import frames, peek
from ..asking import recipes, tables
from ..asking.given import Given
from ..asking.outputs import Aim
from ..asking.validation import Checked, validate
from ..catalog import Found
from ..signature import Column, Signature
from ..toolbox import ToolError
from .changes import Change


def require_valid(sig: Signature, row: dict[str, Any], typed: frozenset[str]) -> Checked:
    """Raises ToolError `invalid_input` with the first thing that is wrong."""
    checked = validate(sig, [row], typed=typed)
    if not checked.valid:
        names = {name for _, name in checked.blocked}
        first = next((issue for issue in checked.issues if issue.get("column") in names), None)
        text = first["message"] if first else "The changed row can't be predicted."
        raise ToolError("invalid_input", text, first.get("suggestion", "") if first else "", about=min(names))
    return checked


def with_column(sig: Signature, X: Any, change: Change) -> Any:
    """A copy with one column changed."""
    numpy: Any = peek.library("numpy")
    name = change.column.name
    if change.how == "set":
        change = Change(change.column, "set", require_value(sig, change))
    if frames.kind_of(X) == "arrow":
        X = X.to_pandas()
    if frames.kind_of(X) == "pandas":
        pandas: Any = peek.library("pandas")
        if change.how != "set":
            return X.assign(**{name: X[name] + change.amount if change.how == "add" else X[name] * change.amount})
        kind = X[name].dtype
        fixed = isinstance(change.amount, (bool, str)) or str(kind) == "category"
        return X.assign(**{name: pandas.Series([change.amount] * len(X), index=X.index, dtype=kind if fixed else None)})
    if frames.kind_of(X) == "polars":
        polars: Any = peek.library("polars")
        if change.how == "set":
            kind = None if change.column.role == "numeric" else X.schema[name]
            return X.with_columns(polars.lit(change.amount, dtype=kind).alias(name))
        old = polars.col(name)
        return X.with_columns(old + change.amount if change.how == "add" else old * change.amount)
    if frames.kind_of(X) != "numpy":
        text = "Whole frames can be changed of pandas, polars, arrow and numpy alone."
        raise ToolError("unsupported", text, "Ask about one row.")
    place = [column.name for column in sig.columns].index(name)
    changed = numpy.array(X, dtype=X.dtype if X.dtype.kind in "fOUS" else float)
    old = changed[:, place]
    changed[:, place] = (
        change.amount if change.how == "set" else old + change.amount if change.how == "add" else old * change.amount
    )
    return changed


def require_value(sig: Signature, change: Change) -> Any:
    """A set value as the column spells it."""
    name = change.column.name
    checked = validate(sig, [{name: change.amount}])
    if (0, name) in checked.blocked and name not in checked.missing:
        first = next(issue for issue in checked.issues if issue.get("column") == name)
        raise ToolError("invalid_input", first["message"], first.get("suggestion", ""), about=name)
    return checked.rows[0].get(name)


def _assigned(sig: Signature, made: list[Change]) -> list[str]:
    parts = {}
    for one in made:
        name = one.column.name
        if one.how == "set":
            value = Change(one.column, "set", require_value(sig, one)).source("")
            parts[name] = tables.constant(sig, name, value, "before")
        else:
            parts[name] = one.source(tables.column(sig, "before", name))
    return tables.assigned(sig, "after", "before", parts)


def of_row(found: Found, sig: Signature, asked: Given, at: Aim, made: list[Change]) -> str:
    asks = recipes.score_expression(found, sig, at)
    if not asks or not tables.writable(sig):
        return ""
    lines, row = asked.written(sig)
    return recipes.cell(
        [*lines, f"before = {tables.listed(sig, row)}", *_assigned(sig, made),
         f"[{asks.format(X='before')}[0], {asks.format(X='after')}[0]]"]
    )  # fmt: skip


def of_sweep(found: Found, sig: Signature, asked: Given, at: Aim, column: Column, tried: list[Any]) -> str:
    asks = recipes.score_expression(found, sig, at)
    if not asks or not tables.writable(sig):
        return ""
    lines, row = asked.written(sig)
    values = tables.several(sig, column.name, "tried", "rows")
    return recipes.cell(
        [*lines, f"tried = {tried!r}", f"rows = {tables.repeated(sig, row, 'len(tried)')}",
         *tables.assigned(sig, "rows", "rows", {column.name: values}), asks.format(X="rows")]
    )  # fmt: skip


def of_frame(found: Found, sig: Signature, at: Aim, ref: str, frame: Any, made: list[Change]) -> str:
    asks = recipes.score_expression(found, sig, at)
    if not asks or not tables.writable(sig) or frames.is_lazy(frame):
        return ""
    return recipes.cell(
        [f"before = {recipes.frame_expression(sig, ref, frame)}", *_assigned(sig, made),
         f"[{asks.format(X='before')}.mean(), {asks.format(X='after')}.mean()]"]
    )  # fmt: skip
