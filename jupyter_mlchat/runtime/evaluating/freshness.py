"""Is a model still what the notebook says? Read from the cells that were run, in the order they were run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..catalog import Found
from ..provenance import Fit, History

_LOADS = frozenset({"load", "loads", "load_model", "from_pretrained", "read_pickle", "load_learner"})
_FILES = frozenset({"model_file", "model_str"})
Kind = Literal[
    "loaded", "unknown_origin", "data_replaced", "data_edited", "source_replaced", "settings_changed", "run_again",
    "used_before_made",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """`stale` says that the model and the notebook no longer agree; without it, it is worth knowing."""

    kind: Kind
    cell: int | None
    text: str
    stale: bool


def findings(found: Found, cells: Mapping[int, str], history: History) -> list[Finding]:
    """In the order of their weight. `history` has read the cells."""
    fit = found.fit
    if fit is None:
        return [_origin(found, cells)]
    data = _root(fit.data) or fit.frame
    roots = [name for name in dict.fromkeys([data, _root(fit.target)]) if name]
    told: list[Finding] = []
    for name in roots:
        told += _data(name, fit, cells, history)
    told += _settings(found, fit, cells)
    return sorted(told, key=lambda one: not one.stale)


def _origin(found: Found, cells: Mapping[int, str]) -> Finding:
    """A model that no cell fitted."""
    if found.file:
        text = f"`{found.ref}` was loaded from the file `{found.file}`; what it was fitted on is not known."
        return Finding("loaded", None, text, False)
    name = found.ref.partition("[")[0].partition(".")[0]
    cell = found.cell
    if cell is not None and _loads(cells.get(cell, ""), name):
        text = f"`{found.ref}` was loaded from a file by In[{cell}]; what it was fitted on is not known."
        return Finding("loaded", cell, text, False)
    where = f" It was assigned in In[{cell}]." if cell is not None else ""
    return Finding("unknown_origin", cell, f"No cell shows how `{found.ref}` was fitted.{where}", False)


def _loads(source: str, name: str) -> bool:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign) and any(_root_of(target) == name for target in statement.targets):
            for call in (node for node in ast.walk(statement.value) if isinstance(node, ast.Call)):
                called = call.func.attr if isinstance(call.func, ast.Attribute) else _root_of(call.func)
                if called in _LOADS or any(keyword.arg in _FILES for keyword in call.keywords):
                    return True
    method = f"{name}.load_model("
    return method in source


def _data(name: str, fit: Fit, cells: Mapping[int, str], history: History) -> list[Finding]:
    """What happened to the data since."""
    before = _made_by(name, (number for number in cells if number <= fit.cell), history)
    told: list[Finding] = []
    for number in sorted(n for n in cells if n > fit.cell):
        assigned = history.assigned_in(number)
        whole = any(target == name for target, _ in assigned)
        part = any(target.startswith((f"{name}[", f"{name}.")) for target, _ in assigned)
        if whole and before is not None and cells[number] == cells[before]:
            text = f"In[{number}] ran the cell of In[{before}] again, which makes `{name}`; the fit was In[{fit.cell}]."
            told.append(Finding("run_again", number, text, True))
        elif whole:
            kind: Kind = "used_before_made" if before is None else "data_replaced"
            text = f"`{name}` was assigned anew in In[{number}], after the fit in In[{fit.cell}]."
            told.append(Finding(kind, number, text, True))
        elif part:
            text = f"`{name}` was changed in In[{number}], after the fit in In[{fit.cell}]."
            told.append(Finding("data_edited", number, text, True))
    if told:
        return told[-1:]
    return _sources(name, before, fit, cells, history)


def _sources(name: str, made: int | None, fit: Fit, cells: Mapping[int, str], history: History) -> list[Finding]:
    """Of what the data was made, one step up: replaced data does not make the model wrong, but a re-run another."""
    if made is None:
        return []
    for source in sorted(_read_for(name, cells[made])):
        for number in sorted((n for n in cells if n > fit.cell), reverse=True):
            if any(target == source for target, _ in history.assigned_in(number)):
                text = f"`{source}`, of which In[{made}] made `{name}`, was assigned anew in In[{number}]."
                return [Finding("source_replaced", number, text, False)]
    return []


def _settings(found: Found, fit: Fit, cells: Mapping[int, str]) -> list[Finding]:
    calls = tuple(f"{ref}.set_params(" for ref in (found.ref, *found.aliases))
    for number in sorted((n for n in cells if n > fit.cell), reverse=True):
        if any(call in cells[number] for call in calls):
            text = f"The settings of `{found.ref}` were changed in In[{number}], after its fit in In[{fit.cell}]."
            return [Finding("settings_changed", number, text, True)]
    return []


def _made_by(name: str, numbers: Iterable[int], history: History) -> int | None:
    made = [number for number in numbers if any(target == name for target, _ in history.assigned_in(number))]
    return max(made, default=None)


def _read_for(name: str, source: str) -> set[str]:
    """Names on the right of the assignment that makes `name`."""
    found: set[str] = set()
    for statement in ast.walk(ast.parse(source)):
        if isinstance(statement, ast.Assign):
            targets = {
                node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)
            }
            if name in targets:
                found |= {node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
    return found - {name}


def _root(expression: str) -> str:
    try:
        return _root_of(ast.parse(expression, mode="eval").body) if expression else ""
    except SyntaxError:
        return ""


def _root_of(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
