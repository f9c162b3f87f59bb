"""Every change that a tool makes to the namespace, and the way back: a new name, or one taken away.

Called on the main thread, by tools that were approved. What a change replaced is kept until `KEPT` later
changes, so that the last of them can be undone exactly, or not at all.
"""

from __future__ import annotations

import builtins
import keyword
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from . import references
from .shell import IPYTHON_NAMES
from .toolbox import ToolContext, ToolError

KEPT = 5
_STATE_KEY = "changes"
_ABSENT = object()


@dataclass(frozen=True)
class Change:
    """`ref` was `before` in its holder and is `after` now; `_ABSENT` is what is not there.

    `holder` is the namespace, or the plain dict in it that `ref` is an item of.
    """

    ref: str
    by: str
    holder: dict[Any, Any] = field(repr=False, compare=False)
    key: Any = field(repr=False, compare=False)
    before: Any = field(repr=False, compare=False)
    after: Any = field(repr=False, compare=False)
    later: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    """Keys that came after a removed item of a dict."""

    @property
    def removed(self) -> bool:
        return self.after is _ABSENT


def require_free(ctx: ToolContext, name: str) -> None:
    """Raises ToolError `invalid_input` where `name` can't be the name of a new variable, or is taken."""
    plain = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    if not plain or name in IPYTHON_NAMES or hasattr(builtins, name):
        text = f"`{name[:80]}` can't be the name of a new variable."
        raise ToolError("invalid_input", text, "Choose a plain name such as `scores`.", about=name[:80])
    if name in ctx.user_ns:
        text = f"There is a `{name[:80]}` in this notebook already; it was left alone."
        raise ToolError("invalid_input", text, "Choose another name.", about=name[:80])


def assign(ctx: ToolContext, name: str, value: Any, by: str) -> None:
    """Make a new variable; `by` is the tool. Raises ToolError `invalid_input` like `require_free`."""
    require_free(ctx, name)
    ctx.user_ns[name] = value
    _journal(ctx).append(Change(name, by, ctx.user_ns, name, _ABSENT, value))


def remove(ctx: ToolContext, ref: str, by: str) -> str:
    """Delete a name, or an item of a plain dict; returns the reference as we write it.

    Raises ToolError `unsupported` for what is neither, `not_found` for what is not there.
    """
    holder, key, written = _place(ctx, ref)
    if key not in holder:
        raise ToolError("not_found", f"There is no `{written}`.", "`list_models` shows what there is.", about=written)
    keys = list(holder)
    later = () if holder is ctx.user_ns else tuple(keys[keys.index(key) + 1 :])
    before = holder.pop(key)
    _journal(ctx).append(Change(written, by, holder, key, before, _ABSENT, later))
    return written


def undo(ctx: ToolContext) -> Change:
    """Take the last change back. Raises ToolError `not_found` when there is none, `conflict` when what it left
    is not what is there now: then nothing happens."""
    journal = _journal(ctx)
    if not journal:
        raise ToolError("not_found", "None of the tools has changed the notebook so far.", "There is nothing to undo.")
    change = journal[-1]
    root = change.ref.partition("[")[0]
    moved = change.holder is not ctx.user_ns and ctx.user_ns.get(root) is not change.holder
    if moved or change.holder.get(change.key, _ABSENT) is not change.after:
        what = f"`{root}`" if moved else f"`{change.ref}`"
        text = f"{what} was changed after `{change.by}`, so that was not undone."
        raise ToolError("conflict", text, "Nothing happened. Do it in a cell if you still want it.", change.ref)
    if change.removed:
        change.holder[change.key] = change.before
        for key in change.later:
            if key in change.holder:
                change.holder[key] = change.holder.pop(key)
    else:
        del change.holder[change.key]
    journal.pop()
    return change


def last(ctx: ToolContext) -> Change | None:
    journal = _journal(ctx)
    return journal[-1] if journal else None


def _journal(ctx: ToolContext) -> deque[Change]:
    journal: deque[Change] = ctx.state.setdefault(_STATE_KEY, deque(maxlen=KEPT))
    return journal


def _place(ctx: ToolContext, ref: str) -> tuple[dict[Any, Any], Any, str]:
    written = references.canonical(ref) or ref.strip()
    parts = references.parse(written)
    if parts is not None and not parts[1]:
        return ctx.user_ns, parts[0], written
    if parts is not None and len(parts[1]) == 1 and parts[1][0][0] == "item":
        holder = ctx.user_ns.get(parts[0])
        if type(holder) is dict:
            return holder, parts[1][0][1], written
    text = f"`{written[:80]}` is not a plain name or an item of a dict."
    raise ToolError("unsupported", text, "Delete it in a cell.", about=written[:80])
