"""The engine of this process: one chunk after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ..asking.prediction import steadily
from ..catalog import Found
from ..toolbox import ToolContext, ToolError
from .scoring import Refuses, Scored, Scorer, score
from .source import Source


def parts(
    ctx: ToolContext, found: Found, source: Source, scorer: Scorer, done: Collection[int]
) -> Iterator[tuple[int, Scored]]:
    """Raises ToolError `model_changing`, `model_error`."""
    for number, piece in source.pieces(done):
        yield number, steadily(ctx, found, lambda piece=piece: asked(found, scorer, piece))  # type: ignore[misc]


def asked(found: Found, scorer: Scorer, piece: Any) -> Scored:
    try:
        return score(scorer, piece)
    except Refuses as error:
        raise refusal(found, error) from None


def refusal(found: Found, error: Refuses) -> ToolError:
    kind, text = error.args
    return ToolError(
        "model_error",
        f"`{found.ref}` raised {kind} for many rows" + (f": {text}" if text else "."),
        "Mend the data, then call again: the parts done stay.",
        about=found.ref,
    )
