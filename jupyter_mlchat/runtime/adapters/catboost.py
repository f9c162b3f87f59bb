"""catboost: classifiers, regressors, rankers and the plain CatBoost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import peek
from .base import Adapter, Facts, Importance, Inputs, Output, Returns, Status, Task

_TASKS: dict[str, Task] = {
    "catboost.core.CatBoostClassifier": "classification",
    "catboost.core.CatBoostRegressor": "regression",
}
_CLASSIFIES = ("Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll")


class CatboostAdapter(Adapter):
    family = "catboost"

    def status(self, model: object) -> Status:
        return "fitted" if peek.attribute(model, "_random_seed") is not None else "unfitted"

    def task(self, model: object) -> Task:
        for base in peek.mro(type(model)):
            if peek.class_name(base) in _TASKS:
                return _TASKS[peek.class_name(base)]
        loss = peek.attribute(model, "_init_params")
        name = loss.get("loss_function") if type(loss) is dict else None
        return "unknown" if type(name) is not str else "classification" if name in _CLASSIFIES else "regression"

    def inputs(self, model: Any) -> Inputs:
        if self.status(model) == "unfitted":
            return Inputs(None, None, "frame", "not fitted yet")
        names = tuple(map(str, model.feature_names_ or ()))
        by_position = list(names) == [str(i) for i in range(len(names))]
        columns = tuple(f"x{name}" for name in names) if by_position else names
        facts = {name: Facts() for name in columns}
        categorical = set(model.get_cat_feature_indices())
        text = set(model.get_text_feature_indices())
        for i, name in enumerate(columns):
            if i in categorical:
                facts[name].learn("cat_features", role="categorical", nullable=False, on_unknown="own_group")
            elif i in text:
                facts[name].learn("text_features", role="text", nullable=False)
            else:
                facts[name].learn("catboost", role="numeric", nullable=True)
        source = "number of features" if by_position else "feature_names_"
        return Inputs(columns, len(columns), "array" if by_position else "frame", source, facts)

    def classes(self, model: Any) -> list[list[Any]] | None:
        found = model.classes_
        return [found.tolist()] if self.task(model) == "classification" and len(found) else None

    def returns(self, model: Any) -> Returns:
        plain = not peek.is_a(model, "catboost.core.CatBoostClassifier")
        return "score" if plain and self.task(model) == "classification" else "label"

    def parameters(self, model: Any) -> dict[str, Any]:
        given = peek.attribute(model, "_init_params")
        plain = (str, int, float, bool)
        return {k: v for k, v in given.items() if type(v) in plain} if type(given) is dict else {}

    def fit_info(self, model: Any) -> dict[str, Any]:
        found = {
            "trees": peek.attribute(model, "_tree_count"),
            "learning_rate": peek.attribute(model, "_learning_rate"),
        }
        return {name: value for name, value in found.items() if value is not None}

    def threshold(self, model: Any) -> float | None:
        if self.task(model) != "classification" or len(model.classes_) != 2 or self.returns(model) == "score":
            return None
        found = model.get_probability_threshold()
        return None if found is None or found == 0.5 else float(found)

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        label = model.predict(X)
        if self.returns(model) == "score" and details:
            return Output(label, probability=model.predict(X, prediction_type="Probability"), score=label)
        if not details or self.task(model) != "classification":
            return Output(label)
        return Output(label, probability=model.predict_proba(X))

    def importance(self, model: Any, names: Sequence[str]) -> Importance | None:
        """The library's default for the loss, as shares of 1."""
        found = peek.attribute(model, "_prediction_values_change")
        if found is None or len(found) != len(names):
            return None
        total = sum(map(float, found)) or 1.0
        return Importance("prediction values change", tuple(names), tuple(float(value) / total for value in found))
