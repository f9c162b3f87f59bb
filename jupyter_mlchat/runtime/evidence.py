"""Where an answer about a model comes from, for the line below it."""

from __future__ import annotations

from .catalog import Found
from .signature import Signature
from .wire import EvidenceDict


def evidence_of(found: Found, signature: Signature | None = None) -> list[EvidenceDict]:
    """The model and its cell; with a signature also the data that its statistics are from."""
    if found.fit is not None:
        model: EvidenceDict = {
            "kind": "fitted_in",
            "text": f"`{found.ref}` of In[{found.fit.cell}]",
            "ref": found.ref,
            "cell": found.fit.cell,
        }
    elif found.file:
        text = f"`{found.ref}`, loaded from the file `{found.file}`"
        model = {"kind": "loaded_from", "text": text, "ref": found.ref, "cell": None}
    elif found.cell is not None:
        text = f"`{found.ref}`, assigned in In[{found.cell}]"
        model = {"kind": "assigned_in", "text": text, "ref": found.ref, "cell": found.cell}
    else:
        model = {"kind": "object", "text": f"`{found.ref}`", "ref": found.ref, "cell": None}
    lines = [model]
    if found.told is not None and found.told.earlier:
        text = f"`{found.ref}`, registered in an earlier kernel: name, class and columns match, used again"
        lines.append({"kind": "registered", "text": text, "ref": found.ref, "cell": None})
    told = found.told
    if told is not None and told.levels and signature is not None and signature.classes == (told.levels,):
        text = f"classes of `{found.ref}` are those of its registered `y`, in their order"
        lines.append({"kind": "registered", "text": text, "ref": found.ref, "cell": None})
    if signature is None or not signature.frame:
        return lines
    kind = "matched_data" if "matched" in signature.frame_source else "training_data"
    text = f"statistics of {signature.frame_source}"
    return [*lines, {"kind": kind, "text": text, "ref": signature.frame, "cell": None}]
