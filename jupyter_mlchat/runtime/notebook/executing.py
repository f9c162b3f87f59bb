"""Running code that a person approved: in their namespace, on the main thread, and without a trace in In and Out.

Not through `run_cell`: inside a cell of ours that would end the cell's own accounting, draw its figures, and
move `_`. IPython still rewrites the magics and shell lines.
"""

from __future__ import annotations

import ast
import linecache
import signal
import sys
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType
from typing import Any

from .. import frames
from ..catalog import catalog_of
from ..shell import IPYTHON_NAMES
from ..toolbox import ToolContext, ToolError
from .capture import Shown, captured

LOOK_S = 0.05
MAX_VALUE = 4_000


@dataclass(frozen=True)
class Executed:
    """What became of the code. `error` is what it raised; `value` that of its last line, None without one."""

    file: str
    shown: Shown
    value: Any
    text: str
    """The value as the notebook would show it."""
    error: BaseException | None
    created: list[str]
    changed: list[str]
    deleted: list[str]


def transformed(ip: Any | None, code: str) -> str:
    """Python, with IPython's magics and shell lines as calls. Raises SyntaxError."""
    return str(ip.transform_cell(code)) if ip is not None else code


def execute(ctx: ToolContext, code: str) -> Executed:
    """Run it to its end, its first exception, an interrupt, or a withdrawal of the call.

    Raises ToolError `invalid_input` for code that Python can't compile: then nothing of it ran.
    """
    ip, namespace = ctx.shell.ip, ctx.user_ns
    file = f"<run_code {uuid.uuid4().hex[:8]}>"
    try:
        source = transformed(ip, code)
        body, last = _compiled(source, file)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        why = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        hint = "`await` and `async` need a cell of their own." if "await" in why or "async" in why else "Mend it first."
        raise ToolError("invalid_input", f"The code can't be compiled{line}: {why}.", hint, about="code") from None
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    before, known = dict(namespace), _fingerprints(ctx)
    value: Any = None
    text = ""
    failure: BaseException | None = None
    with captured(ip) as shown:
        try:
            with interruptible(ctx):
                exec(body, namespace)
                value = eval(last, namespace) if last is not None else None
                text = _text(ip, value)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            failure = error
    return Executed(file, shown, value, text, failure, *_changes(ctx, before, known))


def _text(ip: Any | None, value: Any) -> str:
    if value is None:
        return ""
    told = ip.display_formatter.formatters["text/plain"](value) if ip is not None else repr(value)
    return str(told or "")[:MAX_VALUE]


def _compiled(source: str, file: str) -> tuple[CodeType, CodeType | None]:
    """All but the value of the last line, and that, unless a semicolon hides it."""
    tree = ast.parse(source, file)
    last: ast.Expression | None = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
        last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    return compile(tree, file, "exec"), compile(last, file, "eval") if last is not None else None


@contextmanager
def interruptible(ctx: ToolContext) -> Iterator[None]:
    """Meanwhile an interrupt of the kernel, and a withdrawal of the call, raise KeyboardInterrupt in here.

    Outside of cells a kernel ignores interrupts, and a withdrawal alone stops nothing that does not look up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    main = threading.get_ident()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    lock, over = threading.Lock(), threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_S):
            with lock:
                if ctx.cancelled() and not over.is_set():
                    _interrupt(main)
                    return

    watcher = threading.Thread(target=watch, name="mlchat-watch", daemon=True)
    watcher.start()
    try:
        try:
            yield
        finally:
            # Whoever holds the lock may be about to interrupt: that must come before the handler is put back.
            with lock:
                over.set()
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)


def _interrupt(main: int) -> None:
    if sys.platform == "win32":
        import _thread

        _thread.interrupt_main()
    else:
        # A real signal also wakes a sleep or a wait for a socket.
        signal.pthread_kill(main, signal.SIGINT)


def _fingerprints(ctx: ToolContext) -> dict[str, Any]:
    """Of models and data under their names: what tells that they were changed in place."""
    found: dict[str, Any] = {}
    for model in catalog_of(ctx).models(ctx):
        for ref in (model.ref, *model.aliases):
            found[ref.partition("[")[0].partition(".")[0]] = model.revision
    for name, value in ctx.names().items():
        if frames.kind_of(value) is not None:
            found[name] = (frames.shape_of(value), frames.columns_of(value))
    return found


def _changes(ctx: ToolContext, before: dict[str, Any], known: dict[str, Any]) -> tuple[list[str], list[str], list[str]]:
    """Names that were created, changed (assigned anew, refitted, another shape or columns) and deleted."""
    after, now = dict(ctx.user_ns), _fingerprints(ctx)

    def speakable(names: Iterable[str]) -> list[str]:
        withheld = IPYTHON_NAMES | ctx.shell.hidden
        return [name for name in names if not name.startswith("_") and name not in withheld]

    kept = [name for name in after if name in before]
    return (
        speakable(name for name in after if name not in before),
        speakable(n for n in kept if after[n] is not before[n] or now.get(n) != known.get(n)),
        speakable(name for name in before if name not in after),
    )
