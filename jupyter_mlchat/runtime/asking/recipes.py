"""Cells that reproduce an answer: how a row, or a frame, is written down as a model wants it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from .. import frames, peek, references
from ..adapters.base import Written
from ..catalog import Found
from ..signature import Signature
from . import tables
from .outputs import Aim

_SELF_EVIDENT = ("int64", "float64", "str", "object", "bool")
_MAX_ROWS = 50
_MAX_CELLS = 2_000


def used_names(signature: Signature, rows: Sequence[dict[str, Any]]) -> list[str]:
    return [c.name for c in signature.columns if c.required or any(c.name in row for row in rows)]


def row_expression(signature: Signature, rows: Sequence[dict[str, Any]], row: str | None) -> tuple[list[str], str]:
    """Lines to run first, and an expression for the rows. `row` is how a cell writes a row that nobody changed."""
    if signature.container == "text":
        return [], repr([one["text"] for one in rows])
    if row is not None:
        return [], row
    names = used_names(signature, rows)
    most = max(1, min(_MAX_ROWS, _MAX_CELLS // max(1, len(names))))
    table = [{name: literal(one.get(name)) for name in names} for one in rows[:most]]
    if signature.container == "array":
        return [], repr([list(one.values()) for one in table])
    if tables.words_of(signature) == "polars":
        return [
            "import polars as pl",
            f"rows = pl.DataFrame({table!r}, strict=False)",
            *_cast(signature, names),
        ], "rows"
    lines = ["import pandas as pd", f"rows = pd.DataFrame({table!r})"]
    if signature.engine == "arrow":
        return lines, "rows"
    kinds = {c.name: c.dtype for c in signature.columns if c.name in names and c.dtype not in (None, *_SELF_EVIDENT)}
    cast = {name: kind for name, kind in kinds.items() if kind != "category"}
    if cast:
        lines.append(f"rows = rows.astype({cast!r})")
    if signature.frame and "category" in kinds.values():
        chosen = [name for name, kind in kinds.items() if kind == "category"]
        lines.append(f"rows = rows.astype({signature.frame}[{chosen!r}].dtypes)")
    return lines, "rows"


def changed_row(signature: Signature, row: str, changes: dict[str, Any]) -> tuple[list[str], str] | None:
    """The same of a row that a cell can name, with other values in some columns; None where that can't be written."""
    parts = {}
    for name, value in changes.items():
        column = signature.column(name)
        if column is None or column.role == "datetime" or value is None:
            return None
        if column.categories is not None and value not in column.categories:
            return None
        parts[name] = tables.constant(signature, name, repr(literal(value)), "base")
    lines = [f"base = {row}", *tables.assigned(signature, "rows", "base", parts)]
    return [*imports("\n".join(lines)), *lines], "rows"


def _cast(signature: Signature, names: Sequence[str]) -> list[str]:
    """To the categories of the training data."""
    kinds = {c.name: c.dtype or "" for c in signature.columns if c.name in names}
    chosen = [name for name, kind in kinds.items() if kind.startswith(("Categorical", "Enum"))]
    if not chosen or not signature.frame:
        return []
    return [f"rows = rows.cast({{name: {signature.frame}.schema[name] for name in {chosen!r}}})"]


_TABLES = ("pandas", "polars", "polars_lazy", "arrow", "records", "dask")


def frame_expression(signature: Signature, ref: str, frame: Any) -> str:
    """A frame with the model's columns in its order, as the kind of table that it takes."""
    if signature.container == "text":
        return _texts_of(ref, frame)
    words, kind = tables.words_of(signature), frames.kind_of(frame)
    columns, _ = frames.columns_of(frame)
    names = [column.name for column in signature.columns]
    if kind == "numpy" and words in ("pandas", "polars"):
        return f"pd.DataFrame({ref}, columns={names!r})" if words == "pandas" else f"pl.DataFrame({ref}, {names!r})"
    if kind not in _TABLES or not columns:
        return ref
    wanted = [column.name for column in signature.columns if column.required or column.name in columns]
    shown = tables.picked(ref, frame, wanted)
    if words == "numpy":
        return f"{shown}.to_numpy()"
    of_polars = kind in ("polars", "polars_lazy")
    if words == "pandas" and of_polars:
        return f"{shown}.to_pandas()"
    return f"pl.from_pandas({shown})" if words == "polars" and not of_polars else shown


def _texts_of(ref: str, frame: Any) -> str:
    """The only column of a table, as a list of texts is wanted."""
    if len(frames.shape_of(frame)) == 1:
        return ref
    columns, _ = frames.columns_of(frame)
    return references.item_of(ref, columns[0]) if columns else f"{ref}[:, 0]"


_LIKE_SCIKIT = ("scikit-learn", "catboost", "other")
_PLAIN = ("xgboost", "lightgbm", "statsmodels")
"""Families whose `predict` gives the probability itself, where there is one."""


def labels_expression(found: Found, sig: Signature, X: str) -> str:
    """What `predict` says, (n,); "" for models that are asked in another way."""
    written = found.adapter.written(found.model, found.ref)
    if written is not None:
        return _labels_of(sig, written, X)
    if found.adapter.family in _LIKE_SCIKIT and sig.returns == "label":
        return f"np.ravel({found.ref}.predict({X}))"
    if _is_general_catboost(found, sig):
        return _likeliest(sig, chances_expression(found, sig, X))
    if found.adapter.family not in _PLAIN:
        return ""
    told = _plain_call(found, sig, X)
    if sig.returns == "label":
        return f"np.ravel({told})"
    if sig.returns == "score":
        return f"classes[(np.ravel({told}) > 0).astype(int)]"
    return _likeliest(sig, chances_expression(found, sig, X)) if sig.returns == "probability" else ""


