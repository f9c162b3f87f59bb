"""What was said of a variable before the person hid it: no provider is told it again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from ..llm.base import Message

WITHHELD = "(The person has hidden what this was about.)"
SHORT = 3
"""Shorter names are words of prose: there they count between backticks alone."""


def without(messages: Sequence[Message], names: Iterable[str]) -> list[Message]:
    """Tool results, calls and answers that speak of the names are withheld, each whole. What the person typed stays."""
    known = sorted(name for name in names if name)
    return [_withheld(message, known) for message in messages] if known else list(messages)


def _withheld(message: Message, names: Sequence[str]) -> Message:
    if message["role"] not in ("tool", "assistant"):
        return message
    told = dict(message)
    if speaks(str(message.get("content") or ""), names, prose=message["role"] == "assistant"):
        told["content"] = json.dumps({"withheld": WITHHELD}) if message["role"] == "tool" else WITHHELD
    if "tool_calls" in message:
        told["tool_calls"] = [
            {**call, "function": {**call["function"], "arguments": "{}"}}
            if speaks(call["function"]["arguments"], names)
            else call
            for call in message["tool_calls"]
        ]
    return told


def speaks(text: str, names: Iterable[str], *, prose: bool = False) -> bool:
    """Whether one of the names stands in `text` as a word."""
    return any(_word(name, prose).search(text) for name in names)


def _word(name: str, prose: bool) -> re.Pattern[str]:
    ends = "`" if prose and len(name) < SHORT else ""
    return re.compile(rf"(?<!\w){ends}{re.escape(name)}{ends}(?!\w)")
