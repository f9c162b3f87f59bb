"""Anything with a `predict`: names and width only where the object declares them, as scikit-learn does."""

from __future__ import annotations

import types
from typing import Any

from .. import peek
from .base import Adapter, Facts, Inputs, Output, Status, Task
from .user_code import holds_user_code

_DATA = (property, types.MemberDescriptorType, types.GetSetDescriptorType)
"""Class attributes that hold data; `predict` must be a method."""


class DuckAdapter(Adapter):
    family = "other"

    def accepts(self, model: object) -> bool:
        return callable_in_class(model, "predict")

    def status(self, model: object) -> Status:
        return "fitted" if peek.fitted_names(model) else "unknown"

    def task(self, model: object) -> Task:
        if peek.attribute(model, "classes_") is not None or callable_in_class(model, "predict_proba"):
            return "classification"
        return "unknown"

    def inputs(self, model: Any) -> Inputs:
        names, count = peek.attribute(model, "feature_names_in_"), peek.attribute(model, "n_features_in_")
        numpy = peek.library("numpy")
        if type(names) in (list, tuple) or (numpy is not None and type(names) is numpy.ndarray):
            columns = tuple(str(name) for name in names)
            return Inputs(columns, len(columns), "frame", "feature_names_in_", {name: Facts() for name in columns})
        statistics = peek.attribute(model, "statistics_")
        if count is None and type(statistics) is dict:
            count = statistics.get("m_features")  # as a generalised additive model of pygam keeps it
        if type(count) is int:
            columns = tuple(f"x{i}" for i in range(count))
            return Inputs(columns, count, "array", "n_features_in_", {name: Facts() for name in columns})
        return Inputs(None, None, "frame", "it declares no columns")

    def classes(self, model: Any) -> list[list[Any]] | None:
        found = peek.attribute(model, "classes_")
        numpy = peek.library("numpy")
        if numpy is not None and type(found) is numpy.ndarray and found.ndim == 1:
            return [found.tolist()]
        return [list(found)] if type(found) in (list, tuple) else None

    def user_code(self, model: object) -> bool:
        return holds_user_code([model])

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        label = model.predict(X)
        if details and callable_in_class(model, "predict_proba"):
            return Output(label, probability=model.predict_proba(X))
        return Output(label)


def callable_in_class(model: object, name: str) -> bool:
    found = peek.class_attribute(type(model), name)
    return found is not None and type(found) not in _DATA
