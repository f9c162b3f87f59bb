"""Intervals of one prediction, each with the name of its method and of what it stands on."""

from __future__ import annotations

import math
import statistics
from typing import Any

from .. import peek
from ..asking.outputs import Scored
from ..asking.prediction import steadily
from ..catalog import Found
from ..explaining.path import path_of
from ..toolbox import ToolContext, ToolError
from .evaluation import Assessed

MIN_HELD_OUT = 30


def normal(middle: float, spread: float, level: float) -> dict[str, Any]:
    """From the model's own standard deviation."""
    half = statistics.NormalDist().inv_cdf(0.5 + level / 2) * spread
    return {
        "prediction": middle, "low": middle - half, "high": middle + half,
        "method": "normal, from the model's own standard deviation", "is_interval": True,
    }  # fmt: skip


def recipe(found: Found, row: str, level: float) -> str:
    """Shows the ends of the interval that the model's own standard deviation makes."""
    z = statistics.NormalDist().inv_cdf(0.5 + level / 2)
    asked = f"middle, spread = {found.ref}.predict({row}, return_std=True)"
    if found.adapter.family == "statsmodels":
        asked = f"told = {found.ref}.get_prediction({row})\nmiddle, spread = told.predicted_mean, told.se_obs"
    return f"{asked}\n[float(middle[0] - {z!r} * spread[0]), float(middle[0] + {z!r} * spread[0])]"


def conformal(held: Assessed, scored: Scored, level: float) -> dict[str, Any]:
    """Split conformal: as wide as the errors on held-out rows say; for classes, those not ruled out by them.

    Holds on average over rows like the held-out ones. Raises ToolError `invalid_input` for too few of them.
    """
    numpy: Any = peek.library("numpy")
    if held.n < max(MIN_HELD_OUT, math.ceil(1 / (1 - level))):
        raise ToolError(
            "invalid_input", f"`{held.labelled.ref}` has too few rows for an interval of {level:.0%}.",
            "Name more held-out rows.", about="data",
        )  # fmt: skip
    place = min(held.n, math.ceil((held.n + 1) * level)) - 1
    based = {"held_out_rows": held.n, "is_interval": True}
    if not held.classes:
        half = float(numpy.sort(held.losses())[place])
        middle = float(scored.labels[0])
        return {"low": middle - half, "high": middle + half, "method": "split conformal, from held-out errors", **based}
    if held.scored.chances is None:
        raise ToolError("unsupported", f"`{held.found.ref}` tells no probabilities.", about=held.found.ref)
    limit = float(numpy.sort(held.losses())[place])
    kept = [label for label, p in zip(held.classes, scored.values[0], strict=True) if 1 - p <= limit]
    return {"classes": kept, "method": "split conformal set, from held-out probabilities", **based}


def of_trees(ctx: ToolContext, found: Found, X: Any, level: float) -> dict[str, Any] | None:
    """How far the trees of a forest are apart. That is no interval for the truth, and is called so."""
    numpy: Any = peek.library("numpy")
    names = found.adapter.inputs(found.model).names or ()
    path = path_of(found.model, tuple(names), found.ref)
    if path is None or not peek.is_a(path.final, "sklearn.ensemble._forest.ForestRegressor"):
        return None
    trees = [tree for _, tree in peek.items(peek.attribute(path.final, "estimators_"), 10_000)]

    def ask() -> Any:
        features = path.transform(X)
        dense = features.to_numpy() if hasattr(features, "to_numpy") else features
        return numpy.array([float(numpy.ravel(tree.predict(dense))[0]) for tree in trees])

    answers = steadily(ctx, found, ask, [None])
    tail = (1 - level) / 2
    low, high = numpy.quantile(answers, [tail, 1 - tail]).tolist()
    return {
        "prediction": float(answers.mean()), "low": low, "high": high, "trees": len(trees),
        "method": "spread of the trees: how far they disagree, not an interval for the truth", "is_interval": False,
    }  # fmt: skip
