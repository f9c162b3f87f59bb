"""Reading a conversation in from a file. Nothing in it is trusted: it is checked whole before anything is stored."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, insert

from ...guard.pictures import check_pictures
from ...protocol import events as e
from ...protocol.codec import path_of
from ...protocol.events import EVENTS, AnyEvent, Event
from ...protocol.exports import ChatFile, ConversationExport, ExportedTurn
from ...protocol.faults import Code, Fault
from ...protocol.records import MAX_TITLE, AttemptId, ConversationId, Picture, TurnId
from ...store.tables import conversations, turns
from ..journal import adopt
from .jupyter_ai import from_chat_file

HINT = "Export it anew, or compare it with `ConversationExport` in openapi.json."
UNENDED = ("queued", "active", "waiting")
LENGTHS: Mapping[str, int] = {"llm": 255, "author": 255, "route": 64, "prompt": 64, "run": 32, "answer_of": 32}
"""Of what the store keeps in columns, in characters."""
KERNEL_LENGTH = 64
MOST_ATTEMPTS = 1_000_000
LATEST = 1e11
"""Seconds since the epoch: some thousand years ahead, and still a date everywhere."""
T = TypeVar("T")


def read_import(raw: bytes, owner: str) -> tuple[ConversationExport, str]:
    """A file as an export, and its kind: `json` or `jupyter-ai`. Raises Fault `malformed` that names the field."""
    kind = _decoded(raw, dict[str, msgspec.Raw])
    if "messages" in kind and "format" not in kind:
        file = _decoded(raw, ChatFile)
        for number, message in enumerate(file.messages):
            _check_time(message.time, f"$.messages[{number}].time")
        export, name = from_chat_file(file, owner), "jupyter-ai"
    else:
        export, name = _decoded(raw, ConversationExport), "json"
    _check(export)
    return export, name


def _decoded(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise _malformed(f"The file is not what was exported: {error}", path_of(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _malformed("The file is not one JSON object.", "") from None


def too_deep() -> Fault:
    return _malformed("Something in the file is nested too deeply.", "")


def _malformed(message: str, about: str) -> Fault:
    return Fault(Code.MALFORMED, message, HINT, about=about)


def _check(export: ConversationExport) -> None:
    """What types can't say: events are stored ones, of turns that there are, and everything fits its column."""
    if len(export.conversation.kernel or "") > KERNEL_LENGTH:
        raise _malformed(f"More than {KERNEL_LENGTH} characters.", "$.conversation.kernel")
    _check_time(export.conversation.created, "$.conversation.created")
    _check_time(export.conversation.updated, "$.conversation.updated")
    known: set[TurnId] = set()
    for number, turn in enumerate(export.turns):
        if turn.id in known:
            raise _malformed("Two turns have the same id.", f"$.turns[{number}].id")
        known.add(turn.id)
        _check_time(turn.created, f"$.turns[{number}].created")
        if not 0 <= turn.attempts <= MOST_ATTEMPTS:
            raise _malformed(f"From 0 to {MOST_ATTEMPTS:,}.", f"$.turns[{number}].attempts")
        for name, length in LENGTHS.items():
            if len(getattr(turn, name)) > length:
                raise _malformed(f"More than {length} characters.", f"$.turns[{number}].{name}")
    for number, event in enumerate(export.events):
        tag = str(event.__struct_config__.tag)
        if not EVENTS[tag].durable or isinstance(event, e.Referenced):
            raise _malformed(f"`{tag}` is no event of a journal.", f"$.events[{number}].type")
        if isinstance(event, e.Message):
            _check_pictures(event.images, f"$.events[{number}].images")
        _check_time(event.time, f"$.events[{number}].time")
        if event.turn is not None and event.turn not in known:
            raise _malformed("The event is of a turn that is not in the file.", f"$.events[{number}].turn")


def _check_pictures(pictures: Sequence[Picture], about: str) -> None:
    try:
        check_pictures(pictures)
    except Fault as fault:
        raise _malformed(fault.record.message, about) from None


def _check_time(seconds: float, about: str) -> None:
    if not 0 <= seconds <= LATEST:
        raise _malformed("A time is in seconds since the beginning of 1970.", about)


