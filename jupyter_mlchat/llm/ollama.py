"""What a running Ollama has. Asked for with a short timeout, and not again for five minutes."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request

TIMEOUT_S = 0.5
FRESH_S = 300.0
_NOT_FOR_CHAT = ("embed", "bge", "minilm", "rerank")


class Ollama:
    """The names of the chat llms at `base_url`, newest first."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, list[str]]] = {}

    async def llms(self, base_url: str) -> list[str]:
        """Like `ollama_chat/llama3.2:latest`. Empty when no Ollama answers there within half a second."""
        asked, names = self._known.get(base_url, (float("-inf"), []))
        if time.monotonic() - asked > FRESH_S:
            names = await asyncio.to_thread(_ask, base_url)
            self._known[base_url] = (time.monotonic(), names)
        return names


def _ask(base_url: str) -> list[str]:
    # No proxy: the address is this machine or one nearby.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(base_url.rstrip("/") + "/api/tags", timeout=TIMEOUT_S) as answer:
            names = [str(model["name"]) for model in json.load(answer)["models"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [f"ollama_chat/{name}" for name in names if not any(word in name for word in _NOT_FOR_CHAT)]
