"""What each kernel is doing, told to its front ends the moment it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..protocol.records import KernelId

State = Literal["idle", "busy", "restarting", "dead", "attached", "not_attached", "disabled"]
Told = tuple[State, str]
"""A state and what to say about it."""
Listener = Callable[[State, str], None]

WAITS_FOR_CELL = "The kernel is attached when the running cell ends."
WAITS_FOR_QUESTION = "The kernel is attached with the first question."
GONE = "The kernel is gone. Restart it from the Kernel menu, or open the notebook again."
SWITCHED_OFF = "The tools of this kernel are switched off. Switch them on again in the panel."
OFF = "Attaching kernels is switched off (setting `attach`)."


@dataclass
class _Standing:
    """`running` is Jupyter's own word for what the kernel does, such as `busy`."""

    language: str = "python"
    running: str = ""
    cell: bool = False
    """A cell runs, whatever Jupyter's word says: heard by the link of an attached kernel."""
    attached: bool = False
    early: bool = False
    """It was busy when it was attached: the link has not heard what of."""
    restarting: bool = False
    dead: bool = True
    enabled: bool = True
    """A person may switch the kernel off for us."""
    used: bool = False
    """A cell has run since it was attached."""
    listeners: list[Listener] = field(default_factory=list)
    told: Told | None = None


class KernelStates:
    """`attach` is the setting. A kernel that nobody has said anything about is gone."""

    def __init__(self, attach: str) -> None:
        self._attach = attach
        self._standings: dict[KernelId, _Standing] = {}

    def watch(self, kernel: KernelId, manager: Any) -> None:
        """Hear from Jupyter's manager of this one kernel when it is busy and when it is idle. Idempotent."""
        standing = self._standings.setdefault(kernel, _Standing())
        if not standing.dead:
            return
        standing.dead, standing.running = False, manager.execution_state or ""
        if manager.kernel_spec is not None:
            standing.language = manager.kernel_spec.language
        manager.observe(lambda change: self._runs(kernel, change["new"] or ""), "execution_state")
        self._tell(standing)

    def all(self) -> list[tuple[KernelId, State]]:
        """Those that somebody has said something about."""
        return [(kernel, self._told(standing)[0]) for kernel, standing in self._standings.items()]

    def listen(self, kernel: KernelId, listener: Listener) -> Callable[[], None]:
        """Tell `listener` how the kernel stands, now and at every change. Returns what ends it."""
        standing = self._standings.setdefault(kernel, _Standing())
        standing.listeners.append(listener)
        standing.told = self._told(standing)
        listener(*standing.told)

        def stop() -> None:
            if listener in standing.listeners:
                standing.listeners.remove(listener)
            self._forget(kernel, standing)

        return stop

    def greeted(self, kernel: KernelId, attached: bool) -> None:
        """The kernel has answered the link's greeting, in our version or in another one."""
        standing = self._standings.setdefault(kernel, _Standing())
        standing.attached, standing.restarting, standing.used = attached, False, False
        standing.early = standing.running == "busy"
        self._tell(standing)

    def restarting(self, kernel: KernelId) -> None:
        standing = self._standings.setdefault(kernel, _Standing())
        standing.attached, standing.restarting, standing.running, standing.enabled = False, True, "", True
        standing.cell = False
        self._tell(standing)

    def restarted(self, kernel: KernelId) -> None:
        standing = self._standings.setdefault(kernel, _Standing())
        standing.restarting = False
        self._tell(standing)

    def died(self, kernel: KernelId) -> None:
        standing = self._standings.setdefault(kernel, _Standing())
        standing.attached, standing.restarting, standing.dead = False, False, True
        self._tell(standing)
        self._forget(kernel, standing)

    def limited(self, kernel: KernelId, enabled: bool) -> None:
        """The kernel has been switched off or on for us."""
        standing = self._standings.setdefault(kernel, _Standing())
        standing.enabled = enabled
        self._tell(standing)

    def cell(self, kernel: KernelId, running: bool) -> None:
        """The first cell has begun, or the last one has ended."""
        if standing := self._standings.get(kernel):
            standing.cell = running
            standing.used = standing.used or running
            self._tell(standing)

    def _runs(self, kernel: KernelId, running: str) -> None:
        standing = self._standings.get(kernel)
        if standing is None:
            return
        standing.running = running
        standing.early = standing.early and running == "busy"
        if self._attach != "start" and running == "idle":
            # No greeting will follow the restart by itself.
            standing.restarting = False
        self._tell(standing)

    def _forget(self, kernel: KernelId, standing: _Standing) -> None:
        if standing.dead and not standing.listeners and self._standings.get(kernel) is standing:
            del self._standings[kernel]

    def _tell(self, standing: _Standing) -> None:
        told = self._told(standing)
        if told != standing.told:
            standing.told = told
            for listener in list(standing.listeners):
                listener(*told)

    def _told(self, standing: _Standing) -> Told:
        if self._attach == "off":
            return "disabled", OFF
        if standing.dead:
            return "dead", GONE
        if standing.restarting:
            return "restarting", ""
        if standing.attached:
            if not standing.enabled:
                return "disabled", SWITCHED_OFF
            # Jupyter's word is also said of a widget's messages, which hold nobody up.
            if standing.cell or standing.early:
                return "busy", ""
            return "idle" if standing.used else "attached", ""
        if standing.language.lower() != "python":
            return "not_attached", f"The kernel speaks {standing.language}, not Python."
        if standing.running == "busy":
            return "not_attached", WAITS_FOR_CELL
        return "not_attached", WAITS_FOR_QUESTION if self._attach == "first_use" else ""
