"""What `%chat memory`, `search` and `export` say and do, as Markdown."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chat import Chat

FORMATS: Mapping[str, str] = MappingProxyType({".json": "json", ".md": "markdown", ".ipynb": "notebook"})
MEMORY: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "off": {"turns": 0},
        "default": {"turns": None, "summaries": None},
        "summaries on": {"summaries": True},
        "summaries off": {"summaries": False},
    }
)
ON = 49
"""Earlier turns of `%chat memory on`, where the settings have none."""
HOW = "`%chat memory on`, `off`, `5` (earlier turns), `summaries on`, `summaries off` or `default`"


def memory(chat: Chat, wanted: str) -> str:
    """Choose how much of the conversation goes along with a question, or tell it. Raises ValueError."""
    said = " ".join(wanted.lower().split())
    if said == "on":
        chat.update(memory={"turns": None})
        if not chat.choices()["memory"]["turns"]:
            chat.update(memory={"turns": ON})
    elif said in MEMORY:
        chat.update(memory=MEMORY[said])
    elif said.isdecimal():
        chat.update(memory={"turns": int(said)})
    elif said:
        raise ValueError(f"Say {HOW}.")
    told = _told(chat.choices()["memory"])
    return f"From the next question on: {told}" if said else f"{told[0].upper()}{told[1:]} {HOW} changes it."


def _told(memory: dict[str, Any]) -> str:
    if not memory["turns"]:
        return "no earlier turn goes along with a question."
    turns = "turn goes" if memory["turns"] == 1 else "turns go"
    rest = "older ones are summed up" if memory["summaries"] else "older ones don't"
    return f"at most {memory['turns']} earlier {turns} along with a question, {rest}."


def search(chat: Chat, words: str) -> str:
    """A table of what was said with these words."""
    if not words.strip():
        return "Say what to look for, as in `%chat search churn`."
    found = chat.search(words)
    if not found:
        return "Nothing was said with all of these words."
    rows = ["| when | conversation | |", "|---|---|---|"]
    for one in found:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one["time"]))
        speaker = "" if one["role"] == "assistant" else f"{one['role']}: "
        rows.append(f"| {when} | {_plain(one['title'])} | {speaker}{_plain(one['snippet'])} |")
    return "\n".join(rows)


def export(chat: Chat, path: str) -> str:
    """Raises ValueError."""
    if not path:
        return "Say where to, as in `%chat export churn.md`; `.json` has all of it, `.ipynb` its code."
    try:
        return f"Written: `{_plain(chat.export(path))}`."
    except FileExistsError:
        raise ValueError("There is a file of that name, which stays as it is. Give another one.") from None
    except OSError as error:
        raise ValueError(f"It can't be written there ({error.strerror or type(error).__name__}).") from None


def format_of(path: str) -> str:
    """By the ending. Raises ValueError."""
    ending = os.path.splitext(path)[1].lower()
    if ending not in FORMATS:
        raise ValueError(f"A conversation is written as {', '.join(FORMATS)}; give a path that ends like that.")
    return FORMATS[ending]


def write(path: str, text: str) -> str:
    """Raises FileExistsError: nothing is overwritten."""
    with open(path, "x", encoding="utf-8") as file:
        file.write(text)
    return path


def _plain(text: str) -> str:
    """Nothing in it ends a cell or code, or begins markup."""
    return "".join(" " if letter in "`|<>[]\n\r" else letter for letter in text)
