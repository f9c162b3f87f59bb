"""A cell that checks a row again, against what the signature says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import frames
from ..signature import Signature
from . import recipes
from .validation import Checked

MAX_LEVELS = 200
MAX_WRITTEN = 200
"""A cell of more columns is no help."""


def checks(sig: Signature, given: Mapping[str, Any], checked: Checked, training: Any = None) -> str:
    """Shows which names are missing or too many, and which values nobody has seen in training."""
    refused = {name for _, name in checked.blocked} & set(given)
    row = {**{str(name): given[name] for name in given if name in refused or name in checked.extra}, **checked.rows[0]}
    seen = [column for column in sig.columns if column.name in row]
    ranges = {c.name: (c.low, c.high) for c in seen if c.low is not None and c.high is not None}
    levels = {c.name: list(c.categories) for c in seen if c.categories is not None and len(c.categories) <= MAX_LEVELS}
    needed = [column.name for column in sig.columns if column.required]
    known = [column.name for column in sig.columns if not column.required and column.name in row]
    columns = frames.columns_of(training)[0] if training is not None else []
    listed = f"list({sig.frame}.columns)" if len(needed) > MAX_WRITTEN and needed == columns else repr(needed)
    if len(row) > MAX_WRITTEN or len(listed) > 40 * MAX_WRITTEN:
        return ""
    literal = {name: recipes.literal(value) for name, value in row.items()}
    return "\n".join(
        [f"row = {literal!r}", f"needed, optional = {listed}, {known!r}",
         f"ranges = {ranges!r}", f"levels = {levels!r}",
         "{",
         '    "missing_features": [name for name in needed if name not in row],',
         '    "extra_features": [name for name in row if name not in needed + optional],',
         '    "out_of_range": [name for name, (low, high) in ranges.items()',
         "                     if isinstance(row[name], (int, float)) and not low <= row[name] <= high],",
         '    "unknown_category": [name for name, known in levels.items() if row[name] not in known],',
         "}"]
    )  # fmt: skip
