"""What each executed cell defines, imports, changes in place and uses, read from its source."""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .. import references

MAX_SOURCE = 100_000
MAX_HEADING = 120
_MAGIC = re.compile(r"\s*get_ipython\(\)\.run_cell_magic\(['\"](\w+)['\"]")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Cell:
    """`heading` is its first comment; `changes` are names whose items or attributes it sets; `uses` what it reads."""

    number: int
    source: str
    heading: str = ""
    magic: str = ""
    defines: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    parses: bool = True


def read_cell(number: int, source: str) -> Cell:
    """Of a cell that doesn't parse only the heading is known."""
    heading, magic = _heading(source), _MAGIC.match(source)
    if magic is not None:
        return Cell(number, source, heading, magic[1])
    try:
        if len(source) > MAX_SOURCE:
            raise ValueError(len(source))
        tree = ast.parse(source)
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Cell(number, source, heading, parses=False)
    modules, imported = _imports(tree)
    found = [symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_namespace()]
    defines = tuple(name for name in dict.fromkeys(found) if name not in imported)
    changes = tuple(dict.fromkeys(_changed(tree.body)))
    return Cell(number, source, heading, "", defines, modules, changes, frozenset(used(table)))


def used(table: symtable.SymbolTable) -> Iterator[str]:
    """Global names that the code reads, in whatever function of it."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from used(child)


def statement_of(source: str, name: str) -> str:
    """The last statement of a cell that defines a name, else that changes it, as written; "" if none does."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    texts = [(statement, ast.get_source_segment(source, statement) or "") for statement in reversed(body)]
    defining = [text for _, text in texts if name in read_cell(0, text).defines]
    changing = [text for statement, text in texts if name in _changed([statement])]
    return next(iter([*defining, *changing]), "")


def _heading(source: str) -> str:
    for line in source.splitlines():
        text = line.strip()
        if text.startswith("#"):
            return text.lstrip("#% ").strip()[:MAX_HEADING]
        if text:
            break
    return ""


def _imports(tree: ast.Module) -> tuple[tuple[str, ...], set[str]]:
    """The modules, and the names that stand for them or for something of them."""
    modules: list[str] = []
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [one.name for one in node.names]
            names |= {one.asname or one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.append(node.module or ".")
            names |= {one.asname or one.name for one in node.names}
    return tuple(dict.fromkeys(modules)), names


def _changed(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        for node in _outside_of_scopes(statement):
            targets: list[ast.expr] = []
            if isinstance(node, (ast.Assign, ast.Delete)):
                targets = node.targets
            elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
                targets = [node.target]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _in_place(node):
                targets = [node.func]
            for target in targets:
                parts = references.split(_last_known(target))
                if isinstance(target, (ast.Attribute, ast.Subscript)) and parts is not None:
                    yield parts[0]


def _in_place(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    switches = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
    return call.func.attr in ("fit", "partial_fit") or switches.get("inplace") is True


def _last_known(node: ast.expr) -> ast.expr:
    """The name that `df.loc[rows, "a"]` starts from."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node


def _outside_of_scopes(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is below it, but nothing inside functions and classes: they run later, or on their own."""
    if isinstance(node, _SCOPES):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside_of_scopes(child)


def sources_of(numbers: Iterable[int]) -> str:
    """A cell that shows the source of these, as the notebook keeps it; "" for none."""
    told = sorted(set(numbers))
    return f"{{number: In[number] for number in {told!r}}}" if told else ""