def chances_expression(found: Found, sig: Signature, X: str) -> str:
    """(n, classes); "" where there are none, or the model is asked in another way."""
    written = found.adapter.written(found.model, found.ref)
    if written is not None:
        return written.probability.format(X=X)
    kind = type(found.adapter.estimator(found.model))
    if _is_general_catboost(found, sig):
        return f'{found.ref}.predict({X}, prediction_type="Probability")'
    if found.adapter.family in _LIKE_SCIKIT:
        return f"{found.ref}.predict_proba({X})" if peek.class_attribute(kind, "predict_proba") is not None else ""
    if found.adapter.family not in _PLAIN or sig.returns != "probability":
        return ""
    told = f"np.asarray({_plain_call(found, sig, X)})"
    if len(sig.flat_classes()) > 2:
        return told
    # Some give both columns, others that of the second class alone.
    return f"(lambda p: p if p.ndim == 2 else np.column_stack([1 - p, p]))({told})"


def _is_general_catboost(found: Found, sig: Signature) -> bool:
    """A plain `CatBoost` with the loss of a classifier: its `predict` gives the raw score."""
    return found.adapter.family == "catboost" and sig.returns == "score"


def _likeliest(sig: Signature, chances: str) -> str:
    """The class of each row of probabilities, of a cell that has `classes`."""
    if sig.threshold is not None and len(sig.flat_classes()) == 2:
        return f"classes[({chances}[:, 1] >= {sig.threshold!r}).astype(int)]"
    return f"classes[{chances}.argmax(axis=1)]"


def ranked_expression(found: Found, sig: Signature, X: str) -> str:
    """What stands for the second of two classes without probabilities, (n,)."""
    written = found.adapter.written(found.model, found.ref)
    if written is None and found.adapter.family in _PLAIN:
        return f"np.ravel({_plain_call(found, sig, X)})"
    if written is None:
        return f"{found.ref}.decision_function({X})"
    return f"(lambda s: s[:, 1] - s[:, 0])({written.output.replace('{X}', X)})"


def _labels_of(sig: Signature, written: Written, X: str) -> str:
    """Of a cell that has `classes`, where there are any."""
    output = written.output.format(X=X)
    if sig.returns == "label" or not sig.classes:
        return f"np.ravel({output})"
    if written.probability:
        return _likeliest(sig, written.probability.format(X=X))
    return f"classes[{output}.argmax(axis=1)]"


def _plain_call(found: Found, sig: Signature, X: str) -> str:
    return f"{found.ref}.predict({wrapped(found, sig, X)})"


def wrapped(found: Found, sig: Signature, X: str) -> str:
    """Rows as the library's own `predict` takes them."""
    if not peek.is_a(found.model, "xgboost.core.Booster"):
        return X
    if sig.container == "array":
        return f"xgboost.DMatrix(np.asarray({X}))"
    categories = any(column.dtype == "category" for column in sig.columns)
    return f"xgboost.DMatrix({X}{', enable_categorical=True' if categories else ''})"


def score_expression(found: Found, sig: Signature, at: Aim) -> str:
    """The looked-at number of rows `{X}`, (n,); "" where the model is asked in another way."""
    if at.scale == "probability":
        asked = chances_expression(found, sig, "{X}")
        return f"{asked}[:, {at.column}]" if asked else ""
    written = found.adapter.written(found.model, found.ref)
    if at.scale == "score" and written is not None:
        if len(sig.flat_classes()) != 2:
            return f"{written.output}[:, {at.column}]"
        difference = ranked_expression(found, sig, "{X}")
        return f"-{difference}" if at.sign < 0 else difference
    if at.scale == "score":
        kind = type(found.adapter.estimator(found.model))
        known = peek.class_attribute(kind, "decision_function") is not None
        if found.adapter.family in _PLAIN and sig.returns == "score":
            return f"{'-' * (at.sign < 0)}{ranked_expression(found, sig, '{X}')}"
        if found.adapter.family != "scikit-learn" or not known:
            return ""
        scores = f"np.asarray({found.ref}.decision_function({{X}})).reshape(len({{X}}), -1)[:, {at.column}]"
        return f"-{scores}" if at.sign < 0 else scores
    asked = labels_expression(found, sig, "{X}")
    return f"({asked} == {at.label!r}).astype(float)" if asked and at.scale == "label" else asked


def cell(lines: Sequence[str]) -> str:
    """One cell of these lines, with the imports that they need and don't have."""
    body = "\n".join(line for line in lines if line)
    return "\n".join([*imports(body), body])


def imports(body: str) -> list[str]:
    """The lines that a body of code needs and doesn't have."""
    return [text for name, text in _IMPORTS.items() if name in body and text not in body.splitlines()]


_IMPORTS = {
    "np.": "import numpy as np", "pd.": "import pandas as pd", "pl.": "import polars as pl",
    "xgboost.": "import xgboost", "torch.": "import torch", "keras.": "import keras",
}  # fmt: skip


def literal(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
