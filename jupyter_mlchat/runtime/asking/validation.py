"""Rows as people and llms write them, checked against a signature: clean rows, and an issue for each finding.

Nothing is filled in. A message quotes what was typed, but of the training data only what may leave; the rest
is in `Checked.suggestions`, which stays with the person.
"""

from __future__ import annotations

import datetime
import difflib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import frames
from ..leaving import blurred
from ..signature import Column, Signature
from ..wire import KEPT_ISSUES, IssueDict

MAX_ISSUES = 50
_SHOWN = 8
_TRUE, _FALSE = ("true", "yes", "y", "t", "1", "on"), ("false", "no", "n", "f", "0", "off")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_UNIT = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_ON_NULL = {
    True: "The model has its own way with missing values.",
    False: "The model raises an error.",
    None: "It is not known what the model does with it.",
    "nan": "The model answers NaN, without an error.",
}
_ON_UNKNOWN = {
    "error": "The model raises an error.",
    "ignored": "The model answers as if it were none of its categories, without an error.",
    "own_group": "The model puts all unknown categories into one group, without an error.",
}


@dataclass
class Checked:
    """`rows` by the signature's names; what was wrong or absent is left out of them."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    issues: list[IssueDict] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    blocked: list[tuple[int, str]] = field(default_factory=list)
    """(row, column) of what the model can't answer without."""
    suggestions: dict[str, dict[str, Any]] = field(default_factory=dict)
    unlisted: int = 0
    """Issues beyond the first 50."""

    @property
    def valid(self) -> bool:
        return not self.blocked

    def add(self, issue: IssueDict, *, blocks: bool = False) -> None:
        if blocks:
            self.blocked.append((issue.get("row") or 0, issue.get("column", "")))
        # Kept ones are counted apart: how many there are must not show in which others are listed.
        kept = issue["code"] in KEPT_ISSUES
        if sum((one["code"] in KEPT_ISSUES) == kept for one in self.issues) < MAX_ISSUES:
            self.issues.append(issue)
        elif not kept:
            self.unlisted += 1


def validate(
    signature: Signature, rows: Sequence[Mapping[str, Any]], *, typed: frozenset[str] | None = None
) -> Checked:
    """`typed` names the columns whose values a person wrote and a message may quote; None means all."""
    checked = Checked()
    names = _Names(signature)
    for place, row in enumerate(rows):
        number = None if len(rows) == 1 else place
        clean: dict[str, Any] = {}
        for column, value in names.match(row, number, checked):
            quote = typed is None or column.name in typed
            verdict = _Cell(column, number, quote, checked).read(value)
            if verdict is not _REFUSED:
                clean[column.name] = verdict
        given = {column.name for column, _ in names.matched}
        for column in signature.columns:
            if column.required and column.name not in given:
                _missing(column, number, checked)
        checked.rows.append(clean)
    return checked


def check_frame(signature: Signature, frame: Any) -> Checked:
    """Columns of a whole frame: which are missing, and whether their order is the model's. No values."""
    checked = Checked()
    columns, _ = frames.columns_of(frame)
    times = Counter(columns)
    for column in signature.columns:
        if times[column.name] > 1:
            text = f"`{column.name}` is there {times[column.name]} times."
            checked.add(_issue("duplicate_name", text, column, "Keep one of them."), blocks=True)
        elif column.required and column.name not in times:
            _missing(column, None, checked)
    wanted = [column.name for column in signature.columns if column.name in times]
    known = set(wanted)
    checked.extra = [name for name in columns if name not in known]
    if checked.valid and [name for name in columns if name in known] != wanted:
        checked.add(
            {
                "code": "wrong_order",
                "message": "The columns are in another order than the model was fitted with.",
                "suggestion": "They were put into the model's order by name.",
                "model_behaviour": "Some libraries take columns by position and would answer wrongly.",
            }
        )
    return checked


class _Refused:
    pass


_REFUSED = _Refused()


def fold(name: str) -> str:
    """A name or category without what people spell differently: case, spaces, underscores, hyphens."""
    return re.sub(r"[\s_-]+", "", name).casefold()


