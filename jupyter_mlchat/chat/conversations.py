"""What people do to conversations as a whole, and to the kernel of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection, select, tuple_

from ..guard.access import Caller
from ..protocol import commands as c
from ..protocol.answers import ConversationList
from ..protocol.events import Accepted, ConversationChanged, KernelChanged
from ..protocol.faults import Code, Fault
from ..protocol.records import MAX_TITLE, Context, ConversationId, ConversationInfo
from ..store.tables import conversations
from . import threads
from .choices import Chooser
from .journal import info_of
from .keeping.retention import Retention
from .means import Means
from .prompts import Prompts
from .queue import TurnQueue
from .registrations import follow_rename
from .threads import accepted

Readable = Callable[[ConversationId, Caller], Awaitable[ConversationInfo]]


class Conversations:
    """`may_use` raises Fault for an llm that a person may not choose, `readable` for what they may not read."""

    def __init__(
        self,
        means: Means,
        queue: TurnQueue,
        may_use: Callable[[str], Awaitable[None]],
        prompts: Prompts,
        readable: Readable,
    ) -> None:
        self._means, self._journal = means, means.journal
        self._queue, self._may_use, self._readable = queue, may_use, readable
        self.chooser = Chooser(means, prompts, self.own)
        self.retention = Retention(means)

    async def own(self, conversation: ConversationId, caller: Caller) -> ConversationInfo:
        """Raises Fault `not_found` also for somebody else's."""
        return await self._journal.query(lambda tx: threads.own_conversation(tx, caller, conversation))

    async def newest(self, caller: Caller, limit: int = 50) -> list[ConversationInfo]:
        """The caller's open ones, newest first."""
        return (await self.page(caller, limit)).conversations

    async def page(self, caller: Caller, limit: int, after: str = "", deleted: bool = False) -> ConversationList:
        """The caller's, newest first, from behind `after` on; or those that are `deleted` and can be restored.

        Raises Fault `malformed` for an `after` that no page has named.
        """
        place = _place(after)

        def read(connection: Connection) -> list[ConversationInfo]:
            query = select(conversations).where(
                conversations.c.owner == caller.principal, conversations.c.deleted.is_(deleted)
            )
            if place is not None:
                query = query.where(tuple_(conversations.c.updated, conversations.c.id) < place)
            newest = query.order_by(conversations.c.updated.desc(), conversations.c.id.desc())
            return [info_of(row) for row in connection.execute(newest.limit(limit + 1))]

        found = await self._means.database.read(read)
        last = found[limit - 1] if len(found) > limit else None
        return ConversationList(found[:limit], f"{last.updated!r}-{last.id}" if last is not None else "")

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
            if command.llm:
                await self._may_use(command.llm)
            info = await self._journal.transact(partial(_open_new, command, caller, context))
            await self._journal.append(info.id, [ConversationChanged(info=info)])
        elif command.conversation is not None:
            info = await self._readable(command.conversation, caller)
        else:
            info = await self.continued(None, caller, context)
        return accepted(command.id, info.id, "", info.last_seq)

    async def update(self, command: c.ConversationUpdate, caller: Caller) -> Accepted:
        info = await self.own(command.conversation, caller)
        if command.title is not None and len(command.title) > MAX_TITLE:
            message = f"The title has {len(command.title):,} characters; at most {MAX_TITLE} are taken."
            raise Fault(Code.TOO_LARGE, message, "Say it shorter.", about="title")
        if command.llm:
            await self._may_use(command.llm)
        given = {"title": command.title, "llm": command.llm, "notebook": command.notebook}
        given["reviewing"] = command.reviewing
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
        """Stop what runs or queues in it. With `now` nothing of it is left when this returns."""
        info = await self._journal.transact(
            lambda tx: threads.own_conversation(tx, caller, command.conversation, deleted=command.now)
        )
        await self._queue.stop(info.id)
        seq = await self.retention.delete(info.id)
        if command.now:
            await self.retention.erase([info.id])
        return accepted(command.id, info.id, "", seq)

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


def _place(after: str) -> tuple[float, str] | None:
    """Where a page ended, as `page` names it."""
    if not after:
        return None
    updated, _, identity = after.rpartition("-")
    try:
        return float(updated), identity
    except ValueError:
        hint = "Take `next` of the page before as it is."
        raise Fault(Code.MALFORMED, "`after` names no place in the list.", hint, about="after") from None


def _open_new(
    command: c.ConversationOpen, caller: Caller, context: Context, connection: Connection
) -> ConversationInfo:
    """Once, however often the command comes."""
    info = threads.open_conversation(connection, caller, context, command.llm)
    threads.remember(connection, caller.principal, command.id, info.id, "", 0)
    return info
