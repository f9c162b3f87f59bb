"""A `ToolContext` over a plain namespace, with the real rules of which names are shown."""

from __future__ import annotations

import threading
from typing import Any

from jupyter_mlchat.runtime.calls import run_tool
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES


class Context:
    """`sources` are cells by number; `running` is the number of the cell that runs."""

    def __init__(self, namespace: dict[str, Any], sources: dict[int, str] | None = None) -> None:
        self.shell = Shell(None, namespace)
        self.sources = sources or {}
        self.running: int | None = None
        self.elapsed_s: float | None = None
        self.kept: dict[str, Any] = {}
        self.reports: list[tuple[float, float, str]] = []
        self.stop = threading.Event()
        self.toolbox = Toolbox(MODULES)

    @property
    def user_ns(self) -> dict[str, Any]:
        return self.shell.user_ns

    def names(self) -> dict[str, Any]:
        return self.shell.names()

    def cells(self) -> dict[int, str]:
        return dict(self.sources)

    @property
    def busy(self) -> bool:
        return self.running is not None

    @property
    def running_cell(self) -> int | None:
        return self.running

    @property
    def state(self) -> dict[str, Any]:
        return self.kept

    def progress(self, done: float, total: float, text: str = "") -> None:
        self.reports.append((done, total, text))

    def cancelled(self) -> bool:
        return self.stop.is_set()

    def run(self, name: str, /, **args: Any) -> Any:
        """The wire `Result` of a tool, made as the bridge makes it."""
        return run_tool(self.toolbox.get(name), args, self)  # type: ignore[arg-type]

    def data(self, name: str, /, **args: Any) -> dict[str, Any]:
        """What a person sees of an answer that must succeed."""
        result = self.run(name, **args)
        assert result["ok"], result["fault"]
        return result["local"] or result["data"]


def cell(context: Context, source: str) -> int:
    """Run a cell in the namespace, as a notebook would. Returns its number."""
    number = max(context.sources, default=0) + 1
    context.sources[number] = source
    exec(compile(source, f"<cell {number}>", "exec"), context.user_ns)
    return number
