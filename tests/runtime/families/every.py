"""Every public estimator of scikit-learn that predicts, fitted on a small frame that suits it."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from sklearn.utils import all_estimators

ROWS = 60
_RNG = np.random.default_rng(11)
FRAME = pd.DataFrame(
    {
        "age": _RNG.integers(18, 80, ROWS).astype(float),
        "monthly fee": _RNG.uniform(5, 90, ROWS).round(2),
        "score": _RNG.uniform(0.1, 2, ROWS),
    }
)
AMOUNT = (FRAME["age"] * 0.7 + FRAME["monthly fee"] * 2 + 1).rename("amount")
LABEL = pd.Series(np.where(AMOUNT.median() < AMOUNT, "high", "low"), name="label")
CODES = pd.DataFrame({name: FRAME[name].rank(pct=True).mul(3).astype(int) for name in FRAME.columns})
TWO = pd.DataFrame({"amount": AMOUNT, "age": FRAME["age"] * 2})
TWO_LABELS = pd.DataFrame({"high": (LABEL == "high").astype(int), "old": (FRAME["age"] > 50).astype(int)})

_CODED = {"CategoricalNB"}
_BINARY_TARGET = {"FixedThresholdClassifier", "TunedThresholdClassifierCV"}
_LABEL_TWO = {"ClassifierChain", "MultiOutputClassifier"}
_CHAINED = {"RegressorChain", "MultiOutputRegressor"}
_GIVEN: dict[str, dict[str, Any]] = {
    "GridSearchCV": {"estimator": LogisticRegression(), "param_grid": {"C": [0.1, 1.0]}},
    "RandomizedSearchCV": {"estimator": LogisticRegression(), "param_distributions": {"C": [0.1, 1.0]}, "n_iter": 2},
    "Pipeline": {"steps": [("scale", StandardScaler()), ("last", LogisticRegression())]},
    "GaussianProcessRegressor": {"alpha": 1.0},
    "OrthogonalMatchingPursuitCV": {"max_iter": 2},
    "SelfTrainingClassifier": {"estimator": LogisticRegression()},
    "RFE": {"n_features_to_select": 2},
    "VotingRegressor": {"estimators": [("one", Ridge()), ("two", Ridge(alpha=9))]},
    "StackingRegressor": {"estimators": [("one", Ridge()), ("two", Ridge(alpha=9))]},
    "VotingClassifier": {"estimators": [("one", LogisticRegression()), ("two", LogisticRegression(C=9))]},
    "StackingClassifier": {"estimators": [("one", LogisticRegression()), ("two", LogisticRegression(C=9))]},
}
_SMALL = {"n_estimators": 4, "max_iter": 60, "random_state": 0, "n_init": 1, "n_clusters": 3, "cv": 2}


def estimators() -> list[tuple[str, type]]:
    """Name and class. The halving searches only exist once they are enabled, so they are asked elsewhere."""
    found = [(name, cls) for name, cls in all_estimators() if not name.startswith("Halving")]
    return [(name, cls) for name, cls in found if hasattr(cls, "predict") or hasattr(cls, "fit_predict")]


def fitted(name: str, cls: type) -> tuple[Any, pd.DataFrame]:
    """The model and its training frame."""
    parameters = inspect.signature(cls).parameters
    given = dict(_GIVEN.get(name, {}))
    if "estimator" in parameters and parameters["estimator"].default is inspect.Parameter.empty:
        regressor = name in _CHAINED
        given.setdefault("estimator", Ridge() if regressor else LogisticRegression())
    given.update({key: value for key, value in _SMALL.items() if key in parameters and key not in given})
    X = CODES if name in _CODED else FRAME[["age"]] if name == "IsotonicRegression" else FRAME
    model = cls(**given)
    with warnings.catch_warnings():
        # Convergence on 60 rows is beside the point.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", FutureWarning)
        model.fit(X, _target(name, cls))
    return model, X


def _target(name: str, cls: type) -> Any:
    if name in _LABEL_TWO:
        return TWO_LABELS
    if name in _BINARY_TARGET:
        return (LABEL == "high").astype(int)
    if name in _CHAINED or name.startswith("MultiTask") or name in ("CCA", "PLSCanonical", "PLSRegression"):
        return TWO
    kind = getattr(cls, "_estimator_type", None) or _kind(cls)
    return AMOUNT if kind == "regressor" else LABEL


def _kind(cls: type) -> str:
    return "regressor" if any(base.__name__ == "RegressorMixin" for base in cls.__mro__) else "classifier"
