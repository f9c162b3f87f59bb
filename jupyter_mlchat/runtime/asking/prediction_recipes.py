"""The cell that predicts again, in the words of each library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import peek
from ..catalog import Found
from ..signature import Signature
from . import recipes


def of_rows(found: Found, sig: Signature, lines: Sequence[str], table: str, rows: Sequence[dict[str, Any]]) -> str:
    """For rows that are written down: `table` is their expression."""
    if found.task == "forecasting":
        return _forecast(found, rows)
    return of_table(found, sig, lines, table)


def of_table(found: Found, sig: Signature, lines: Sequence[str], table: str) -> str:
    """Shows what the model says of each row; "" for models whose call can't be written in short."""
    ref, family = found.ref, found.adapter.family
    if family == "onnxruntime":
        return _onnx(found, lines, table)
    if family in ("pytorch", "keras"):
        return _network(ref, family, lines, table)
    if family == "transformers":
        return recipes.cell([*lines, f"{ref}({table})"])
    return recipes.cell([*lines, f"{ref}.predict({recipes.wrapped(found, sig, table)})"])


def _network(ref: str, family: str, lines: Sequence[str], table: str) -> str:
    if family == "keras":
        return recipes.cell([*lines, f"{ref}.predict(np.asarray({table}), verbose=0)"])
    return recipes.cell(
        [*lines, "import torch", f"weight = next({ref}.parameters())",
         f"given = torch.as_tensor(np.asarray({table}), dtype=weight.dtype, device=weight.device)",
         f"training = {ref}.training", f"{ref}.eval()", "with torch.inference_mode():",
         f"    said = {ref}(given).cpu().numpy()", f"{ref}.train(training)", "said"]
    )  # fmt: skip


def _onnx(found: Found, lines: Sequence[str], table: str) -> str:
    given: Any = found.model.get_inputs()
    if len(given) != 1 or given[0].type != "tensor(float)":
        return ""
    asked = f"{found.ref}.run(None, {{{given[0].name!r}: np.asarray({table}, dtype='float32')}})[0]"
    return recipes.cell([*lines, asked])


def _forecast(found: Found, rows: Sequence[dict[str, Any]]) -> str:
    """The steps that were asked for; "" where other columns belong to each."""
    steps = [row.get("steps") for row in rows]
    if any(set(row) != {"steps"} for row in rows) or not all(isinstance(step, (int, float)) for step in steps):
        return ""
    places = [int(step) - 1 for step in steps if step is not None]
    spec = peek.attribute(found.model, "endog")
    if spec is not None and getattr(spec, "ndim", 1) == 2:
        ahead = f"{found.ref}.forecast({found.ref}.endog[-max(1, {found.ref}.k_ar):], {max(places) + 1})"
        return recipes.cell([f"np.asarray({ahead})[{places!r}]"])
    return recipes.cell([f"np.asarray({found.ref}.forecast({max(places) + 1}))[{places!r}]"])
