"""lightgbm's own Booster, and what its trees know of their columns.

It takes columns by position, whatever their names, and says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import peek
from .base import Adapter, Facts, Importance, Inputs, Output, Returns

_CLASSIFIES = ("binary", "multiclass", "multiclassova", "cross_entropy")


class LightgbmAdapter(Adapter):
    family = "lightgbm"

    def inputs(self, model: Any) -> Inputs:
        names = tuple(model.feature_name())
        by_position = all(name == f"Column_{i}" for i, name in enumerate(names))
        columns = tuple(f"x{i}" for i in range(len(names))) if by_position else names
        facts = {name: Facts() for name in columns}
        learn_columns(model, columns, facts)
        for fact in facts.values():
            fact.learn("lightgbm", role="numeric", nullable=True, on_unknown="own_group")
        source = "num_feature" if by_position else "feature_name"
        return Inputs(columns, len(columns), "array" if by_position else "frame", source, facts)

    def classes(self, model: Any) -> list[list[Any]] | None:
        if not _objective(model).startswith(_CLASSIFIES):
            return None
        return [list(range(max(2, int(model.num_model_per_iteration()))))]

    def returns(self, model: Any) -> Returns:
        return "probability" if _objective(model).startswith(_CLASSIFIES) else "label"

    def fit_info(self, model: Any) -> dict[str, Any]:
        return {"rounds": int(model.current_iteration()), "objective": _objective(model)}

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        label = model.predict(X)
        if not details or not _objective(model).startswith(_CLASSIFIES):
            return Output(label)
        numpy: Any = peek.library("numpy")
        return Output(label, probability=label if label.ndim == 2 else numpy.column_stack([1 - label, label]))

    def importance(self, model: Any, names: Sequence[str]) -> Importance | None:
        """Total gain of the splits of each feature, as shares of 1."""
        values = [float(value) for value in model.feature_importance("gain")]
        total = sum(values) or 1.0
        return Importance("total gain", tuple(names), tuple(value / total for value in values))


def learn_columns(booster: Any, names: Sequence[str], facts: dict[str, Facts]) -> None:
    """Ranges and categories as the trees were grown with, told of the columns in their order."""
    found = booster.dump_model(num_iteration=1)
    infos = found["feature_infos"]
    levels = found.get("pandas_categorical") or []
    described = [infos.get(name) for name in found["feature_names"]]
    categorical = [i for i, info in enumerate(described) if info is not None and info["values"]]
    for i, (name, info) in enumerate(zip(names, described, strict=True)):
        if info is None or name not in facts:
            continue
        if i not in categorical:
            facts[name].learn("feature_infos", role="numeric", low=info["min_value"], high=info["max_value"])
            facts[name].exact_range = True
        elif len(levels) == len(categorical):
            known = tuple(levels[categorical.index(i)])
            facts[name].learn("pandas_categorical", role="categorical", categories=known, dtype="category")


def _objective(model: Any) -> str:
    found = model.dump_model(num_iteration=1).get("objective")
    return str(found or "").partition(" ")[0]
