"""Figures stay in the kernel: an answer carries a reference, and the picture is drawn when a person opens it."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import Any

from .drawing import png
from .figures import Figure, figure_of
from .toolbox import ToolError

STATE_KEY = "displays"
IN_CELLS = "displays in cells"
MOST_KEPT = 50


def keep(state: dict[str, Any], tool: str, data: Mapping[str, Any], public: Mapping[str, Any] | None = None) -> str:
    """A reference to the figure of an answer; "" where there is none. The oldest ones are forgotten.

    `public` is what of the answer may leave, where that is less than `data`: the figure of a cell is made of it,
    because a notebook is saved and passed on.
    """
    figure = figure_of(tool, data)
    if figure is None:
        return ""
    reference = uuid.uuid4().hex
    _remember(state, STATE_KEY, reference, figure)
    _remember(state, IN_CELLS, reference, figure if public is None else figure_of(tool, public))
    return reference


def _remember(state: dict[str, Any], key: str, reference: str, figure: Figure | None) -> None:
    kept: dict[str, Figure | None] = state.setdefault(key, {})
    kept[reference] = figure
    for oldest in list(kept)[:-MOST_KEPT]:
        kept.pop(oldest, None)


def in_cell(state: dict[str, Any], reference: str) -> bytes | None:
    """A PNG for the output of a cell. None where there is no figure any more, or nothing to draw it with."""
    figure = state.get(IN_CELLS, {}).get(reference)
    try:
        return None if figure is None else png(figure)
    except ImportError:
        return None


def drawn(state: dict[str, Any], reference: str) -> dict[str, str]:
    """`{mime, data}`, a PNG in base64. Raises ToolError `not_found`, or `unsupported` without matplotlib."""
    figure = state.get(STATE_KEY, {}).get(reference)
    if figure is None:
        raise ToolError("not_found", "This figure is no longer in the kernel.", "Ask again.", about="display_ref")
    try:
        picture = png(figure)
    except ImportError:
        text = "Figures are drawn with matplotlib, which this kernel does not have."
        raise ToolError("unsupported", text, "Run `%pip install matplotlib`.") from None
    return {"mime": "image/png", "data": base64.b64encode(picture).decode()}
