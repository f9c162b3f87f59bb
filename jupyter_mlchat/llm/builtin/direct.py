"""A call written out: `tool_name(argument="text", other=3)` with JSON or simple Python values."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

_CALL = re.compile(r"\s*(?P<tool>[A-Za-z_]\w*)\s*\((?P<inside>.*)\)\s*", re.DOTALL)
_KEY = re.compile(r"\s*,?\s*(?P<key>[A-Za-z_]\w*)\s*=\s*")
_SIMPLE = re.compile(r"'(?P<text>[^'\\\n]*)'|(?P<word>True|False|None)\b")
_WORDS = {"True": True, "False": False, "None": None}


def read_call(question: str, tools: Collection[str]) -> tuple[str, dict[str, Any]] | None:
    """(tool, arguments) when the whole question is one call of a tool at hand, with every argument named."""
    match = _CALL.fullmatch(question)
    if not match or match["tool"] not in tools:
        return None
    inside, position = match["inside"], 0
    args: dict[str, Any] = {}
    while key := _KEY.match(inside, position):
        read = _value_at(inside, key.end())
        if read is None:
            return None
        args[key["key"]], position = read
    return None if inside[position:].strip(" ,\n") else (match["tool"], args)


def _value_at(text: str, start: int) -> tuple[Any, int] | None:
    simple = _SIMPLE.match(text, start)
    if simple:
        return (_WORDS[simple["word"]] if simple["word"] else simple["text"]), simple.end()
    try:
        return json.JSONDecoder(parse_constant=_refuse).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
