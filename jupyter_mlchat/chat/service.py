"""The one front door: `submit(command, caller)`, and `follow` to hear what comes of it."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sqlalchemy import Connection, select, update

from ..guard.access import Caller, check_approver, check_owner
from ..guard.limits import RateLimit
from ..protocol import commands as c
from ..protocol.events import (
    Accepted,
    ApprovalClosed,
    ConversationChanged,
    ConversationDeleted,
    Event,
    FeedbackGiven,
    FormClosed,
    KernelChanged,
    Message,
    TurnEnded,
    TurnQueued,
)
from ..protocol.faults import Code, Fault
from ..protocol.records import Context, ConversationId, ConversationInfo, KernelId, ToolResult, TurnId
from ..store.tables import conversations, turns
from . import threads
from .journal import Listener, info_of
from .threads import Call, Turn
from .toolcalls import merged
from .turn import LEASE_S, Attempt, Means, Resumption, pending_of

TITLE_LENGTH = 60


class ChatService:
    """Everything that happens in conversations. Lives in one event loop."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.journal = means.journal
        self._limit = RateLimit(means.settings.rate_limit)
        self._queue: list[tuple[TurnId, ConversationId, Resumption | None]] = []
        self._running: dict[ConversationId, Attempt | None] = {}
        """None while the attempt is being made."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._waiting_for_cell: dict[KernelId, set[TurnId]] = {}
        self._handlers: dict[type[Any], Callable[[Any, Caller], Awaitable[Accepted]]] = {
            c.TurnStart: self._turn_start,
            c.ToolCall: self._tool_call,
            c.TurnCancel: self._turn_cancel,
            c.TurnRetry: self._turn_retry,
            c.FormSubmit: self._form_submit,
            c.FormDismiss: self._form_dismiss,
            c.ApprovalGive: self._approval_give,
            c.FeedbackGive: self._feedback_give,
            c.ConversationOpen: self._conversation_open,
            c.ConversationUpdate: self._conversation_update,
            c.ConversationDelete: self._conversation_delete,
            c.ConversationRestore: self._conversation_restore,
            c.KernelUpdate: self._kernel_update,
        }

    async def open(self) -> None:
        """Take up what an earlier process left: expired leases become abandoned, queued turns run."""

        def read(connection: Connection) -> list[tuple[str, str, str, float]]:
            query = select(turns.c.id, turns.c.conversation, turns.c.state, turns.c.lease).where(
                turns.c.state.in_(("active", "queued"))
            )
            return [tuple(row) for row in connection.execute(query)]

        for turn, conversation, state, lease in await self.journal.transact(read):
            if state == "queued":
                self._enqueue(TurnId(turn), ConversationId(conversation), None)
            elif lease < time.time():
                await self._end_silently(TurnId(turn), ConversationId(conversation), "abandoned")
        self._spawn(self._renew())

    async def close(self) -> None:
        """Stop what runs; it ends as cancelled, with its text kept."""
        for attempt in self._attempts():
            attempt.cancel()
        for _ in range(100):
            if not self._running:
                break
            await asyncio.sleep(0.02)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def submit(self, command: c.AnyCommand, caller: Caller) -> Accepted:
        """Take a command. What is accepted is stored. Raises `Fault`; the same id again is the same turn."""
        handler = self._handlers.get(type(command))
        if handler is None:
            kind = command.__struct_config__.tag
            raise Fault(Code.UNKNOWN_COMMAND, f"`{kind}` is a matter of the connection.", "Send it on a socket.")
        return await handler(command, caller)

    async def follow(
        self, conversation: ConversationId, after: int, caller: Caller, listener: Listener
    ) -> Callable[[], None]:
        """Every durable event after `after`, the text of a running answer, then the live tail, without a gap."""
        await self.conversation(conversation, caller)
        held: list[Event] = []
        stop = self.journal.listen(conversation, held.append)
        missed = await self.journal.read(conversation, after)
        stop()
        # No await from here to `listen`: nothing can be told in between.
        last = missed[-1].seq if missed else after
        for event in missed:
            listener(event)
        running = self._running.get(conversation)
        tail = running.tail() if running is not None else None
        if tail is not None:
            listener(tail)
        for event in held:
            if event.seq > last or (not event.durable and tail is None):
                listener(event)
        return self.journal.listen(conversation, listener)

    async def conversation(self, conversation: ConversationId, caller: Caller) -> ConversationInfo:
        return await self.journal.transact(lambda tx: threads.own_conversation(tx, caller, conversation))

    async def conversations(self, caller: Caller, limit: int = 50) -> list[ConversationInfo]:
        """The caller's open ones, newest first."""

        def read(connection: Connection) -> list[ConversationInfo]:
            query = (
                select(conversations)
                .where(conversations.c.owner == caller.principal, conversations.c.deleted.is_(False))
                .order_by(conversations.c.updated.desc())
                .limit(limit)
            )
            return [info_of(row) for row in connection.execute(query)]

        return await self.journal.transact(read)

    async def turn(self, turn: TurnId, caller: Caller) -> Turn:
        found = await self.journal.transact(lambda tx: threads.load_turn(tx, turn))
        check_owner(found.owner, caller)
        return found

    # -- turns -----------------------------------------------------------------------------------------

    async def _turn_start(self, command: c.TurnStart, caller: Caller) -> Accepted:
        if not command.text.strip():
            raise Fault(Code.INVALID_INPUT, "The question is empty.", "Write what you want to know.", about="text")
        if command.llm:
            await self.means.llm(command.llm)
        return await self._begin(command, caller, command.text, command.llm or "", None, command.metadata)

    async def _tool_call(self, command: c.ToolCall, caller: Caller) -> Accepted:
        call = Call(uuid.uuid4().hex, command.tool, command.args)
        return await self._begin(command, caller, "", "", call, {})

    async def _begin(
        self,
        command: c.TurnStart | c.ToolCall,
        caller: Caller,
        text: str,
        llm: str,
        tool: Call | None,
        metadata: dict[str, Any],
    ) -> Accepted:
        known = await self._known(caller, command.id)
        if known is not None:
            return known
        self._limit.check(caller.principal)
        context = _context(command.context, caller)
        turn = TurnId(uuid.uuid4().hex)
        info = await self._conversation_for(command.conversation, caller, context)
        title = info.title or " ".join(text.split())[:TITLE_LENGTH]
        message = Message(turn=turn, text=text or f"`{tool.tool}`" if tool else text, metadata=metadata)
        queued = TurnQueued(turn=turn, position=len(self._queue) + 1)

        def write(connection: Connection, seq: int) -> None:
            threads.add_turn(connection, turn, info.id, text, context, llm or info.llm, tool)
            threads.remember(connection, caller.principal, command.id, info.id, turn, seq)
            kernel = context.kernel or info.kernel or ""
            threads.set_conversation(connection, info.id, title=title, kernel=kernel)

        told = await self.journal.append(info.id, [message, queued], write)
        self._enqueue(turn, info.id, None)
        return self._accepted(command.id, info.id, turn, told[-1].seq)

    async def _conversation_for(
        self, wanted: ConversationId | None, caller: Caller, context: Context
    ) -> ConversationInfo:
        def find(connection: Connection) -> ConversationInfo:
            if wanted is not None:
                return threads.own_conversation(connection, caller, wanted)
            found = threads.find_conversation(connection, caller, context)
            return found or threads.open_conversation(connection, caller, context)

        return await self.journal.transact(find)

    async def _known(self, caller: Caller, command: str) -> Accepted | None:
        row = await self.journal.transact(lambda tx: threads.already(tx, caller.principal, command))
        if row is None:
            return None
        return self._accepted(command, row.conversation, row.turn, row.seq)

    def _accepted(self, command: str, conversation: str, turn: str, seq: int) -> Accepted:
        return Accepted(
            command=c.CommandId(command),
            conversation=ConversationId(conversation),
            turn=TurnId(turn) if turn else None,
            seq=seq,
            time=time.time(),
        )

    async def _turn_cancel(self, command: c.TurnCancel, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        attempt = self._running.get(turn.conversation)
        if attempt is not None and attempt.turn.id == turn.id:
            attempt.cancel()
        elif turn.state in ("queued", "waiting"):
            self._queue = [entry for entry in self._queue if entry[0] != turn.id]
            await self._end_silently(turn.id, turn.conversation, "cancelled", turn)
        return self._accepted(command.id, turn.conversation, turn.id, 0)

    async def _turn_retry(self, command: c.TurnRetry, caller: Caller) -> Accepted:
        known = await self._known(caller, command.id)
        if known is not None:
            return known
        turn = await self.turn(command.turn, caller)
        if turn.state not in ("failed", "cancelled", "abandoned"):
            raise Fault(Code.CONFLICT, f"The turn is {turn.state}.", "Only one that did not end well is retried.")
        if command.llm:
            await self.means.llm(command.llm)
        values = {"llm": command.llm} if command.llm else {}
        return await self._requeue(command.id, caller, turn, [], None, values)

    async def _requeue(
        self,
        command: str,
        caller: Caller,
        turn: Turn,
        closing: list[Event],
        resumption: Resumption | None,
        values: dict[str, Any] | None = None,
    ) -> Accepted:
        """Another attempt of a turn. The transaction checks that nobody else has taken it up meanwhile."""
        queued = TurnQueued(turn=turn.id, position=len(self._queue) + 1)

        def write(connection: Connection, seq: int) -> None:
            current = threads.load_turn(connection, turn.id)
            if (current.state, current.pending) != (turn.state, turn.pending):
                raise Fault(Code.CONFLICT, f"The turn is {current.state}.", "It was answered meanwhile.")
            threads.set_turn(connection, turn.id, state="queued", **(values or {}))
            threads.remember(connection, caller.principal, command, turn.conversation, turn.id, seq)

        told = await self.journal.append(turn.conversation, [*closing, queued], write)
        self._enqueue(turn.id, turn.conversation, resumption)
        return self._accepted(command, turn.conversation, turn.id, told[-1].seq)

    # -- answers ---------------------------------------------------------------------------------------

    async def _form_submit(self, command: c.FormSubmit, caller: Caller) -> Accepted:
        known = await self._known(caller, command.id)
        if known is not None:
            return known
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "form", command.form)
        if pending.offers:
            if command.choice is None or not 1 <= command.choice <= len(pending.offers):
                raise Fault(
                    Code.INVALID_INPUT, f"Choose a number from 1 to {len(pending.offers)}.", about="choice"
                )
            call = pending.offers[command.choice - 1]
        elif not command.values:
            raise Fault(Code.INVALID_INPUT, "The form has no values.", "Fill at least one field.", about="values")
        else:
            call = merged(pending, command.values)
        closed = FormClosed(
            turn=turn.id,
            form=pending.id,
            outcome="submitted",
            values=command.values,
            choice=command.choice,
        )
        return await self._requeue(
            command.id, caller, turn, [closed], Resumption(call, revision=pending.revision)
        )

    async def _form_dismiss(self, command: c.FormDismiss, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "form", command.form)
        closed = FormClosed(turn=turn.id, form=pending.id, outcome="dismissed")
        if pending.offers:
            await self._end_silently(turn.id, turn.conversation, "cancelled", turn, [closed])
            return self._accepted(command.id, turn.conversation, turn.id, 0)
        refusal = _refused("The person closed the form without filling it.")
        return await self._requeue(command.id, caller, turn, [closed], Resumption(pending.call, refusal))

    async def _approval_give(self, command: c.ApprovalGive, caller: Caller) -> Accepted:
        known = await self._known(caller, command.id)
        if known is not None:
            return known
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "approval", command.approval)
        if command.allow:
            allowed = self.means.settings.allow_kernel_approval
            check_approver(caller, pending.effect, turn.context.kernel, allowed)
        always = command.allow and command.always and caller.kind == "person"
        if always:
            levels = {**turn.levels, pending.effect: "allow"}
            await self.journal.transact(
                lambda tx: threads.set_conversation(tx, turn.conversation, levels=_json(levels))
            )
        closed = ApprovalClosed(
            turn=turn.id,
            approval=pending.id,
            outcome="allowed" if command.allow else "denied",
            always=always,
        )
        result = None if command.allow else _refused("The person did not allow it.")
        resumption = Resumption(pending.call, result, approved=command.allow, revision=pending.revision)
        return await self._requeue(command.id, caller, turn, [closed], resumption)

    async def _feedback_give(self, command: c.FeedbackGive, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        if command.score not in (-1, 0, 1):
            raise Fault(Code.INVALID_INPUT, "A score is -1, 0 or 1.", about="score")
        given = FeedbackGiven(turn=turn.id, score=command.score, text=command.text)
        told = await self.journal.append(turn.conversation, [given])
        return self._accepted(command.id, turn.conversation, turn.id, told[-1].seq)

    async def kernel_idle(self, kernel: KernelId) -> None:
        """The cell that turns of this kernel waited for has ended."""
        for turn_id in self._waiting_for_cell.pop(kernel, set()):
            turn = await self.journal.transact(lambda tx, one=turn_id: threads.load_turn(tx, one))
            if turn.state == "waiting" and turn.pending is not None and turn.pending.kind == "cell":
                owner = Caller(turn.owner)
                resumption = Resumption(turn.pending.call, approved=True, revision=turn.pending.revision)
                await self._requeue(f"idle-{turn.pending.id}", owner, turn, [], resumption)

    # -- conversations and kernels ---------------------------------------------------------------------

    async def _conversation_open(self, command: c.ConversationOpen, caller: Caller) -> Accepted:
        context = _context(command.context, caller)
        if command.new:
            info = await self.journal.transact(lambda tx: threads.open_conversation(tx, caller, context))
            await self.journal.append(info.id, [ConversationChanged(info=info)])
        else:
            info = await self._conversation_for(command.conversation, caller, context)
        return self._accepted(command.id, info.id, "", info.last_seq)

    async def _conversation_update(self, command: c.ConversationUpdate, caller: Caller) -> Accepted:
        await self.conversation(command.conversation, caller)
        if command.llm:
            if self.means.settings.locked("llm"):
                raise Fault(Code.FORBIDDEN, "The llm is fixed by your administrator.", about="llm")
            await self.means.llm(command.llm)
        given = {"title": command.title, "llm": command.llm, "notebook": command.notebook}
        values = {name: value for name, value in given.items() if value is not None}
        return await self._change(command, caller, values)

    async def _conversation_restore(self, command: c.ConversationRestore, caller: Caller) -> Accepted:
        return await self._change(command, caller, {"deleted": False})

    async def _change(
        self, command: c.ConversationUpdate | c.ConversationRestore, caller: Caller, values: dict[str, Any]
    ) -> Accepted:
        def write(connection: Connection) -> ConversationInfo:
            threads.own_conversation(connection, caller, command.conversation, deleted=True)
            if values:
                threads.set_conversation(connection, command.conversation, **values)
            return threads.own_conversation(connection, caller, command.conversation)

        info = await self.journal.transact(write)
        told = await self.journal.append(info.id, [ConversationChanged(info=info)])
        return self._accepted(command.id, info.id, "", told[-1].seq)

    async def _conversation_delete(self, command: c.ConversationDelete, caller: Caller) -> Accepted:
        info = await self.conversation(command.conversation, caller)
        attempt = self._running.get(info.id)
        if attempt is not None:
            attempt.cancel()

        def write(connection: Connection, seq: int) -> None:
            threads.set_conversation(connection, info.id, deleted=True)

        told = await self.journal.append(info.id, [ConversationDeleted()], write)
        return self._accepted(command.id, info.id, "", told[-1].seq)

    async def _kernel_update(self, command: c.KernelUpdate, caller: Caller) -> Accepted:
        if caller.kind == "kernel" and caller.kernel != command.kernel:
            raise Fault(Code.FORBIDDEN, "A cell can change only its own kernel.")
        port = await self.means.port(command.kernel)
        hidden = await port.hide(command.hide, command.show)
        info = await self._conversation_for(None, caller, Context(kernel=command.kernel))
        detail = f"hidden: {', '.join(hidden) or 'nothing'}"
        self.journal.live(info.id, KernelChanged(kernel=command.kernel, state="attached", detail=detail))
        return self._accepted(command.id, info.id, "", info.last_seq)

    # -- running ---------------------------------------------------------------------------------------

    def _enqueue(self, turn: TurnId, conversation: ConversationId, resumption: Resumption | None) -> None:
        self._queue.append((turn, conversation, resumption))
        self._pump()

    def _pump(self) -> None:
        """Start what may start: one turn of a conversation at a time, `max_active_turns` in all."""
        for entry in list(self._queue):
            if len(self._running) >= self.means.settings.max_active_turns:
                return
            turn, conversation, resumption = entry
            if conversation not in self._running:
                self._queue.remove(entry)
                self._running[conversation] = None
                self._spawn(self._run(turn, conversation, resumption))

    async def _run(self, turn_id: TurnId, conversation: ConversationId, resumption: Resumption | None) -> None:
        try:
            turn = await self.journal.transact(lambda tx: threads.load_turn(tx, turn_id))
            if turn.state == "queued":
                attempt = Attempt(turn, self.means, resumption)
                self._running[conversation] = attempt
                await attempt.run()
                await self._note_wait(turn_id)
        finally:
            self._running.pop(conversation, None)
            self._pump()

    async def _note_wait(self, turn_id: TurnId) -> None:
        turn = await self.journal.transact(lambda tx: threads.load_turn(tx, turn_id))
        kernel = turn.context.kernel
        if turn.pending is not None and turn.pending.kind == "cell" and kernel is not None:
            self._waiting_for_cell.setdefault(kernel, set()).add(turn_id)

    async def _end_silently(
        self,
        turn_id: TurnId,
        conversation: ConversationId,
        state: Any,
        turn: Turn | None = None,
        closing: list[Event] | None = None,
    ) -> None:
        """End a turn that no attempt runs."""
        events: list[Event] = list(closing or [])
        pending = turn.pending if turn is not None and not closing else None
        if pending is not None and pending.kind == "form":
            events.append(FormClosed(turn=turn_id, form=pending.id, outcome="cancelled"))
        elif pending is not None and pending.kind == "approval":
            events.append(ApprovalClosed(turn=turn_id, approval=pending.id, outcome="cancelled"))
        events.append(TurnEnded(turn=turn_id, state=state))

        def write(connection: Connection, seq: int) -> None:
            threads.set_turn(connection, turn_id, state=state, pending="", lease=0.0)

        await self.journal.append(conversation, events, write)

    async def _renew(self) -> None:
        """Keep the leases of what runs here."""
        while True:
            await asyncio.sleep(LEASE_S / 3)
            ids = [attempt.turn.id for attempt in self._attempts()]
            lease = time.time() + LEASE_S
            if ids:
                await self.journal.transact(
                    lambda tx, ids=ids, lease=lease: tx.execute(
                        update(turns).where(turns.c.id.in_(ids)).values(lease=lease)
                    )
                )

    def _attempts(self) -> list[Attempt]:
        return [attempt for attempt in self._running.values() if attempt is not None]

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _context(context: Context, caller: Caller) -> Context:
    """A cell speaks for its own kernel and notebook, whatever it says."""
    if caller.kind != "kernel":
        return context
    return Context(
        notebook=caller.notebook, kernel=caller.kernel, cell=context.cell, attached=context.attached
    )


def _refused(message: str) -> ToolResult:
    return ToolResult(ok=False, fault={"code": Code.DENIED.value, "message": message, "hint": "", "about": ""})


def _json(value: Any) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()
