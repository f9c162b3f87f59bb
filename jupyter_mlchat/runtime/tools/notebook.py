"""What the notebook is doing and holds, cells to propose, and running approved code."""

from __future__ import annotations

import re
from typing import Literal

from .. import running
from ..asking.given import known_signature
from ..asking.prediction import require_fitted
from ..catalog import find_model
from ..notebook import execution, outline, proposals, scoring, scripts
from ..signature import signature
from ..toolbox import Outcome, ToolContext, ToolError, tool


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


@tool(
    guidance="For what the cells did, why one failed, or which cell made a name. It never shows values.",
    example="why did my last cell fail?",
)
def read_notebook(
    ctx: ToolContext, part: Literal["outline", "errors", "definitions"] = "outline", name: str | None = None
) -> Outcome:
    """Read the executed cells: what each does and how it went, the last error, or where a name is defined and used.

    Args:
        part: What to tell.
        name: With `definitions` the name that is asked about; else one cell, such as `In[3]`.
    """
    if part == "definitions":
        return outline.definitions(ctx, name)
    told = outline.errors if part == "errors" else outline.outline
    return told(ctx, None if name is None else _cell_number(name))


def _cell_number(text: str) -> int:
    match = re.fullmatch(r"\s*(?:In\s*)?\[?\s*(\d{1,6})\s*\]?\s*", text)
    if match is None:
        raise ToolError("invalid_input", f"`{text[:40]}` is not a cell.", "Write it like `In[3]`.", about="name")
    return int(match[1])


@tool(
    guidance="To hand the person code; nothing is inserted or run. Use `scoring_function` or `batch_script` for those.",
    example="write me a function that scores one row with pipe",
)
def propose_cell(
    ctx: ToolContext,
    kind: Literal["code", "scoring_function", "batch_script"] = "code",
    code: str = "",
    model_id: str | None = None,
) -> Outcome:
    """Propose a cell that the person may insert: checked code, a scoring function of a model, or a script for files.

    Args:
        kind: `code` checks the given code, without running it; the others are written for `model_id`.
        code: The code to propose, for kind `code`.
        model_id: The model to write the function or script for.
    """
    if kind == "code":
        return proposals.checked(ctx, code)
    if not model_id:
        raise ToolError("invalid_input", f"A {kind.replace('_', ' ')} is for a model.", "Name it as `model_id`.")
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    sig = signature(ctx, found)
    if kind == "scoring_function":
        return scoring.function(ctx, found, sig if sig.container == "tensor" else known_signature(sig))
    return scripts.script(ctx, found, known_signature(sig))


@tool(
    effect="execute",
    guidance="Only when no other tool answers. The person sees the code first; its output stays with them.",
    example="run: df.groupby('plan').size()",
)
def run_code(ctx: ToolContext, code: str) -> Outcome:
    """Run Python in the notebook's namespace. Tells how it ended and which names it touched, not its output.

    Args:
        code: What to run. Magics work; the last line's value is shown to the person.
    """
    return execution.outcome(ctx, code)
