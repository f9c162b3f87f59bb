"""xgboost's own Booster. Its estimators for scikit-learn are scikit-learn's to answer for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .. import peek
from .base import Adapter, Facts, Importance, Inputs, Output, Returns, Role, Task

_ROLES: dict[str, Role] = {"c": "categorical", "i": "boolean"}
_PROBABLE = ("binary:logistic", "reg:logistic", "multi:softprob")
_CLASSIFIES = ("binary:", "multi:")


class XgboostAdapter(Adapter):
    family = "xgboost"

    def task(self, model: object) -> Task:
        """The objective is known to the library alone, which is not asked while the namespace is scanned."""
        return "unknown"

    def inputs(self, model: Any) -> Inputs:
        names, types = model.feature_names, model.feature_types
        container, source = ("frame", "feature_names") if names else ("array", "num_features")
        columns = tuple(names or (f"x{i}" for i in range(int(model.num_features()))))
        facts = {name: Facts() for name in columns}
        categories = categories_of(model) if types and "c" in types else {}
        for name, kind in zip(columns, types or ["float"] * len(columns), strict=True):
            facts[name].learn(
                "feature_types", role=_ROLES.get(kind, "numeric"), dtype="category" if kind == "c" else None
            )
            facts[name].learn("xgboost", nullable=True, on_unknown="error" if kind == "c" else None)
            facts[name].learn("get_categories", categories=categories.get(name))
        return Inputs(columns, len(columns), "frame" if container == "frame" else "array", source, facts)

    def classes(self, model: Any) -> list[list[Any]] | None:
        objective, count = _objective(model)
        return [list(range(max(2, count)))] if objective.startswith(_CLASSIFIES) else None

    def returns(self, model: Any) -> Returns:
        objective, _ = _objective(model)
        if objective.startswith(_PROBABLE):
            return "probability"
        return "score" if objective == "binary:logitraw" else "label"

    def fit_info(self, model: Any) -> dict[str, Any]:
        return {"rounds": int(model.num_boosted_rounds()), "objective": _objective(model)[0]}

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        library: Any = peek.library("xgboost")
        types = model.feature_types
        label = model.predict(library.DMatrix(X, enable_categorical=bool(types) and "c" in types))
        objective = _objective(model)[0] if details else ""
        if objective == "binary:logistic":
            return Output(label, probability=_both(label))
        if objective == "binary:logitraw":
            return Output(label, score=label)
        return Output(label, probability=label if details and getattr(label, "ndim", 1) == 2 else None)

    def importance(self, model: Any, names: Sequence[str]) -> Importance | None:
        """Total gain of the splits of each feature, as shares of 1."""
        found = model.get_score(importance_type="total_gain")
        own = model.feature_names or [f"f{i}" for i in range(len(names))]
        values = [float(found.get(name, 0.0)) for name in own]
        total = sum(values) or 1.0
        return Importance("total gain", tuple(names), tuple(value / total for value in values))


def categories_of(booster: Any) -> dict[str, tuple[Any, ...]]:
    """The levels of each categorical column; of nothing when pyarrow, which hands them over, is not loaded."""
    if peek.library("pyarrow") is None or peek.class_attribute(type(booster), "get_categories") is None:
        return {}
    try:
        exported = booster.get_categories(export_to_arrow=True).to_arrow()
    except Exception:
        return {}
    return {str(name): tuple(levels.to_pylist()) for name, levels in exported if levels is not None}


def _objective(model: Any) -> tuple[str, int]:
    """`binary:logistic` and the number of classes, 0 where there are none."""
    learner = json.loads(model.save_config())["learner"]
    return str(learner["objective"]["name"]), int(learner["learner_model_param"]["num_class"])


def _both(chance: Any) -> Any:
    """(n,) of the second class -> (n, 2)."""
    numpy: Any = peek.library("numpy")
    return numpy.column_stack([1 - chance, chance])
