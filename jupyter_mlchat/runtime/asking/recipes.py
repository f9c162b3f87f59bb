"""Cells that reproduce an answer: how a row, or a frame, is written down as a model wants it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from .. import frames, peek, references
from ..catalog import Found
from ..signature import Signature
from .outputs import Aim

_SELF_EVIDENT = ("int64", "float64", "str", "object", "bool")
_MAX_ROWS = 20


def used_names(signature: Signature, rows: Sequence[dict[str, Any]]) -> list[str]:
    return [c.name for c in signature.columns if c.required or any(c.name in row for row in rows)]


def row_expression(signature: Signature, rows: Sequence[dict[str, Any]], row: str | None) -> tuple[list[str], str]:
    """Lines to run first, and an expression for the rows. `row` is a reference whose values nobody changed."""
    if signature.container == "text":
        return [], repr([one["text"] for one in rows])
    names = used_names(signature, rows)
    parsed = references.row_of(row) if row is not None else None
    if parsed is not None and signature.container == "frame":
        return [], f"{parsed[0]}.loc[:, {names!r}].iloc[[{parsed[1]}]]"
    table = [{name: _literal(one.get(name)) for name in names} for one in rows[:_MAX_ROWS]]
    if signature.container == "array":
        return [], repr([list(one.values()) for one in table])
    lines = ["import pandas as pd", f"rows = pd.DataFrame({table!r})"]
    kinds = {c.name: c.dtype for c in signature.columns if c.name in names and c.dtype not in (None, *_SELF_EVIDENT)}
    cast = {name: kind for name, kind in kinds.items() if kind != "category"}
    if cast:
        lines.append(f"rows = rows.astype({cast!r})")
    if signature.frame and "category" in kinds.values():
        chosen = [name for name, kind in kinds.items() if kind == "category"]
        lines.append(f"rows = rows.astype({signature.frame}[{chosen!r}].dtypes)")
    return lines, "rows"


def frame_expression(signature: Signature, ref: str, frame: Any) -> str:
    """A frame with the model's columns in its order."""
    if frames.kind_of(frame) != "pandas" or signature.container == "text":
        return ref
    columns, _ = frames.columns_of(frame)
    names = [column.name for column in signature.columns if column.required or column.name in columns]
    picked = ref if names == columns or not set(names) <= set(columns) else f"{ref}[{names!r}]"
    return f"{picked}.to_numpy()" if signature.container == "array" else picked


_LIKE_SCIKIT = ("scikit-learn", "catboost", "other")
_PLAIN = ("xgboost", "lightgbm", "statsmodels")
"""Families whose `predict` gives the probability itself, where there is one."""


def labels_expression(found: Found, sig: Signature, X: str) -> str:
    """What `predict` says, (n,); "" for models that are asked in another way."""
    if found.adapter.family in _LIKE_SCIKIT and sig.returns == "label":
        return f"np.ravel({found.ref}.predict({X}))"
    if found.adapter.family not in _PLAIN:
        return ""
    told = _plain_call(found, X)
    if sig.returns == "label":
        return f"np.ravel({told})"
    return f"classes[{chances_expression(found, sig, X)}.argmax(axis=1)]" if sig.returns == "probability" else ""


def chances_expression(found: Found, sig: Signature, X: str) -> str:
    """(n, classes); "" where there are none, or the model is asked in another way."""
    kind = type(found.adapter.estimator(found.model))
    if found.adapter.family in _LIKE_SCIKIT:
        return f"{found.ref}.predict_proba({X})" if peek.class_attribute(kind, "predict_proba") is not None else ""
    if found.adapter.family not in _PLAIN or sig.returns != "probability" or sig.threshold is not None:
        return ""
    told = _plain_call(found, X)
    two = len(sig.flat_classes()) <= 2
    return f"(lambda p: np.column_stack([1 - p, p]))(np.ravel({told}))" if two else told


def _plain_call(found: Found, X: str) -> str:
    wrapped = f"xgboost.DMatrix({X})" if peek.is_a(found.model, "xgboost.core.Booster") else X
    return f"{found.ref}.predict({wrapped})"


def score_expression(found: Found, sig: Signature, at: Aim) -> str:
    """The looked-at number of rows `{X}`, (n,); "" where the model is asked in another way."""
    if at.scale == "probability":
        asked = chances_expression(found, sig, "{X}")
        return f"{asked}[:, {at.column}]" if asked else ""
    if at.scale == "score":
        kind = type(found.adapter.estimator(found.model))
        known = peek.class_attribute(kind, "decision_function") is not None
        if found.adapter.family != "scikit-learn" or not known:
            return ""
        scores = f"np.asarray({found.ref}.decision_function({{X}})).reshape(len({{X}}), -1)[:, {at.column}]"
        return f"-{scores}" if at.sign < 0 else scores
    asked = labels_expression(found, sig, "{X}")
    return f"({asked} == {at.label!r}).astype(float)" if asked and at.scale == "label" else asked


def cell(lines: Sequence[str]) -> str:
    """One cell of these lines, with the imports that they need and don't have."""
    body = "\n".join(line for line in lines if line)
    needed = [text for name, text in _IMPORTS.items() if name in body and text not in body.splitlines()]
    return "\n".join([*needed, body])


_IMPORTS = {"np.": "import numpy as np", "pd.": "import pandas as pd", "xgboost.": "import xgboost"}


def _literal(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
