"""One tool call: find the tool, run it, and make its outcome a wire `Result`, whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from .displays import keep
from .files.handles import STATE_KEY, closed, opened
from .hiding import without
from .kept import take_notices
from .shell import Shell
from .toolbox import MAX_STRING, NeedsIdle, Outcome, Tool, ToolError, UnknownInputs, holds_local, plain, size_of
from .wire import MAX_DATA_BYTES, FaultDict, Result

EXECUTING = "executing"
"""Key in `state`: code that an llm wrote runs now. It has no word in the chat, least of all an approval."""


class CallContext:
    """The `ToolContext` of one call."""

    def __init__(
        self,
        shell: Shell,
        state: dict[str, Any],
        cancelled: threading.Event,
        report: Callable[[float, float, str], None],
    ) -> None:
        self._shell, self._state, self._cancelled, self._report = shell, state, cancelled, report

    @property
    def shell(self) -> Shell:
        return self._shell

    @property
    def user_ns(self) -> dict[str, Any]:
        return self._shell.user_ns

    def names(self) -> dict[str, Any]:
        return self._shell.names()

    def cells(self) -> dict[int, str]:
        return self._shell.cells()

    @property
    def busy(self) -> bool:
        return self._shell.running is not None

    @property
    def running_cell(self) -> int | None:
        running = self._shell.running
        return running[0] if running else None

    @property
    def elapsed_s(self) -> float | None:
        running = self._shell.running
        return round(time.monotonic() - running[1], 3) if running else None

    @property
    def state(self) -> dict[str, Any]:
        return self._state

    def progress(self, done: float, total: float, text: str = "") -> None:
        self._report(done, total, text)

    def cancelled(self) -> bool:
        return self._cancelled.is_set()


def run_tool(tool: Tool, args: dict[str, Any], context: CallContext) -> Result:
    """A refusal or an exception is a result with `ok: false` and a fault. Raises only `NeedsIdle`."""
    began = time.perf_counter()
    busy = context.busy
    if tool.effect == "execute":
        context.state[EXECUTING] = True
    given = args
    try:
        if STATE_KEY in context.state:
            args = opened(context.state, args, tool.parameters["properties"])
        value = tool.run(context, **args) if tool.wants_context else tool.run(**args)
        result = as_result(value)
    except NeedsIdle:
        raise
    except UnknownInputs as error:
        from .asking.telling import asks_to_tell

        asked = asks_to_tell(context, error)
        result = refused(error) if asked is None else as_result(asked)
    except ToolError as error:
        result = refused(error)
    except TypeError as error:
        # Only a wrong call is worth quoting; a TypeError from inside may quote the user's data.
        inside = error.__traceback__ is not None and error.__traceback__.tb_next is not None
        text = "" if inside else f" {error}"
        result = failed("tool_failed", f"`{tool.name}` failed with {type(error).__name__}.{text}")
    except KeyboardInterrupt:
        result = failed("interrupted", f"`{tool.name}` was interrupted.", "Ask again when you like.")
    except Exception as error:
        result = failed(
            "tool_failed",
            f"`{tool.name}` failed with {type(error).__name__}.",
            "Try it on a smaller input, or look at the object it was asked about.",
        )
    finally:
        context.state.pop(EXECUTING, None)
    result = without(result, context.shell.hidden, given)
    if STATE_KEY in context.state:
        result = closed(context.state, given, result)
    if result["ok"]:
        local, public = result["local"], result["data"]
        result["display_ref"] = keep(context.state, tool.name, local or public, public if local else None)
        result["warnings"] = [*result.get("warnings", ()), *take_notices(context.state)]
    result["elapsed_ms"] = round(1e3 * (time.perf_counter() - began), 3)
    result["kernel_busy"] = busy
    return result


def as_result(value: Any) -> Result:
    """Raises ToolError `tool_result_invalid` when JSON can't hold it or it is over the size cap."""
    outcome = value if isinstance(value, Outcome) else Outcome(data=_as_data(value))
    data = plain(outcome.data, local=False)
    local = plain(outcome.data, local=True) if holds_local(outcome.data) else None
    if size_of(data) > MAX_DATA_BYTES:
        raise ToolError(
            "tool_result_invalid",
            f"The result has {size_of(data):,} bytes; a tool may answer at most {MAX_DATA_BYTES:,}.",
            "Ask for fewer columns or rows.",
        )
    truncated = None
    if outcome.shown is not None and outcome.total is not None and outcome.shown < outcome.total:
        truncated = {"shown": outcome.shown, "total": outcome.total}
    return {
        "ok": True,
        "data": data,
        "local": local,
        "issues": plain(outcome.issues, local=True),
        "warnings": plain([*outcome.doubts, *outcome.warnings], local=True),
        "doubts": plain(outcome.doubts, local=True),
        "evidence": plain(outcome.evidence, local=True),
        "truncated": truncated,
        "form": plain(outcome.form, local=True),
        "code": outcome.code,
        "revision": outcome.revision,
    }


def _as_data(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {"result": value}


def refused(error: ToolError) -> Result:
    return failed(error.code, error.message, error.hint, error.about)


def failed(code: str, message: str, hint: str = "", about: str = "") -> Result:
    fault: FaultDict = {"code": code, "message": message[:MAX_STRING], "hint": hint, "about": about}
    return {"ok": False, "data": {}, "fault": fault}
