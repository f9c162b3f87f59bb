"""One question on two llms, side by side: each in a fresh conversation that only reads and predicts."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ..guard.access import Caller
from ..protocol import commands as c
from ..protocol.answers import Compared, ComparedCall, Comparison
from ..protocol.events import (
    Accepted,
    AnyEvent,
    ApprovalAsked,
    Event,
    FormAsked,
    Notice,
    TextSnapshot,
    ToolReturned,
    TurnEnded,
    TurnWaiting,
    UsageReported,
)
from ..protocol.faults import Code, Fault
from ..protocol.records import CommandId, Context, ConversationId, TurnState
from . import threads

if TYPE_CHECKING:
    from .service import ChatService

READ_ONLY = '{"write":"deny","disclose":"deny","execute":"deny"}'


async def compare(service: ChatService, caller: Caller, text: str, llms: Sequence[str], context: Context) -> Comparison:
    """Ask the first llm, then the second. Raises Fault for an empty question or llms that can't be chosen.

    Their conversations belong to no notebook and are put away afterwards, so that nobody goes on in them by accident;
    their turns, and what was sent, can still be read.
    """
    if not text.strip():
        raise Fault(Code.INVALID_INPUT, "The question is empty.", "Write what you want to know.", about="text")
    if len(llms) != 2 or llms[0] == llms[1] or not all(llms):
        raise Fault(Code.INVALID_INPUT, "Two different llms are compared.", "Name both in `llms`.", about="llms")
    for llm in llms:
        await service.may_use(llm)
    context = caller.placed(context)
    return Comparison(text, [await _asked(service, caller, text, llm, context) for llm in llms])


async def _asked(service: ChatService, caller: Caller, text: str, llm: str, context: Context) -> Compared:
    conversation = await _fresh(service, caller, llm)
    start = c.TurnStart(id=_id(), conversation=conversation, text=text, llm=llm, context=context)
    began = time.monotonic()
    try:
        accepted = await service.submit(start, caller)
        assert accepted.turn is not None
        waiting = await _settled(service, caller, accepted)
        elapsed_ms = round(1e3 * (time.monotonic() - began), 3)
        if waiting:
            await service.submit(c.TurnCancel(id=_id(), turn=accepted.turn), caller)
        events = await service.journal.read_turn(accepted.turn)
    finally:
        await service.submit(c.ConversationDelete(id=_id(), conversation=conversation), caller)
    return _compared(llm, accepted, events, elapsed_ms, waiting)


async def _fresh(service: ChatService, caller: Caller, llm: str) -> ConversationId:
    """A conversation that nothing continues by its notebook, in which nothing can be changed or shown."""

    def make(connection: Connection) -> ConversationId:
        info = threads.open_conversation(connection, caller, Context(), llm)
        threads.set_conversation(connection, info.id, levels=READ_ONLY)
        return info.id

    return await service.journal.transact(make)


async def _settled(service: ChatService, caller: Caller, accepted: Accepted) -> bool:
    """Wait until the turn has ended (False) or waits for somebody (True), who is not going to come."""
    settled: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def listen(event: Event) -> None:
        if isinstance(event, (TurnWaiting, TurnEnded)) and not settled.done():
            settled.set_result(isinstance(event, TurnWaiting))

    stop = await service.follow(accepted.conversation, 0, caller, listen)
    try:
        return await settled
    finally:
        stop()


def _compared(llm: str, accepted: Accepted, events: list[AnyEvent], elapsed_ms: float, waiting: bool) -> Compared:
    assert accepted.turn is not None
    used = [event.usage for event in events if isinstance(event, UsageReported)]
    priced = [usage.cost for usage in used if usage.cost is not None]
    ended = [event for event in events if isinstance(event, TurnEnded)]
    texts = [event.text for event in events if isinstance(event, TextSnapshot) and event.kind == "answer"]
    calls = [event for event in events if isinstance(event, ToolReturned)]
    asked = [e.spec.title if isinstance(e, FormAsked) else e.summary for e in events if isinstance(e, _ASKED)]
    state: TurnState = "waiting" if waiting else ended[-1].state
    return Compared(
        llm=llm,
        answered_by=ended[-1].answered_by if ended else "",
        conversation=accepted.conversation,
        turn=accepted.turn,
        state=state,
        text=texts[-1] if texts else "",
        asked=asked[-1] if asked else "",
        fault=ended[-1].fault if ended else None,
        elapsed_ms=elapsed_ms,
        prompt_tokens=sum(usage.prompt_tokens for usage in used),
        completion_tokens=sum(usage.completion_tokens for usage in used),
        cost=sum(priced) if len(priced) == len(used) else None,
        tool_calls=[ComparedCall(tool=e.tool, ok=e.result.ok, elapsed_ms=e.result.elapsed_ms) for e in calls],
        notices=[event.text for event in events if isinstance(event, Notice)],
    )


_ASKED = (FormAsked, ApprovalAsked)


def _id() -> CommandId:
    return CommandId(uuid.uuid4().hex)
