"""MLflow's pyfunc models: the signature they were logged with decides; what is below them tells the rest."""

from __future__ import annotations

from typing import Any

from .. import peek
from . import scikit_parts
from .base import Adapter, Facts, Inputs, Output, Role, Shape, Status, Task
from .scikit import ScikitAdapter

_DTYPES: dict[str, tuple[str, Role]] = {
    "double": ("float64", "numeric"),
    "float": ("float32", "numeric"),
    "long": ("int64", "numeric"),
    "integer": ("int32", "numeric"),
    "boolean": ("bool", "boolean"),
    "string": ("object", "text"),
    "datetime": ("datetime64[ns]", "datetime"),
}


class PyfuncAdapter(Adapter):
    family = "mlflow"

    def status(self, model: object) -> Status:
        return "fitted"

    def task(self, model: object) -> Task:
        inner = raw(model)
        return _task_of(inner) if inner is not None else "unknown"

    def inputs(self, model: Any) -> Inputs:
        schema = model.metadata.get_input_schema()
        if schema is None:
            return Inputs(None, None, "frame", "it was logged without a signature")
        if schema.is_tensor_spec():
            first = schema.inputs[0]
            sizes = tuple(None if size < 0 else int(size) for size in first.shape)
            if len(sizes) == 2 and sizes[1] is not None:
                facts = {f"x{i}": Facts() for i in range(sizes[1])}
                return Inputs(tuple(facts), sizes[1], "array", "logged signature", facts)
            return Inputs(None, None, "tensor", "logged signature", shape=Shape(sizes, str(first.type)))
        facts = {}
        for spec in schema.inputs:
            fact = facts[str(spec.name)] = Facts()
            dtype, role = _DTYPES.get(getattr(spec.type, "name", ""), (None, None))
            fact.learn("logged signature", role=None if role == "text" else role, dtype=dtype)
            fact.required = spec.required
            if dtype is not None and dtype.startswith(("int", "bool")):
                fact.learn("logged signature", nullable=False)
        _learn_below(raw(model), facts)
        return Inputs(tuple(facts), len(facts), "frame", "logged signature", facts)

    def classes(self, model: Any) -> list[list[Any]] | None:
        found: Any = getattr(raw(model), "classes_", None)
        numpy = peek.library("numpy")
        known = numpy is not None and type(found) is numpy.ndarray and found.ndim == 1
        return [found.tolist()] if known else None

    def fit_info(self, model: Any) -> dict[str, Any]:
        flavors = sorted(set(model.metadata.flavors) - {"python_function"})
        return {"flavors": ", ".join(flavors)[:200], "run_id": str(model.metadata.run_id)[:40]}

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        numpy: Any = peek.library("numpy")
        label = numpy.asarray(model.predict(X))
        inner = raw(model)
        ask = getattr(inner, "predict_proba", None) if details and self.classes(model) is not None else None
        return Output(label, probability=None if ask is None else ask(X))


def _learn_below(inner: Any, facts: dict[str, Facts]) -> None:
    """Categories, defaults and what a missing value does, as the estimator below knows them."""
    if not peek.is_a(inner, "sklearn.base.BaseEstimator"):
        return
    for name, below in ScikitAdapter().inputs(inner).facts.items():
        fact = facts.get(name)
        if fact is not None:
            fact.exact_range, fact.default_is_constant = below.exact_range, below.default_is_constant
            for key, source in below.sources.items():
                fact.learn(source, **{key: getattr(below, key)})


def raw(model: object) -> Any | None:
    """The estimator below, where the flavor keeps it under a name we know."""
    held = peek.attribute(model, "_PyFuncModel__model_impl")
    for name in ("sklearn_model", "xgb_model", "lgb_model", "cb_model"):
        found = peek.attribute(held, name)
        if found is not None:
            return found
    return None


def _task_of(inner: object) -> Task:
    return scikit_parts.task_of(inner) if peek.is_a(inner, "sklearn.base.BaseEstimator") else "unknown"
