"""Whether a cell runs, from the kernel's own status messages.

Jupyter's `execution_state` is the last status of any kind: a page that opens a subshell while a cell runs
makes it idle. Only the status of `execute_request` tells of cells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class RunningCells:
    """`tell` hears when the first cell begins and when the last one ends (a subshell may run another)."""

    def __init__(self) -> None:
        self._running: set[str] = set()
        self.tell: Callable[[bool], None] = lambda running: None

    def take(self, message: dict[str, Any]) -> None:
        """A message of type `status`. Raises KeyError for one that lacks a part."""
        parent = message["parent_header"]
        if parent.get("msg_type") != "execute_request":
            return
        before = bool(self._running)
        if message["content"]["execution_state"] == "busy":
            self._running.add(parent["msg_id"])
        else:
            self._running.discard(parent["msg_id"])
        if bool(self._running) != before:
            self.tell(not before)

    def none(self) -> None:
        """The kernel is gone, or a new one."""
        if self._running:
            self._running.clear()
            self.tell(False)
