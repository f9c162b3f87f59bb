"""What of an answer has no source, shown in its text by a sign and named below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SIGN = "†"


def signed(text: str, marks: Sequence[dict[str, Any]]) -> str:
    """`text` with the sign behind every number and name that came of no call; after the backticks of a name."""
    parts, at = [], 0
    for mark in sorted(marks, key=lambda one: int(one["end"])):
        end = mark["end"]
        if mark.get("call") or not at <= end <= len(text):
            continue
        while text[end : end + 1] == "`":
            end += 1
        parts += [text[at:end], SIGN]
        at = end
    return "".join([*parts, text[at:]])


def explained(unverified: Sequence[str]) -> str:
    """The line that says what the sign means; "" where nothing has it."""
    named = ", ".join(word.replace("`", "") for word in unverified[:12])
    more = f" and {len(unverified) - 12} more" if len(unverified) > 12 else ""
    return f"*{SIGN} not from your kernel: {named}{more}*" if unverified else ""
