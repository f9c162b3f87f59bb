"""What a provider reads of a tool's answer, letter by letter: the result as the service cuts and words it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from runtime.context import Context

from jupyter_mlchat.agent.memory import tool_message, tool_text
from jupyter_mlchat.guard.privacy import leaving
from jupyter_mlchat.protocol.records import ToolResult


class Attacker:
    """Calls tools as often as it likes, and sees of each answer what a provider sees."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.calls = 0

    def text(self, tool: str, /, **args: Any) -> str:
        self.calls += 1
        result = msgspec.convert(self.context.run(tool, **args), ToolResult)
        [message] = leaving([tool_message("1", tool_text(result, local=False))])
        return str(message["content"])

    def told(self, tool: str, /, **args: Any) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text(tool, **args))
        return found


def numbers_in(value: Any) -> set[float]:
    """Every number anywhere in it, also those in texts."""
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, (int, float)):
        return {float(value)}
    if isinstance(value, str):
        words = "".join(char if char.isdigit() or char in ".-" else " " for char in value).split()
        return {float(word) for word in words if word.count(".") < 2 and word.strip(".-") and "-" not in word[1:]}
    items = value.values() if isinstance(value, dict) else value
    return {number for item in items for number in numbers_in(item)}
