"""What a notebook shows of a panel where no kernel runs: the conversation as text that loads and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..runtime.reply import Reply
from ..runtime.signs import explained

MAX_TURNS = 20
MAX_CHARS = 20_000

_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_ENDS = {"cancelled": "stopped", "failed": "failed", "abandoned": "never ended"}


def markdown(history: Sequence[Reply], models: Sequence[str]) -> str:
    """The newest turns: what was asked and answered. Forms, tool results and their rows are left out."""
    about = f" about {', '.join(f'`{ref}`' for ref in models)}" if models else ""
    parts = [f"**Chat{about}** *(as it stood when this cell ran; run it again to go on)*"]
    if len(history) > MAX_TURNS:
        parts.append(f"*({len(history) - MAX_TURNS} earlier questions are not shown)*")
    for reply in history[-MAX_TURNS:]:
        question = harmless(reply.question).replace("\n", "\n> ")
        parts += [f"> {question}", harmless(reply.signed).strip() or f"*({_ENDS.get(reply.status, reply.status)})*"]
        parts += [harmless(line) for line in [explained(reply.unverified)] if line]
    return _cut("\n\n".join(parts))


def plain(history: Sequence[Reply], models: Sequence[str]) -> str:
    """The same for terminals."""
    about = f" about {', '.join(models)}" if models else ""
    parts = [f"Chat{about} (as it stood when this cell ran; run it again to go on)"]
    for reply in history[-MAX_TURNS:]:
        parts += [f"> {reply.question}", reply.signed.strip() or f"({_ENDS.get(reply.status, reply.status)})"]
        parts += [line for line in [explained(reply.unverified)] if line]
    return _cut("\n\n".join(parts))


def harmless(text: str) -> str:
    """Markdown without images and HTML: an image's address could carry data out when the notebook is opened.

    As character references: unlike a backslash they can't be undone by one that stands before them.
    """
    return _MARKUP.sub("&lt;", text).replace("![", "!&#91;")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARS else text[:MAX_CHARS] + "\n\n(...)"
