"""Which beginning of a request a provider may keep for the next one: marks for those that want to be told.

OpenAI, Gemini, DeepSeek, Ollama and others reuse the longest equal beginning unasked: for them it is enough that
tools and system prompt come first and stay as they are.
"""

from __future__ import annotations

from typing import Any

MARK = {"cache_control": {"type": "ephemeral"}}
"""As litellm wants it on a message or a tool; it puts it where the provider looks for it."""


def marked(arguments: dict[str, Any], litellm: Any) -> dict[str, Any]:
    """litellm's arguments with marks, for Claude wherever it is served: it keeps what is marked and nothing else.

    A kept beginning may end after the tools, after the system prompt, and after all there is: the next round of the
    same turn goes on from there.
    """
    name = arguments["model"]
    if "claude" not in name.lower() or not litellm.utils.supports_prompt_caching(name):
        return arguments
    messages, ends = arguments["messages"], (0, len(arguments["messages"]) - 1)
    told = {"messages": [{**one, **MARK} if at in ends else one for at, one in enumerate(messages)]}
    if tools := arguments.get("tools"):
        told["tools"] = [*tools[:-1], {**tools[-1], **MARK}]
    return {**arguments, **told}
