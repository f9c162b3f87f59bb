"""What people do to conversations as a whole, and to the kernel of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from sqlalchemy import Connection, select

from ..guard.access import Caller
from ..protocol import commands as c
from ..protocol.events import Accepted, ConversationChanged, ConversationDeleted, KernelChanged
from ..protocol.faults import Code, Fault
from ..protocol.records import Context, ConversationId, ConversationInfo
from ..store.tables import conversations
from . import threads
from .choices import Chooser
from .journal import info_of
from .kept_answers import forget_answers
from .means import Means
from .prompts import Prompts
from .queue import TurnQueue
from .registrations import follow_rename
from .threads import accepted


class Conversations:
    """`may_use` raises Fault for an llm that a person may not choose."""

    def __init__(
        self, means: Means, queue: TurnQueue, may_use: Callable[[str], Awaitable[None]], prompts: Prompts
    ) -> None:
        self._means, self._journal = means, means.journal
        self._queue, self._may_use = queue, may_use
        self.chooser = Chooser(means, prompts, self.own)

    async def own(self, conversation: ConversationId, caller: Caller) -> ConversationInfo:
        """Raises Fault `not_found` also for somebody else's."""
        return await self._journal.transact(lambda tx: threads.own_conversation(tx, caller, conversation))

    async def newest(self, caller: Caller, limit: int = 50) -> list[ConversationInfo]:
        """The caller's open ones, newest first."""

        def read(connection: Connection) -> list[ConversationInfo]:
            query = (
                select(conversations)
                .where(conversations.c.owner == caller.principal, conversations.c.deleted.is_(False))
                .order_by(conversations.c.updated.desc())
                .limit(limit)
            )
            return [info_of(row) for row in connection.execute(query)]

        return await self._journal.transact(read)

    async def continued(self, wanted: ConversationId | None, caller: Caller, context: Context) -> ConversationInfo:
        """`wanted`, or the newest open one of this notebook or kernel, or else a new one."""

        def find(connection: Connection) -> ConversationInfo:
            if wanted is not None:
                return threads.own_conversation(connection, caller, wanted)
            found = threads.find_conversation(connection, caller, context)
            return found or threads.open_conversation(connection, caller, context)

        return await self._journal.transact(find)

    # -- commands --------------------------------------------------------------------------------------

    async def open(self, command: c.ConversationOpen, caller: Caller) -> Accepted:
        context = caller.placed(command.context)
        if command.new:
            info = await self._journal.transact(lambda tx: threads.open_conversation(tx, caller, context))
            await self._journal.append(info.id, [ConversationChanged(info=info)])
        else:
            info = await self.continued(command.conversation, caller, context)
        return accepted(command.id, info.id, "", info.last_seq)

    async def update(self, command: c.ConversationUpdate, caller: Caller) -> Accepted:
        info = await self.own(command.conversation, caller)
        if command.llm:
            await self._may_use(command.llm)
        given = {"title": command.title, "llm": command.llm, "notebook": command.notebook}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        chosen = await self.chooser.of_conversation(command, info, caller)
        return await self._change(command, caller, {**values, **chosen})

    async def restore(self, command: c.ConversationRestore, caller: Caller) -> Accepted:
        return await self._change(command, caller, {"deleted": False})

    async def _change(
        self, command: c.ConversationUpdate | c.ConversationRestore, caller: Caller, values: dict[str, Any]
    ) -> Accepted:
        def write(connection: Connection) -> ConversationInfo:
            before = threads.own_conversation(connection, caller, command.conversation, deleted=True)
            follow_rename(connection, caller.principal, before.notebook, values.get("notebook", ""))
            if values:
                threads.set_conversation(connection, command.conversation, **values)
            return threads.own_conversation(connection, caller, command.conversation)

        info = await self._journal.transact(write)
        told = await self._journal.append(info.id, [ConversationChanged(info=info)])
        return accepted(command.id, info.id, "", told[-1].seq)

    async def delete(self, command: c.ConversationDelete, caller: Caller) -> Accepted:
        info = await self.own(command.conversation, caller)
        attempt = self._queue.running(info.id)
        if attempt is not None:
            attempt.cancel()

        def write(connection: Connection, seq: int) -> None:
            threads.set_conversation(connection, info.id, deleted=True)
            forget_answers(connection, info.id)

        told = await self._journal.append(info.id, [ConversationDeleted()], write)
        return accepted(command.id, info.id, "", told[-1].seq)

    async def update_kernel(self, command: c.KernelUpdate, caller: Caller) -> Accepted:
        if caller.kind == "kernel" and caller.kernel != command.kernel:
            raise Fault(Code.FORBIDDEN, "A cell can change only its own kernel.", "Do it in a cell of that one.")
        port = await self._means.port(command.kernel)
        hidden, enabled = await port.limit(command.hide, command.show, command.enabled)
        info = await self.continued(None, caller, Context(kernel=command.kernel))
        detail = f"hidden: {', '.join(hidden) or 'nothing'}"
        state: Literal["busy", "idle", "disabled"] = "disabled"
        if enabled:
            state = "busy" if (await port.state())["busy"] else "idle"
        self._journal.live(info.id, KernelChanged(kernel=command.kernel, state=state, detail=detail))
        return accepted(command.id, info.id, "", info.last_seq)
