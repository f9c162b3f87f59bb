"""What is told of code that ran: how it ended and which names it touched. Its output stays with the person."""

from __future__ import annotations

import re
import sys
from typing import Any

from .. import budget, frames, peek
from ..toolbox import Local, Outcome, ToolContext
from ..wire import IssueDict
from .executing import Executed, execute
from .failures import public_message, read_failure

_WORD = re.compile(r"[^\W\d]\w*")
_HEAP_TYPE = 1 << 9
"""`Py_TPFLAGS_HEAPTYPE`: made while the program runs."""
MAX_NAMES = 1_500
"""Bytes for each of the lists of names."""


def outcome(ctx: ToolContext, code: str) -> Outcome:
    """Run it. Raises ToolError `invalid_input` for code that can't be compiled."""
    done = execute(ctx, code)
    error = _error(ctx, done, code)
    spoken = set(_WORD.findall(code))
    interrupted = isinstance(done.error, KeyboardInterrupt)
    issues: list[IssueDict] = []
    if error is not None and not interrupted:
        where = f" in line {error['line']}" if error["line"] else ""
        told = public_message(done.error, code) if done.error is not None else ""
        text = f"The code raised {_type(done.error)}{where}. {told}".strip()
        issues.append({"code": "code_raised", "message": text, "suggestion": "What it did before that has happened."})
    data: dict[str, Any] = {
        "status": "interrupted" if interrupted else "raised" if error is not None else "finished",
        "error": error,
        "value": _value(done),
        "lines": done.shown.count,
        "displays": done.shown.displays,
        "output": Local(done.shown.lines()),
        **{
            key: _names(names, spoken)
            for key, names in (("created", done.created), ("changed", done.changed), ("deleted", done.deleted))
        },
    }
    warnings = []
    if done.shown.dropped:
        warnings.append(f"{done.shown.dropped:,} characters of the output were not kept.")
    if interrupted:
        warnings.append("It was interrupted; what it did before that has happened.")
    return Outcome(data, issues=issues, warnings=warnings, code=code)


def _error(ctx: ToolContext, done: Executed, code: str) -> dict[str, Any] | None:
    if done.error is None:
        return None
    failure = read_failure(done.error, lambda file: 0 if file == done.file else ctx.shell.cell_of(file))
    own = [frame.line for frame in failure.frames if not frame.cell]
    steps = [
        {"cell": frame.cell or None, "line": frame.line, "function": frame.function, "code": Local(frame.code)}
        for frame in failure.frames
    ]
    return {
        "type": Local(failure.type, public=_type(done.error)),
        "line": own[0] if own else None,
        "message": Local(failure.message, public=public_message(done.error, code) or None),
        "frames": steps[-10:],
        "inside": failure.inside or None,
    }


def _value(done: Executed) -> dict[str, Any] | None:
    """Its type, and its shape where it is data; the value itself is for the person."""
    if done.value is None:
        return None
    shape = frames.shape_of(done.value) if frames.kind_of(done.value) is not None else None
    kind = Local(peek.short_name(type(done.value)), public=_class_name(type(done.value)))
    return {"type": kind, "shape": shape, "text": Local(done.text.splitlines())}


def _type(error: BaseException | None) -> str:
    return _class_name(type(error))


def _class_name(kind: type) -> str:
    """Of a class that Python or a library defines. One that the code itself made may be named after what it read."""
    module = sys.modules.get(kind.__module__)
    known = not kind.__flags__ & _HEAP_TYPE or (
        kind.__module__ != "__main__" and getattr(module, kind.__name__, None) is kind
    )
    return peek.short_name(kind) if known else "(a class of the notebook)"


def _names(names: list[str], spoken: set[str]) -> Any:
    """Those that stand in the code; others may be made of data, and their number is told."""
    said = [name for name in names if name in spoken]
    public = budget.fitting([budget.short(name) for name in said], MAX_NAMES)
    if len(said) == len(names):
        return public
    public.append(f"{len(names) - len(said)} more")
    return Local(budget.fitting([budget.short(name) for name in names], MAX_NAMES), public=public)
