"""TreeSHAP of the boosting libraries themselves, and of the shap package for scikit-learn's trees.

The libraries return it when asked for contributions; nothing is imported for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import peek


@dataclass(frozen=True)
class Explained:
    """Of one row: `values` (outputs, features), `bases` and `totals` (outputs,). `identity`: no link function."""

    method: str
    scale: str
    values: Any
    bases: Any
    totals: Any
    identity: bool


def explain(final: Any, X: Any) -> Explained | None:
    """None for what is no tree ensemble, or one that only shap could explain and shap is not loaded."""
    numpy = peek.library("numpy")
    if numpy is None:
        return None
    if peek.is_a(final, "xgboost.sklearn.XGBModel", "xgboost.core.Booster"):
        return _xgboost(numpy, final, X)
    if peek.is_a(final, "lightgbm.sklearn.LGBMModel", "lightgbm.basic.Booster"):
        return _lightgbm(numpy, final, X)
    if peek.is_a(final, "catboost.core._CatBoostBase"):
        return _catboost(numpy, final, X)
    shap = peek.library("shap")
    if shap is not None and peek.root_of(type(final)) == "sklearn" and _is_forest(final):
        return _shap(numpy, shap, final, X)
    return None


def _xgboost(numpy: Any, final: Any, X: Any) -> Explained | None:
    xgboost = peek.library("xgboost")
    if xgboost is None:
        return None
    options: dict[str, Any] = {"enable_categorical": True, "nthread": 1}
    booster, stop = final, _optional(final, "best_iteration")
    if peek.is_a(final, "xgboost.sklearn.XGBModel"):
        booster = final.get_booster()
        options |= {"missing": final.missing, "feature_types": final.feature_types}
    if getattr(booster, "feature_names", None) and not hasattr(X, "columns"):
        options["feature_names"] = booster.feature_names
    matrix = xgboost.DMatrix(X, **options)
    limit = (0, int(stop) + 1) if stop is not None else (0, 0)
    shares = numpy.asarray(booster.predict(matrix, pred_contribs=True, iteration_range=limit), dtype=float)
    margin = numpy.asarray(booster.predict(matrix, output_margin=True, iteration_range=limit), dtype=float)
    plain = numpy.asarray(booster.predict(matrix, iteration_range=limit), dtype=float)
    return _made("TreeSHAP of xgboost", shares[0], margin.reshape(-1), plain.reshape(-1), numpy)


def _lightgbm(numpy: Any, final: Any, X: Any) -> Explained:
    booster = final.booster_ if peek.is_a(final, "lightgbm.sklearn.LGBMModel") else final
    shares = booster.predict(X, pred_contrib=True)
    if type(shares) is list:
        shares = numpy.stack([part.toarray()[0] for part in shares])
    elif hasattr(type(shares), "toarray"):
        shares = shares.toarray()[0]
    else:
        shares = shares[0]
    margin = numpy.asarray(booster.predict(X, raw_score=True), dtype=float).reshape(-1)
    plain = numpy.asarray(booster.predict(X), dtype=float).reshape(-1)
    return _made(
        "TreeSHAP of lightgbm", numpy.asarray(shares, dtype=float).reshape(len(margin), -1), margin, plain, numpy
    )


def _catboost(numpy: Any, final: Any, X: Any) -> Explained | None:
    catboost = peek.library("catboost")
    if catboost is None:
        return None
    data = catboost.Pool(X, cat_features=final.get_cat_feature_indices())
    shares = numpy.asarray(final.get_feature_importance(data, type="ShapValues"), dtype=float)[0]
    margin = numpy.asarray(final.predict(data, prediction_type="RawFormulaVal"), dtype=float).reshape(-1)
    plain = margin if not peek.is_a(final, "catboost.core.CatBoostClassifier") else margin * numpy.nan
    return _made("TreeSHAP of catboost", shares, margin, plain, numpy)


def _made(method: str, shares: Any, margin: Any, plain: Any, numpy: Any) -> Explained:
    """`shares` (features + 1,) or (outputs, features + 1), the last the base."""
    table = numpy.atleast_2d(shares)
    identity = len(plain) == len(margin) and bool(numpy.allclose(plain, margin))
    scale = "log-odds" if len(table) == 1 else "raw score"
    return Explained(method, scale, table[:, :-1], table[:, -1], margin, identity)


def _is_forest(final: Any) -> bool:
    names = (
        "sklearn.ensemble._forest.BaseForest",
        "sklearn.tree._classes.BaseDecisionTree",
        "sklearn.ensemble._gb.BaseGradientBoosting",
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.BaseHistGradientBoosting",
    )
    return peek.is_a(final, *names)


def _shap(numpy: Any, shap: Any, final: Any, X: Any) -> Explained | None:
    """Falls back to None on whatever shap can't do: there is another way."""
    try:
        dense = X.toarray() if hasattr(type(X), "toarray") else X
        explainer = shap.TreeExplainer(final, feature_perturbation="tree_path_dependent")
        told = explainer(dense, check_additivity=False)
    except Exception:
        return None
    values = numpy.asarray(told.values, dtype=float)[0]
    values = values[None, :] if values.ndim == 1 else values.T
    bases = numpy.asarray(told.base_values, dtype=float).reshape(-1)[: len(values)]
    margins = hasattr(type(final), "staged_predict") and hasattr(final, "decision_function")
    if margins:
        totals, scale = numpy.asarray(final.decision_function(dense), dtype=float).reshape(-1), "log-odds"
    elif hasattr(final, "predict_proba"):
        totals, scale = numpy.asarray(final.predict_proba(dense), dtype=float).reshape(-1), "probability"
    else:
        totals, scale = numpy.asarray(final.predict(dense), dtype=float).reshape(-1), "prediction"
    if len(totals) != len(values):
        return None
    return Explained(
        "TreeSHAP of shap", scale if len(values) < 3 or not margins else "raw score", values, bases, totals, True
    )


def _optional(final: Any, name: str) -> Any | None:
    """xgboost raises where training did not stop early."""
    try:
        return getattr(final, name, None)
    except AttributeError:
        return None
