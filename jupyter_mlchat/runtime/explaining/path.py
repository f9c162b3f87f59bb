"""The way of raw columns to the estimator at the end of a model: what transforms them, and what comes of which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import peek
from ..adapters import scikit_parts as parts
from ..adapters.base import Facts
from ..adapters.scikit_columns import trace
from ..adapters.scikit_importance import UNTRACED

_TARGET = "sklearn.compose._target.TransformedTargetRegressor"


@dataclass(frozen=True)
class Path:
    """`steps` are transformers in order, or masks of columns; `origins[i]` is the raw column of feature i."""

    steps: tuple[Any, ...]
    final: Any
    origins: tuple[str, ...]
    final_source: str
    features_source: str
    """Both as a cell would write them, the second with `{X}` for the raw rows."""

    def transform(self, X: Any) -> Any:
        for step in self.steps:
            if peek.root_of(type(step)) == "numpy":
                X = (X.to_numpy() if hasattr(X, "to_numpy") else X)[:, step]
            else:
                X = step.transform(X)
        return X

    def sums(self, values: Any, names: tuple[str, ...]) -> dict[str, float]:
        """Numbers of the features, (f,), added up for their raw columns; every column is there."""
        found = dict.fromkeys(names, 0.0)
        for origin, value in zip(self.origins, values, strict=True):
            found[origin] = found.get(origin, 0.0) + float(value)
        return found


def path_of(model: Any, names: tuple[str, ...], ref: str) -> Path | None:
    """`ref` is how a cell names the model.

    None where the way splits, ends in the dark, or the target was transformed.
    """
    traced = trace(model, names, {name: Facts() for name in names})
    if traced.origins is None:
        return None
    steps: list[Any] = []
    features = "{X}"
    for _ in range(20):
        if peek.is_a(model, _TARGET):
            return None
        if peek.is_a(model, parts.PIPELINE):
            found = [step for _, step in parts.steps_of(model)]
            if len(found) > 1:
                features = f"{ref}[:-1].transform({features})"
            steps += found[:-1]
            model, ref = found[-1], f"{ref}[-1]"
            continue
        support, inner = peek.attribute(model, "support_"), peek.attribute(model, "estimator_")
        if support is not None and inner is not None and parts.wrapped(model) is None:
            steps.append(support)
            features = f"np.asarray({features})[:, {ref}.support_]"
            model, ref = inner, f"{ref}.estimator_"
            continue
        wrapped = parts.wrapped(model)
        if wrapped is None:
            break
        held = next(name for name, value in peek.attributes(model).items() if value is wrapped)
        model, ref = wrapped, f"{ref}.{held}"
    if model is not traced.final:
        return None
    return Path(tuple(steps), model, tuple(origin.column or UNTRACED for origin in traced.origins), ref, features)


def row_vector(values: Any) -> Any:
    """The only row of a frame, an array or a sparse matrix, (f,)."""
    numpy = peek.library("numpy")
    assert numpy is not None, "features are arrays"
    dense = values.toarray() if hasattr(type(values), "toarray") else values
    return numpy.asarray(dense, dtype=float).reshape(-1)
