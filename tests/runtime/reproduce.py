"""Running the `code` of a result as a person would: in a cell, in a fresh copy of the namespace."""

from __future__ import annotations

import ast
from typing import Any

from runtime.context import Context


def reproduced(context: Context, code: str) -> Any:
    """The value of the cell's last expression."""
    assert code, "there is a recipe"
    tree = ast.parse(code)
    last = tree.body.pop()
    assert isinstance(last, ast.Expr), "the cell shows something"
    cells = context.cells()
    namespace = {"In": [cells.get(number, "") for number in range(max(cells, default=0) + 1)], **context.user_ns}
    exec(compile(tree, "<recipe>", "exec"), namespace)
    return eval(compile(ast.Expression(last.value), "<recipe>", "eval"), namespace)
