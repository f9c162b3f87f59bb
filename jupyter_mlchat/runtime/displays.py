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
MOST_KEPT = 50


def keep(state: dict[str, Any], tool: str, data: Mapping[str, Any]) -> str:
    """A reference to the figure of an answer; "" where there is none. The oldest ones are forgotten."""
    figure = figure_of(tool, data)
    if figure is None:
        return ""
    kept: dict[str, Figure] = state.setdefault(STATE_KEY, {})
    reference = uuid.uuid4().hex
    kept[reference] = figure
    for oldest in list(kept)[:-MOST_KEPT]:
        kept.pop(oldest, None)
    return reference


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
