"""Warnings of whether an answer can be trusted: at most one an answer, and none that the person waved aside.

An answer tells them as `doubts`; of a whole turn the service keeps the first (`chat/doubts.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .. import peek
from ..catalog import Found
from ..toolbox import ToolContext

Kind = Literal["in_sample", "leakage", "drift", "stale", "unit"]
STATE_KEY = "dismissed"


def warned(ctx: ToolContext, kind: Kind, texts: Sequence[str], *models: Found) -> list[str]:
    """The first of these texts, with how many more there are; nothing where the kind was dismissed for each model."""
    if not texts or all(kind in dismissed(ctx, found) for found in models):
        return []
    more = f" (and {len(texts) - 1} more)" if len(texts) > 1 else ""
    return [f"{texts[0]}{more}"]


def dismissed(ctx: ToolContext, found: Found) -> tuple[Kind, ...]:
    """What is no longer said of a model, under any of its names; of another class it is another model."""
    kept: dict[str, tuple[str, tuple[Kind, ...]]] = ctx.state.get(STATE_KEY) or {}
    for ref in (found.ref, *found.aliases):
        if ref in kept and kept[ref][0] == peek.class_name(type(found.model)):
            return kept[ref][1]
    return ()


def dismiss(ctx: ToolContext, found: Found, kind: Kind, wish: bool | None) -> None:
    """No longer say this of the model; with False say it again; with None leave it as it is."""
    if wish is None:
        return
    before = dismissed(ctx, found)
    after = tuple(one for one in before if one != kind) + ((kind,) if wish else ())
    kept = ctx.state.setdefault(STATE_KEY, {})
    for ref in found.aliases:
        kept.pop(ref, None)
    kept[found.ref] = (peek.class_name(type(found.model)), after)
