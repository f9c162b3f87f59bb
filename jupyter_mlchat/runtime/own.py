"""The person's own tools: `@tool` on a function in the notebook makes it callable in this kernel at once."""

from __future__ import annotations

from typing import Any

from . import toolbox
from .foreign import foreign_tool, is_foreign
from .wire import Effect


def tool(
    function: Any = None,
    *,
    effect: Effect | None = None,
    guidance: str = "",
    example: str = "",
) -> Any:
    """Offer a typed function, or a smolagents `Tool`, to the chat of this kernel. It is returned unchanged.

    `effect` says what it does: `read` and `predict` run freely, `write`, `disclose` and `execute` ask first;
    `write` and `execute` run on the main thread. A function reads unless it says otherwise; a `Tool` of smolagents
    may do anything, so it executes. Raises TypeError for a parameter without a type hint.
    """

    def offer(marked: Any) -> Any:
        from .entry import attach, current_shell

        if is_foreign(marked):
            made = foreign_tool(marked, effect or "execute", guidance, example)
        else:
            made = toolbox.make_tool(
                toolbox.tool(effect=effect or "read", guidance=guidance, example=example)(marked), "notebook"
            )
        ip = current_shell()
        if ip is not None:
            attach(ip).bridge.toolbox.put(made)
        return marked

    return offer if function is None else offer(function)
