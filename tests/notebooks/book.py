"""A notebook kept as a Python file with `# %%` cells, run as a person would, with questions between the cells.

A `# %% [question]` cell is no part of the notebook: it asks the tools with `ask` and `refused`, and compares what they
say with what the notebook's own code gives. It runs in a copy of the namespace. The docstring ends in a line
`Due: in_sample forest, stale ridge` with the warnings that a careful colleague would give, labelled by hand.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runtime.context import Context, cell
from runtime.reproduce import reproduced

from jupyter_mlchat.runtime.registered import STATE_KEY, facts_of
from jupyter_mlchat.runtime.toolbox import size_of

BOOKS = Path(__file__).parent / "books"
_MARK = re.compile(r"^# %%(?: \[(\w+)\])?.*\n", re.M)
MAX_BYTES = 8_000


@dataclass
class Run:
    """One notebook after its last cell."""

    name: str
    context: Context
    due: set[tuple[str, str]]
    """(kind, model)"""
    asked: list[tuple[str, dict[str, Any], Any]] = field(default_factory=list)

    def ask(self, name: str, **args: Any) -> dict[str, Any]:
        """What the person sees of an answer; its code must run in a cell of its own."""
        result = self.context.run(name, **args)
        assert result["ok"], result["fault"]
        assert size_of(result["data"]) <= MAX_BYTES
        if result["code"]:
            with warnings.catch_warnings():
                # A cell may warn as the library does when a person asks it.
                warnings.simplefilter("ignore")
                reproduced(self.context, result["code"])
        self.asked.append((name, args, result))
        found: dict[str, Any] = result["local"] or result["data"]
        return found

    def refused(self, name: str, **args: Any) -> dict[str, Any]:
        """The fault of a question that must not be answered: it says what to do instead."""
        result = self.context.run(name, **args)
        assert not result["ok"] and result["fault"]["code"] not in ("tool_failed", "internal"), result
        fault: dict[str, Any] = result["fault"]
        return fault

    def issues(self, name: str, **args: Any) -> set[str]:
        """The codes of what was remarked."""
        return {issue["code"] for issue in self.context.run(name, **args)["issues"]}

    def register(self, name: str, model: Any, **facts: Any) -> None:
        """What `register_model` does in a kernel."""
        self.context.kept.setdefault(STATE_KEY, {})[name] = facts_of(name, model, **facts)


def near(told: Any, direct: Any) -> None:
    """Numbers as the library gives them, to six digits; labels exactly."""
    told, direct = np.ravel(np.asarray(told)).tolist(), np.ravel(np.asarray(direct)).tolist()
    assert len(told) == len(direct), (told, direct)
    for one, other in zip(told, direct, strict=True):
        assert one == (other if isinstance(other, (str, bool)) else pytest.approx(other, rel=1e-6, abs=1e-9))


def read(path: Path) -> tuple[set[tuple[str, str]], list[tuple[str, str]]]:
    """The warnings that are due, and the cells with their kind."""
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    line = docstring.rpartition("Due:")[2].strip()
    due = {tuple(one.split()) for one in line.split(",")} if line != "nothing" else set()
    marks = list(_MARK.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return due, [(mark[1] or "code", text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]  # type: ignore[return-value]


@cache
def run(name: str) -> Run:
    due, cells = read(BOOKS / f"{name}.py")
    made = Run(name, Context({"__name__": "__main__"}), due)
    for kind, source in cells:
        if kind == "code":
            cell(made.context, source)
        elif kind == "question":
            own = {one.__name__: one for one in (made.ask, made.refused, made.issues, made.register, near)}
            exec(compile(source, f"<question of {name}>", "exec"), {**made.context.user_ns, **own})
    assert made.asked, "a notebook has questions"
    return made
