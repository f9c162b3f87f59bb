"""Rows of a file beside what a model needs: columns by name, then a part of the rows value by value."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ..asking.validation import fold, validate
from ..signature import Signature
from ..wire import IssueDict
from . import places
from .datasets import Dataset

MAX_ROWS = 1_000
MAX_SECONDS = 4.0
_NUMBERS = ("int", "uint", "float", "double", "decimal", "number", "integer", "half")


@dataclass
class Match:
    """How a file suits a model. `checked` rows were looked at."""

    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    mistyped: list[str] = field(default_factory=list)
    issues: list[IssueDict] = field(default_factory=list)
    checked: int = 0
    failing: int = 0
    """Rows that the model can't answer for."""

    @property
    def suits(self) -> bool:
        return not self.missing and not self.failing


def match(sig: Signature, data: Dataset) -> Match:
    """The truth may be among the extra columns; that is no fault."""
    names = {fold(one.name): one for one in data.fields}
    wanted = {fold(column.name): column for column in sig.columns}
    found = Match(
        missing=[column.name for key, column in wanted.items() if column.required and key not in names],
        extra=[one.name for key, one in names.items() if key not in wanted and one.name != sig.target],
    )
    for key, column in wanted.items():
        one = names.get(key)
        if one is None or column.role not in ("numeric", "datetime"):
            continue
        numeric = one.dtype.lower().startswith(_NUMBERS)
        if column.role == "numeric" and not numeric and one.dtype not in ("empty", "boolean", "bool", "null"):
            found.mistyped.append(column.name)
    found.issues = [_missing(name) for name in found.missing[:10]]
    found.issues += [_mistyped(name, names[fold(name)].dtype) for name in found.mistyped[:10]]
    _values(found, sig, data)
    return found


def _values(found: Match, sig: Signature, data: Dataset) -> None:
    end, step = time.monotonic() + MAX_SECONDS, max(1, -(-len(data.rows) // MAX_ROWS))
    tally: dict[tuple[str, str], list[Any]] = {}
    known = {fold(column.name) for column in sig.columns}
    left_out = {fold(name) for name in found.mistyped}
    for line, row in data.rows[::step]:
        if time.monotonic() > end:
            break
        kept = {name: value for name, value in row.items() if fold(name) in known and fold(name) not in left_out}
        checked = validate(sig, [kept], typed=frozenset())
        found.checked += 1
        blocked = {name for _, name in checked.blocked} - set(found.missing) - set(found.mistyped)
        found.failing += bool(blocked)
        for issue in checked.issues:
            if issue["code"] in ("missing_column", "extra_column", "coerced"):
                continue
            tally.setdefault((issue["code"], issue.get("column", "")), [0, line, issue])[0] += 1
    for (code, column), (count, line, issue) in list(tally.items())[:30]:
        shown = places.told(column)
        text = f"{_WORDS.get(code, code)} in `{shown}`: {count:,} of {found.checked:,} rows, first in line {line:,}."
        one: IssueDict = {"code": code, "message": text, "column": shown, "suggestion": issue.get("suggestion", "")}
        if issue.get("model_behaviour"):
            one["model_behaviour"] = issue["model_behaviour"]
        found.issues.append(one)


_WORDS = {
    "unknown_category": "Categories that the model doesn't know", "null_value": "Empty cells",
    "just_out_of_range": "Values outside the training data", "type_error": "Values of another type",
}  # fmt: skip


def _missing(name: str) -> IssueDict:
    shown = places.told(name)
    return {
        "code": "missing_column",
        "message": f"`{shown}` is missing.",
        "column": shown,
        "suggestion": "Add it, or check how it is spelt.",
        "model_behaviour": "The model raises an error.",
    }


def _mistyped(name: str, dtype: str) -> IssueDict:
    shown = places.told(name)
    return {
        "code": "type_error",
        "message": f"`{shown}` is {places.told(dtype)} here; the model takes a number.",
        "column": shown,
        "suggestion": "Mend the cells that are no numbers.",
        "model_behaviour": "The model raises an error.",
    }
