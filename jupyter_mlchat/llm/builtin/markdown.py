"""Text from the kernel on its way into Markdown. All of it is untrusted, and all of it passes here."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

MAX_TEXT = 200
_HARMLESS = re.compile(r"[\w .,:;%()\[\]'\"/+=\-]+")
_PUNCTUATION = re.compile(r"([\\`*_\[\]|$~#!@]|(?<=http)s?:(?=//)|(?<=www)\.)", re.IGNORECASE)


def escape(text: object, limit: int = MAX_TEXT) -> str:
    """One line of literal text: no markup, HTML, link, image, mathematics or table cell can begin in it."""
    return _literal(_visible(text, limit))


def code(name: object) -> str:
    """A name in backticks where that is harmless (no backtick, pipe or the like in it), else escaped."""
    line = _visible(name, MAX_TEXT)
    harmless = line and _HARMLESS.fullmatch(line) and "://" not in line
    return f"`{line}`" if harmless else escape(line)


def prose(text: object, limit: int = 600) -> str:
    """A message of ours: names that it holds in backticks stay code, the rest is escaped."""
    parts = re.split(r"`([^`]+)`", _visible(text, limit))
    return "".join(code(part) if place % 2 else _literal(part) for place, part in enumerate(parts))


def value(item: Any) -> str:
    """A value for running text: numbers readable, text escaped, nested things as short JSON."""
    if item is None:
        return "missing"
    if isinstance(item, bool):
        return str(item)
    if isinstance(item, (int, float)):
        return number(item)
    if isinstance(item, str):
        return escape(item)
    if isinstance(item, (list, tuple)):
        return ", ".join(value(part) for part in item)
    return escape(json.dumps(item, default=str, ensure_ascii=False))


def number(item: float) -> str:
    """Four significant digits, thousands separated above 9,999; whole numbers in full."""
    if isinstance(item, int):
        return f"{item:,}" if abs(item) >= 10_000 else str(item)
    if not math.isfinite(item):
        return "missing"
    if item == int(item) and abs(item) < 1e15:
        return number(int(item))
    if abs(item) >= 1_000:
        return f"{item:,.1f}"
    return f"{item:.4g}"


def probability(item: float) -> str:
    """Two decimals, more where two would say "certain" of what is not."""
    short = f"{item:.2f}"
    return f"{item:.6g}" if short in ("0.00", "1.00") and item not in (0, 1) else short


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A pipe table. Cells must be escaped already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def as_code(text: str) -> str:
    """A block of Python; its fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{text}\n{fence}"


def pieces(text: str) -> Iterator[str]:
    """The text in order, word by word; rows of tables in one piece."""
    for line in text.splitlines(keepends=True):
        if line.startswith("|"):
            yield line
        else:
            yield from re.findall(r"\s*\S+\s*|\s+", line)


def _literal(line: str) -> str:
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = re.sub(r"(?<=[^\W_])_(?=[^\W_])", "\x00", line)  # an underscore inside a word is harmless
    return _PUNCTUATION.sub(r"\\\1", line).replace("\x00", "_")


def _visible(text: object, limit: int) -> str:
    kept = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in str(text)[: limit * 2])
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[:limit].rstrip() + "..."
