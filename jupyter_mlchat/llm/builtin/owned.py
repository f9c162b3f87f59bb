"""Tools that people wrote themselves: known by their name and their example alone, so they are mostly offered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ...protocol.records import ToolInfo
from .markdown import code
from .names import Names, read_names
from .outcome import Choose, Do, Outcome, Plan, Say
from .slots import read_slots
from .vocabulary import STOP

OURS = "jupyter_mlchat"
ALIKE = 0.75
"""So large a share of the words of a tool's example makes a question one for this tool, if they are two at least."""
_RUN = r"\W*(?:(?:please|pls|run|call|use|execute|start|my|the|tool|now)\W+)*"
_KINDS = {"model_id": "model", "model": "model", "data": "frame", "frame": "frame"}
"""Parameters that a name in the sentence may fill."""


def find_owned(
    question: str, tools: Sequence[ToolInfo], catalogue: dict[str, Any] | None, otherwise: Outcome
) -> Outcome:
    """A call where the question is nothing but a tool's exact name, an offer where it is mentioned; else `otherwise`.

    What the question means without these tools stays beside them as a choice.
    """
    found = [tool for tool in tools if tool.origin != OURS and _mentioned(tool, question)]
    named = [tool for tool in found if _spelt(tool.name, question)]
    called = {plan.tool for plan in otherwise.plans} if isinstance(otherwise, Do) else set()
    if not found or (called and (not named or called & {tool.name for tool in named})):
        return otherwise
    plans, missing = [], []
    names = read_names(catalogue)
    for tool in named or found:
        args = _arguments(tool, question, names)
        lacking = [key for key in tool.parameters.get("required") or () if key not in args]
        if lacking:
            missing.append(f"{tool.name}({', '.join(f'{key}=...' for key in lacking)})")
        else:
            plans.append(Plan(tool.name, args, f"your tool {code(tool.name)}"))
    exact = [plan for plan in plans if re.fullmatch(rf"{_RUN}{re.escape(plan.tool)}\W*", question)]
    harmless = {tool.name for tool in found if tool.effect in ("read", "predict")}
    if len(exact) == 1 and exact[0].tool in harmless:
        return Do(exact)
    if plans:
        others = list(otherwise.plans) if isinstance(otherwise, (Choose, Do)) else []
        return Choose("Did you mean:", [*plans, *others[:2]])
    return Say(f"That sounds like a tool of yours. Write its call with what it needs: {', '.join(map(code, missing))}.")


def _spelt(name: str, question: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", question) is not None


def _mentioned(tool: ToolInfo, question: str) -> bool:
    said, spoken = _content(question), " ".join(re.findall(r"[a-z0-9]+", question.lower()))
    as_words = " ".join(part for part in tool.name.lower().split("_") if part)
    example = _content(tool.example)
    alike = len(example) > 1 and len(example & said) >= ALIKE * len(example)
    return _spelt(tool.name, question) or (" " in as_words and f" {as_words} " in f" {spoken} ") or alike


def _content(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower())) - STOP


def _arguments(tool: ToolInfo, question: str, names: Names) -> dict[str, Any]:
    slots = read_slots(question, names)
    args = {}
    for key in tool.parameters.get("properties") or {}:
        said = slots.values_of("model" if _KINDS[key] == "model" else "frame") if key in _KINDS else []
        if len(said) == 1:
            args[key] = said[0]
    return args
