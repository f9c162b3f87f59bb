"""What an approval says of a call that shows raw rows: how many at most, and which columns."""

from __future__ import annotations

from typing import Any

from ..protocol.records import ToolInfo
from ..runtime.wire import Catalogue
from .threads import Call

MAX_NAMED = 30
MAX_SIMILAR = 20


def shown_rows(tool: ToolInfo, call: Call, catalogue: Catalogue) -> str:
    """ "" for tools that show no rows of a frame."""
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    if tool.effect != "disclose" or "data" not in properties:
        return ""
    if {"columns", "n"} <= set(properties):
        rows = call.args.get("n", properties["n"].get("default"))
        return _said(rows, call.args.get("columns") or _of_frame(call.args.get("data"), catalogue))
    if {"model_id", "k"} <= set(properties):
        rows = min(int(call.args.get("k", properties["k"].get("default"))), MAX_SIMILAR)
        columns = _of_model(call.args.get("model_id"), catalogue)
        return f"{_said(rows, columns)} With the true answer of each, where it is known."
    return ""


def _said(rows: Any, names: list[str]) -> str:
    columns = [f"`{name[:40]}`" for name in names]
    some = ", ".join(columns[:MAX_NAMED]) + (f" and {len(columns) - MAX_NAMED} more" * (len(columns) > MAX_NAMED))
    return f" At most {rows} rows of {len(columns)} columns: {some}." if columns else f" At most {rows} rows."


def _of_frame(ref: Any, catalogue: Catalogue) -> list[str]:
    return next((list(card["columns"]) for card in catalogue["frames"] if card["ref"] == ref), [])


def _of_model(ref: Any, catalogue: Catalogue) -> list[str]:
    """The inputs of a model, under any of its names."""
    for card in catalogue["models"]:
        if ref in (card["ref"], *card.get("aliases", [])):
            return list(card.get("features", []))
    return []
