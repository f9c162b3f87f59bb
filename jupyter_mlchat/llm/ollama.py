"""What a running Ollama has. Asked for with a short timeout, and not again for five minutes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ..protocol.records import Capability, LlmInfo
from .fetch import FetchError, fetch
from .told import MOST_LLMS, is_for_chat, name_of, text_of, whole

PROVIDER = "ollama_chat"
TIMEOUT_S = 0.5
LOOK_S = 5.0
FRESH_S = 300.0
_WORDS: dict[str, Capability] = {"tools": "tools", "vision": "vision", "thinking": "reasoning"}


class Ollama:
    """The names of the chat llms at `base_url`, newest first."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, list[str]]] = {}

    async def llms(self, base_url: str) -> list[str]:
        """Like `ollama_chat/llama3.2:latest`. Empty when no Ollama answers there within half a second."""
        asked, names = self._known.get(base_url, (float("-inf"), []))
        if time.monotonic() - asked > FRESH_S:
            names = await asyncio.to_thread(_names, base_url)
            self._known[base_url] = (time.monotonic(), names)
        return names


def llms_at(base_url: str) -> tuple[list[LlmInfo], bool]:
    """Its llms for chat with all it tells of them, and whether there are others that embed.

    Raises FetchError. Blocks for five seconds at most, or a little more.
    """
    due = time.monotonic() + LOOK_S
    found, others = [], False
    for entry in _tags(base_url, LOOK_S):
        shown = _shown(base_url, entry["name"], due - time.monotonic())
        info = _read(entry, shown)
        if info is None:
            others = True
        else:
            found.append(info)
    return found, others


def _names(base_url: str) -> list[str]:
    try:
        names = [entry["name"] for entry in _tags(base_url, TIMEOUT_S)]
    except FetchError:
        return []
    return [f"{PROVIDER}/{name}" for name in names if is_for_chat(name)]


def _tags(base_url: str, timeout_s: float) -> list[dict[str, Any]]:
    # No proxy: the address is this machine or one nearby.
    answer = fetch(base_url.rstrip("/") + "/api/tags", {}, timeout_s=timeout_s, direct=True)
    listed = answer.get("models") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise FetchError("garbled")
    return [entry for entry in listed[:MOST_LLMS] if isinstance(entry, dict) and name_of(entry.get("name"))]


def _shown(base_url: str, name: str, left_s: float) -> dict[str, Any]:
    """What `/api/show` adds; {} when it doesn't answer: the list is worth more than its details."""
    if left_s <= 0:
        return {}
    try:
        shown = fetch(base_url.rstrip("/") + "/api/show", {}, {"model": name}, timeout_s=left_s, direct=True)
    except FetchError:
        return {}
    return shown if isinstance(shown, dict) else {}


def _read(entry: dict[str, Any], shown: dict[str, Any]) -> LlmInfo | None:
    """None for what does not chat."""
    name = entry["name"]
    can = shown.get("capabilities")
    chats = "completion" in can if isinstance(can, list) else is_for_chat(name)
    if not chats:
        return None
    details = {**_part(shown, "details"), **_part(entry, "details")}
    facts = _part(shown, "model_info")
    words = can if isinstance(can, list) else []
    return LlmInfo(
        id=f"{PROVIDER}/{name}",
        name=name,
        provider=PROVIDER,
        context_length=whole(*(value for key, value in facts.items() if key.endswith(".context_length"))),
        parameters=text_of(details.get("parameter_size"), 20),
        quantization=text_of(details.get("quantization_level"), 20),
        family=text_of(details.get("family"), 40),
        digest=text_of(entry.get("digest"), 80),
        size=whole(entry.get("size")),
        capabilities=[*(known for word, known in _WORDS.items() if word in words), "streaming"],
        price_in=0.0,
        price_out=0.0,
    )


def _part(entry: dict[str, Any], name: str) -> dict[str, Any]:
    part = entry.get(name)
    return part if isinstance(part, dict) else {}
