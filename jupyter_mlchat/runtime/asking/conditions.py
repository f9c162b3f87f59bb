"""Conditions on columns, as people write them: `age > 40 and plan in ["pro", "basic"]`. Read, never evaluated.

Allowed are columns (in backticks when they have spaces), constants, comparisons, `and`, `or`, `not`, `in`,
`is None`, and `+ - * /`. Nothing is called and no attribute is looked up.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import frames, peek
from ..toolbox import ToolError
from .validation import fold

MAX_LENGTH = 500
MAX_LEVELS = 1_000
_QUOTED = re.compile(r"`([^`]+)`")
_DATE = re.compile(r"\d{4}(-\d\d?(-\d\d?([T ]\d\d?(:\d\d){0,2})?)?)?")
_TEXTS = ("object", "str", "category", "categorical", "enum", "large_string")
_SINGLE = re.compile(r"(?<![<>=!])=(?!=)")
_BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
}
_COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}


@dataclass(frozen=True)
class Condition:
    """`mask` (n,) of booleans; `source` the same as an expression of the frame's library."""

    mask: Any
    source: str


@dataclass(frozen=True)
class _Part:
    value: Any
    source: str
    column: bool = False


def read(text: str, ref: str, frame: Any) -> Condition:
    """Which rows of a pandas or polars frame a condition holds for.

    Raises ToolError `invalid_input` that says why not.
    """
    if frames.kind_of(frame) not in ("pandas", "polars"):
        raise ToolError("invalid_input", f"`{ref}` has no named columns to set conditions on.", about=ref)
    names: list[str] = []

    def keep(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"__column_{len(names) - 1}"

    body = _QUOTED.sub(keep, text.strip()[:MAX_LENGTH])
    reader = _Reader(ref, frame, names)
    found = reader.read(_parse(body))
    dtype = str(getattr(found.value, "dtype", ""))
    if not found.column or dtype not in ("bool", "boolean", "bool[pyarrow]"):
        raise _refusal("It is not true or false for each row.")
    return Condition(found.value.fillna(False).to_numpy(dtype=bool), found.source)


def _parse(body: str) -> ast.expr:
    for attempt in (body, _SINGLE.sub("==", body)):
        try:
            return ast.parse(attempt, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    raise _refusal("It could not be read.")


def _refusal(reason: str) -> ToolError:
    hint = 'Write it like `age > 40 and plan == "pro"`, names with spaces in backticks.'
    return ToolError("invalid_input", f"The condition was not understood. {reason}", hint, about="where")


def _alike(values: list[Any], dtype: str) -> list[Any]:
    """Numbers of the column's own kind, which polars asks for. A fraction is never among whole numbers."""
    numbers = [value for value in values if type(value) in (int, float)]
    if dtype.startswith("float"):
        return [float(value) for value in numbers]
    if dtype.startswith(("int", "uint")):
        return [int(value) for value in numbers if float(value).is_integer()]
    return values


def _is_text(part: _Part) -> bool:
    """A column of texts. Asked where each stands in an order, often enough, it could be read letter by letter."""
    return part.column and str(getattr(part.value, "dtype", "")).lower().startswith(_TEXTS)


def _is_date(part: _Part) -> bool:
    return type(part.value) is str and _DATE.fullmatch(part.value) is not None


@dataclass(frozen=True)
class _Reader:
    ref: str
    frame: Any
    quoted: list[str]

    def read(self, node: ast.expr) -> _Part:
        if isinstance(node, ast.BoolOp):
            return self._joined(node)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            sign, apply = _BINARY[type(node.op)]
            left, right = self.read(node.left), self.read(node.right)
            return self._apply(apply, left, right, f"({left.source} {sign} {right.source})")
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float, bool, type(None))):
            return _Part(node.value, repr(node.value))
        if isinstance(node, ast.Name):
            return self._column(node.id)
        raise _refusal("Only columns, constants and comparisons can be in it.")

    def _joined(self, node: ast.BoolOp) -> _Part:
        sign, apply = ("&", operator.and_) if isinstance(node.op, ast.And) else ("|", operator.or_)
        parts = [self.read(value) for value in node.values]
        found = parts[0]
        for part in parts[1:]:
            found = self._apply(apply, found, part, f"{found.source} {sign} {part.source}")
        return _Part(found.value, f"({found.source})", column=True)

    def _unary(self, node: ast.UnaryOp) -> _Part:
        inner = self.read(node.operand)
        if isinstance(node.op, ast.Not) and inner.column:
            return _Part(~inner.value, f"~{inner.source}", column=True)
        if isinstance(node.op, ast.USub):
            return _Part(-inner.value, f"-{inner.source}", inner.column)
        raise _refusal("Only `not` and a minus can stand before a part.")

    def _compared(self, node: ast.Compare) -> _Part:
        found: _Part | None = None
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            part = self._one(self.read(left), sign, right)
            joined = part if found is None else self._apply(
                operator.and_, found, part, f"({found.source} & {part.source})"
            )  # fmt: skip
            found, left = joined, right
        assert found is not None, "a comparison has two sides"
        return found

    def _one(self, left: _Part, sign: ast.cmpop, node: ast.expr) -> _Part:
        if isinstance(sign, (ast.In, ast.NotIn)):
            return self._among(left, node, negated=isinstance(sign, ast.NotIn))
        right = self.read(node)
        if right.value is None and not right.column and left.column:
            empty = isinstance(sign, (ast.Is, ast.Eq))
            name = "isna" if empty else "notna"
            written = name if frames.kind_of(self.frame) == "pandas" else "is_null" if empty else "is_not_null"
            return _Part(getattr(left.value, name)(), f"{left.source}.{written}()", column=True)
        if type(sign) not in _COMPARE:
            raise _refusal("`is` goes with `None` alone.")
        if type(sign) in (ast.Eq, ast.NotEq):
            left, right = self._spelt(left, right), self._spelt(right, left)
        elif any(_is_text(one) and not _is_date(other) for one, other in ((left, right), (right, left))):
            raise _refusal("Texts have no order here, dates like `2024-05-31` aside.")
        text, apply = _COMPARE[type(sign)]
        return self._apply(apply, left, right, f"({left.source} {text} {right.source})")

    def _among(self, left: _Part, node: ast.expr, *, negated: bool) -> _Part:
        if not isinstance(node, (ast.List, ast.Tuple, ast.Set)) or not left.column:
            raise _refusal("After `in` comes a list of values, such as `[1, 2]`.")
        values = []
        for one in node.elts:
            part = self.read(one)
            if part.column:
                raise _refusal("After `in` comes a list of values, such as `[1, 2]`.")
            values.append(self._spelt(part, left).value)
        mark = "~" if negated else ""
        mask = left.value.isin(values)
        if frames.kind_of(self.frame) == "pandas":
            source = f"{mark}{left.source}.isin({values!r})"
        else:
            source = f"{mark}{left.source}.is_in({_alike(values, str(left.value.dtype))!r})"
        return _Part(~mask if negated else mask, source, column=True)

    def _spelt(self, part: _Part, column: _Part) -> _Part:
        """A text as its column spells it: "pro" for the level "Pro", where only one could be meant."""
        if part.column or not column.column or type(part.value) is not str:
            return part
        try:
            levels = column.value.dropna().unique()[:MAX_LEVELS].tolist()
        except TypeError:
            return part
        texts = [level for level in levels if type(level) is str]
        near = [level for level in texts if fold(level) == fold(part.value)]
        if part.value in texts or len(near) != 1:
            return part
        return _Part(near[0], repr(near[0]))

    def _column(self, name: str) -> _Part:
        wanted = self.quoted[int(name[9:])] if name.startswith("__column_") else name
        labels = [str(label) for label in self.frame.columns]
        exact = [i for i, label in enumerate(labels) if label == wanted]
        near = exact or [i for i, label in enumerate(labels) if fold(label) == fold(wanted)]
        if len(near) != 1:
            known = ", ".join(f"`{label[:40]}`" for label in labels[:8])
            text = f"`{self.ref}` has no column `{wanted[:80]}`."
            raise ToolError("invalid_input", text, f"It has {known}.", about=wanted[:80])
        label = self.frame.columns[near[0]]
        return _Part(frames.values(self.frame, near[0]), f"{self.ref}[{label!r}]", column=True)

    def _apply(self, apply: Callable[[Any, Any], Any], left: _Part, right: _Part, source: str) -> _Part:
        try:
            value = apply(left.value, right.value)
        except Exception as error:
            # The library's words may quote cell values.
            raise _refusal(f"Its parts can't be compared ({type(error).__name__}).") from None
        series = frames.kind_of(value) == "pandas_series" or peek.short_name(type(value)) == "Series"
        return _Part(value, source, column=series)
