"""Code that somebody proposes, checked without running it: does it compile, and does it use what is not there?"""

from __future__ import annotations

import builtins
import difflib
import symtable

from ..toolbox import Local, Outcome, ToolContext, ToolError
from ..wire import IssueDict
from .cells import read_cell, used
from .executing import transformed

MAX_CODE = 20_000
MAX_ISSUES = 20


def checked(ctx: ToolContext, code: str) -> Outcome:
    """Raises ToolError `invalid_input` for no code, or more than 20,000 characters of it."""
    if not code.strip() or len(code) > MAX_CODE:
        raise ToolError("invalid_input", f"Give 1 to {MAX_CODE:,} characters of code.", about="code")
    data = {"kind": "code", "valid": False, "unknown_names": [], "defines": [], "code": Local(code)}
    try:
        source = transformed(ctx.shell.ip, code)
        compile(source, "<proposal>", "exec", flags=_TOP_LEVEL_AWAIT)
        cell = read_cell(0, source)
        table = symtable.symtable(source, "<proposal>", "exec")
    except SyntaxError as error:
        text = f"Line {error.lineno} can't be compiled: {error.msg}."
        return Outcome({**data, "line": error.lineno}, issues=[{"code": "syntax", "message": text}], code=code)
    except (ValueError, RecursionError, MemoryError) as error:
        text = f"It can't be compiled ({type(error).__name__})."
        return Outcome(data, issues=[{"code": "syntax", "message": text}], code=code)
    given = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    there = set(ctx.user_ns) - ctx.shell.hidden
    unknown = sorted(name for name in set(used(table)) - given - there if not hasattr(builtins, name))
    issues: list[IssueDict] = []
    for name in unknown[:MAX_ISSUES]:
        close = difflib.get_close_matches(name, ctx.names(), 3)
        hint = f"Did you mean {', '.join(close)}?" if close else "Define or import it first."
        issues.append(
            {"code": "unknown_name", "message": f"There is no `{name[:80]}` in this notebook.", "suggestion": hint}
        )
    names = [name[:80] for name in cell.defines]
    data |= {"valid": True, "unknown_names": [name[:80] for name in unknown[:MAX_ISSUES]], "defines": names[:50]}
    return Outcome(data, issues=issues, code=code)


_TOP_LEVEL_AWAIT = 0x2000
"""`ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`: a cell may await."""
