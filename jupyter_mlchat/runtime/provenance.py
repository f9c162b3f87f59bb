"""Where a model came from, read from the source of the cells: `pipe.fit(X_train, y_train)` in In[12]."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from . import references

MAX_SOURCE = 100_000
_FITS = ("fit", "partial_fit", "fit_predict")
_ANY = "[*]"
"""Ends a reference to every item of a container, as a loop over it fits them."""


@dataclass(frozen=True)
class Fit:
    """One call. `data` and `target` are expressions as written; `frame` is the name at the root of `data`."""

    receiver: str
    cell: int
    data: str = ""
    frame: str = ""
    plain: bool = False
    """True when `data` is a plain reference, so that the frame is the training data itself."""
    target: str = ""


@dataclass(frozen=True)
class Cell:
    """What one cell did: fits, and assignments in order, each (name, the reference it was assigned or "")."""

    fits: tuple[Fit, ...] = ()
    assigned: tuple[tuple[str, str], ...] = ()


@dataclass
class History:
    """All cells, each parsed once."""

    _source: dict[int, str] = field(default_factory=dict)
    _cells: dict[int, Cell] = field(default_factory=dict)
    _fits: dict[str, Fit] = field(default_factory=dict)
    _assigned: dict[str, tuple[int, str]] = field(default_factory=dict)

    def read(self, sources: dict[int, str]) -> None:
        changed = False
        for number, source in sources.items():
            if self._source.get(number) != source:
                self._source[number] = source
                self._cells[number] = read_cell(number, source)
                changed = True
        if changed or len(self._cells) != len(sources):
            self._cells = {number: self._cells[number] for number in sorted(sources)}
            self._source = dict(sources)
            self._replay()

    def _replay(self) -> None:
        """Later cells win: a name assigned again is no longer what was fitted."""
        self._fits, self._assigned = {}, {}
        for number, cell in self._cells.items():
            for name, value in cell.assigned:
                for old in [ref for ref in self._fits if ref == name or ref.startswith((f"{name}[", f"{name}."))]:
                    del self._fits[old]
                self._assigned[name] = (number, value)
            for fit in cell.fits:
                self._fits[fit.receiver] = fit

    def assigned_in(self, number: int) -> tuple[tuple[str, str], ...]:
        """What one cell assigned, in order."""
        return self._cells[number].assigned if number in self._cells else ()

    def fit_of(self, refs: list[str]) -> Fit | None:
        """The newest fit of any of these references to one object."""
        found = [fit for ref in refs if (fit := self._fit(ref, 0)) is not None]
        return max(found, key=lambda fit: fit.cell) if found else None

    def _fit(self, ref: str, depth: int) -> Fit | None:
        fit = self._fits.get(ref)
        container = ref.rpartition("[")[0]
        if fit is None and container:
            fit = self._fits.get(container + _ANY)
        if fit is None and depth < 5:
            source = self._assigned.get(ref, (0, ""))[1]
            if source.endswith(".best_estimator_"):
                source = source.removesuffix(".best_estimator_")
            fit = self._fit(source, depth + 1) if source and source != ref else None
        return fit

    def assigned(self, refs: list[str]) -> int | None:
        """The newest cell that assigned any of them, or the container of one."""
        names = [*refs, *(ref.partition("[")[0] for ref in refs)]
        found = [self._assigned[name][0] for name in names if name in self._assigned]
        return max(found) if found else None

    def changed_after(self, name: str, cell: int) -> bool:
        """Whether a later cell assigned a name anew."""
        return self._assigned.get(name, (0, ""))[0] > cell

    def source_of(self, name: str) -> str:
        """The reference a name was assigned from, as in `y = df["churn"]`; "" if none."""
        return self._assigned.get(name, (0, ""))[1]


def read_cell(number: int, source: str) -> Cell:
    """What a cell fits and assigns at its top level; nothing of one that doesn't parse."""
    if len(source) > MAX_SOURCE:
        return Cell()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Cell()
    reader = _Reader(number)
    for statement in tree.body:
        reader.visit(statement)
    return Cell(tuple(reader.fits), tuple(reader.assigned))


class _Reader(ast.NodeVisitor):
    """Functions and classes are skipped: their names are their own."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.fits: list[Fit] = []
        self.assigned: list[tuple[str, str]] = []
        self._loops: dict[str, str] = {}
        self._target = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.assigned.append((node.name, ""))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.assigned.append((node.name, ""))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.assigned.append((node.name, ""))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        return

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._assign(target, node.value)
        self._value(node.targets[0], node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._assign(node.target, node.value)
            self._value(node.target, node.value)

    def visit_For(self, node: ast.For) -> None:
        """`for name, m in models.items(): m.fit(X, y)` fits every item of `models`."""
        source, last = node.iter, node.target
        called = source.func if isinstance(source, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in ("items", "values"):
            source = called.value
        if isinstance(last, ast.Tuple) and last.elts:
            last = last.elts[-1]
        container = references.of_node(source)
        if container is not None and isinstance(last, ast.Name):
            self._loops[last.id] = container + _ANY
        for statement in node.body:
            self.visit(statement)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self._assign(part, ast.Constant(None))
            return
        name = references.of_node(target)
        if name is not None:
            self.assigned.append((name, references.of_node(value) or ""))

    def _value(self, target: ast.expr, value: ast.expr) -> None:
        name = references.of_node(target) or ""
        direct = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _FITS
        if isinstance(value, (ast.Dict, ast.List, ast.DictComp, ast.ListComp)):
            name = name and name + _ANY
        elif not direct:
            name = ""
        self._target = name
        self.visit(value)
        self._target = ""

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in _FITS:
            receiver = references.of_node(node.func.value)
            if receiver is not None:
                receiver = self._loops.get(receiver, receiver)
            for name in (receiver, self._target):
                if name:
                    self.fits.append(self._fit(name, node))
        self.generic_visit(node)

    def _fit(self, receiver: str, node: ast.Call) -> Fit:
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        data = node.args[0] if node.args else named.get("X")
        target = node.args[1] if len(node.args) > 1 else named.get("y")
        return Fit(
            receiver,
            self.number,
            ast.unparse(data)[:200] if data is not None else "",
            _root(data),
            data is not None and references.of_node(data) is not None,
            ast.unparse(target)[:200] if target is not None else "",
        )


def _root(node: ast.AST | None) -> str:
    """The name an expression starts from: `df` of `df[["a", "b"]].dropna()`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
