"""What a scikit-learn model itself says matters, told for raw columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import peek
from . import scikit_parts as parts
from .base import Facts, Importance
from .scikit_columns import trace

UNTRACED = "(features made of several columns)"


def importance_of(model: Any, names: Sequence[str]) -> Importance | None:
    """Of the last estimator; None when it has neither importances nor coefficients, or no way leads back."""
    path = trace(model, names, {name: Facts() for name in names})
    origins = path.origins if path.origins is not None else path.shared
    if origins is None:
        return None
    found = _native(path.final) or _pooled(path.final, len(origins))
    if found is None or len(origins) != len(found[1]):
        return None
    method, values = found
    sums = dict.fromkeys(names, 0.0)
    for origin, value in zip(origins, values, strict=True):
        key = origin.column if origin.column is not None else UNTRACED
        sums[key] = sums.get(key, 0.0) + value
    if set(sums) - set(names) and not any(sums[name] for name in names):
        return None
    notes = []
    raw = list(dict.fromkeys(origin.column for origin in origins if origin.raw and origin.column))
    if "coefficients" in method and raw:
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


def _pooled(final: Any, width: int) -> tuple[str, list[float]] | None:
    """The mean over the members of an ensemble, where all measure importance in the same way.

    Members of a vote may be of different scales, so that only their shares of 1 are averaged, by their weights.
    """
    bagged = peek.is_a(final, "sklearn.ensemble._bagging.BaseBagging")
    voting = peek.is_a(final, "sklearn.ensemble._voting._BaseVoting")
    if bagged:
        chosen = peek.attribute(final, "estimators_features_")
        members = [one for _, one in peek.items(peek.attribute(final, "estimators_"), 2_000)]
    elif voting or peek.is_a(final, "sklearn.calibration.CalibratedClassifierCV"):
        chosen, members = None, parts.members(final)
    else:
        return None
    weights = peek.attribute(final, "weights") if voting else None
    weights = [1.0] * len(members) if weights is None else [float(weight) for weight in weights]
    if not members or len(weights) != len(members):
        return None
    methods, totals = set(), [0.0] * width
    for number, member in enumerate(members):
        places = range(width) if chosen is None else [int(place) for place in chosen[number]]
        one = importance_of(member, [str(place) for place in places])
        if one is None or UNTRACED in one.names:
            return None
        methods.add(one.method)
        for place, value in zip(places, one.values, strict=True):
            totals[place] += weights[number] * value
    if len(methods) != 1 or (voting and methods == {"coefficients"}):
        return None
    return f"mean {methods.pop()} of {len(members)} members", [total / sum(weights) for total in totals]
