"""What every command passes on its way in, whichever way it came: what is switched off, limits, and being told of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ..guard.access import Caller
from ..guard.features import check_command
from ..guard.limits import Limits, Load
from ..observe.records import ApprovalRecord, CommandRefused
from ..protocol.commands import AnyCommand
from ..protocol.events import Accepted
from ..protocol.faults import Code, Fault
from .means import Means
from .queue import TurnQueue
from .threads import Known, Pending, Turn, accepted, already, unended

MAX_ID = 64
Handler = Callable[[Any, Caller], Awaitable[Accepted]]


class Door:
    def __init__(self, means: Means, queue: TurnQueue) -> None:
        self._means, self._queue = means, queue
        self._limits = Limits(means.settings)

    async def let_in(self, command: AnyCommand, caller: Caller, handler: Handler) -> Accepted:
        """Have it handled, unless it is too large or of something that is switched off."""
        observer = self._means.observer
        try:
            known = await self._known(command, caller)
            if known is not None:
                return known
            check_command(self._means.settings, command)
            self._limits.size(command)
            taken = await handler(command, caller)
        except Known as twice:
            # It came on two connections at once.
            return accepted(command.id, twice.row.conversation, twice.row.turn, twice.row.seq)
        except Fault as fault:
            observer.tell(CommandRefused(actor=caller.principal, fault=fault.code.value))
            raise
        observer.took(command, taken, caller.principal)
        return taken

    async def _known(self, command: AnyCommand, caller: Caller) -> Accepted | None:
        """What was answered when the same command came before: nothing is done twice."""
        if len(command.id) > MAX_ID:
            raise Fault(Code.MALFORMED, f"The id has more than {MAX_ID} characters.", "Use a UUID.", about="id")
        row = await self._means.database.read(lambda tx: already(tx, caller.principal, command.id))
        return accepted(command.id, row.conversation, row.turn, row.seq) if row is not None else None

    def check_rate(self, caller: Caller) -> None:
        """Raises Fault for a message too many in a minute."""
        self._limits.message(caller.principal)

    async def check_room(self, caller: Caller) -> None:
        """For what makes the service work: raises Fault when it is one message, or one turn, too many."""
        self._limits.message(caller.principal)
        own = await self._means.database.read(lambda tx: unended(tx, caller.principal))
        self._limits.turn(Load(self._queue.length, self._queue.active, own, self._queue.pace_s))

    def decided(self, caller: Caller, turn: Turn, pending: Pending, allowed: bool, always: bool = False) -> None:
        """A person has decided about an effect."""
        record = ApprovalRecord(
            actor=caller.principal,
            conversation=turn.conversation,
            turn=turn.id,
            outcome="allowed" if allowed else "denied",
            tool=pending.call.tool,
            effect=pending.effect,
            always=always,
        )
        self._means.observer.tell(record)
