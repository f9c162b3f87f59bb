"""Lines of a cell or script that ask a model of the notebook as `make_prediction` does."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import frames, peek
from ..adapters.base import Written
from ..catalog import Found, find_frame
from ..signature import Column, Signature
from ..toolbox import ToolContext, ToolError

_LIKE_SCIKIT = ("scikit-learn", "catboost", "other")
_BOOSTERS = ("xgboost", "lightgbm", "statsmodels")
MAX_LINE = 100
_BY_ITSELF = ("int64", "float64", "str", "object", "bool")


@dataclass(frozen=True)
class Call:
    """How the model is asked of `{X}`. `chances` is (n, classes), or "" where there are none.

    With `by_chances` there are only those, and the class is chosen from them.
    """

    told: str
    chances: str
    by_chances: bool = False


def call_of(found: Found, sig: Signature, model: str) -> Call:
    """`model` is the expression for it. Raises ToolError `unsupported` for families that are asked in another way."""
    family, estimator = found.adapter.family, found.model
    written = found.adapter.written(found.model, model)
    if written is not None:
        return _of_written(sig, written)
    if sig.container not in ("frame", "array", "text"):
        raise _unsupported(found)
    if family in _LIKE_SCIKIT and sig.returns == "label":
        told = f"{model}.predict({{X}})"
        single = sig.classes is None or len(sig.classes) == 1
        chances = found.task == "classification" and single and _has(estimator, "predict_proba")
        return Call(told, f"{model}.predict_proba({{X}})" if chances else "")
    design = family == "statsmodels" and getattr(getattr(estimator, "model", None), "formula", None) is None
    if family not in _BOOSTERS or design or sig.returns not in ("label", "probability"):
        raise _unsupported(found)
    told = f"{model}.predict({{X}})"
    if peek.is_a(estimator, "xgboost.core.Booster"):
        categories = ", enable_categorical=True" if any(c.dtype == "category" for c in sig.columns) else ""
        told = f"{model}.predict(xgboost.DMatrix({{X}}{categories}))"
    if sig.returns == "label":
        return Call(told, "")
    if len(sig.flat_classes()) <= 2:
        # Of two classes some objectives tell the second one's probability, others both.
        both = "(lambda p: p if p.ndim == 2 else np.column_stack([1 - p, p]))"
        return Call(told, f"{both}(np.asarray({told}))", by_chances=True)
    return Call(told, told, by_chances=True)


def _of_written(sig: Signature, written: Written) -> Call:
    """Of a network or session: its labels, its probabilities, or the class of its largest score."""
    if sig.returns == "label":
        return Call(written.output, written.probability)
    if written.probability:
        return Call(written.output, written.probability, by_chances=True)
    if sig.returns == "logits" and sig.classes is not None and len(sig.classes) == 1:
        return Call(f"np.array({list(sig.classes[0])!r})[({written.output}).argmax(axis=1)]", "")
    return Call(written.output, "")


def _has(model: Any, name: str) -> bool:
    """Not where the model's own settings switch it off, as `probability=False` does."""
    try:
        return callable(getattr(model, name, None))
    except Exception:
        return False


def _unsupported(found: Found) -> ToolError:
    name = peek.short_name(type(found.model))
    return ToolError("unsupported", f"No code is written for a {name} yet.", "`make_prediction` asks it.", found.ref)


def needed(sig: Signature) -> list[Column]:
    return [column for column in sig.columns if column.required]


def parameters_of(columns: Sequence[Column]) -> list[str]:
    """A Python name for each column, all different, none of them taken by the code around it."""
    taken = {"row", "value", "chances", "classes", "np", "pd", "pl", "xgboost"}
    names = []
    for column in columns:
        name = re.sub(r"\W+", "_", column.name).strip("_").lower() or "value"
        name = f"x_{name}" if not name.isidentifier() else name
        while name in taken or keyword.iskeyword(name):
            name += "_"
        taken.add(name)
        names.append(name)
    return names


