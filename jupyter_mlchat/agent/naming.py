"""Which names of the kernel may stand in a system prompt: those that can't be read as anything but names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_PLAIN = re.compile(r'[^\W\d]\w{0,60}(?:\.\w{1,60}|\[\d{1,6}\]|\["[\w.-]{1,40}"\]){0,4}')


def named(cards: Iterable[Mapping[str, Any]], most: int) -> list[str]:
    """`ref (class)` of the first `most` models or frames; keys of a dict can be sentences: such are only counted."""
    listed = list(cards)[:most]
    plain = [card for card in listed if _PLAIN.fullmatch(card["ref"])]
    told = [f"{card['ref']} ({_kind(card)})" for card in plain]
    return told if len(plain) == len(listed) else [*told, f"{len(listed) - len(plain)} under other names"]


def _kind(card: Mapping[str, Any]) -> str:
    """Anybody may make a class whose name is a sentence."""
    kind = str(card.get("estimator") or card["class_name"])
    return kind if kind.isidentifier() else "object"
