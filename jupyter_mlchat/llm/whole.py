"""Answers that come whole, from a server that doesn't stream: they are said word by word all the same."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .base import CancelToken, Part, TextPart, ToolCallPart
from .chunks import whole_characters

WHOLE_TEXT = 200
"""Characters. A longer piece is no piece: whoever streams sends a word or a few at a time."""
LONGEST_S, WORD_S = 0.5, 0.02


@dataclass(frozen=True)
class Tokens:
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Whole:
    """An answer of OpenAI's protocol that is no stream. `finished` as in its last chunk, "" where it says nothing."""

    parts: Sequence[Part]
    finished: str
    usage: Tokens | None


async def whole_of(stream: Any) -> Whole | None:
    """The answer behind a stream of litellm's that is none; None for one that streams, which is left as it is."""
    response = getattr(getattr(stream, "completion_stream", None), "response", None)
    kind = str((getattr(response, "headers", None) or {}).get("content-type", ""))
    if response is None or not kind.startswith("application/json"):
        return None
    try:
        return _read(json.loads(await response.aread()))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        # Once read, the response can still be gone through as a stream.
        return None


def in_words(part: Part, cancel: CancelToken) -> Iterator[Part]:
    """A long text word by word, within half a second. Raises `Cancelled`."""
    if not isinstance(part, TextPart) or len(part.text) <= WHOLE_TEXT:
        yield part
        return
    words = re.findall(r"\s*\S+\s*", part.text)
    for word in words:
        cancel.check()
        yield TextPart(word)
        time.sleep(min(WORD_S, LONGEST_S / len(words)))


def _read(body: dict[str, Any]) -> Whole:
    choice = body["choices"][0]
    message = choice["message"]
    text = message.get("content")
    parts: list[Part] = [TextPart(whole_characters(text))] if isinstance(text, str) and text else []
    for index, call in enumerate(message.get("tool_calls") or ()):
        words = call["function"]
        parts.append(ToolCallPart(index, str(call.get("id") or ""), str(words["name"]), str(words["arguments"])))
    counts = body.get("usage") or {}
    spent = [counts.get(name) for name in ("prompt_tokens", "completion_tokens")]
    prompt, completion = (count if isinstance(count, int) else 0 for count in spent)
    return Whole(parts, str(choice.get("finish_reason") or ""), Tokens(prompt, completion) if counts else None)
