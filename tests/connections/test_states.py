"""What people are told of a kernel."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from traitlets import HasTraits, Unicode

from jupyter_mlchat.connections.states import KernelStates
from jupyter_mlchat.protocol.records import KernelId


class Manager(HasTraits):
    """What Jupyter's manager of a kernel shows of it."""

    execution_state = Unicode("idle")
    kernel_spec: Any = SimpleNamespace(language="python")


def test_a_cell_runs_although_jupyter_has_heard_another_status_since() -> None:
    kernel, manager = KernelId("k"), Manager()
    states, told = KernelStates("start"), []
    states.watch(kernel, manager)
    states.listen(kernel, lambda state, detail: told.append(state))
    states.greeted(kernel, True)
    manager.execution_state = "busy"
    states.cell(kernel, True)
    manager.execution_state = "idle"  # of a message that was no cell
    states.limited(kernel, True)  # a name was hidden meanwhile
    assert told == ["not_attached", "attached", "busy"]
    states.cell(kernel, False)
    assert told[3:] == ["idle"]


def test_messages_of_widgets_are_no_work() -> None:
    kernel, manager = KernelId("k"), Manager()
    states, told = KernelStates("start"), []
    states.watch(kernel, manager)
    states.greeted(kernel, True)
    states.listen(kernel, lambda state, detail: told.append(state))
    for status in ("busy", "idle") * 3:
        manager.execution_state = status
    assert told == ["attached"]


def test_a_kernel_that_was_found_busy_is_so_until_it_is_idle() -> None:
    kernel, manager = KernelId("k"), Manager(execution_state="busy")
    states, told = KernelStates("start"), []
    states.watch(kernel, manager)
    states.greeted(kernel, True)
    states.listen(kernel, lambda state, detail: told.append(state))
    for status in ("idle", "busy"):
        manager.execution_state = status
    assert told == ["busy", "attached"]
