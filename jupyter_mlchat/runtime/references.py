"""References to things in the namespace: `pipe`, `models["rf"]`, `exp.best`. Read, never evaluated."""

from __future__ import annotations

import ast
import json
import re

Part = tuple[str, str | int]
"""`("attribute", name)` or `("item", key or position)`."""

_ROW = re.compile(r"(?P<frame>.+?)(?:\.iloc)?\[(?P<row>-?\d+)\]\s*$")
_SPOKEN_ROW = re.compile(r"row (?P<row>-?\d+) of (?P<frame>.+)", re.I)


def attribute_of(base: str, name: str) -> str:
    return f"{base}.{name}"


def item_of(base: str, key: str | int) -> str:
    """`models["rf"]` with double quotes, whatever the cell used."""
    return f"{base}[{json.dumps(key, ensure_ascii=False)}]"


def canonical(text: str) -> str | None:
    """The one way we write a reference; None when it is something else (a call, an operator, a slice)."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return of_node(tree)


def of_node(node: ast.AST) -> str | None:
    """The reference an expression is; None if it isn't one."""
    parts = split(node)
    if parts is None:
        return None
    name, rest = parts
    for kind, value in rest:
        name = attribute_of(name, str(value)) if kind == "attribute" else item_of(name, value)
    return name


def split(node: ast.AST) -> tuple[str, list[Part]] | None:
    """`models["rf"].best` -> ("models", [("item", "rf"), ("attribute", "best")])."""
    rest: list[Part] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            rest.append(("attribute", node.attr))
            node = node.value
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            key = node.slice.value
            if type(key) is not str and type(key) is not int:
                return None
            rest.append(("item", key))
            node = node.value
        else:
            return None
    return node.id, rest[::-1]


def parse(text: str) -> tuple[str, list[Part]] | None:
    try:
        return split(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def row_of(text: str) -> tuple[str, int] | None:
    """`X_test[3]`, `X_test.iloc[3]` or `row 3 of X_test` -> ("X_test", 3): one row of a frame by position."""
    match = _ROW.match(text.strip()) or _SPOKEN_ROW.fullmatch(text.strip())
    if match is None:
        return None
    frame = canonical(match["frame"])
    return None if frame is None else (frame, int(match["row"]))
