"""What a scikit-learn model itself says matters, told for raw columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import peek
from .base import Facts, Importance
from .scikit_columns import trace

UNTRACED = "(features made of several columns)"


def importance_of(model: Any, names: Sequence[str]) -> Importance | None:
    """Of the last estimator; None when it has neither importances nor coefficients, or no way leads back."""
    path = trace(model, names, {name: Facts() for name in names})
    found = _native(path.final)
    if found is None or path.origins is None or len(path.origins) != len(found[1]):
        return None
    method, values = found
    sums = dict.fromkeys(names, 0.0)
    for origin, value in zip(path.origins, values, strict=True):
        key = origin.column if origin.column is not None else UNTRACED
        sums[key] = sums.get(key, 0.0) + value
    if set(sums) - set(names) and not any(sums[name] for name in names):
        return None
    notes = []
    raw = list(dict.fromkeys(origin.column for origin in path.origins if origin.raw and origin.column))
    if method == "coefficients" and raw:
        which = "No input was" if len(raw) == len(names) else f"Not all inputs were ({', '.join(raw[:5])[:200]} not)"
        notes.append(f"{which} scaled: coefficients of columns in different units can't be compared.")
    if UNTRACED in sums:
        notes.append("Some features were made of several columns; their share is shown together.")
    return Importance(method, tuple(sums), tuple(sums.values()), tuple(notes))


def _native(final: Any) -> tuple[str, list[float]] | None:
    """`feature_importances_` (n_features,), or the mean of |coef_| over classes, (n_features,)."""
    numpy = peek.library("numpy")
    if numpy is None:
        return None
    for name, method in (("feature_importances_", "feature_importances"), ("coef_", "coefficients")):
        try:
            found = getattr(final, name, None)
        except Exception:
            continue
        if found is None:
            continue
        dense = found.toarray() if hasattr(type(found), "toarray") else found
        array = numpy.abs(numpy.asarray(dense, dtype=float))
        if name == "coef_" and array.ndim == 2:
            array = array.mean(axis=0)
        if array.ndim == 1:
            return method, [float(value) for value in array]
    return None