class _Names:
    """Given names to columns: exactly, else without case, spaces and unit, where that is unique."""

    def __init__(self, signature: Signature) -> None:
        self._exact = {column.name: column for column in signature.columns}
        self._folded: dict[str, list[Column]] = {}
        for column in signature.columns:
            for spelling in {fold(column.name), fold(_UNIT.sub("", column.name))}:
                self._folded.setdefault(spelling, []).append(column)
        self.matched: list[tuple[Column, Any]] = []

    def match(self, row: Mapping[str, Any], number: int | None, checked: Checked) -> list[tuple[Column, Any]]:
        self.matched = []
        taken: dict[str, str] = {}
        for given in sorted(row, key=lambda name: str(name) not in self._exact):
            name = str(given)
            column = self._exact.get(name)
            if column is None:
                near = self._folded.get(fold(name), [])
                column = near[0] if len(near) == 1 else None
            if column is None:
                self._extra(name, number, checked)
                continue
            if column.name in taken:
                text = f"`{name[:80]}` and `{taken[column.name][:80]}` both mean `{column.name}`."
                issue = _issue("duplicate_name", text, column, "Give it once.", row=number)
                checked.add(issue, blocks=True)
                continue
            taken[column.name] = name
            if name != column.name:
                text = f"`{name[:80]}` was read as `{column.name}`."
                checked.add(_issue("coerced", text, column, f"Write `{column.name}`.", row=number))
            self.matched.append((column, row[given]))
        return self.matched

    def _extra(self, name: str, number: int | None, checked: Checked) -> None:
        if name in checked.extra:
            return
        checked.extra.append(name)
        searched = self._exact if len(checked.extra) <= _SHOWN else ()
        close = difflib.get_close_matches(name[:80], searched, 1)
        checked.add(
            {
                "code": "extra_column",
                "message": f"The model has no input `{name[:80]}`; it was left out.",
                "column": name[:80],
                "row": number,
                "suggestion": f"Did you mean `{close[0]}`?" if close else "Leave it out.",
                "model_behaviour": "With it, the model raises an error or ignores it.",
            }
        )


def _missing(column: Column, number: int | None, checked: Checked) -> None:
    if column.name not in checked.missing:
        checked.missing.append(column.name)
    issue = _issue("missing_column", f"`{column.name}` is missing.", column, f"Give {describe(column)}.", row=number)
    issue["model_behaviour"] = "The model raises an error."
    checked.add(issue, blocks=True)
    _suggest(checked, column)


def describe(column: Column) -> str:
    """What a column takes, in words that may leave."""
    if column.categories is not None:
        if column.categories_leave:
            return (
                "one of "
                + ", ".join(map(str, column.categories[:_SHOWN]))
                + (f" and {len(column.categories) - _SHOWN} more" if len(column.categories) > _SHOWN else "")
            )
        return f"one of its {len(column.categories)} categories"
    if column.role == "numeric":
        number = f"a number in {column.unit}" if column.unit else "a number"
        if column.statistics_leave and column.p01 is not None and column.p99 is not None:
            return f"{number}, mostly between {column.p01:.6g} and {column.p99:.6g}"
        return number
    return {"boolean": "true or false", "text": "a text", "datetime": "a date"}.get(column.role or "", "a value")


def _suggest(checked: Checked, column: Column, close: Sequence[Any] = ()) -> None:
    """What would help, whether it may leave or not."""
    found: dict[str, Any] = {"default": column.default, "minimum": column.low, "maximum": column.high}
    if column.categories is not None:
        found["categories"] = list(column.categories[:200])
    if close:
        found["close"] = list(close)
    checked.suggestions[column.name] = {key: value for key, value in found.items() if value is not None}


def _issue(code: str, message: str, column: Column, suggestion: str, row: int | None = None) -> IssueDict:
    return {"code": code, "message": message, "column": column.name, "row": row, "suggestion": suggestion}


