"""A caller, mapped once to a principal and its rights; and the policy that decides about effects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..protocol.faults import Code, Fault
from ..protocol.records import Context, Decision, Effect, KernelId, Role

Levels = Mapping[Effect, Decision]
LOCAL = "local"
"""The one person of a server or process whose identity is not configured."""


def principal_of(name: str) -> str:
    """Of a user whom an identity provider names: never that of the one person, also when they are called so."""
    return f"@{name}" if name.lstrip("@") == LOCAL else name


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
    roles: frozenset[Role] = frozenset()
    """What a person may do beyond their own conversations. Code in a kernel and agents have none."""

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    @property
    def is_expert(self) -> bool:
        """Admins are experts too."""
        return bool(self.roles)

    def placed(self, context: Context) -> Context:
        """Where this caller speaks from: a cell is in its own kernel and notebook, whatever it says."""
        if self.kind != "kernel":
            return context
        return Context(notebook=self.notebook, kernel=self.kernel, cell=context.cell, attached=context.attached)


def decide(effect: Effect, levels: Iterable[Levels]) -> Decision:
    """The strictest level that speaks decides; if none does, `DEFAULTS`."""
    spoken = [level[effect] for level in levels if effect in level]
    return max(spoken, key=_STRICTNESS.__getitem__) if spoken else DEFAULTS[effect]


def lasting(levels: Iterable[Levels]) -> frozenset[Effect]:
    """Effects that the other levels let a conversation allow for good."""
    known = list(levels)
    return frozenset(effect for effect in DEFAULTS if decide(effect, [*known, {effect: "allow"}]) == "allow")


def changed_levels(now: Levels, changes: Mapping[str, Any], caller: Caller) -> dict[Effect, Decision]:
    """`now` with `changes`; None takes one back. Nothing is allowed by it: that is what approvals are for.

    Raises Fault `invalid_input`, and `forbidden` where anybody but a person would loosen what a person has decided.
    """
    levels = dict(now)
    for name, decision in changes.items():
        effect = next((one for one in DEFAULTS if one == name), None)
        if effect is None or decision not in (None, "ask", "deny"):
            hint = f"Effects are {', '.join(DEFAULTS)}; each can be `ask`, `deny` or null, as the settings say."
            raise Fault(Code.INVALID_INPUT, f"`levels` can't be that for {name[:40]!r}.", hint, about="levels")
        levels.pop(effect, None)
        if decision is not None:
            levels[effect] = decision
        if caller.kind != "person" and _STRICTNESS[decide(effect, [levels])] < _STRICTNESS[decide(effect, [now])]:
            message = f"Only a person can loosen what was decided about `{effect}`."
            raise Fault(Code.FORBIDDEN, message, "Do it in the chat panel.", about="levels")
    return levels


def admin_levels(max_effects: Iterable[str]) -> Levels:
    """What the administrator's list of permitted effects denies. An empty list permits all."""
    permitted = set(max_effects)
    return {effect: "deny" for effect in DEFAULTS if permitted and effect not in permitted}


def for_agent(levels: Levels) -> Levels:
    """What a person has allowed their assistant for good, an agent from outside still asks for."""
    return {effect: decision for effect, decision in levels.items() if decision != "allow"}


def unapproved(caller: Caller, allow_kernel: bool) -> list[Effect]:
    """The effects that this caller can't approve, not even where it speaks from."""

    def refused(effect: Effect) -> bool:
        try:
            check_approver(caller, effect, caller.kernel, allow_kernel)
        except Fault:
            return True
        return False

    return [effect for effect in DEFAULTS if refused(effect)]


def is_named(entries: Iterable[str], name: str, groups: Collection[str]) -> bool:
    """Whether a list of the settings means this user: by name, by `@group`, or as `*`, everybody."""
    return any(one == "*" or (one[1:] in groups if one.startswith("@") else one == name) for one in entries)


def check_expert(caller: Caller) -> None:
    if not caller.is_expert:
        raise Fault(Code.FORBIDDEN, "Only experts may do this.", "The administrator names them in `experts`.")


def check_admin(caller: Caller) -> None:
    if not caller.is_admin:
        raise Fault(Code.FORBIDDEN, "Only admins may do this.", "The administrator names them in `admins`.")


def may_review(caller: Caller) -> bool:
    """Experts and admins; and the one person of a server without identities, who looks at their own answers."""
    return caller.kind == "person" and (caller.is_expert or caller.principal == LOCAL)


def check_reviewer(caller: Caller) -> None:
    if not may_review(caller):
        message = "Only experts and admins may review answers."
        raise Fault(Code.FORBIDDEN, message, "The administrator names them in `experts` and `admins`.")


def check_not_own(owner: str, caller: Caller) -> None:
    """What is held back from somebody, somebody else looks at; where there is one person alone, that one."""
    if owner == caller.principal != LOCAL:
        message = "This answer to a question of your own is held back: somebody else decides on it."
        raise Fault(Code.FORBIDDEN, message, "Wait for another expert or admin.")


def check_owner(owner: str, caller: Caller, turn: str = "") -> None:
    """A foreign turn does not exist for the caller: the words are those for one that was never there."""
    if owner != caller.principal:
        raise no_turn(turn)


def no_turn(turn: str) -> Fault:
    return Fault(Code.NOT_FOUND, "There is no such turn.", "Ask again.", about=turn)


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
