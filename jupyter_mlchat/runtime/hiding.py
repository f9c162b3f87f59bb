"""Names that the person has hidden, taken out of an answer: also where others speak of them.

A model says which frame it was fitted on, a finding which cell assigned it, an error what it was about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from .wire import Result

HIDDEN = "(hidden)"
_COLUMNS = frozenset(
    """
    name names feature features feature_names column columns column_names missing_features extra_features
    missing_columns extra_columns mistyped_columns
    """.split()
)
"""Under these keys stand names of columns: one that is called like a hidden variable is another thing."""
_TOLD = ("data", "local", "issues", "warnings", "doubts", "evidence", "fault")


def pattern_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the names as words; None where there are none."""
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None


def without(result: Result, names: Iterable[str], args: dict[str, Any]) -> Result:
    """`result` without the names. A fault may repeat those that `args` asked for: it says that they are not there."""
    found = pattern_of(names)
    if found is None:
        return result
    asked = json.dumps(args, ensure_ascii=False, default=str)
    unasked = pattern_of(name for name in names if pattern_of([name]).search(asked) is None)  # type: ignore[union-attr]
    cleaned: dict[str, Any] = {**result}
    for key in _TOLD:
        pattern = unasked if key == "fault" else found
        if cleaned.get(key) and pattern is not None:
            cleaned[key] = _without(cleaned[key], pattern, "")
    return cleaned  # type: ignore[return-value]


def _without(value: Any, pattern: re.Pattern[str], key: str) -> Any:
    if isinstance(value, str):
        whole = key in _COLUMNS and pattern.fullmatch(value) is not None
        return value if whole else pattern.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {name: _without(item, pattern, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(item, pattern, key) for item in value]
    return value
