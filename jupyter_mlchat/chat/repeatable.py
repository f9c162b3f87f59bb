"""What of a turn could be told again, and what would have to be the same for it. Pure functions over its events."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ..agent.memory import tool_text
from ..protocol import events as e
from ..protocol.events import AnyEvent, Event
from ..protocol.records import ToolResult

REPEATABLE = frozenset({"read", "predict"})
SEEN_AT = "created_at"
"""When something was first seen: another moment in every run, and the only one that `same` passes over."""


def digest(*parts: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def why_not(events: Sequence[Event]) -> str:
    """Why the answer of a turn can't be told again without asking its llm; "" when it can."""
    begun = [event.llm for event in events if isinstance(event, e.TurnStarted)]
    if not begun or not begun[0]:
        return "no language model worded it"
    if begun[0] == "builtin":
        return "the built-in engine worded it, which answers anew at no cost"
    if begun[0].startswith("external/"):
        return "another agent gave it, with tools of its own"
    if any(event.images for event in events if isinstance(event, e.Message)):
        return "it is about a picture, which was shown once"
    if len(begun) > 1 or any(isinstance(event, (e.FormAsked, e.ApprovalAsked, e.TurnWaiting)) for event in events):
        return "somebody filled in, allowed or repeated a part of it"
    if any(event.usage.llm != begun[0] for event in events if isinstance(event, e.UsageReported)):
        return f"{begun[0]} did not word it alone"
    more = [event.tool for event in events if isinstance(event, e.ToolCalled) and event.effect not in REPEATABLE]
    return f"`{more[0]}` does more than read and predict" if more else ""


def calls_of(events: Sequence[Event]) -> Iterator[tuple[e.ToolCalled, ToolResult | None]]:
    """The calls of a turn in order, each with its result; what was called again after a wait comes last."""
    returned = {event.call: event.result for event in events if isinstance(event, e.ToolReturned)}
    called = {event.call: event for event in events if isinstance(event, e.ToolCalled)}
    return ((event, returned.get(call)) for call, event in called.items())


def answer_of(events: Sequence[AnyEvent]) -> str:
    """The text it ended with; what a reviewer put in its place, "" for one that was rejected."""
    said = [
        x.text
        for x in events
        if (isinstance(x, e.TextSnapshot) and x.final and x.kind == "answer")
        or (isinstance(x, e.ReviewClosed) and x.outcome in ("corrected", "rejected"))
    ]
    return said[-1] if said else ""


def content_of(events: Sequence[AnyEvent]) -> list[Any]:
    """What a turn has put into the conversation, without ids and times: equal where an llm would read the same."""
    asked = [event for event in events if isinstance(event, e.Message)]
    said = [*(event.text for event in asked), *(picture.data for event in asked for picture in event.images)]
    calls = [(call.tool, call.args, read(result) if result else "") for call, result in calls_of(events)]
    return [said, calls, answer_of(events)]


def read(result: ToolResult) -> str:
    """What an llm reads of a result, but for the moments at which things were first seen."""
    return tool_text(msgspec.structs.replace(result, data=_without_moments(result.data)), local=False)


def tells_a_moment(text: str, events: Sequence[Event]) -> bool:
    """Whether an answer speaks of a moment that `read` passes over in the results it may rest on."""
    results = [event.result.data for event in events if isinstance(event, e.ToolReturned)]
    return any(_mentions(text, moment) for moment in _moments(results))


def _mentions(text: str, moment: str) -> bool:
    """`moment` in ISO format. A year or a day alone is a number like any other."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d)", moment)
    if match is None:
        return moment in text
    _, month, day, clock = match.groups()
    number, name = int(day), calendar.month_abbr[int(month)]
    in_words = rf"\b{number}(st|nd|rd|th|\.)?( of)? {name}|\b{name}[a-z]*\.? {number}\b"
    return moment[:10] in text or clock in text or re.search(in_words, text) is not None


def _moments(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == SEEN_AT and isinstance(item, str):
                yield item
            else:
                yield from _moments(item)
    elif isinstance(value, list):
        for item in value:
            yield from _moments(item)


def _without_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_moments(item) for name, item in value.items() if name != SEEN_AT}
    if isinstance(value, list):
        return [_without_moments(item) for item in value]
    return value
