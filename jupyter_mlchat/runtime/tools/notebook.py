"""What the notebook is doing."""

from __future__ import annotations

from .. import running
from ..toolbox import Outcome, ToolContext, tool


@tool(
    guidance="When the person asks whether or how long something still runs.",
    example="how far is the training?",
)
def get_running_cell(ctx: ToolContext) -> Outcome:
    """Tell whether a cell runs, for how long, inside which fit, and how far that is."""
    if not ctx.busy:
        empty = dict.fromkeys(("cell", "elapsed_s", "inside", "done", "total", "unit", "eta_s"))
        return Outcome({"busy": False, **empty})
    seen = running.progress()
    elapsed = ctx.elapsed_s
    eta = None
    if elapsed and seen.done and seen.total:
        eta = round(elapsed * (seen.total - seen.done) / seen.done, 1)
    cell = ctx.running_cell
    return Outcome(
        {
            "busy": True,
            "cell": cell,
            "elapsed_s": elapsed,
            "inside": seen.inside or None,
            "done": seen.done,
            "total": seen.total,
            "unit": seen.unit or None,
            "eta_s": eta,
        },
        evidence=[{"kind": "running", "text": f"In[{cell}], running now", "ref": "", "cell": cell}],
    )
