"""scikit-learn: estimators, pipelines, searches, meta-estimators, and classes derived from its base."""

from __future__ import annotations

import inspect
import types
from collections.abc import Sequence
from typing import Any

from .. import peek
from . import scikit_parts as parts
from .base import Adapter, Container, Facts, Importance, Inputs, Output, Status, Step, Task
from .scikit_columns import trace
from .scikit_importance import importance_of
from .user_code import holds_user_code

_PLAIN = (str, int, float, bool, type(None))
_LIBRARIES = ("sklearn", "xgboost", "lightgbm")
"""Whose properties may be read: they run no code of the person."""
_FIT_FACTS = ("n_iter_", "best_score_", "oob_score_", "best_threshold_", "inertia_", "alpha_", "C_")


class ScikitAdapter(Adapter):
    family = "scikit-learn"

    def accepts(self, model: object) -> bool:
        final = parts.last(model)
        cls = type(final)
        if peek.is_a(model, parts.PIPELINE) and not parts.steps_of(model):
            return False
        return any(peek.class_attribute(cls, name) is not None for name in ("predict", "fit_predict"))

    def status(self, model: object) -> Status:
        return parts.status_of(model)

    def task(self, model: object) -> Task:
        return parts.task_of(model)

    def estimator(self, model: object) -> object:
        return parts.last(model)

    def can_predict(self, model: object) -> bool:
        final = parts.last(model)
        return (
            peek.class_attribute(type(final), "predict") is not None and peek.attribute(final, "novelty") is not False
        )

    def keeps_fit(self, model: object) -> bool:
        return parts.status_of(parts.last(model)) != "unfitted"

    def inputs(self, model: Any) -> Inputs:
        names = _first(model, "feature_names_in_")
        count = _first(model, "n_features_in_")
        container: Container = "frame"
        source = "feature_names_in_"
        if count is None and peek.is_a(parts.last(model), "sklearn.isotonic.IsotonicRegression"):
            count = 1
        if names is None:
            container, source = "array", "n_features_in_"
            first = _entry(model)
            if peek.short_name(type(first)) in ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer"):
                container, source, names, count = "text", peek.short_name(type(first)), ["text"], 1
        columns = None if names is None else tuple(str(name) for name in names)
        if columns and all(name == f"Column_{i}" for i, name in enumerate(columns)):
            columns, container = None, "array"  # the names lightgbm gives to those of an array
        if columns is None and count is not None:
            columns = tuple(f"x{i}" for i in range(int(count)))
        facts = {name: Facts() for name in columns or ()}
        trace(model, columns or (), facts)
        return Inputs(columns, len(columns) if columns is not None else None, container, source, facts)

    def classes(self, model: Any) -> list[list[Any]] | None:
        final = parts.last(model)
        found = peek.attribute(final, "classes_")
        if self.task(model) != "classification":
            return None
        if found is None and peek.root_of(type(final)) in _LIBRARIES:
            found = _available(final, "classes_")
        if found is None:
            return None
        several = (
            type(found) is list and bool(found) and hasattr(type(found[0]), "__len__") and type(found[0]) is not str
        )
        return [list(_plain_list(one)) for one in found] if several else [_plain_list(found)]

    def threshold(self, model: Any) -> float | None:
        for part in _chain(model):
            if peek.is_a(part, parts.THRESHOLD):
                value = peek.attribute(part, "best_threshold_")
                value = peek.attribute(part, "threshold") if value is None else value
                return None if type(value) is str else float(value)
        return None

    def steps(self, model: Any) -> list[Step]:
        for part in _chain(model):
            if peek.is_a(part, parts.PIPELINE):
                return [Step(name, peek.short_name(type(step))) for name, step in parts.steps_of(part)]
        return [Step(peek.short_name(type(part)), peek.short_name(type(part))) for part in _chain(model)]

    def parameters(self, model: Any) -> dict[str, Any]:
        found = _changed(model)
        for part in _chain(model):
            if peek.is_a(part, parts.PIPELINE):
                for name, step in parts.steps_of(part):
                    found.update({f"{name}__{key}": value for key, value in _changed(step).items()})
        return found

    def fit_info(self, model: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in _chain(model):
            for name in _FIT_FACTS:
                value = peek.attribute(part, name)
                if isinstance(value, (int, float)):
                    found.setdefault(name.rstrip("_"), value)
            best = peek.attribute(part, "best_params_")
            if type(best) is dict:
                found.setdefault("best_params", best)
        return found

    def user_code(self, model: object) -> bool:
        return holds_user_code(parts.inside(model))

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        if not details:
            return Output(model.predict(X))
        target = _with_spread(model)
        if target is not None:
            label, spread = target.predict(X, return_std=True)
            return Output(label, spread=spread)
        label = model.predict(X)
        if self.task(model) == "regression":
            return Output(label)
        method = _available(model, "predict_proba")
        if method is not None:
            return Output(label, probability=method(X))
        method = _available(model, "decision_function")
        return Output(label, score=None if method is None else method(X))

    def importance(self, model: Any, names: Sequence[str]) -> Importance | None:
        return importance_of(model, names)


def _available(model: Any, name: str) -> Any | None:
    """A method or property, None where the model's own settings switch it off, as `probability=False` does."""
    try:
        return getattr(model, name, None)
    except Exception:
        return None


def _chain(model: object) -> list[object]:
    """The model, what it wraps, and so on to the last step."""
    chain = [model]
    while len(chain) < 20:
        steps = parts.steps_of(chain[-1]) if peek.is_a(chain[-1], parts.PIPELINE) else []
        inner = steps[-1][1] if steps else parts.wrapped(chain[-1])
        if inner is None:
            break
        chain.append(inner)
    return chain


def _entry(model: object) -> object:
    """The part that sees the raw input first."""
    for _ in range(20):
        steps = parts.steps_of(model) if peek.is_a(model, parts.PIPELINE) else []
        members = parts.members(model)
        inner = steps[0][1] if steps else parts.wrapped(model) or (members[0] if members else None)
        if inner is None:
            return model
        model = inner
    return model


def _first(model: object, name: str) -> Any | None:
    """An attribute of the first part on the way of the raw input that has it."""
    for _ in range(20):
        found = peek.attribute(model, name)
        if found is not None:
            return found
        steps = parts.steps_of(model) if peek.is_a(model, parts.PIPELINE) else []
        members = parts.members(model)
        inner = steps[0][1] if steps else parts.wrapped(model) or (members[0] if members else None)
        if inner is None:
            break
        model = inner
    return _available(model, name) if peek.root_of(type(model)) in _LIBRARIES else None


def _plain_list(values: Any) -> list[Any]:
    return list(values.tolist()) if hasattr(type(values), "tolist") else list(values)


def _changed(model: object) -> dict[str, Any]:
    """Constructor arguments that differ from their defaults; of objects only the class name is told."""
    init = peek.class_attribute(type(model), "__init__")
    if type(init) is not types.FunctionType:
        return {}
    found: dict[str, Any] = {}
    held = peek.attributes(model)
    for name, parameter in list(inspect.signature(init).parameters.items())[1:]:
        if name not in held:
            continue
        value, default = held[name], parameter.default
        if default is parameter.empty and type(value) in (list, tuple):
            continue
        if value is default:
            continue
        plain = any(type(value) is kind for kind in _PLAIN)
        if plain and type(value) is type(default) and value == default:
            continue
        if plain:
            found[name] = value
        elif type(value) in (list, tuple, dict):
            found[name] = f"{type(value).__name__} of {len(value)}"
        else:
            found[name] = peek.short_name(type(value))
    return found


def _with_spread(model: Any) -> Any | None:
    """What to ask for `return_std`: the model itself, or the best pipeline of a search."""
    if peek.is_a(model, parts.SEARCH):
        model = peek.attribute(model, "best_estimator_")
    final = model
    while peek.is_a(final, parts.PIPELINE):
        final = parts.steps_of(final)[-1][1]
    function = peek.class_attribute(type(final), "predict")
    if type(function) is not types.FunctionType or peek.root_of(type(final)) != "sklearn":
        return None
    code = function.__code__
    return model if "return_std" in code.co_varnames[: code.co_argcount] else None
