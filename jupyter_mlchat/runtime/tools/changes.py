"""Taking back what one of the tools did to the notebook's names."""

from __future__ import annotations

from .. import changing
from ..toolbox import Outcome, ToolContext, tool


@tool(
    effect="write",
    guidance="Only when the person wants the last change of a tool taken back.",
    example="undo that",
)
def undo_last_change(ctx: ToolContext) -> Outcome:
    """Take back the last change that a tool made to the notebook's names: a deletion, or a new variable.

    A cell's own changes are not undone, and nothing is where the name was changed again since.
    """
    change = changing.undo(ctx)
    what = "is back" if change.removed else "is gone again"
    before = changing.last(ctx)
    return Outcome(
        {
            "undone": change.ref,
            "by": change.by,
            "now": "restored" if change.removed else "removed",
            "message": f"`{change.ref}` {what}, as before `{change.by}`.",
            "next": {"name": before.ref, "by": before.by} if before is not None else None,
        },
        code=change.ref if change.removed else f"del {change.ref}",
    )