def type_of(column: Column) -> str:
    """The annotation of its parameter."""
    kinds = {type(level).__name__ for level in column.categories or ()}
    if column.categories:
        plain = kinds.pop() if len(kinds) == 1 and kinds <= {"str", "int", "float", "bool"} else "object"
    else:
        numeric = "int" if column.is_integer else "float"
        plain = {"numeric": numeric, "boolean": "bool", "datetime": "str", "text": "str", "categorical": "str"}.get(
            column.role or "", "object"
        )
    return f"{plain} | None" if column.nullable and plain != "object" else plain


def casts_of(ctx: ToolContext, sig: Signature, columns: Sequence[Column], table: str) -> list[str]:
    """Lines that give the columns of `table` the types that the model was fitted with."""
    training = find_frame(ctx, sig.frame)[1] if sig.frame else None
    if sig.engine == "polars":
        kinds = {c.name: f"pl.{c.dtype}" for c in columns if c.dtype and re.fullmatch(r"(Float|U?Int)\d+", c.dtype)}
        kinds |= {c.name: _polars_levels(c) for c in columns if (c.dtype or "").startswith(("Categorical", "Enum"))}
        return [f"{table} = {table}.cast({_dict(kinds)})"] if kinds else []
    lines, cast = [], {}
    for column in columns:
        # Arrow names its types otherwise; of those only numbers are cast.
        dtype = None if sig.engine == "arrow" else column.dtype
        if dtype == "category":
            cast[column.name] = _categories(column, training)
        elif dtype is not None and dtype.startswith("datetime"):
            zone = ", utc=True" if "," in dtype else ""
            lines.append(f"{table}[{column.name!r}] = pd.to_datetime({table}[{column.name!r}]{zone}).astype({dtype!r})")
        elif column.role == "numeric" and (dtype in (None, "float64") or (_numpy_integer(dtype) and column.nullable)):
            cast[column.name] = "'float64'"
        elif dtype is not None and dtype not in _BY_ITSELF and not _numpy_integer(dtype):
            cast[column.name] = repr(dtype)
    return [f"{table} = {table}.astype({_dict(cast)})" if cast else "", *lines]


def _numpy_integer(dtype: str) -> bool:
    """A fraction given for such a column stays one, instead of being cut off."""
    return dtype.startswith(("int", "uint"))


def _categories(column: Column, training: Any) -> str:
    known = frames.column(training, column.name) if frames.kind_of(training) == "pandas" else None
    levels, ordered = list(column.categories or ()), False
    if known is not None and str(known.dtype) == "category":
        levels, ordered = known.dtype.categories.tolist(), bool(known.dtype.ordered)
    return f"pd.CategoricalDtype({levels!r}{', ordered=True' if ordered else ''})"


def _polars_levels(column: Column) -> str:
    enum = (column.dtype or "").startswith("Enum")
    return f"pl.Enum({list(column.categories or ())!r})" if enum else "pl.Categorical"


def _dict(items: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name!r}: {code}" for name, code in items.items()) + "}"


_LIBRARIES = ("joblib", "keras", "lightgbm", "onnxruntime", "torch", "transformers", "xgboost")


def imports_of(body: str) -> list[str]:
    """The import lines that the code needs."""
    known = {"np.": "import numpy as np", "pd.": "import pandas as pd", "pl.": "import polars as pl"}
    known |= {f"{name}.": f"import {name}" for name in _LIBRARIES}
    return [line for word, line in known.items() if re.search(rf"(?<![\w.]){re.escape(word)}", body)]


def laid_out(head: str, items: Sequence[str], tail: str) -> list[str]:
    """`head(a, b)tail` on one line, or with a line for each item when that is too long."""
    line = f"{head}{', '.join(items)}{tail}"
    return [line] if len(line) <= MAX_LINE else [head, *(f"    {item}," for item in items), tail]
