"""What each threshold on a probability or score would do."""

from __future__ import annotations

from typing import Any

from .. import budget, peek
from . import evaluation_recipes
from .evaluation import Assessed

PARTS = 19


def curve(positive: Any, ranked: Any, chances: bool, costs: tuple[float, float] | None) -> list[dict[str, Any]]:
    """One entry for each threshold: 0.05 to 0.95, or quantiles of a score. `costs` of a false alarm and a miss."""
    numpy: Any = peek.library("numpy")
    steps = [round((i + 1) / (PARTS + 1), 4) for i in range(PARTS)]
    tried = steps if chances else sorted({float(f"{v:.6g}") for v in numpy.quantile(ranked, steps).tolist()})
    total, cases = len(ranked), int(positive.sum())
    found = []
    for threshold in tried:
        alarm = ranked >= threshold
        hits, alarms = int((alarm & positive).sum()), int(alarm.sum())
        missed, false = cases - hits, alarms - hits
        one: dict[str, Any] = {
            "threshold": threshold,
            "precision": _share(hits, alarms),
            "recall": _share(hits, cases),
            "false_positive_rate": _share(false, total - cases),
            "alarms": _share(alarms, total),
            "f1": _share(2 * hits, alarms + cases),
        }
        if costs is not None:
            one["cost"] = budget.figure(costs[0] * false + costs[1] * missed)
        found.append(one)
    return found


def _share(part: int, whole: int) -> float | None:
    return float(f"{part / whole:.4g}") if whole else None


def recipe(seen: Assessed, tried: list[float]) -> str:
    """Shows precision and recall at each threshold."""
    lines = evaluation_recipes.asked(seen)
    if lines is None:
        return ""
    return "\n".join(
        [*lines, "positive = y == classes[1]", f"tried = {tried!r}",
         "[(metrics.precision_score(positive, ranked >= t, zero_division=np.nan), "
         "metrics.recall_score(positive, ranked >= t)) for t in tried]"]
    )  # fmt: skip
