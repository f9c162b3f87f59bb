"""Many columns told in short: grouped by their type and by what their names begin with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from . import budget

WIDE = 50
"""More columns than this are told in groups."""
SHOWN = 20
MAX_GROUPS = 20


def groups_of(names: Sequence[str], dtypes: Sequence[str | None]) -> list[dict[str, Any]]:
    """`{prefix, dtype, n, first, last}`, the largest first; `prefix` is "" for those with nothing in common."""
    found: dict[tuple[str, str | None], list[str]] = {}
    stems = [_stem(name) for name in names]
    counts: dict[str, int] = {}
    for stem in stems:
        counts[stem] = counts.get(stem, 0) + 1
    heads = [stem if counts[stem] > 1 else _head(name) for name, stem in zip(names, stems, strict=True)]
    for name, head, dtype in zip(names, heads, dtypes, strict=True):
        found.setdefault((head, dtype), []).append(name)
    alone: dict[str | None, list[str]] = {}
    for (head, dtype), members in list(found.items()):
        if len(members) == 1:
            alone.setdefault(dtype, []).extend(members)
            del found[head, dtype]
    cards = [_card(head, dtype, members) for (head, dtype), members in found.items()]
    cards += [_card("", dtype, members) for dtype, members in alone.items()]
    return sorted(cards, key=lambda card: -int(card["n"]))[:MAX_GROUPS]


def _card(prefix: str, dtype: str | None, members: list[str]) -> dict[str, Any]:
    return {
        "prefix": budget.short(prefix),
        "dtype": dtype,
        "n": len(members),
        "first": budget.short(members[0]),
        "last": budget.short(members[-1]),
    }


def _stem(name: str) -> str:
    """Without the number at its end: `sensor_12` is `sensor`."""
    return re.sub(r"[\W_]*\d+$", "", name)


def _head(name: str) -> str:
    """Up to the first separator: `age.mean` is `age`."""
    return re.split(r"[\W_]", name, maxsplit=1)[0]
