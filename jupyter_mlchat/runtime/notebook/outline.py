"""The notebook as its executed cells tell it: what each one does, which one failed, and who defined what.

Source, comments and error texts stay with the person; names, numbers of cells and types of errors may leave.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from .. import budget, peek
from ..toolbox import Local, Outcome, ToolContext, ToolError
from .cells import Cell, read_cell, sources_of, statement_of
from .failures import Failure, Run, read_failure

_STATE_KEY = "cells"
MAX_SHOWN = 6_800
MAX_NAMES = 12
MAX_OWN_SOURCE = 1_800


def cells_of(ctx: ToolContext) -> list[Cell]:
    """Every executed cell in order, each parsed once."""
    known: dict[int, Cell] = ctx.state.setdefault(_STATE_KEY, {})
    found = []
    for number, source in sorted(ctx.cells().items()):
        cell = known.get(number)
        if cell is None or cell.source != source:
            cell = known[number] = read_cell(number, source)
        found.append(cell)
    return found


def outline(ctx: ToolContext, which: int | None = None) -> Outcome:
    """All cells, newest kept when not all fit; or one of them with its source."""
    cells = cells_of(ctx)
    if which is not None:
        cells = [cell for cell in cells if cell.number == which]
        if not cells:
            raise ToolError("not_found", f"There is no executed cell In[{which}].", "Ask for the outline.", str(which))
    shown = _shown(ctx)
    cards = [_card(cell, ctx.shell.runs.get(cell.number), shown, ctx.running_cell) for cell in cells]
    if which is not None:
        cards[0]["source"] = Local(cells[0].source[:MAX_OWN_SOURCE])
    kept = budget.fitting(reversed(cards), MAX_SHOWN)[::-1]
    return Outcome(
        {"part": "outline", "cells": kept, "total": len(cells)},
        shown=len(kept),
        total=len(cells),
        code=sources_of([card["cell"] for card in kept]),
    )


def _card(cell: Cell, run: Run | None, shown: frozenset[str], running: int | None) -> dict[str, Any]:
    failed = run is not None and run.failure is not None
    return {
        "cell": cell.number,
        "heading": Local(cell.heading or None),
        "magic": cell.magic or None,
        "defines": _names(cell.defines, shown),
        "changes": _names(cell.changes, shown),
        "imports": list(cell.imports[:MAX_NAMES]),
        "ended": _time(run.ended) if run is not None else None,
        "seconds": run.seconds if run is not None else None,
        "status": "running" if cell.number == running else "failed" if failed else "done" if run else "unknown",
        "error": run.failure.type if run is not None and run.failure is not None else None,
    }


def errors(ctx: ToolContext, which: int | None = None) -> Outcome:
    """The newest failure, or that of one cell, with its way through the cells, and which cells failed besides."""
    runs = dict(ctx.shell.runs)
    failed = [number for number, run in sorted(runs.items()) if run.failure is not None]
    chosen = which if which is not None else failed[-1] if failed else None
    at = runs[chosen].ended if chosen in runs else None
    last = (chosen, runs[chosen].failure) if chosen in failed else _before_us(ctx)
    if which not in (None, last[0]):
        raise ToolError("not_found", f"In[{which}] has not failed here.", "Ask for the last error.", f"In[{which}]")
    data: dict[str, Any] = {"part": "errors", "error": None, "failed_cells": failed[-50:], "total": len(failed)}
    number, failure = last
    if failure is None:
        return Outcome(data)
    sources = ctx.cells()
    again = [
        n for n, run in runs.items() if n > number and run.failure is None and sources.get(n) == sources.get(number)
    ]
    frames = [
        {"cell": frame.cell, "line": frame.line, "function": frame.function, "code": Local(frame.code)}
        for frame in failure.frames
    ]
    data["error"] = {
        "type": failure.type,
        "message": Local(failure.message),
        "cell": number,
        "line": failure.frames[0].line if failure.frames else None,
        "frames": frames,
        "inside": failure.inside or None,
        "ended": _time(at) if at is not None else None,
        "ran_well_later_in": again[0] if again else None,
    }
    evidence = [{"kind": "failed", "text": f"In[{number}] raised {failure.type}", "ref": "", "cell": number}]
    shown = len(data["failed_cells"])
    return Outcome(data, evidence=evidence, total=len(failed), shown=shown, code=sources_of([number]))  # type: ignore[arg-type]


def _before_us(ctx: ToolContext) -> tuple[int, Failure | None]:
    """The exception that Python keeps as the last one, where it is from a cell that ran before we were here."""
    error = getattr(sys, "last_value", None)
    if ctx.shell.ip is None or not isinstance(error, BaseException):
        return 0, None
    failure = read_failure(error, ctx.shell.cell_of)
    return (failure.frames[0].cell, failure) if failure.frames else (0, None)


def definitions(ctx: ToolContext, name: str | None) -> Outcome:
    """Which cells define, change and use a name; without one, all names of the cells."""
    cells, shown, live = cells_of(ctx), _shown(ctx), ctx.names()
    if name is not None:
        return _of_name(name.strip(), cells, shown, live)
    names = dict.fromkeys(n for cell in reversed(cells) for n in (*cell.defines, *cell.changes) if n in shown)
    kept = budget.fitting((_definition(one, cells, live) for one in names), MAX_SHOWN)
    latest = [one["latest"] for one in kept if one["latest"] is not None]
    return Outcome(
        {"part": "definitions", "names": kept, "total": len(names)},
        shown=len(kept),
        total=len(names),
        code=sources_of(latest),
    )


def _of_name(name: str, cells: list[Cell], shown: frozenset[str], live: dict[str, Any]) -> Outcome:
    about = _definition(name, cells, live)
    if name not in shown or not (about["defined_in"] or about["changed_in"] or about["type"]):
        import difflib

        close = difflib.get_close_matches(name, shown, 3)
        hint = f"Did you mean {', '.join(close)}?" if close else "Leave the name out to see all of them."
        raise ToolError("not_found", f"No cell defines `{name[:80]}`.", hint, about=name[:80])
    cell = about["latest"] or (about["changed_in"] or [None])[-1]
    source = next((one.source for one in cells if one.number == cell), "")
    about["source"] = Local(statement_of(source, name)[:MAX_OWN_SOURCE] or None)
    line = {"kind": "defined_in", "text": f"`{name}`, defined in In[{cell}]", "ref": name, "cell": cell}
    touched = {*about["defined_in"], *about["changed_in"], *about["used_in"]}
    return Outcome(
        {"part": "definitions", "names": [about], "total": 1},
        evidence=[line] if cell else [],  # type: ignore[list-item]
        code=sources_of(touched),
    )


def _definition(name: str, cells: list[Cell], live: dict[str, Any]) -> dict[str, Any]:
    defined = [cell.number for cell in cells if name in cell.defines]
    return {
        "name": budget.short(name),
        "type": peek.short_name(type(live[name])) if name in live else None,
        "defined_in": defined[-20:],
        "latest": defined[-1] if defined else None,
        "changed_in": [cell.number for cell in cells if name in cell.changes][-20:],
        "used_in": [cell.number for cell in cells if name in cell.uses and name not in cell.defines][-20:],
    }


def _shown(ctx: ToolContext) -> frozenset[str]:
    """Names that may be spoken of: what the person has hidden, and private names, are in no answer."""
    names = {name for cell in cells_of(ctx) for name in (*cell.defines, *cell.changes)} | set(ctx.names())
    return frozenset(name for name in names - ctx.shell.hidden if not name.startswith("_"))


def _names(names: Iterable[str], shown: frozenset[str]) -> list[str]:
    return [budget.short(name) for name in names if name in shown][:MAX_NAMES]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
