"""The one front door: `submit(command, caller)`, and `follow` to hear what comes of it."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection

from ..guard.access import Caller, check_approver, check_owner
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
    TextDelta,
    TurnQueued,
    TurnWaiting,
)
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId, KernelId, SentRequest, ToolResult, TurnId
from . import threads
from .conversations import Conversations
from .door import Door
from .evaluating.worker import Worker
from .experiments import Experiments
from .followers import Listener
from .following import follow
from .keeping.archive import Archive
from .kept_answers import KeptAnswers
from .leases import ask_to_stop, lease
from .means import Means
from .people.people import People
from .people.requests import park
from .prompts import Prompts
from .queue import TurnQueue, end_unrun
from .registrations import Registrations
from .reviews import Reviews
from .sent import sent_for
from .spending import rate, usage_report
from .synonyms import Synonyms
from .threads import Call, Pending, Turn, accepted, called, pending_of, resumed
from .toolcalls import merged

TITLE_LENGTH = 60


class ChatService:
    """Everything that happens in conversations. Lives in one event loop."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.journal = means.journal
        self.journal.hear = means.observer.hear
        self.registrations = Registrations(means.database)
        self._queue = TurnQueue(means, self._wait_for_cell)
        self._door = Door(means, self._queue)
        self.line = self._queue.line
        self.prompts = Prompts(means.database)
        self.people = People(means, self._queue, self._door)
        self.conversations = Conversations(means, self._queue, self.may_use, self.prompts, self.people.readable)
        self.reviews = Reviews(means)
        self.experiments = Experiments(means, self.prompts, self.may_use)
        self.evaluating = Worker(means)
        self._queue.after_turn = self.evaluating.wake
        self.archive = Archive(means, self.conversations.chooser, self.may_use)
        self._handlers: dict[type[Any], Callable[[Any, Caller], Awaitable[Accepted]]] = {
            **self.people.handlers,
            **self.prompts.handlers,
            **Synonyms(means.journal).handlers,
            c.TurnStart: self._turn_start,
            c.ToolCall: self._tool_call,
            c.TurnCancel: self._turn_cancel,
            c.TurnRetry: self._turn_retry,
            c.FormSubmit: self._form_submit,
            c.FormDismiss: self._form_dismiss,
            c.ApprovalGive: self._approval_give,
            c.FeedbackGive: self._feedback_give,
            c.ReviewAsk: self.reviews.ask,
            c.ReviewDecide: self.reviews.decide,
            c.TurnFreeze: KeptAnswers(means.journal).freeze,
            c.ConversationOpen: self.conversations.open,
            c.ConversationUpdate: self.conversations.update,
            c.ConversationDelete: self.conversations.delete,
            c.ConversationRestore: self.conversations.restore,
            c.KernelUpdate: self.conversations.update_kernel,
        }

    async def open(self) -> None:
        """Take up what an earlier process left: expired leases become abandoned, queued turns run."""
        await self._queue.open()
        self._queue.spawn(self.conversations.retention.keep())
        await self.people.open()
        self.evaluating.open()

    async def close(self) -> None:
        """Stop what runs; it ends as cancelled, with its text kept."""
        await self.people.close()
        await self._queue.close()
        await self.evaluating.close()
        self.journal.close()

    async def submit(self, command: c.AnyCommand, caller: Caller) -> Accepted:
        """Take a command. What is accepted is stored. Raises `Fault`; the same id again is the same turn."""
        handler = self._handlers.get(type(command))
        if handler is None:
            kind = command.__struct_config__.tag
            raise Fault(Code.UNKNOWN_COMMAND, f"`{kind}` is a matter of the connection.", "Send it on a socket.")
        return await self._door.let_in(command, caller, handler)

    async def follow(
        self, conversation: ConversationId, after: int, caller: Caller, listener: Listener
    ) -> Callable[[], None]:
        """Every durable event after `after`, the text of a running answer, then the live tail, without a gap."""
        info = await self.people.readable(conversation, caller, "conversation.read")
        heard = self.people.heard_by(info, caller, listener)

        def tail() -> TextDelta | None:
            running = self._queue.running(conversation)
            return running.tail() if running is not None else None

        stop = await follow(self.means, conversation, after, heard, tail)
        return self.people.followed(info, caller, heard, stop)

    async def turn(self, turn: TurnId, caller: Caller) -> Turn:
        found = await self.means.database.read(lambda tx: threads.load_turn(tx, turn))
        check_owner(found.owner, caller, turn)
        return found

    async def sent(self, turn: TurnId, caller: Caller) -> list[SentRequest]:
        """Every request that left for a provider on behalf of a turn, whole and in order."""
        found = await self.turn(turn, caller)
        return await self.means.database.read(lambda tx: sent_for(tx, found, self.means.settings))

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
        await self._door.check_room(caller)
        context = caller.placed(command.context)
        if context.kernel is None and context.notebook:
            context = msgspec.structs.replace(context, kernel=await self.means.kernel_of(context.notebook))
        turn = TurnId(uuid.uuid4().hex)
        info = await self.conversations.continued(command.conversation, caller, context)
        title = info.title or " ".join(text.split())[:TITLE_LENGTH]
        person = await self.people.answering(info) if tool is None else None
        private, said = person is not None and person.private, text or called(tool) if tool else text
        images = command.images if isinstance(command, c.TurnStart) else []
        message = Message(turn=turn, text=said, metadata=metadata, private=private, images=images)
        queued = TurnQueued(turn=turn, position=self._queue.length + 1)
        next_ = queued if person is None else TurnWaiting(turn=turn, waits_for="person")
        asks_llm = tool is None and person is None
        info, joined, join = await self.experiments.assign(info, (llm, chosen[1]), caller.principal, asks_llm)

        def write(connection: Connection, seq: int) -> None:
            join(connection)
            host, route, prompt = self.means.settings.host, chosen[0] or info.route, chosen[1] or info.prompt
            chosen_llm, lasts = llm or info.llm, self.means.settings.lease
            threads.add_turn(connection, turn, info.id, text, context, chosen_llm, tool, host, route, prompt, lasts)
            threads.remember(connection, caller.principal, command.id, info.id, turn, seq)
            kernel = context.kernel or info.kernel or ""
            threads.set_conversation(connection, info.id, title=title, kernel=kernel)
            if person is not None:
                park(connection, turn, person)

        told = await self.journal.append(info.id, [*joined, message, next_], write)
        if person is None:
            self._queue.add(turn, info.id)
        return accepted(command.id, info.id, turn, told[-1].seq)

    async def _turn_cancel(self, command: c.TurnCancel, caller: Caller) -> Accepted:
        while True:
            turn = await self.turn(command.turn, caller)
            taken = partial(self._remember, command.id, caller, turn)
            try:
                if turn.state in ("queued", "waiting"):
                    self._queue.drop(turn.id)
                    seq = await end_unrun(self.journal, turn, "cancelled", also=taken)
                    return accepted(command.id, turn.conversation, turn.id, seq)
                return await self._stop(command, turn, taken)
            except Fault as fault:
                # It begins, waits, or is answered, at this moment: look again.
                if fault.code is not Code.CONFLICT:
                    raise

    async def _stop(self, command: c.TurnCancel, turn: Turn, taken: Callable[[Connection, int], None]) -> Accepted:
        """Stop what runs, here or in another process. Raises Fault `conflict` where it does not run any more."""
        last = (await self.journal.info(turn.conversation)).last_seq

        def write(connection: Connection) -> None:
            threads.check_same(turn, threads.load_turn(connection, turn.id))
            ask_to_stop(connection, turn.id)
            taken(connection, last + 1)

        await self.journal.transact(write)
        attempt = self._queue.running(turn.conversation)
        if attempt is not None and attempt.turn.id == turn.id:
            attempt.cancel()
        # What comes of it is numbered above what there is now.
        return accepted(command.id, turn.conversation, turn.id, last + 1)

    def _remember(self, command: str, caller: Caller, turn: Turn, connection: Connection, seq: int) -> None:
        threads.remember(connection, caller.principal, command, turn.conversation, turn.id, seq)

    async def _turn_retry(self, command: c.TurnRetry, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        if turn.state not in ("failed", "cancelled", "abandoned"):
            raise Fault(Code.CONFLICT, f"The turn is {turn.state}.", "Only one that did not end well is retried.")
        await self.people.check_retry(turn)
        await self._door.check_room(caller)
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
        also: Callable[[Connection], None] | None = None,
    ) -> Accepted:
        """Another attempt of a turn. The transaction checks that nobody else has taken it up meanwhile."""
        queued = TurnQueued(turn=turn.id, position=self._queue.length + 1)

        def write(connection: Connection, seq: int) -> None:
            threads.remember(connection, caller.principal, command, turn.conversation, turn.id, seq)
            threads.check_same(turn, threads.load_turn(connection, turn.id))
            held = {"host": self.means.settings.host, "lease": lease(connection, self.means.settings.lease)}
            threads.set_turn(connection, turn.id, state="queued", pending=resumption or "", **held, **(values or {}))
            if also is not None:
                also(connection)

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
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "form", command.form)
        if pending.offers:
            if command.choice is None or not 1 <= command.choice <= len(pending.offers):
                raise Fault(Code.INVALID_INPUT, f"Choose a number from 1 to {len(pending.offers)}.", about="choice")
            call = pending.offers[command.choice - 1]
        elif not command.values and not pending.start:
            raise Fault(Code.INVALID_INPUT, "The form has no values.", "Fill at least one field.", about="values")
        else:
            call = merged(pending, command.values, command.start)
        closed = FormClosed(
            turn=turn.id,
            form=pending.id,
            outcome="submitted",
            values=command.values,
            choice=command.choice,
            start=command.start or pending.start,
        )
        # A form that leads to another tool says what it does: who fills it in has approved just that.
        approved = pending.then is not None and self._may_approve(caller, pending, turn) is None
        taken = await self._requeue(command.id, caller, turn, [closed], resumed(pending, call, approved=approved))
        if approved:
            self._door.decided(caller, turn, pending, allowed=True)
        return taken

    async def _form_dismiss(self, command: c.FormDismiss, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "form", command.form)
        closed = FormClosed(turn=turn.id, form=pending.id, outcome="dismissed")
        if pending.then is not None:
            pending = msgspec.structs.replace(pending, call=pending.then, then=None)
        if pending.offers:
            taken = partial(self._remember, command.id, caller, turn)
            seq = await end_unrun(self.journal, turn, "cancelled", closed, taken)
            return accepted(command.id, turn.conversation, turn.id, seq)
        refusal = _refused("The person closed the form without filling it.")
        return await self._requeue(command.id, caller, turn, [closed], resumed(pending, result=refusal))

    async def _approval_give(self, command: c.ApprovalGive, caller: Caller) -> Accepted:
        turn = await self.turn(command.turn, caller)
        pending = pending_of(turn, "approval", command.approval)
        refusal = self._may_approve(caller, pending, turn)
        if command.allow and refusal is not None:
            raise refusal
        may_always = caller.kind == "person" and not self.means.settings.locked("policy")
        always = command.allow and command.always and may_always and not pending.call.agent
        closed = ApprovalClosed(
            turn=turn.id, approval=pending.id, outcome="allowed" if command.allow else "denied", always=always
        )
        result = None if command.allow else _refused("The person did not allow it.")
        resumption = resumed(pending, result=result, approved=command.allow)
        also = partial(threads.allow_always, turn=turn.id, effect=pending.effect) if always else None
        taken = await self._requeue(command.id, caller, turn, [closed], resumption, also=also)
        self._door.decided(caller, turn, pending, command.allow, always)
        return taken

    def _may_approve(self, caller: Caller, pending: Pending, turn: Turn) -> Fault | None:
        """What speaks against this caller's word on an effect."""
        if caller.kind == "kernel" and self._queue.executes(caller.kernel):
            hint = "Approve it in the chat panel, or in a cell of your own afterwards."
            return Fault(Code.FORBIDDEN, "Code of the assistant runs in this kernel, which can't approve now.", hint)
        if self._queue.executes(turn.context.kernel):
            # It may have found a way to speak as the person does.
            message = "Code of the assistant runs in this kernel: nothing is approved for it meanwhile."
            return Fault(Code.CONFLICT, message, "Approve it when that has ended.", retryable=True)
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

        def write(connection: Connection, seq: int) -> None:
            self._remember(command.id, caller, turn, connection, seq)
            rate(connection, turn.id, command.score)

        told = await self.journal.append(turn.conversation, [given], write)
        await self.reviews.thumb(turn, command.score, command.text)
        return accepted(command.id, turn.conversation, turn.id, told[-1].seq)

    async def kernel_idle(self, kernel: KernelId) -> None:
        """The cell that turns of this kernel waited for has ended, or the kernel itself has."""
        for turn in await self._queue.waiting_for_cell(kernel):
            if turn.pending is not None:
                resumption = resumed(turn.pending, approved=True)
                try:
                    await self._requeue(f"idle-{turn.pending.id}", Caller(turn.owner), turn, [], resumption)
                except (Fault, threads.Known) as taken:
                    # Cancelled, or taken up by the other of two that saw the cell end.
                    self.means.log.debug("a turn that waited for a cell: %s", taken)

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
