"""A form for what a model can't say: which data has its columns, and what its answers mean."""

from __future__ import annotations

from .. import frames
from ..catalog import find_frames, find_model
from ..evidence import evidence_of
from ..toolbox import Outcome, ToolContext, UnknownInputs
from ..wire import FieldDict

MAX_OPTIONS = 50
TOOL = "register_model"


def asks_to_tell(ctx: ToolContext, error: UnknownInputs) -> Outcome | None:
    """The form whose answer registers the model; None where the notebook has no data to choose from."""
    tables = [ref for ref, value in find_frames(ctx) if len(frames.shape_of(value)) == 2 and not frames.is_lazy(value)]
    if not tables:
        return None
    found = find_model(ctx, error.about)
    fields: list[FieldDict] = [
        {"name": "data", "kind": "choice", "options": tables[:MAX_OPTIONS], "required": True,
         "help": "Data with the columns that the model takes."},
        {"name": "target", "kind": "text", "required": False,
         "help": "What it predicts: a column of the data, which is then not an input, or another name."},
        {"name": "classes", "kind": "text", "required": False,
         "help": "Of a classifier: its labels in the order of its outputs, with commas between."},
        {"name": "threshold", "kind": "number", "minimum": 0.0, "maximum": 1.0, "required": False,
         "help": "The probability from which the second class is meant."},
    ]  # fmt: skip
    return Outcome(
        {"model_id": found.ref, "message": error.message},
        evidence=evidence_of(found),
        form={
            "title": f"Tell what {found.ref} takes", "kind": "fields", "fields": fields,
            "tool": TOOL, "args": {"model_id": found.ref}, "target": "",
        },
        revision=found.revision,
    )  # fmt: skip
