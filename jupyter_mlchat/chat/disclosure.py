"""What leaves with a person's word, and what does not: what an approval says of raw rows, and what is hidden."""

from __future__ import annotations

import re
from typing import Any

from ..guard.access import Levels, for_agent
from ..guard.levels import level_of, standing
from ..llm.base import Llm
from ..protocol.faults import Fault
from ..protocol.records import ToolInfo
from ..runtime.wire import Catalogue
from ..settings import MLChat
from .means import Means
from .threads import Call, Turn

_HANDLE = re.compile(r"file-[0-9a-f]{8}")
MAX_NAMED = 30
MAX_SIMILAR = 20


async def hidden_names(turn: Turn, means: Means) -> list[str]:
    """What the person has hidden in the kernel of a turn, also while its tools are off; [] where it can't tell."""
    if turn.context.kernel is None:
        return []
    try:
        port = await means.port(turn.context.kernel)
        names, _ = await port.limit([], [])
    except Fault:
        return []
    return names


def about_rows(turn: Turn, llm: Llm, settings: MLChat) -> Levels:
    """What the level of privacy says of showing rows. What asks from outside is always asked for."""
    level = level_of(settings)
    agent = turn.tool is not None and bool(turn.tool.agent)
    if level == "schema" and llm.local and not agent:
        return {}
    return for_agent(standing(level)) if agent else standing(level)


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


def names_file(call: Call) -> bool:
    """Whether it names a file by the handle that an llm was told in place of its name."""
    return any(isinstance(value, str) and _HANDLE.fullmatch(value) for value in call.args.values())


def file_named(call: Call, catalogue: Catalogue) -> str:
    """Which file that is: whoever allows it must know."""
    files = catalogue.get("files", {})
    told = [f"`{value}` is the file `{files[value]}`." for value in call.args.values() if value in files]
    return " " + " ".join(told) if told else ""


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
