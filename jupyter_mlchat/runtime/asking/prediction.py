"""Asking a model, beside a cell that may be changing it: a look before, a look after, and another try."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from .. import frames, peek, running
from ..adapters.base import Output
from ..catalog import Found
from ..registered import registered_of
from ..signature import Signature
from ..stamp import stamp
from ..toolbox import NeedsIdle, ToolContext, ToolError
from . import containers

TRIES = 3
FIRST_PAUSE_S = 0.05
LONGEST_TURN_S = 5.0
_ASKING = "asking"
CHUNK_ROWS = 1_000_000
"""A part of a frame may have to be copied where the whole need not be, so parts are large."""
T = TypeVar("T")


def require_fitted(found: Found, ctx: ToolContext) -> None:
    """Raises ToolError `not_fitted`, `unsupported`, or `model_changing` when a running cell is fitting it."""
    if found.status in ("fitted", "unknown"):
        if not found.adapter.keeps_fit(found.model):
            hint = "Fit it with `refit=True`."
            raise ToolError("unsupported", f"`{found.ref}` kept no fitted estimator.", hint, found.ref)
        return
    if found.status == "half_fitted":
        if ctx.busy:
            raise _changing(found.ref, ctx)
        text = f"`{found.ref}` is half fitted: its last fit was interrupted."
        raise ToolError("not_fitted", text, "Run its fit again.", found.ref)
    hint = f"Run `{found.ref}.fit(...)` first."
    raise ToolError("not_fitted", f"`{found.ref}` is not fitted yet.", hint, found.ref)


def require_idle(found: Found, ctx: ToolContext) -> None:
    """Raises `NeedsIdle` for a model that must not be asked beside their running cell."""
    if not ctx.busy or running.waits_for_us():
        return
    told = registered_of(ctx, found)
    reason = "" if told is not None and told.thread_safe else found.adapter.waits(found.model)
    if reason:
        raise NeedsIdle(
            "kernel_busy",
            f"`{found.ref}` {reason}, so it must wait for {_cell(ctx)} to end.",
            "Ask again when the cell has ended.",
            about=found.ref,
        )


def steadily(ctx: ToolContext, found: Found, ask: Callable[[], T], values: Iterable[Any] = ()) -> T:
    """The answer of a model that did not change while it was asked; up to three tries.

    `values` are cell values that an error text must not repeat. Raises ToolError `model_changing` or
    `model_error`.
    """
    changed = False
    for attempt in range(TRIES):
        if attempt:
            time.sleep(FIRST_PAUSE_S * 3 ** (attempt - 1))
        before = stamp(found.model)
        try:
            with _alone(ctx):
                answer = ask()
        except ToolError:
            raise
        except Exception as error:
            failure: Exception | None = error
        else:
            failure = None
        same = before.matches(stamp(found.model))
        if failure is None and same:
            return answer
        changed = changed or not same
        if failure is not None and same and not ctx.busy:
            raise _model_error(found, failure, values)
    if failure is None or changed or found.adapter.status(found.model) != "fitted":
        raise _changing(found.ref, ctx)
    raise _model_error(found, failure, values)


@contextmanager
def _alone(ctx: ToolContext) -> Iterator[None]:
    """One of our threads asks at a time: libraries set the filters of warnings while they predict, and two that do so
    at once leave them changed. One that hangs is not waited for for ever."""
    lock = ctx.state.setdefault(_ASKING, threading.RLock())
    held = lock.acquire(timeout=LONGEST_TURN_S)
    try:
        yield
    finally:
        if held:
            lock.release()


def predict_rows(
    ctx: ToolContext, found: Found, signature: Signature, rows: list[dict[str, Any]], training: Any = None
) -> Output:
    """Labels with probabilities, scores or spread of clean rows."""
    require_method(found)
    X = containers.build(signature, rows, training)
    values = [value for row in rows for value in row.values()]
    return steadily(ctx, found, lambda: found.adapter.predict(found.model, X, details=True), values)


def predict_frame(ctx: ToolContext, found: Found, signature: Signature, frame: Any) -> Any:
    """Labels for every row of a frame, (n,) or (n, outputs), as a numpy array; in chunks of a million rows."""
    require_method(found)
    numpy = peek.library("numpy")
    assert numpy is not None, "a frame can't exist without numpy"
    total = frames.rows_of(frame)

    def ask() -> Any:
        parts = []
        done = 0
        for part in containers.chunks(signature, frame, CHUNK_ROWS):
            if ctx.cancelled():
                raise ToolError("tool_timeout", "The prediction was stopped.", "Ask for fewer rows.")
            parts.append(meant(signature, numpy.asarray(found.adapter.predict(found.model, part, details=False).label)))
            done += len(parts[-1])
            if total > CHUNK_ROWS:
                ctx.progress(done, total, f"{done:,} of {total:,} rows")
        return parts[0] if len(parts) == 1 else numpy.concatenate(parts)

    return squeeze(steadily(ctx, found, ask, [None]))


def meant(signature: Signature, labels: Any) -> Any:
    """The class of each row of a network's scores, (n,), where it is known what they stand for."""
    if signature.returns != "logits" or labels.ndim != 2 or not len(labels) or signature.class_of(labels[0]) is None:
        return labels
    numpy = peek.library("numpy")
    assert numpy is not None, "labels are arrays"
    return numpy.asarray(signature.flat_classes())[labels.argmax(axis=1)]


def squeeze(labels: Any) -> Any:
    """(n, 1) becomes (n,), which some libraries return for one output."""
    return labels[:, 0] if getattr(labels, "ndim", 1) == 2 and labels.shape[1] == 1 else labels


def require_method(found: Found) -> None:
    if not found.adapter.can_predict(found.model):
        name = peek.short_name(type(found.model))
        raise ToolError(
            "unsupported",
            f"{name} can't predict new rows.",
            found.adapter.cannot,
            found.ref,
        )


def _changing(ref: str, ctx: ToolContext) -> ToolError:
    return ToolError(
        "model_changing",
        f"`{ref}` is being changed by {_cell(ctx)}.",
        "Ask again when the cell has ended.",
        ref,
    )


def _cell(ctx: ToolContext) -> str:
    return f"the running cell In[{ctx.running_cell}]" if ctx.running_cell is not None else "the running cell"


def _model_error(found: Found, error: Exception, values: Iterable[Any]) -> ToolError:
    text = "" if found.adapter.user_code(found.model) else redact(error, values)
    return ToolError(
        "model_error",
        f"`{found.ref}` raised {type(error).__name__}" + (f": {text}" if text else "."),
        "`validate_features` tells what it wants.",
        about=found.ref,
    )


def redact(error: Exception, values: Iterable[Any]) -> str:
    """The first line of an exception without quoted text, numbers, lists or the values it was given."""
    line = str(error).strip().partition("\n")[0][:400]
    for text in sorted({str(value) for value in values if value is not None}, key=len, reverse=True):
        if len(text) > 1:
            line = line.replace(text, "…")
    line = re.sub(r"\[[^\]]*\]?|\{[^}]*\}?|'[^']*'?|\"[^\"]*\"?", "…", line)
    line = re.sub(r"/\S+|\b[\w.+-]*\d[\w.+-]*", "…", line)
    return line[:160]
