"""Rows and frames with changes made to them, and the cells that make the same changes."""

from __future__ import annotations

from typing import Any

from .. import frames, peek
from ..asking import recipes
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
    if frames.kind_of(X) == "pandas":
        pandas: Any = peek.library("pandas")
        if change.how != "set":
            return X.assign(**{name: X[name] + change.amount if change.how == "add" else X[name] * change.amount})
        kind = X[name].dtype
        fixed = isinstance(change.amount, (bool, str)) or str(kind) == "category"
        return X.assign(**{name: pandas.Series([change.amount] * len(X), index=X.index, dtype=kind if fixed else None)})
    if frames.kind_of(X) != "numpy":
        raise ToolError("unsupported", "Whole frames can be changed of pandas and numpy alone.", "Ask about one row.")
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


def _expression(column: Column, how: str, frame: str) -> str:
    """A set value keeps the dtype of a category."""
    if column.dtype == "category":
        return f"pd.Series([{how}] * len({frame}), index={frame}.index, dtype={frame}[{column.name!r}].dtype)"
    return how


def _assigned(sig: Signature, made: list[Change], frame: str) -> str:
    parts = []
    for one in made:
        value = Change(one.column, "set", require_value(sig, one)) if one.how == "set" else one
        changed = value.source(f"{frame}[{one.column.name!r}]")
        parts.append(f"{one.column.name!r}: {_expression(one.column, changed, frame)}")
    return f"{frame}.assign(**{{{', '.join(parts)}}})"


def of_row(found: Found, sig: Signature, asked: Given, at: Aim, made: list[Change]) -> str:
    asks = recipes.score_expression(found, sig, at)
    if not asks or sig.container != "frame" or sig.engine != "pandas":
        return ""
    lines, row = recipes.row_expression(sig, [asked.values], asked.untouched)
    return recipes.cell(
        [*lines, "import numpy as np", "import pandas as pd", f"before = {row}",
         f"after = {_assigned(sig, made, 'before')}", f"[{asks.format(X='before')}[0], {asks.format(X='after')}[0]]"]
    )  # fmt: skip


def of_sweep(found: Found, sig: Signature, asked: Given, at: Aim, column: Column, tried: list[Any]) -> str:
    asks = recipes.score_expression(found, sig, at)
    if not asks or sig.container != "frame" or sig.engine != "pandas":
        return ""
    lines, row = recipes.row_expression(sig, [asked.values], asked.untouched)
    kind = f", dtype=rows[{column.name!r}].dtype" if column.dtype == "category" else ""
    return recipes.cell(
        [*lines, "import numpy as np", "import pandas as pd", f"tried = {tried!r}",
         f"rows = pd.concat([{row}] * len(tried), ignore_index=True)",
         f"rows = rows.assign(**{{{column.name!r}: pd.Series(tried{kind})}})", asks.format(X="rows")]
    )  # fmt: skip


def of_frame(found: Found, sig: Signature, at: Aim, ref: str, frame: Any, made: list[Change]) -> str:
    asks = recipes.score_expression(found, sig, at)
    if not asks or frames.kind_of(frame) != "pandas" or sig.container != "frame":
        return ""
    return recipes.cell(
        ["import numpy as np", "import pandas as pd", f"before = {recipes.frame_expression(sig, ref, frame)}",
         f"after = {_assigned(sig, made, 'before')}",
         f"[{asks.format(X='before')}.mean(), {asks.format(X='after')}.mean()]"]
    )  # fmt: skip
