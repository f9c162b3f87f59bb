"""What a search over settings found."""

from __future__ import annotations

from typing import Any

from .. import budget, leaving, peek, references
from ..catalog import walk
from ..evaluating import searches
from ..evaluating.searches import Effect, Searched, Trial
from ..toolbox import Outcome, ToolContext, ToolError, tool

MAX_TOP = 30
_MAX_VALUES = 8


@tool(
    guidance="For grid, randomized and halving searches and Optuna studies, also those with refit=False.",
    example="what did grid find?",
)
def get_search_results(ctx: ToolContext, model_id: str, top: int = 10, metric: str | None = None) -> Outcome:
    """Tell what a search over settings tried: the best, those as good, what each setting did, borders, times, failures.

    Args:
        model_id: A reference to the search or study, such as `grid` or `study`.
        top: How many candidates to show.
        metric: Of a search with several metrics, the one to rank by.
    """
    ref, search = _find(ctx, model_id)
    try:
        found = searches.read(search, metric)
    except KeyError as error:
        text = f"`{ref}` has no metric `{str(metric)[:40]}`."
        raise ToolError("invalid_input", text, f"It has {', '.join(map(str, error.args))[:300]}.", "metric") from None
    if found is None:
        raise ToolError("not_fitted", f"`{ref}` has not searched yet.", f"Run `{ref}.fit(...)` first.", about=ref)
    ranked = found.ranked
    if not ranked:
        raise ToolError("model_error", f"Every candidate of `{ref}` failed.", "Fit one of them to see why.", about=ref)
    best = ranked[0]
    close = _as_good(found, ranked)
    told = searches.effects(found)
    cards = [_card(one, rank) for rank, one in enumerate(ranked[: max(1, min(top, MAX_TOP))], 1)]
    shown = budget.fitting(cards, 3_200)
    edges = [one for one in told if one.border is not None]
    seconds = [one.seconds for one in found.trials if one.seconds is not None and one.seconds == one.seconds]
    data: dict[str, Any] = {
        "model_id": ref,
        "kind": found.kind,
        "metric": found.metric,
        "metrics": list(found.metrics) or None,
        "higher_is_better": found.higher_is_better,
        "tried": len(found.trials),
        "folds": found.folds,
        "failed": found.failed,
        "pruned": found.pruned,
        "best": _card(best, 1),
        "within_one_std": None if best.std is None else len(close),
        "top": shown,
        "effects": budget.fitting([_effect_card(one) for one in told], 2_000),
        "on_the_border": [
            {"setting": one.name[:80], "side": one.border, "value": _plain(one.name, one.best)} for one in edges
        ][:8],
        "train_test_gap": None if best.train is None else budget.figure(best.train - best.score),
        "seconds_mean": budget.figure(sum(seconds) / len(seconds)) if seconds else None,
        "seconds_total": budget.figure(sum(seconds) * (found.folds or 1)) if seconds else None,
        "refit": bool(peek.attribute(search, "refit")) if found.folds else None,
    }
    return Outcome(
        data,
        warnings=_remarks(ref, found, edges),
        evidence=[{"kind": "object", "text": f"`{ref}`", "ref": ref, "cell": None}],
        shown=len(shown),
        total=len(ranked),
        code=_code(ref, found, metric),
    )


def _find(ctx: ToolContext, model_id: str) -> tuple[str, Any]:
    """A search by its reference, or the one that a model is the best of."""
    wanted = references.canonical(model_id) or model_id.strip()
    known: list[tuple[str, Any]] = []
    named: Any = None
    for ref, value in walk(ctx.names()):
        if searches.is_search(value):
            known.append((ref, value))
            if ref == wanted:
                return ref, value
        elif ref == wanted:
            named = value
    for ref, value in known:
        if named is not None and peek.attribute(value, "best_estimator_") is named:
            return ref, value
    names = ", ".join(f"`{ref}`" for ref, _ in known[:5])
    hint = f"There is {names}." if known else "Fit a GridSearchCV, or run a study, then ask again."
    code = "unknown_model" if named is None else "unsupported"
    raise ToolError(code, f"`{wanted[:80]}` is no search over settings.", hint, about=wanted[:80])


def _as_good(found: Searched, ranked: list[Trial]) -> list[Trial]:
    """Candidates whose score is within one standard deviation of the best's."""
    best = ranked[0]
    if best.std is None:
        return []
    return [one for one in ranked if abs(one.score - best.score) <= best.std and one.rung == best.rung]


def _card(one: Trial, rank: int) -> dict[str, Any]:
    card: dict[str, Any] = {
        "rank": rank,
        "params": {name[:80]: _plain(name, value) for name, value in list(one.params.items())[:20]},
        "score": budget.figure(one.score),
    }
    for key, value in (("std", one.std), ("train_score", one.train), ("seconds", one.seconds), ("iteration", one.rung)):
        if value is not None:
            card[key] = budget.figure(value)
    return card


def _plain(name: str, value: Any) -> Any:
    """A setting as it may be told."""
    if isinstance(value, str) and not leaving.option_may_leave(name, value):
        return "(text)"
    if value is None or isinstance(value, (bool, int, float)):
        return budget.figure(value)
    return searches.told(value)


def _effect_card(one: Effect) -> dict[str, Any]:
    return {
        "setting": one.name[:80],
        "spread": budget.figure(one.spread),
        "means": {_plain(one.name, label): budget.figure(mean) for label, mean, _ in one.scores[:_MAX_VALUES]},
    }


def _remarks(ref: str, found: Searched, edges: list[Effect]) -> list[str]:
    told = []
    if found.failed:
        told.append(f"{found.failed} of {len(found.trials) + found.pruned} candidates of `{ref}` failed.")
    if edges:
        names = ", ".join(f"`{one.name[:40]}` ({one.border})" for one in edges[:3])
        told.append(f"The best value lies on the border of what was tried: {names}. A better one may lie beyond.")
    return told


def _code(ref: str, found: Searched, metric: str | None) -> str:
    if found.folds is None:
        order = "False" if found.higher_is_better else "True"
        return f"{ref}.trials_dataframe().sort_values('value', ascending={order}).head(10)"
    name = metric or (found.metric if found.metrics else "score")
    columns = ["params", f"mean_test_{name}", f"std_test_{name}"]
    return f"import pandas as pd\npd.DataFrame({ref}.cv_results_).sort_values('rank_test_{name}').head(10)[{columns!r}]"
