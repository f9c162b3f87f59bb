"""The person's own tools: `@tool` on a function in the notebook makes it callable in this kernel at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import toolbox
from .wire import Effect


def tool(
    function: Callable[..., Any] | None = None,
    *,
    effect: Effect = "read",
    guidance: str = "",
    example: str = "",
) -> Any:
    """Offer a typed function to the chat of this kernel. It is returned unchanged.

    `effect` says what it does: `read` and `predict` run freely, `write`, `disclose` and `execute` ask first;
    `write` and `execute` run on the main thread. Raises TypeError for a parameter without a type hint.
    """

    def offer(marked: Callable[..., Any]) -> Callable[..., Any]:
        from .entry import attach, current_shell

        made = toolbox.tool(effect=effect, guidance=guidance, example=example)(marked)
        ip = current_shell()
        if ip is not None:
            attach(ip).bridge.toolbox.add(made, origin="notebook")
        return made

    return offer if function is None else offer(function)
