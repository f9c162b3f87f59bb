"""A caller, mapped once to a principal and its rights; and the policy that decides about effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..protocol.faults import Code, Fault
from ..protocol.records import Context, Decision, Effect, KernelId

Levels = Mapping[Effect, Decision]
LOCAL = "local"
"""The one person of a server or process whose identity is not configured."""

DEFAULTS: Levels = {
    "read": "allow",
    "predict": "allow",
    "write": "ask",
    "disclose": "ask",
    "execute": "ask",
}
_STRICTNESS: Mapping[Decision, int] = {"allow": 0, "ask": 1, "deny": 2}


@dataclass(frozen=True)
class Caller:
    """Who speaks. A `kernel` is code in a kernel, an `agent` a program that calls tools through MCP: they have
    their owner's name, but not all of the owner's rights."""

    principal: str
    kind: Literal["person", "kernel", "agent"] = "person"
    kernel: KernelId | None = None
    notebook: str = ""
    agent: str = ""
    """What an agent calls itself."""

    def placed(self, context: Context) -> Context:
        """Where this caller speaks from: a cell is in its own kernel and notebook, whatever it says."""
        if self.kind != "kernel":
            return context
        return Context(notebook=self.notebook, kernel=self.kernel, cell=context.cell, attached=context.attached)


def decide(effect: Effect, levels: Iterable[Levels]) -> Decision:
    """The strictest level that speaks decides; if none does, `DEFAULTS`."""
    spoken = [level[effect] for level in levels if effect in level]
    return max(spoken, key=_STRICTNESS.__getitem__) if spoken else DEFAULTS[effect]


def admin_levels(max_effects: Iterable[str]) -> Levels:
    """What the administrator's list of permitted effects denies. An empty list permits all."""
    permitted = set(max_effects)
    return {effect: "deny" for effect in DEFAULTS if permitted and effect not in permitted}


def for_agent(levels: Levels) -> Levels:
    """What a person has allowed their assistant for good, an agent from outside still asks for."""
    return {effect: decision for effect, decision in levels.items() if decision != "allow"}


def check_owner(owner: str, caller: Caller) -> None:
    """A foreign conversation does not exist for the caller."""
    if owner != caller.principal:
        raise Fault(Code.NOT_FOUND, "There is no such conversation.", "List yours, or begin a new one.")


def check_approver(caller: Caller, effect: Effect, kernel: KernelId | None, allow_kernel: bool) -> None:
    """A kernel may approve effects on itself, where the administrator lets it, and never disclose rows. An agent
    approves nothing."""
    if caller.kind == "agent":
        raise Fault(Code.FORBIDDEN, "An agent can't approve what it asked for.", "Approve it in the notebook.")
    if caller.kind != "kernel":
        return
    if not allow_kernel:
        raise Fault(
            Code.FORBIDDEN,
            "Approvals from a cell are switched off (`allow_kernel_approval`).",
            "Approve it in the chat panel.",
        )
    if effect == "disclose":
        raise Fault(
            Code.FORBIDDEN,
            "Showing raw rows to a provider can't be approved from a cell.",
            "Approve it in the chat panel.",
        )
    if caller.kernel != kernel:
        raise Fault(Code.FORBIDDEN, "A cell can approve only for its own kernel.", "Approve it in the panel.")