@dataclass
class _Cell:
    """One value on its way to what the column wants."""

    column: Column
    row: int | None
    quote: bool
    checked: Checked

    def read(self, value: Any) -> Any:
        if value is None or (isinstance(value, float) and math.isnan(value)) or _is_missing(value):
            return self._null()
        if isinstance(value, (list, dict, set)):
            return self._wrong(value, "a single value")
        if self.column.categories is not None:
            return self._category(value)
        role = self.column.role
        if role == "numeric":
            return self._number(value)
        if role == "boolean":
            return self._boolean(value)
        if role == "datetime":
            return self._date(value)
        if role == "text" and not isinstance(value, str):
            return self._coerced(value, str(value), "text")
        return value

    def _say(self, value: Any) -> str:
        shown = repr(value[:60]) if isinstance(value, str) else str(value)[:60]
        return f"`{self.column.name}` = {shown}" if self.quote else f"The value of `{self.column.name}`"

    def _add(self, code: str, text: str, suggestion: str, behaviour: str = "", *, blocks: bool = False) -> None:
        issue = _issue(code, text, self.column, suggestion, self.row)
        if behaviour:
            issue["model_behaviour"] = behaviour
        self.checked.add(issue, blocks=blocks)

    def _null(self) -> Any:
        column = self.column
        blocks = column.nullable is False
        behaviour = _ON_NULL["nan" if blocks and column.on_null == "nan" else column.nullable]
        self._add("null_value", f"`{column.name}` is empty.", f"Give {describe(column)}.", behaviour, blocks=blocks)
        _suggest(self.checked, column)
        return _REFUSED if blocks else None

    def _wrong(self, value: Any, wanted: str) -> Any:
        self._add(
            "type_error", f"{self._say(value)} is not {wanted}.", f"Give {describe(self.column)}.",
            "The model raises an error.", blocks=True,
        )  # fmt: skip
        _suggest(self.checked, self.column)
        return _REFUSED

    def _coerced(self, value: Any, read: Any, what: str) -> Any:
        shown = f" {read!r}" if self.quote and what != "category" else ""
        self._add("coerced", f"{self._say(value)} was read as the {what}{shown}.", "Check that this is meant.")
        return read

    def _number(self, value: Any) -> Any:
        number = value
        if isinstance(value, bool):
            number = self._coerced(value, int(value), "number")
        elif isinstance(value, str):
            text = value.strip().replace("−", "-")
            try:
                read = float(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text)
            except ValueError:
                return self._wrong(value, "a number")
            if not math.isfinite(read):
                return self._wrong(value, "a number")
            number = self._coerced(value, int(read) if read.is_integer() and abs(read) < 2**53 else read, "number")
        elif not hasattr(type(value), "__float__"):
            return self._wrong(value, "a number")
        if not math.isfinite(float(number)):
            return self._wrong(value, "a finite number")
        self._range(float(number), value)
        return number

    def _range(self, number: float, value: Any) -> None:
        column = self.column
        if column.low is None or column.high is None or column.low <= number <= column.high:
            return
        usual = ""
        if column.statistics_leave and column.p01 is not None and column.p99 is not None:
            usual = f" Most of it lies between {column.p01:.6g} and {column.p99:.6g}."
        side = "below" if number < column.low else "above"
        self._add(
            "out_of_range" if self._may_tell(number) else "just_out_of_range",
            f"{self._say(value)} is {side} what the model was trained on.{usual}",
            "Check the unit and the decimal point.",
            "The model answers anyway, without a warning.",
        )
        _suggest(self.checked, column)

    def _may_tell(self, number: float) -> bool:
        """That it is out of range, without telling where exactly the range ends, or what stands in a row."""
        column = self.column
        if not self.quote or not column.statistics_leave or column.low is None or column.high is None:
            return False
        low, high = blurred(column.low, column.high, column.p01, column.p99, whole=column.is_integer)
        return not low <= number <= high

    def _boolean(self, value: Any) -> Any:
        if isinstance(value, bool) or type(value).__name__ == "bool_":
            return bool(value)
        text = str(value).strip().casefold()
        text = text.removesuffix(".0") if isinstance(value, float) else text
        if text in _TRUE or text in _FALSE:
            return self._coerced(value, text in _TRUE, "value")
        return self._wrong(value, "true or false")

    def _date(self, value: Any) -> Any:
        if isinstance(value, datetime.date):
            return value
        try:
            return datetime.datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
        except ValueError:
            return self._wrong(value, "a date like 2024-05-31")

    def _category(self, value: Any) -> Any:
        column = self.column
        levels = column.categories or ()
        exact = [level for level in levels if level == value and isinstance(level, bool) == isinstance(value, bool)]
        if exact:
            return exact[0]
        near = [level for level in levels if fold(_spelling(level)) == fold(_spelling(value))]
        if len(near) == 1:
            if column.categories_leave and self.quote:
                text = f"{self._say(value)} was read as {str(near[0])!r}."
                self._add("coerced", text, f"Write {str(near[0])!r}.")
                return near[0]
            return self._coerced(value, near[0], "category")
        if not column.complete:
            return value
        by_text = {str(level): level for level in levels}
        folded = {fold(name): name for name in by_text}
        close = [folded[name] for name in difflib.get_close_matches(fold(str(value)), folded, 3, 0.6)]
        suggestion = f"Give {describe(column)}."
        if close and column.categories_leave:
            suggestion = f"Did you mean {', '.join(close)}? {suggestion}"
        blocks = column.on_unknown == "error"
        self._add(
            "unknown_category",
            f"{self._say(value)} is not one of the {len(levels)} categories that the model knows.",
            suggestion,
            _ON_UNKNOWN.get(column.on_unknown or "", "It is not known what the model does with it."),
            blocks=blocks,
        )
        _suggest(self.checked, column, close)
        return _REFUSED if blocks else value


def _spelling(value: Any) -> str:
    """A number that is whole is spelt without its `.0`, so that 1, 1.0 and "1" are one category."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in ("NAType", "NaTType")
