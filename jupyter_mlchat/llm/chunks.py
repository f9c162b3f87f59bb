"""Pieces of what litellm takes and gives, as ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..protocol.records import ToolInfo
from .base import Part, TextPart, ThinkingPart, ToolCallPart


def parts_of(chunk: Any) -> Iterator[Part]:
    """What one chunk of litellm says."""
    delta = chunk.choices[0].delta if chunk.choices else None
    if delta is None:
        return
    if thinking := getattr(delta, "reasoning_content", None):
        yield ThinkingPart(whole_characters(thinking))
    if delta.content:
        yield TextPart(whole_characters(delta.content))
    for call in delta.tool_calls or ():
        words = call.function
        yield ToolCallPart(call.index, call.id or "", words.name or "", words.arguments or "")


def function_of(tool: ToolInfo) -> dict[str, Any]:
    words = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": words}


def whole_characters(text: str) -> str:
    """A provider may send half a character, which can neither be stored nor sent on."""
    return text.encode("utf-8", "replace").decode()
