"""What an agent from outside gets to read of a turn it asked for, and the record of exactly that."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert

from ..agent.memory import tool_message, tool_text
from ..guard.access import Caller
from ..guard.levels import level_of
from ..guard.presidio import words_of
from ..guard.privacy import leaving
from ..observe.records import SentRecord
from ..protocol.events import AnyEvent, FormAsked, ToolReturned, TurnEnded
from ..protocol.faults import Code
from ..protocol.records import Field, Form
from ..store.tables import sent
from .threads import Turn

if TYPE_CHECKING:
    from .service import ChatService

WAITING = {
    "approval": "A person has to allow this, in the notebook or its chat panel. Nothing has happened yet.",
    "cell": "It runs when the running cell of the notebook has ended.",
    "form": "A person is filling in a form about it.",
    "": "It is still at work.",
}
"""What a turn that has not ended waits for, in words without any data."""


@dataclass(frozen=True)
class Told:
    """`text` is a JSON object; `ok` is false where the call came to nothing."""

    text: str
    ok: bool


async def hand_out(service: ChatService, turn: Turn, caller: Caller) -> Told:
    """What `turn` tells the agent: at most the size of a tool result, at the level of what may leave.

    It is recorded before it is returned, as one request to the llm `mcp/NAME`.
    """
    events = await service.journal.read_turn(turn.id)
    settings = service.means.settings
    level = level_of(settings)
    call = turn.tool.id if turn.tool is not None else ""
    told = _told(turn, events)
    given = [tool_message(call, json.dumps(told, ensure_ascii=False))]
    # In a thread: Presidio takes its time.
    [message] = await asyncio.to_thread(leaving, given, level, (), words_of(settings.presidio))
    attempt = next((event.attempt for event in reversed(events) if event.attempt is not None), "")
    body = json.dumps({"messages": [message], "tools": []}, ensure_ascii=False).encode()
    row = {
        "turn": turn.id,
        "attempt": attempt,
        "time": time.time(),
        "llm": f"mcp/{caller.agent}",
        "body": body,
    }

    def write(connection: Connection) -> None:
        connection.execute(insert(sent).values(**row))

    await service.journal.transact(write)
    # An agent's own name is whatever it says of itself: the record of the request has it.
    place = {"conversation": turn.conversation, "turn": turn.id}
    service.means.observer.tell(SentRecord(actor=caller.principal, llm="mcp", bytes=len(body), level=level, **place))
    return Told(str(message["content"]), bool(told.get("ok", True)))


def _told(turn: Turn, events: Sequence[AnyEvent]) -> dict[str, Any]:
    """`{turn, ok, data...}` of a result, `{turn, waiting, message}`, or `{turn, ok: false, fault, needs?}`."""
    returned, form, ended = None, None, None
    for event in events:
        if isinstance(event, ToolReturned):
            returned, form = event.result, None
        elif isinstance(event, FormAsked):
            form = event.spec
        elif isinstance(event, TurnEnded):
            ended = event
    waits_for = turn.pending.kind if turn.pending is not None else ""
    if form is not None and turn.state == "cancelled":
        return {"turn": turn.id, "ok": False, **_needed(form, turn)}
    if turn.state in ("queued", "active", "waiting"):
        return {"turn": turn.id, "waiting": waits_for or turn.state, "message": WAITING.get(waits_for, WAITING[""])}
    if returned is not None and turn.state == "completed":
        return {"turn": turn.id, **json.loads(tool_text(returned, local=False))}
    fault = {"code": Code.INTERRUPTED.value, "message": f"The call was {turn.state}.", "hint": "Call again if needed."}
    if ended is not None and ended.fault is not None:
        record = ended.fault
        fault = {"code": record.code.value, "message": record.message, "hint": record.hint}
    return {"turn": turn.id, "ok": False, "fault": fault}


def _needed(form: Form, turn: Turn) -> dict[str, Any]:
    """What a form asks for, by name: its options, limits and problems may quote data."""
    asked = turn.tool.tool if turn.tool is not None else ""
    fields = [
        {"name": field.name, "kind": field.kind, "required": field.required, "state": _state(field)}
        | ({"unit": field.unit} if field.unit else {})
        for field in form.fields
    ]
    open_ = sum(field["state"] != "given" for field in fields)
    message = f"{open_} of {len(fields)} inputs {'is' if open_ == 1 else 'are'} missing or wrong."
    how = "with all of these{place}. `get_model_info` tells what a model takes."
    if form.start is not None:
        message = f"Too many of {form.total} inputs are missing."
        how = "with a row to start from in `row`, such as `X_test[3]`, and what differs from it{place}."
    tool = form.tool if form.args else asked
    first = f"`{tool}` comes first: call it" if tool != asked else f"Call `{tool}` again"
    place = f" in `{form.target}`" if form.target else ""
    fault = {
        "code": Code.INVALID_INPUT.value,
        "message": message,
        "hint": f"{first} {how.format(place=place)}",
    }
    return {"fault": fault, "needs": {"tool": tool, "argument": form.target, "fields": fields}}


def _state(field: Field) -> str:
    if field.problem:
        return "wrong"
    return "missing" if field.value is None and field.required else "given"
