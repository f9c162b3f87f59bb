"""Changes to an input as people say them: a new value, +5, +20 %, doubled, halved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..asking.validation import fold
from ..signature import Column, Signature
from ..toolbox import ToolError

How = Literal["set", "add", "multiply"]
_WORDS = {
    **dict.fromkeys(("double", "doubled", "twice"), 2.0),
    **dict.fromkeys(("triple", "tripled"), 3.0),
    **dict.fromkeys(("half", "halve", "halved"), 0.5),
}
_PERCENT = re.compile(r"([+-]?)\s*(\d+(?:[.,]\d+)?)\s*(?:%|percent)(?:\s+(more|less|up|down|higher|lower))?", re.I)
_TIMES = re.compile(r"(?:[x×*]|times)\s*(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)\s*(?:[x×]|times)", re.I)
_ADDED = re.compile(r"(?:by\s*)?\+\s*(\d+(?:\.\d+)?)|by\s*(-\s*\d+(?:\.\d+)?)|(?:minus|-=)\s*(\d+(?:\.\d+)?)", re.I)
_KEYS: Mapping[str, How] = {"set": "set", "to": "set", "add": "add", "multiply": "multiply", "factor": "multiply"}


@dataclass(frozen=True)
class Change:
    column: Column
    how: How
    amount: Any

    def of(self, value: Any) -> Any:
        """A new value; of a number where `how` needs one. Raises ToolError `invalid_input` for what is none."""
        if self.how == "set":
            return self.amount
        if isinstance(value, bool) or not hasattr(type(value), "__float__"):
            text = f"`{self.column.name}` has no number to start from."
            raise ToolError("invalid_input", text, "Give its new value.", about=self.column.name)
        return self.applied(float(value), whole=self.column.is_integer)

    def applied(self, number: float, *, whole: bool) -> float | int:
        found = number + self.amount if self.how == "add" else number * self.amount
        return int(found) if whole and float(found).is_integer() else found

    def source(self, value: str) -> str:
        """The same for a cell, on an expression."""
        if self.how == "set":
            return repr(self.amount)
        return f"{value} {'+' if self.how == 'add' else '*'} {self.amount!r}"

    @property
    def words(self) -> str:
        if self.how == "set":
            return f"{self.column.name} = {self.amount}"
        return f"{self.column.name} {'+' if self.how == 'add' else 'x'} {self.amount:.6g}"


def read(sig: Signature, given: Mapping[str, Any]) -> list[Change]:
    """Raises ToolError `invalid_input` that names the column or the spelling."""
    return [_change(column_of(sig, str(name)), value) for name, value in given.items()]


def column_of(sig: Signature, name: str) -> Column:
    """Exactly, else without case and spaces where that is unique."""
    exact = sig.column(name)
    near = [exact] if exact else [column for column in sig.columns if fold(column.name) == fold(name)]
    if len(near) == 1 and near[0] is not None:
        return near[0]
    import difflib

    close = difflib.get_close_matches(name, [column.name for column in sig.columns[:500]], 3)
    hint = f"Did you mean {', '.join(f'`{one}`' for one in close)}?" if close else "`get_model_info` lists its inputs."
    raise ToolError("invalid_input", f"`{sig.ref}` has no input `{name[:80]}`.", hint, about=name[:80])


def _change(column: Column, value: Any) -> Change:
    if isinstance(value, dict):
        return _spelt_out(column, value)
    text = value.strip() if isinstance(value, str) else ""
    if not text or column.categories is not None or column.role in ("text", "datetime", "boolean"):
        return Change(column, "set", value)
    return _said(column, text) or Change(column, "set", value)


def _spelt_out(column: Column, value: Mapping[str, Any]) -> Change:
    key = next(iter(value), "")
    amount = value.get(key)
    if len(value) == 1 and key == "percent" and isinstance(amount, (int, float)):
        return Change(column, "multiply", 1 + float(amount) / 100)
    if len(value) == 1 and key in _KEYS and (_KEYS[key] == "set" or _is_number(amount)):
        return Change(column, _KEYS[key], amount)
    raise ToolError(
        "invalid_input", f"The change of `{column.name}` was not understood.",
        'Write a value, "+20 %", "doubled", or {"set" | "add" | "multiply" | "percent": number}.', column.name,
    )  # fmt: skip


def _said(column: Column, text: str) -> Change | None:
    word = text.casefold().removeprefix("is ").strip()
    if word in _WORDS:
        return Change(column, "multiply", _WORDS[word])
    percent = _PERCENT.fullmatch(text)
    if percent is not None:
        less = percent[1] == "-" or (percent[3] or "").lower() in ("less", "down", "lower")
        if not percent[1] and not percent[3]:
            return None
        share = float(percent[2].replace(",", ".")) / 100
        return Change(column, "multiply", 1 - share if less else 1 + share)
    times = _TIMES.fullmatch(text)
    if times is not None:
        return Change(column, "multiply", float(times[1] or times[2]))
    added = _ADDED.fullmatch(text)
    if added is not None:
        number = added[1] or (added[2] or "").replace(" ", "") or f"-{added[3]}"
        return Change(column, "add", float(number))
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
