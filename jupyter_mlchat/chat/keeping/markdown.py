"""A conversation as a page to read."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from ...protocol.exports import ConversationExport
from .transcript import Spoken, fenced, harmless, said_in, transcript

SPEAKERS = {"user": "**You:**", "expert": "**Expert:**"}


def as_markdown(export: ConversationExport) -> str:
    """Questions, answers, and what was run for them. Nothing in it is drawn as HTML or fetched from elsewhere."""
    info = export.conversation
    head = [f"# {_line(info.title) or 'Conversation'}", f"{_day(info.created)}{_of(info.notebook)}"]
    return "\n\n".join([*head, *(_turn(turn) for turn in transcript(export.events))]) + "\n"


def _turn(turn: Spoken) -> str:
    parts = ["---"]
    parts += [f"{SPEAKERS[message.role]} {said_in(message)}" for message in turn.said]
    for called, result in turn.calls:
        outcome = "" if result is not None and result.ok else " (did not work)" if result is not None else " (not run)"
        parts.append(f"*ran `{called.tool}`{outcome}:* {_code(json.dumps(called.args, ensure_ascii=False))}")
    if turn.answer:
        parts.append(harmless(turn.answer))
    parts += [fenced(code, "python") for code in turn.code]
    if turn.ended is not None:
        parts += _ending(turn)
    return "\n\n".join(parts)


def _ending(turn: Spoken) -> list[str]:
    ended, lines = turn.ended, []
    assert ended is not None
    if ended.unverified:
        lines.append(f"*Not from the kernel: {_line(', '.join(ended.unverified))}*")
    if ended.fault is not None:
        lines.append(f"*{_line(ended.fault.message)}*")
    elif ended.state != "completed":
        lines.append(f"*({ended.state})*")
    if ended.answered_by:
        lines.append(f"*answered by {_line(ended.answered_by)}*")
    return lines


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _line(text: str) -> str:
    return harmless(" ".join(text.split()))


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d")


def _of(notebook: str) -> str:
    return f", of {_code(notebook)}" if notebook else ""
