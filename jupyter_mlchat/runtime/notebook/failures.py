"""How a cell went, and where in the person's own code it failed: texts only, so that nothing is kept alive."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

MAX_FRAMES = 30
MAX_MESSAGE = 1_000
MAX_LINE = 200
CellOf = Callable[[str], "int | None"]
"""The number of the cell whose code has this file name; None for a file that is no cell."""


@dataclass(frozen=True)
class Frame:
    """One step of a traceback that is in a cell. `code` is the line as written."""

    cell: int
    line: int
    function: str
    code: str


@dataclass(frozen=True)
class Failure:
    """`inside` names the function outside the notebook that raised, such as `sklearn.utils.validation.check_array`."""

    type: str
    message: str
    frames: tuple[Frame, ...] = ()
    inside: str = ""


@dataclass(frozen=True)
class Run:
    """`ended` counts seconds since the epoch; `seconds` is how long it took, None when its begin went by unseen."""

    ended: float
    seconds: float | None = None
    failure: Failure | None = None


def read_failure(error: BaseException, cell_of: CellOf, cell: int | None = None) -> Failure:
    """What there is to tell of an exception. `cell` is where one without a traceback (a SyntaxError) stands."""
    frames: list[Frame] = []
    inside = ""
    step: TracebackType | None = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        number = cell_of(code.co_filename)
        if number is not None:
            text = linecache.getline(code.co_filename, step.tb_lineno).strip()[:MAX_LINE]
            frames.append(Frame(number, step.tb_lineno, code.co_name, text))
            inside = ""
        elif frames:
            module = step.tb_frame.f_globals.get("__name__")
            inside = f"{module}.{code.co_name}" if type(module) is str else ""
        step = step.tb_next
    if isinstance(error, SyntaxError) and not frames and cell is not None and error.lineno:
        frames.append(Frame(cell, error.lineno, "<module>", (error.text or "").strip()[:MAX_LINE]))
    return Failure(type(error).__name__, message_of(error), tuple(frames[-MAX_FRAMES:]), inside)


def message_of(error: BaseException) -> str:
    """Its text, as far as its class can make one. It may quote values."""
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:
        return ""
    return text[:MAX_MESSAGE]


def public_message(error: BaseException, code: str) -> str:
    """What may leave: names that the code itself holds, as in a NameError; no values. "" when there are none."""
    name: Any = getattr(error, "name", None)
    if isinstance(error, SyntaxError):
        return message_of(error)
    if isinstance(error, KeyError) and error.args and type(error.args[0]) is str:
        return f"{error.args[0]!r} is not there." if repr(error.args[0])[1:-1] in code else ""
    if type(name) is not str or name.rpartition(".")[2] not in code:
        return ""
    if isinstance(error, NameError):
        return f"`{name}` is not defined."
    if isinstance(error, ModuleNotFoundError):
        return f"There is no module `{name}` in this kernel."
    if isinstance(error, AttributeError):
        return f"`{type(error.obj).__name__}` has no `{name}`."
    return ""