def add_import(
    connection: Connection, export: ConversationExport, kind: str, owner: str, chosen: Mapping[str, str]
) -> ConversationId:
    """Store it under new ids as `owner`'s. `chosen` are the columns of what it may choose here.

    What waited or ran when it was exported is abandoned here: what a file says is pending runs nowhere.
    """
    ids = _Ids(owner)
    info, now = export.conversation, time.time()
    told = [ids.renewed(event) for event in [*export.events, *_endings(export)]]
    row = {
        **chosen,
        "id": ids.conversation,
        "owner": owner,
        "title": info.title[:MAX_TITLE],
        "notebook": info.notebook,
        "kernel": info.kernel or "",
        "imported": kind,
        "created": min(info.created, now),
        "updated": min(info.updated, now) if kind == "json" else now,
        "last_seq": len(told),
    }
    connection.execute(insert(conversations).values(**row))
    for turn in export.turns:
        connection.execute(insert(turns).values(**_row(turn, ids)))
    adopt(connection, ids.conversation, told)
    return ids.conversation


class _Ids:
    """New ids for those of a file, the same for the same."""

    def __init__(self, owner: str) -> None:
        self.conversation = ConversationId(uuid.uuid4().hex)
        self._owner = owner
        self._turns: dict[str, TurnId] = {}
        self._attempts: dict[str, AttemptId] = {}

    def turn(self, old: str) -> TurnId:
        return self._turns.setdefault(old, TurnId(uuid.uuid4().hex))

    def known(self, old: str) -> str:
        return self._turns.get(old, "")

    def renewed(self, event: Event) -> Event:
        values: dict[str, Any] = {}
        if event.turn is not None:
            values["turn"] = self.turn(event.turn)
        if event.attempt is not None:
            values["attempt"] = self._attempts.setdefault(event.attempt, AttemptId(uuid.uuid4().hex))
        if isinstance(event, e.ConversationChanged):
            title = event.info.title[:MAX_TITLE]
            values["info"] = msgspec.structs.replace(event.info, id=self.conversation, owner=self._owner, title=title)
        return msgspec.structs.replace(event, **values)


def _row(turn: ExportedTurn, ids: _Ids) -> dict[str, Any]:
    return {
        "id": ids.turn(turn.id),
        "conversation": ids.conversation,
        "state": "abandoned" if turn.state in UNENDED else turn.state,
        "text": turn.text,
        "context": msgspec.json.encode(turn.context).decode(),
        "llm": turn.llm,
        "tool": msgspec.json.encode(turn.tool).decode() if turn.tool is not None else "",
        "created": turn.created,
        "attempts": turn.attempts,
        "author": turn.author,
        "run": turn.run,
        "answer_of": ids.known(turn.answer_of),
        "route": turn.route,
        "prompt": turn.prompt,
    }


def _endings(export: ConversationExport) -> list[Event]:
    """What ends what had not ended: turns, forms and approvals of theirs, reviews, the wait for a person."""
    at = export.events[-1].time if export.events else 0.0
    open_ones: dict[TurnId, list[AnyEvent]] = {turn.id: [] for turn in export.turns if turn.state in UNENDED}
    for event in export.events:
        if event.turn in open_ones:
            open_ones[event.turn].append(event)
    ended = _reviews(export.events)
    for turn, events in open_ones.items():
        ended += [*_closed(turn, events), e.TurnEnded(turn=turn, state="abandoned")]
    modes = [event.mode for event in export.events if isinstance(event, e.ModeChanged)]
    if modes and modes[-1] != "assistant":
        ended.append(e.ModeChanged(mode="assistant", why="ended"))
    return [msgspec.structs.replace(event, time=at) for event in ended]


def _closed(turn: TurnId, events: Sequence[AnyEvent]) -> list[Event]:
    """What closes its open forms and approvals."""
    closed = {x.form for x in events if isinstance(x, e.FormClosed)}
    decided = {x.approval for x in events if isinstance(x, e.ApprovalClosed)}
    forms: list[Event] = [
        e.FormClosed(turn=turn, form=x.form, outcome="cancelled")
        for x in events
        if isinstance(x, e.FormAsked) and x.form not in closed
    ]
    approvals = [
        e.ApprovalClosed(turn=turn, approval=x.approval, outcome="cancelled")
        for x in events
        if isinstance(x, e.ApprovalAsked) and x.approval not in decided
    ]
    return [*forms, *approvals]


def _reviews(events: Sequence[AnyEvent]) -> list[Event]:
    closed = {x.review for x in events if isinstance(x, e.ReviewClosed)}
    asked = {x.review: x for x in events if isinstance(x, e.ReviewAsked) and x.review not in closed}
    return [e.ReviewClosed(turn=x.turn, review=x.review, outcome="withdrawn") for x in asked.values()]
