"""What becomes of each raw column on its way to the estimator at the end of a model."""

from __future__ import annotations

from typing import Any

from .. import budget, peek
from ..adapters import scikit_parts as parts
from ..asking.recipes import cell
from ..catalog import Found
from ..signature import Signature
from ..toolbox import Local
from .path import Path, path_of

MAX_NAMES = 12


def mapping(found: Found, sig: Signature) -> tuple[list[dict[str, Any]], int, str] | None:
    """`{column, n, names}` in the order of the columns, the number of features, and the cell that lists them.

    None where the way splits or ends in the dark. A name that a category is in stays with the person.
    """
    names = tuple(column.name for column in sig.columns)
    path = path_of(found.model, names, found.ref)
    if path is None:
        return None
    made = _names(found.model, path)
    by_column: dict[str, list[str]] = {name: [] for name in names}
    for place, origin in enumerate(path.origins):
        by_column.setdefault(origin, []).append(made[place] if made else "")
    cards = []
    for name, features in by_column.items():
        shown = [budget.short(one) for one in features[:MAX_NAMES]] if made else []
        plain = len(features) == 1 and _same(name, features[0])
        card: dict[str, Any] = {"column": budget.short(name), "n": len(features)}
        if shown:
            card["names"] = shown if plain else Local(shown)
        cards.append(card)
    return cards, len(path.origins), _code(found, path) if made else ""


def _names(model: Any, path: Path) -> list[str]:
    """Of the features, as the steps themselves name them; [] where one of them can't."""
    pipeline = model
    while not peek.is_a(pipeline, parts.PIPELINE):
        inner = parts.wrapped(pipeline)
        if inner is None:
            return list(path.origins)
        pipeline = inner
    try:
        found = [str(name) for name in pipeline[:-1].get_feature_names_out()]
    except Exception:
        return []
    return found if len(found) == len(path.origins) else []


def _same(column: str, feature: str) -> bool:
    """Whether a feature is named after its column alone: `scale__age` for `age`."""
    return feature == column or feature.rpartition("__")[2] == column


def _code(found: Found, path: Path) -> str:
    head, _, tail = path.features_source.partition(".transform(")
    if not tail:
        return ""
    return cell([f"pd.Series({list(path.origins)!r}, index={head}.get_feature_names_out())"])
