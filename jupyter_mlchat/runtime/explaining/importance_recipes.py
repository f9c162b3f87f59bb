"""Cells that ask a model for its importances again."""

from __future__ import annotations

from collections.abc import Sequence

from .. import peek
from ..adapters.base import Importance
from ..asking.recipes import cell
from ..catalog import Found
from .contribution_recipes import MAX_FEATURES
from .path import path_of

_GROUPED = ".groupby(level=0).sum().sort_values(ascending=False)"


def of_model(found: Found, told: Importance, names: Sequence[str]) -> str:
    """Shows the importance of each raw column; "" where no short way leads to it."""
    if len(names) > MAX_FEATURES:
        return ""
    ref, listed = found.ref, list(names)
    if peek.is_a(found.model, "xgboost.core.Booster"):
        asked = f'pd.Series({ref}.get_score(importance_type="total_gain"))'
        return cell([f"found = {asked}", "found.sort_values(ascending=False) / found.sum()"])
    if peek.is_a(found.model, "lightgbm.basic.Booster"):
        asked = f'pd.Series({ref}.feature_importance("gain"), index={listed!r})'
        return cell([f"found = {asked}", "found.sort_values(ascending=False) / found.sum()"])
    if found.adapter.family == "catboost":
        asked = f"pd.Series({ref}.get_feature_importance(), index={listed!r})"
        return cell([f"found = {asked}", "found.sort_values(ascending=False) / found.sum()"])
    if found.adapter.family == "statsmodels":
        return f"abs({ref}.params)"
    path = path_of(found.model, tuple(names), ref)
    if path is None or told.method not in ("feature_importances", "coefficients"):
        return ""
    values = f"{path.final_source}.feature_importances_"
    if told.method == "coefficients":
        values = f"np.abs(np.atleast_2d({path.final_source}.coef_)).mean(axis=0)"
    return cell([f"pd.Series({values}, index={list(path.origins)!r}){_GROUPED}"])
