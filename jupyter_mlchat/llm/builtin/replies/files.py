"""Replies about files of models and of data, and about what was written or loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markdown import code, escape, prose, table, value

Found = Mapping[str, Any]
_SHOWN = 20


def listing(args: Found, found: Found) -> str:
    files = found.get("files") or []
    where = code(found.get("folder"))
    if not files:
        return f"There are no model files in {where}."
    rows = [[code(one.get("file")), escape(one.get("kind") or ""), size(one.get("bytes")),
             escape(one.get("changed") or "")] for one in files[:_SHOWN]]  # fmt: skip
    head = f"{value(found.get('total'))} model files in {where}, the newest first:"
    return f"{head}\n\n{table(('file', 'kind', 'size', 'changed'), rows)}"


def inspection(args: Found, found: Found) -> str:
    lines = [f"{code(found.get('file'))} is {escape(found.get('kind') or 'unknown')}, {size(found.get('bytes'))}."]
    verdict, reasons = found.get("verdict"), found.get("reasons") or []
    if verdict:
        lines.append(f"Verdict: **{escape(verdict)}**. {' '.join(prose(one) for one in reasons[:5])}".rstrip())
    if found.get("holds"):
        lines.append(f"It holds {value(found['holds'])}.")
    for key, label in (("dangerous", "Dangerous"), ("unknown", "Unknown")):
        if found.get(key):
            lines.append(f"{label}: {', '.join(value(one) for one in found[key][:10])}.")
    versions = [[escape(one.get("library") or ""), value(one.get("inside")), value(one.get("installed"))]
                for one in found.get("versions") or ()]  # fmt: skip
    if versions:
        lines.append(table(("library", "in the file", "installed"), versions))
    return "\n\n".join(lines)


def loaded_model(args: Found, found: Found) -> str:
    lines = [f"{code(found.get('file'))} is loaded as {code(found.get('name'))}."]
    if found.get("is_model") is False:
        lines.append(f"It is a {code(found.get('class_name'))}, and not a model that I know.")
    elif found.get("class_name"):
        inputs = found.get("n_features")
        many = f" with {value(inputs)} inputs" if isinstance(inputs, int) else ""
        lines.append(f"It is a {code(found['class_name'])}{many}.")
    return " ".join(lines)


def saved(args: Found, found: Found) -> str:
    return f"{code(found.get('model_id'))} is saved as {code(found.get('file'))}, {size(found.get('bytes'))}."


def card(args: Found, found: Found) -> str:
    said = f"The card of {code(found.get('model_id'))}"
    if found.get("file"):
        said += f" is in {code(found['file'])}"
    known = len(found.get("unknown") or ())
    said += f". {value(known)} things it leaves open: " + ", ".join(
        escape(one) for one in found["unknown"][:8]) + "." if known else "."  # fmt: skip
    return f"{said}\n\n{_quoted(found.get('text'))}" if found.get("text") else said


def checked_data(args: Found, found: Found) -> str:
    about = "about " if found.get("rows_exact") is False else ""
    rows = f", {about}{value(found['rows'])} rows" if found.get("rows") is not None else ""
    lines = [f"{code(found.get('file'))}: {escape(found.get('format') or '')}{rows}, "
             f"{value(found.get('n_columns'))} columns."]  # fmt: skip
    if isinstance(found.get("suits"), bool):
        name = code(found.get("model_id"))
        lines.append(f"It {'suits' if found['suits'] else 'does **not** suit'} {name}.")
    for key, label in (("missing_columns", "Missing"), ("mistyped_columns", "Of another type")):
        if found.get(key):
            lines.append(f"{label}: {', '.join(code(one) for one in found[key][:_SHOWN])}.")
    if found.get("rows_failing"):
        lines.append(f"{value(found['rows_failing'])} of {value(found.get('rows_checked'))} rows fail the check.")
    cards = [[code(one.get("name")), escape(one.get("dtype") or ""), value(one.get("null_share"))]
             for one in (found.get("columns") or ())[:_SHOWN]]  # fmt: skip
    return "\n\n".join([*lines, table(("column", "type", "share missing"), cards)] if cards else lines)


def loaded_data(args: Found, found: Found) -> str:
    return (f"{code(found.get('file'))} is loaded as {code(found.get('name'))}: {value(found.get('rows'))} rows, "
            f"{value(found.get('n_columns'))} columns.")  # fmt: skip


def size(amount: Any) -> str:
    """Bytes in kB or MB; "" where unknown."""
    if not isinstance(amount, (int, float)) or isinstance(amount, bool):
        return ""
    return f"{amount / 1e6:.1f} MB" if amount >= 1e6 else f"{amount / 1e3:.1f} kB"


def _quoted(text: Any) -> str:
    """Text as it is, in a block where nothing of it is markup."""
    body = str(text).replace("```", "'''")
    return f"```text\n{body}\n```"
