"""Placeholders in a person's prompt: a few fixed names in single braces. Nothing else is ever looked up or run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ..protocol.faults import Code, Fault
from ..protocol.records import Context
from .naming import named

MEANINGS: Mapping[str, str] = {
    "models": "the models in the kernel, with their classes",
    "frames": "the dataframes in the kernel",
    "notebook": "the notebook's file name",
    "kernel": "whether the kernel can be looked into",
    "date": "today, as 2026-01-31",
}
MAX_TEXT = 8_000
MOST = 200
MAX_VALUE = 2_000
_KNOWN = re.compile(r"\{(" + "|".join(MEANINGS) + r")\}")
_FOREIGN = re.compile(r"\{\{|\{%|\{#|\$\{")
"""What templates of other kinds begin with."""
_PLAIN = re.compile(r"""\{\s*["']""")
"""JSON, as in an example of an answer, is text."""


def check_template(text: str) -> str:
    """`text` as it is kept. Raises Fault `invalid_input` for anything in braces that is no placeholder."""
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        raise _refused(f"The text of a prompt has from 1 to {MAX_TEXT:,} characters.", "Shorten or write it.")
    if any(not (char.isprintable() or char in "\n\t") for char in text):
        raise _refused("The text of a prompt has control characters.", "Type it again as plain text.")
    foreign = _FOREIGN.search(text)
    if foreign is not None:
        raise _refused(f"`{foreign[0]}` belongs to templates, which prompts are not.", _known())
    for brace in re.finditer(r"\{", text):
        at = brace.start()
        if _KNOWN.match(text, at) or _PLAIN.match(text, at):
            continue
        inside = re.match(r"\{([^{}\n]{0,40})\}?", text[at:])
        wanted = inside[1].strip() if inside is not None else ""
        close = difflib.get_close_matches(wanted, MEANINGS, 1)
        hint = f"Did you mean {{{close[0]}}}? {_known()}" if close else _known()
        raise _refused(f"{inside[0] if inside is not None else '{'!r} is no placeholder.", hint)
    return text


def render(text: str, facts: Mapping[str, str]) -> str:
    """Each placeholder becomes its fact, once: what a fact says is never read again."""
    return _KNOWN.sub(lambda found: facts[found[1]], text)


def facts_of(context: Context, catalogue: Mapping[str, Any] | None, today: date) -> dict[str, str]:
    """What placeholders stand for. Names only: no value of a cell, no path, nothing that was hidden."""
    seen = catalogue is not None and "fault" not in catalogue
    known = catalogue if catalogue is not None and seen else {"models": [], "frames": []}
    models, frames = named(known["models"], MOST), named(known["frames"], MOST)
    nobody = "none" if seen else "unknown"
    facts = {
        "models": ", ".join(models) or nobody,
        "frames": ", ".join(frames) or nobody,
        "notebook": re.split(r"[/\\]", context.notebook)[-1] or "no notebook",
        "kernel": "can be looked into" if seen else "can't be looked into",
        "date": today.isoformat(),
    }
    return {name: _line(fact) for name, fact in facts.items()}


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_VALUE else f"{line[:MAX_VALUE]} ..."


def _known() -> str:
    return f"Placeholders are: {', '.join(f'{{{name}}}' for name in MEANINGS)}."


def _refused(message: str, hint: str) -> Fault:
    return Fault(Code.INVALID_INPUT, message, hint, about="text")
