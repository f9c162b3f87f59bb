"""A conversation as a notebook: questions and answers to read, and between them the code that makes the answers."""

from __future__ import annotations

import ast
import builtins
import json
from collections.abc import Iterable, Sequence
from typing import Any

from ...protocol.exports import ConversationExport
from .transcript import Spoken, harmless, said_in, transcript

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def as_notebook(export: ConversationExport) -> str:
    """JSON of nbformat 4.5. Its first cell says which names the others need from the notebook that made them."""
    turns, info = transcript(export.events), export.conversation
    title = " ".join(info.title.split()) or "Conversation"
    cells = [_text(f"# {harmless(title)}")]
    if needed := needs([code for turn in turns for code in turn.code]):
        cells.append(_code(_check(needed, info.notebook)))
    for turn in turns:
        cells += _cells(turn)
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    book = {"cells": numbered, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def _cells(turn: Spoken) -> Iterable[dict[str, Any]]:
    for message in turn.said:
        yield _text(f"**{'Expert' if message.role == 'expert' else 'You'}:** {said_in(message)}")
    for code in turn.code:
        yield _code(code)
    if turn.answer:
        yield _text(harmless(turn.answer))


def needs(cells: Sequence[str]) -> list[str]:
    """Names that the cells read before one of them has made them. A cell that is no Python is passed over."""
    made = {*dir(builtins), "get_ipython", "display"}
    needed: dict[str, None] = {}
    for cell in cells:
        try:
            tree = ast.parse(cell)
        except (SyntaxError, ValueError):
            continue
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        here = {node.id for node in names if not isinstance(node.ctx, ast.Load)} | _bound(tree)
        needed |= {node.id: None for node in names if node.id not in made | here}
        made |= here
    return list(needed)


def _bound(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def _check(names: Sequence[str], notebook: str) -> str:
    """Python that stops the run where a name is missing, before anything strange happens."""
    origin = f"the notebook {notebook!r}" if notebook else "the notebook that this conversation was about"
    message = f" come from {origin}: run its cells here first, for instance with %run"
    return "\n".join(
        [
            f"missing = [name for name in {list(names)!r} if name not in globals()]",
            "if missing:",
            f"    raise NameError(', '.join(missing) + {message!r})",
        ]
    )


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
