"""The one front door: `submit(command, caller)`, and `follow` to hear what comes of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ..guard.access import Caller, check_approver, check_owner
from ..guard.limits import RateLimit
from ..protocol import commands as c
from ..protocol.answers import UsageBy, UsageReport
from ..protocol.choices import Choices
from ..protocol.events import (
    Accepted,
    ApprovalClosed,
    Event,
    FeedbackGiven,
    FormClosed,
    Message,
    TurnQueued,
)
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId, KernelId, SentRequest, ToolResult, TurnId
from ..store.tables import sent
from . import threads
from .conversations import Conversations
from .journal import Listener
from .kept_answers import KeptAnswers
from .means import Means
from .prompts import Prompts
from .queue import TurnQueue, end_unrun
from .registrations import Registrations
from .spending import rate, usage_report
from .threads import Call, Pending, Turn, accepted, called, pending_of, resumed
from .toolcalls import merged

TITLE_LENGTH = 60


class ChatService:
    """Everything that happens in conversations. Lives in one event loop."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.journal = means.journal
        self._limit = RateLimit(means.settings.rate_limit)
        self.registrations = Registrations(means.database)
        self._queue = TurnQueue(means, self._wait_for_cell)
        self.prompts = Prompts(means.database)
        self.conversations = Conversations(means, self._queue, self.may_use, self.prompts)
        self._handlers: dict[type[Any], Callable[[Any, Caller], Awaitable[Accepted]]] = {
            c.TurnStart: self._turn_start,
            c.ToolCall: self._tool_call,
            c.TurnCancel: self._turn_cancel,
            c.TurnRetry: self._turn_retry,
            c.FormSubmit: self._form_submit,
            c.FormDismiss: self._form_dismiss,
            c.ApprovalGive: self._approval_give,
            c.FeedbackGive: self._feedback_give,
            c.TurnFreeze: KeptAnswers(means.journal).freeze,
            c.ConversationOpen: self.conversations.open,
            c.ConversationUpdate: self.conversations.update,
            c.ConversationDelete: self.conversations.delete,
            c.ConversationRestore: self.conversations.restore,
            c.KernelUpdate: self.conversations.update_kernel,
            c.PromptAdd: self.prompts.add,
            c.PromptUpdate: self.prompts.update,
            c.PromptDelete: self.prompts.delete,
        }

    async def open(self) -> None:
        """Take up what an earlier process left: expired leases become abandoned, queued turns run."""
        await self._queue.open()

    async def close(self) -> None:
        """Stop what runs; it ends as cancelled, with its text kept."""
        await self._queue.close()

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
        await self.conversations.own(conversation, caller)
        held: list[Event] = []
        stop = self.journal.listen(conversation, held.append)
        try:
            missed = await self.journal.read(conversation, after)
        finally:
            stop()
        # No await from here to `listen`: nothing can be told in between.
        last = missed[-1].seq if missed else after
        for stored in missed:
            listener(stored)
        running = self._queue.running(conversation)
        tail = running.tail() if running is not None else None
        if tail is not None:
            listener(tail)
        for event in held:
            if event.seq > last or (not event.durable and tail is None):
                listener(event)
        return self.journal.listen(conversation, listener)

    async def turn(self, turn: TurnId, caller: Caller) -> Turn:
        found = await self.journal.transact(lambda tx: threads.load_turn(tx, turn))
        check_owner(found.owner, caller)
        return found

    async def sent(self, turn: TurnId, caller: Caller) -> list[SentRequest]:
        """Every request that left for a provider on behalf of a turn, whole and in order."""
        found = await self.turn(turn, caller)

        def read(connection: Connection) -> list[SentRequest]:
            rows = connection.execute(select(sent).where(sent.c.turn == found.id).order_by(sent.c.id))
            return [SentRequest(r.llm, r.attempt, r.time, msgspec.json.decode(r.body)) for r in rows]

        return await self.journal.transact(read)

    async def choices(self, command: c.ChoicesGet, caller: Caller) -> Choices:
        """Routes, prompts and parameters: what there is, and what the conversation has chosen."""
        return await self.conversations.chooser.told(command, caller)

    async def usage(self, caller: Caller, by: UsageBy, days: int) -> UsageReport:
        """What the caller's questions of the last `days` days took, and how llms did."""
        return await usage_report(self.journal, self.means.settings, caller.principal, by, days)

    # -- turns -----------------------------------------------------------------------------------------

    async def _turn_start(self, command: c.TurnStart, caller: Caller) -> Accepted:
        if not command.text.strip():
            raise Fault(Code.INVALID_INPUT, "The question is empty.", "Write what you want to know.", about="text")
        if command.llm:
            await self.may_use(command.llm)
        chosen = await self.conversations.chooser.may_choose(command.route, command.prompt, caller)
        return await self._begin(command, caller, command.text, command.llm or "", None, command.metadata, chosen)

    async def _tool_call(self, command: c.ToolCall, caller: Caller) -> Accepted:
        call = Call(uuid.uuid4().hex, command.tool, command.args, caller.agent)
        return await self._begin(command, caller, "", "", call, {"agent": caller.agent} if caller.agent else {})

    async def _begin(
        self,
        command: c.TurnStart | c.ToolCall,
        caller: Caller,
        text: str,
        llm: str,
        tool: Call | None,
        metadata: dict[str, Any],
        chosen: tuple[str, str] = ("", ""),
    ) -> Accepted:
        """`chosen` are the route and the prompt, "" for the conversation's."""
        known = await self._known(caller, command.id)
        if known is not None:
            return known
        self._limit.check(caller.principal)
        context = caller.placed(command.context)
        if context.kernel is None and context.notebook:
            context = msgspec.structs.replace(context, kernel=await self.means.kernel_of(context.notebook))
        turn = TurnId(uuid.uuid4().hex)
        info = await self.conversations.continued(command.conversation, caller, context)
        title = info.title or " ".join(text.split())[:TITLE_LENGTH]
        message = Message(turn=turn, text=text or called(tool) if tool else text, metadata=metadata)
        queued = TurnQueued(turn=turn, position=self._queue.length + 1)

        def write(connection: Connection, seq: int) -> None:
            host, route, prompt = self.means.settings.host, chosen[0] or info.route, chosen[1] or info.prompt
            threads.add_turn(connection, turn, info.id, text, context, llm or info.llm, tool, host, route, prompt)
            threads.remember(connection, caller.principal, command.id, info.id, turn, seq)
            kernel = context.kernel or info.kernel or ""
            threads.set_conversation(connection, info.id, title=title, kernel=kernel)

        told = await self.journal.append(info.id, [message, queued], write)
        self._queue.add(turn, info.id)
        return accepted(command.id, info.id, turn, told[-1].seq)

    async def _known(self, caller: Caller, command: str) -> Accepted | None:
        row = await self.journal.transact(lambda tx: threads.already(tx, caller.principal, command))
        if row is None:
            return None
        return accepted(command, row.conversation, row.turn, row.seq)

    async def _turn_cancel(self, command: c.TurnCancel, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        attempt = self._queue.running(turn.conversation)
        if turn.state in ("queued", "waiting"):
            self._queue.drop(turn.id)
            seq = await end_unrun(self.journal, turn, "cancelled")
            return accepted(command.id, turn.conversation, turn.id, seq)
        last = (await self.journal.info(turn.conversation)).last_seq
        if attempt is not None and attempt.turn.id == turn.id:
            attempt.cancel()
        # What comes of it is numbered above what there is now.
        return accepted(command.id, turn.conversation, turn.id, last + 1)

    async def _turn_retry(self, command: c.TurnRetry, caller: Caller) -> Accepted:
        known = await self._known(caller, command.id)
        if known is not None:
            return known
        turn = await self.turn(command.turn, caller)
        if turn.state not in ("failed", "cancelled", "abandoned"):
            raise Fault(Code.CONFLICT, f"The turn is {turn.state}.", "Only one that did not end well is retried.")
        if command.llm:
            await self.may_use(command.llm)
        values = {"llm": command.llm} if command.llm else {}
        return await self._requeue(command.id, caller, turn, [], None, values)

    async def _requeue(
        self,
        command: str,
        caller: Caller,
        turn: Turn,
        closing: list[Event],
        resumption: Pending | None,
        values: dict[str, Any] | None = None,
    ) -> Accepted:
        """Another attempt of a turn. The transaction checks that nobody else has taken it up meanwhile."""
        queued = TurnQueued(turn=turn.id, position=self._queue.length + 1)

        def write(connection: Connection, seq: int) -> None:
            current = threads.load_turn(connection, turn.id)
            if (current.state, current.pending) != (turn.state, turn.pending):
                raise Fault(Code.CONFLICT, f"The turn is {current.state}.", "It was answered meanwhile.")
            lease = {"host": self.means.settings.host, "lease": time.time() + threads.LEASE_S}
            threads.set_turn(connection, turn.id, state="queued", pending=resumption or "", **lease, **(values or {}))
            threads.remember(connection, caller.principal, command, turn.conversation, turn.id, seq)

        told = await self.journal.append(turn.conversation, [*closing, queued], write)
        self._queue.add(turn.id, turn.conversation)
        return accepted(command, turn.conversation, turn.id, told[-1].seq)

    async def may_use(self, llm: str) -> None:
        """Raises Fault for an llm that is unknown, blocked, or not the person's to choose."""
        if self.means.settings.locked("llm"):
            raise Fault(Code.FORBIDDEN, "The llm is fixed by your administrator.", "Leave it out.", about="llm")
        await self.means.llm(llm)

    # -- answers ---------------------------------------------------------------------------------------

    async def _form_submit(self, command: c.FormSubmit, caller: Caller) -> Accepted:
        known = await self._known(caller, command.id)
        if known is not None:
            return known
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "form", command.form)
        if pending.offers:
            if command.choice is None or not 1 <= command.choice <= len(pending.offers):
                raise Fault(Code.INVALID_INPUT, f"Choose a number from 1 to {len(pending.offers)}.", about="choice")
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
        # A form that leads to another tool says what it does: who fills it in has approved just that.
        approved = pending.then is not None and self._may_approve(caller, pending, turn) is None
        return await self._requeue(command.id, caller, turn, [closed], resumed(pending, call, approved=approved))

    async def _form_dismiss(self, command: c.FormDismiss, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "form", command.form)
        closed = FormClosed(turn=turn.id, form=pending.id, outcome="dismissed")
        if pending.then is not None:
            pending = msgspec.structs.replace(pending, call=pending.then, then=None)
        if pending.offers:
            await end_unrun(self.journal, turn, "cancelled", closed)
            return accepted(command.id, turn.conversation, turn.id, 0)
        refusal = _refused("The person closed the form without filling it.")
        return await self._requeue(command.id, caller, turn, [closed], resumed(pending, result=refusal))

    async def _approval_give(self, command: c.ApprovalGive, caller: Caller) -> Accepted:
        known = await self._known(caller, command.id)
        if known is not None:
            return known
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "approval", command.approval)
        refusal = self._may_approve(caller, pending, turn)
        if command.allow and refusal is not None:
            raise refusal
        may_always = caller.kind == "person" and not self.means.settings.locked("policy")
        always = command.allow and command.always and may_always and not pending.call.agent
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
        resumption = resumed(pending, result=result, approved=command.allow)
        return await self._requeue(command.id, caller, turn, [closed], resumption)

    def _may_approve(self, caller: Caller, pending: Pending, turn: Turn) -> Fault | None:
        """What speaks against this caller's word on an effect."""
        if caller.kind == "kernel" and self._queue.executes(caller.kernel):
            hint = "Approve it in the chat panel, or in a cell of your own afterwards."
            return Fault(Code.FORBIDDEN, "Code of the assistant runs in this kernel, which can't approve now.", hint)
        try:
            check_approver(caller, pending.effect, turn.context.kernel, self.means.settings.allow_kernel_approval)
        except Fault as fault:
            return fault
        return None

    async def _feedback_give(self, command: c.FeedbackGive, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        if command.score not in (-1, 0, 1):
            raise Fault(Code.INVALID_INPUT, "A score is -1, 0 or 1.", about="score")
        given = FeedbackGiven(turn=turn.id, score=command.score, text=command.text)
        told = await self.journal.append(turn.conversation, [given], lambda tx, seq: rate(tx, turn.id, command.score))
        return accepted(command.id, turn.conversation, turn.id, told[-1].seq)

    async def kernel_idle(self, kernel: KernelId) -> None:
        """The cell that turns of this kernel waited for has ended, or the kernel itself has."""
        for turn in await self._queue.waiting_for_cell(kernel):
            if turn.pending is not None:
                resumption = resumed(turn.pending, approved=True)
                try:
                    await self._requeue(f"idle-{turn.pending.id}", Caller(turn.owner), turn, [], resumption)
                except Fault as fault:
                    # Cancelled, or taken up by the other of two that saw the cell end.
                    self.means.log.debug("a turn that waited for a cell: %s", fault.record.message)

    async def _wait_for_cell(self, turn: Turn) -> None:
        """Have the kernel say when its cell ends; the cell may have ended before anybody waited."""
        kernel = turn.context.kernel
        if kernel is None:
            return
        try:
            over = not (await (await self.means.port(kernel)).state(notify_idle=True))["busy"]
        except Fault as fault:
            # A kernel that is gone never says so: the call then finds that out and tells it.
            over = fault.code is not Code.KERNEL_NOT_ANSWERING
        if over:
            await self.kernel_idle(kernel)


def _refused(message: str) -> ToolResult:
    return ToolResult(ok=False, fault={"code": Code.DENIED.value, "message": message, "hint": "", "about": ""})


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
