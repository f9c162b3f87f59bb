"""How scikit-learn estimators are put together, read from their instance dicts alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import peek
from .base import Status, Task

PIPELINE = "sklearn.pipeline.Pipeline"
SEARCH = "sklearn.model_selection._search.BaseSearchCV"
THRESHOLD = "sklearn.model_selection._classification_threshold.BaseThresholdClassifier"
HIST_BOOSTING = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.BaseHistGradientBoosting"

WRAPPERS = {
    "sklearn.frozen._frozen.FrozenEstimator": ("estimator",),
    THRESHOLD: ("estimator_", "estimator"),
    "sklearn.semi_supervised._self_training.SelfTrainingClassifier": ("estimator_", "base_estimator_"),
    "sklearn.compose._target.TransformedTargetRegressor": ("regressor_", "regressor"),
    SEARCH: ("best_estimator_", "estimator"),
}
"""Estimators that hand their whole input to one other, and what holds it, the fitted one first."""

ENSEMBLES = {
    "sklearn.ensemble._voting._BaseVoting": "estimators_",
    "sklearn.ensemble._stacking._BaseStacking": "estimators_",
    "sklearn.multiclass.OneVsRestClassifier": "estimators_",
    "sklearn.multiclass.OneVsOneClassifier": "estimators_",
    "sklearn.multioutput._MultiOutputEstimator": "estimators_",
    "sklearn.multioutput._BaseChain": "estimators_",
    "sklearn.calibration.CalibratedClassifierCV": "calibrated_classifiers_",
}
"""Estimators that hand their whole input to several others."""

_TASKS: dict[str, Task] = {
    "sklearn.base.ClassifierMixin": "classification",
    "sklearn.base.RegressorMixin": "regression",
    "sklearn.base.OutlierMixin": "outlier_detection",
    "sklearn.base.ClusterMixin": "clustering",
    "sklearn.mixture._base.BaseMixture": "clustering",
}
_OLD_TASKS: dict[str, Task] = {
    "classifier": "classification",
    "regressor": "regression",
    "outlier_detector": "outlier_detection",
    "clusterer": "clustering",
}
_NOT_PROOF = frozenset(
    [
        "n_features_in_",
        "feature_names_in_",
        "classes_",
        "n_classes_",
        "n_outputs_",
        "n_splits_",
        "multimetric_",
        "scorer_",
    ]
)
"""Set at the start of a fit: alone they show that it never came to its end."""
_WHOLE_WHEN = {
    "sklearn.tree._classes.BaseDecisionTree": "tree_",
    "sklearn.linear_model._base.LinearModel": "coef_",
    "sklearn.linear_model._base.LinearClassifierMixin": "coef_",
    "sklearn.svm._base.BaseLibSVM": "fit_status_",
    "sklearn.neighbors._base.NeighborsBase": "_fit_method",
    SEARCH: "cv_results_",
    "xgboost.sklearn.XGBModel": "_Booster",
    "lightgbm.sklearn.LGBMModel": "_Booster",
}
"""An attribute that is there only after a whole fit."""


def steps_of(pipeline: object) -> list[tuple[str, Any]]:
    """Named steps of a Pipeline without those that do nothing."""
    return [
        (str(name), step)
        for _, pair in peek.items(peek.attribute(pipeline, "steps"), 200)
        if type(pair) in (tuple, list) and len(pair) == 2
        for name, step in [pair]
        if step is not None and type(step) is not str
    ]


def wrapped(model: object) -> Any | None:
    """The one estimator that gets this one's whole input, if it is such a wrapper."""
    for base in peek.mro(type(model)):
        for attribute in WRAPPERS.get(peek.class_name(base), ()):
            found = peek.attribute(model, attribute)
            if found is not None:
                return found
    return None


def members(model: object) -> list[Any]:
    """The estimators that each get this one's whole input, if it is such an ensemble."""
    for base in peek.mro(type(model)):
        attribute = ENSEMBLES.get(peek.class_name(base))
        if attribute is not None:
            found = [member for _, member in peek.items(peek.attribute(model, attribute), 200)]
            return [peek.attribute(member, "estimator") or member for member in found]
    return []


def last(model: object) -> object:
    """What makes the prediction at the end of pipelines and wrappers."""
    for _ in range(20):
        steps = steps_of(model) if peek.is_a(model, PIPELINE) else []
        inner = steps[-1][1] if steps else wrapped(model)
        if inner is None:
            return model
        model = inner
    return model


def task_of(model: object) -> Task:
    model = last(model)
    for base in peek.mro(type(model)):
        task = _TASKS.get(peek.class_name(base))
        if task is not None:
            return task
    inner = peek.attribute(model, "estimator_")
    if inner is not None:
        return task_of(inner)
    old = peek.class_attribute(type(model), "_estimator_type")
    return _OLD_TASKS.get(old, "unknown") if type(old) is str else "unknown"


def status_of(model: object) -> Status:
    if peek.is_a(model, PIPELINE):
        return _pipeline_status(model)
    names = peek.fitted_names(model)
    whole = next(
        (_WHOLE_WHEN[name] for name in map(peek.class_name, peek.mro(type(model))) if name in _WHOLE_WHEN),
        None,
    )
    if not names and (whole is None or peek.attribute(model, whole) is None):
        inner = wrapped(model)
        return status_of(inner) if peek.is_a(model, "sklearn.frozen._frozen.FrozenEstimator") else "unfitted"
    if whole is not None:
        return "fitted" if peek.attribute(model, whole) is not None else "half_fitted"
    if peek.root_of(type(model)) == "sklearn" and _NOT_PROOF.issuperset(names):
        return "half_fitted"
    return "half_fitted" if _is_torn(model) else "fitted"


def _pipeline_status(model: object) -> Status:
    steps = steps_of(model)
    if not steps:
        return "unfitted"
    final = status_of(steps[-1][1])
    if final == "unfitted" and any(peek.fitted_names(step) for _, step in steps[:-1]):
        return "half_fitted"
    return final


def _is_torn(model: object) -> bool:
    """Whether an interrupted fit left an ensemble without some of its members."""
    if peek.is_a(model, HIST_BOOSTING):
        return type(peek.attribute(model, "train_score_")) is list
    found = peek.attributes(model)
    if "estimators_" not in found:
        return False
    parts = found["estimators_"]
    numpy = peek.library("numpy")
    if numpy is not None and type(parts) is numpy.ndarray and parts.dtype.hasobject:
        parts = parts.ravel().tolist()
    return type(parts) is list and (not parts or any(part is None for part in parts))


def inside(model: object, limit: int = 2_000) -> Iterator[object]:
    """The model and everything it holds, through instance dicts and plain containers, each object once."""
    seen: set[int] = set()
    queue: list[object] = [model]
    while queue and len(seen) < limit:
        value = queue.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        if type(value) in (dict, list, tuple):
            queue.extend(part for _, part in peek.items(value, 200))
        elif peek.root_of(type(value)) not in ("numpy", "pandas", "scipy", "builtins"):
            queue.extend(peek.attributes(value).values())
