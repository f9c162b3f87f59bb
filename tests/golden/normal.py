"""The same stream every time: ids by order of appearance, no clock, deltas cut at fixed lengths."""

from __future__ import annotations

import re
from typing import Any

DELTA = 24
"""Characters of a delta. Where a real stream is cut depends on the clock."""
START = 1_700_000_000.0
IDS = {
    "conversation": "conversation",
    "turn": "turn",
    "attempt": "attempt",
    "command": "command",
    "connection": "connection",
    "call": "call",
    "form": "form",
    "approval": "approval",
    "revision": "revision",
    "review": "review",
}


def normal(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    named = [_named(event, names) for event in events]
    return [_timed(event, number) for number, event in enumerate(_cut(named))]


def _named(value: Any, names: dict[str, str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _named(inner, names, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    if isinstance(value, str) and key in IDS and value:
        kind = IDS[key]
        count = sum(name.startswith(f"{kind}-") for name in names.values())
        return names.setdefault(value, f"{kind}-{count + 1}")
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str):
        known = re.sub(r"\b[0-9a-f]{32}\b", lambda found: names.get(found[0], found[0]), value)
        return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8000", known)
    return value


def _cut(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Deltas that follow one another as one text, cut anew."""
    merged: list[dict[str, Any]] = []
    for event in events:
        last = merged[-1] if merged else {}
        goes_on = last.get("type") == event["type"] in ("text.delta", "thinking.delta")
        if goes_on and event["offset"] == last["offset"] + len(last["text"]):
            merged[-1] = {**last, "text": last["text"] + event["text"]}
            if marks := [*last.get("marks", []), *event.get("marks", [])]:
                merged[-1]["marks"] = marks
        elif event["type"] != "progress":
            merged.append(event)
    cut = []
    for event in merged:
        if event["type"] not in ("text.delta", "thinking.delta"):
            cut.append(event)
            continue
        text, offset, marks = event["text"], event["offset"], event.pop("marks", [])
        for at in range(0, len(text), DELTA):
            ends = range(offset + at, offset + at + DELTA) if at else range(offset + DELTA)
            here = [mark for mark in marks if mark["end"] in ends]
            piece = {**event, "offset": offset + at, "text": text[at : at + DELTA]}
            cut.append({**piece, "marks": here} if here else piece)
    return cut


def _timed(event: dict[str, Any], number: int) -> dict[str, Any]:
    fixed = {"time": START + number, "expires": START + 3600.0, "created": START, "updated": START}
    return _replaced(event, {**fixed, "elapsed_ms": 12.0, "created_at": "2026-01-01T00:00:00+00:00"})


def _replaced(value: Any, fixed: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        if value.get("estimated"):
            # It counts the words of prompts and tools, which change for reasons of their own.
            fixed = {**fixed, "prompt_tokens": 1000}
        return {k: fixed[k] if k in fixed and inner else _replaced(inner, fixed) for k, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, fixed) for inner in value]
    return value
