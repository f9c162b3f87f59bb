"""Names of llms that were perhaps meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 200
"""Characters of a name that are compared."""


def close_names(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Those of `known` that `name` is the end of, in their order, then those that hold it or are spelled like it."""
    wanted = name.lower()[:LONGEST]
    spelled: dict[str, str] = {}
    for one in known:
        spelled.setdefault(one.lower()[:LONGEST], one)
    ends = [one for one in spelled if one.endswith(f"/{wanted}")]
    inside = sorted((one for one in spelled if len(wanted) > 2 and wanted in one), key=len)
    found = difflib.get_close_matches(wanted, spelled, count)
    return [spelled[one] for one in dict.fromkeys([*ends, *inside, *found])][:count]
