"""What a list of llms tells of one of them. It comes from outside: of everything only what has the right shape."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from msgspec.structs import replace

from ..protocol.records import Capability, LlmInfo

MOST_LLMS = 3_000
LONGEST_NAME, LONGEST_TEXT = 200, 300
MILLION = 1_000_000
_OTHER_WORK = re.compile(
    r"embed|rerank|moderation|whisper|transcrib|\btts\b|-tts|speech|dall-e|image|sora|realtime|davinci-00|babbage"
    r"|\bbge\b|bge-|minilm|guard\b|\bvideo|\bocr\b|audio",
    re.IGNORECASE,
)
_SIZE = re.compile(r"(?<![\w.])((?:\d{1,2}x)?\d{1,4}(?:\.\d{1,2})?)b(?![a-z])", re.IGNORECASE)
_QUANTIZATION = re.compile(
    r"(?<![a-z0-9])(i?q\d_\w+|fp8|fp16|bf16|int4|int8|awq|gptq|\d-?bit)(?![a-z0-9])", re.IGNORECASE
)


def is_for_chat(name: str) -> bool:
    """By its name alone: lists hold also what embeds, draws and listens."""
    return _OTHER_WORK.search(name) is None


def embeds(name: str) -> bool:
    return "embed" in name.lower()


def text_of(value: object, longest: int = LONGEST_TEXT) -> str:
    """A line of plain text, "" for anything else."""
    if not isinstance(value, str):
        return ""
    plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in value[: 4 * longest])
    return " ".join(plain.split())[:longest]


def name_of(value: object) -> str:
    """The name as it must be sent; "" for one that can't be shown as it is."""
    return value if isinstance(value, str) and len(value) <= LONGEST_NAME and text_of(value) == value else ""


def whole(*values: object) -> int | None:
    """The first that is a positive whole number."""
    for value in values:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 2**53:
            return int(value)
    return None


def price(value: object, factor: float) -> float | None:
    """US dollars for a million tokens. Prices come as numbers and as texts; a negative one means "it depends"."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else -1.0
    except ValueError:
        return None
    return round(number * factor, 6) if 0 <= number < MILLION else None


def parameters_in(name: str) -> str:
    """ "7B" of `mistral-7b-instruct`, "" where the name has none."""
    found = _SIZE.search(name)
    return f"{found.group(1)}B" if found else ""


def quantization_in(name: str) -> str:
    found = _QUANTIZATION.search(name)
    return found.group(1).upper() if found else ""


def counted(parameters: int | None) -> str:
    """ "135M" of 134,515,008 parameters."""
    for unit, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M")):
        if parameters is not None and parameters >= unit:
            return f"{parameters / unit:.3g}{letter}"
    return ""


def filled(told: LlmInfo, known: LlmInfo | None) -> LlmInfo:
    """`told` with what only `known` has."""
    if known is None:
        return told
    missing: dict[str, Any] = {
        name: getattr(known, name)
        for name in told.__struct_fields__
        if name != "capabilities" and getattr(told, name) in (None, "")
    }
    both: list[Capability] = list(dict.fromkeys([*told.capabilities, *known.capabilities]))
    return replace(told, **missing, capabilities=both)
