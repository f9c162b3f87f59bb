"""What an llm is sent of a conversation: events of the journal become OpenAI messages. Pure functions.

A turn is sent whole or not at all, and every tool call has its tool message: providers refuse anything else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..llm.base import Message
from ..protocol import events as journal
from ..protocol.events import Event
from ..protocol.records import Picture, ToolResult
from ..runtime.wire import KEPT_ISSUES, MAX_DATA_BYTES

MAX_HISTORY_BYTES = 96_000
"""About 25,000 tokens: what is left of a context of 32,000 beside tools and answer."""
MAX_LOCAL_BYTES = 64_000
OLD_RESULT_BYTES = 600
WHOLE_TURNS = 2
"""The last one, and the one before it that a follow-up speaks of. What is older is read again from the kernel."""
NOT_RUN = "(not run)"
BUILTIN = "builtin"
ANSWERED_HERE = "(The built-in engine worded these results for the person.)"


def messages_from(
    events: Sequence[Event], *, window: int, local: bool = False, max_bytes: int = MAX_HISTORY_BYTES
) -> list[Message]:
    """The last `window` turns of one conversation, in the order they began.

    `local` is for the built-in engine: it may read what must not leave, and reads it whole. To others tool results
    of all but the last `WHOLE_TURNS` turns are told in short, from then on in the same words, so that a provider
    finds the beginning it has kept. Over `max_bytes` more of them are shortened, then the oldest turns left out; the
    last turn always stays whole. What is private is for people alone: such turns are left out for every llm.
    """
    turns: dict[str, list[Event]] = {}
    for event in events:
        if event.turn is not None:
            turns.setdefault(event.turn, []).append(event)
    private = {event.turn for event in events if isinstance(event, journal.Message) and event.private}
    told = [of_one for turn, of_one in turns.items() if turn not in private]
    kept = [turn_messages(of_one, local=local) for of_one in told][-max(1, window) :]
    if not local:
        kept[:-WHOLE_TURNS] = [[_shortened(message) for message in turn] for turn in kept[:-WHOLE_TURNS]]
    excess = sum(map(_size, kept)) - max_bytes
    for number, turn in enumerate(kept[:-1]):
        if excess <= 0:
            break
        kept[number] = [_shortened(message) for message in turn]
        excess -= _size(turn) - _size(kept[number])
    while excess > 0 and len(kept) > 1:
        excess -= _size(kept.pop(0))
    return [message for turn in kept for message in turn]


def summary_messages(summary: str) -> list[Message]:
    """What fell out of the window, in short: the llm's own words, and as such in front of what is sent whole."""
    asked = "(In short, what did we say before?)"
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": summary}]


def turn_messages(events: Sequence[Event], *, local: bool = False) -> list[Message]:
    """The messages of one turn. Text of an attempt that was followed by another one is left out."""
    turn = _Turn()
    for event in events:
        turn.add(event, local)
    asked = turn.asked or [{"role": "user", "content": "(I called a tool myself.)"}]
    messages = [*asked, *turn.calls()]
    if turn.answer:
        messages.append({"role": "assistant", "content": turn.answer})
    elif turn.ended:
        messages.append({"role": "assistant", "content": f"(no answer: {turn.ended})"})
    return messages


@dataclass
class _Turn:
    """A turn while its events are read. `rounds` holds the ids of calls that were made together."""

    asked: list[Message] = field(default_factory=list)
    rounds: list[list[str]] = field(default_factory=list)
    called: dict[str, journal.ToolCalled] = field(default_factory=dict)
    returned: dict[str, str] = field(default_factory=dict)
    answer: str = ""
    ended: str = ""
    speaker: str = ""
    started: bool = False

    def add(self, event: Event, local: bool) -> None:
        if isinstance(event, journal.Message):
            said = event.text
            if event.images and not local:
                said += f"\n\n(Along with it came: {', '.join(figures(event.images))}.)"
            if event.role == "expert" and event.to == "everyone":
                self.asked.append({"role": "assistant", "content": f"(a human expert:) {said}"})
            else:
                # The built-in engine reads a question as it stands.
                said = f"(a human expert asks:) {said}" if event.role == "expert" and not local else said
                self.asked.append({"role": "user", "content": said})
        elif isinstance(event, journal.TurnStarted):
            if self.ended:
                self._begin_anew()
            self.answer = self.ended = ""
            self.started = True
            self.speaker = event.llm
        elif isinstance(event, journal.Notice) and event.llm:
            self.speaker = event.llm
        elif isinstance(event, journal.ToolCalled):
            self._call(event)
        elif isinstance(event, journal.ToolReturned):
            self.returned[event.call] = tool_text(event.result, local=local)
        elif isinstance(event, journal.TextSnapshot) and event.final and event.kind == "answer":
            # The built-in engine words what a provider may not see; the results say the rest.
            self.answer = event.text if local or self.speaker != BUILTIN else ANSWERED_HERE
        elif isinstance(event, journal.TurnEnded):
            # What was completed without an attempt, a person has answered: here or in a later turn.
            self.ended = event.state if self.started or event.state != "completed" else ""
        elif isinstance(event, journal.ReviewClosed) and event.outcome == "corrected":
            self.answer = event.text if local or self.speaker != BUILTIN else ANSWERED_HERE
        elif isinstance(event, journal.ReviewClosed) and event.outcome == "rejected":
            self.answer, self.ended = "", "a reviewer rejected it"

    def _call(self, event: journal.ToolCalled) -> None:
        """After a form or an approval a call is told again, with what it runs with: the last one counts."""
        if event.call not in self.called:
            if not self.rounds or any(call in self.returned for call in self.rounds[-1]):
                self.rounds.append([])
            self.rounds[-1].append(event.call)
        self.called[event.call] = event

    def _begin_anew(self) -> None:
        """Of a turn that had ended: what it still waited for then is not asked for any more."""
        rounds = ([call for call in round_ if call in self.returned] for round_ in self.rounds)
        self.rounds = [round_ for round_ in rounds if round_]
        self.called = {call: event for call, event in self.called.items() if call in self.returned}

    def calls(self) -> list[Message]:
        messages: list[Message] = []
        for round_ in self.rounds:
            called = [(call, self.called[call].tool, self.called[call].args) for call in round_]
            messages.append(calling_message("", called))
            messages += [tool_message(call, self.returned.get(call, NOT_RUN)) for call in round_]
        return messages


def figures(pictures: Sequence[Picture]) -> list[str]:
    """What pictures are called: they are shown with their own question alone, later turns have these words."""
    return [" ".join(picture.origin.split()) or "a picture" for picture in pictures]


def calling_message(text: str, calls: Sequence[tuple[str, str, dict[str, Any] | None]]) -> Message:
    """What the llm said when it called tools: (id, name, arguments) each; None, broken JSON, becomes `{}`."""
    return {
        "role": "assistant",
        "content": text or None,
        "tool_calls": [
            {"id": call, "type": "function", "function": {"name": name, "arguments": _json(arguments or {})}}
            for call, name, arguments in calls
        ],
    }


def tool_message(call: str, text: str) -> Message:
    return {"role": "tool", "tool_call_id": call, "content": text}


def tool_text(result: ToolResult, *, local: bool) -> str:
    """A tool result as an llm reads it: JSON `{ok, data, truncated?, issues?, warnings?, fault?}`.

    At most 8,000 bytes go to a provider; what had to be cut to fit is marked `"shortened": true`. `local`
    is for the built-in engine only: what must not leave is in it, and the code. Forms and displays are never in it.
    """
    data = result.local if local and result.local is not None else result.data
    told: dict[str, Any] = {"ok": result.ok, "data": data if local else _rounded(data)}
    if result.truncated is not None:
        told["truncated"] = {"shown": result.truncated.shown, "total": result.truncated.total}
    if issues := [issue for issue in result.issues if local or issue.code not in KEPT_ISSUES]:
        told["issues"] = [
            {name: value for name in issue.__struct_fields__ if (value := getattr(issue, name)) not in ("", None)}
            for issue in issues
        ]
    if result.warnings:
        told["warnings"] = list(result.warnings)
    if local and result.code:
        told["code"] = result.code
    if result.fault is not None:
        told["fault"] = {name: value for name, value in result.fault.items() if value}
    return _fitted(told, MAX_LOCAL_BYTES if local else MAX_DATA_BYTES)


def told_in_lines(messages: Sequence[Message]) -> str:
    """A conversation as plain text, for somebody who is to sum it up."""
    lines = []
    for message in messages:
        if message["role"] == "tool":
            lines.append(f"A tool returned: {message['content']}")
        elif message.get("tool_calls"):
            calls = [call["function"] for call in message["tool_calls"]]
            lines += [f"The assistant called {call['name']} with {call['arguments']}" for call in calls]
        else:
            speaker = "The person" if message["role"] == "user" else "The assistant"
            lines.append(f"{speaker}: {message['content']}")
    return "\n".join(lines)


def _fitted(told: dict[str, Any], limit: int) -> str:
    """`told` as JSON of at most `limit` bytes: longer and longer lists, objects and texts lose their ends."""
    text = _json(told)
    for keep in (64, 32, 16, 8, 4, 2, 1, 0):
        if len(text.encode()) <= limit:
            break
        text = _json({**{name: _cut(value, keep) for name, value in told.items()}, "shortened": True})
    return text


def _cut(value: Any, keep: int) -> Any:
    if isinstance(value, str):
        return value[: 16 * keep]
    if isinstance(value, list):
        return [_cut(item, keep) for item in value[:keep]]
    if isinstance(value, dict):
        return {name: _cut(item, keep) for name, item in list(value.items())[:keep]}
    return value


def _rounded(value: Any) -> Any:
    """Floats to ten significant digits: more cost tokens and tell nobody anything."""
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return value


def _shortened(message: Message) -> Message:
    content = message["content"]
    if message["role"] != "tool" or len(content.encode()) <= OLD_RESULT_BYTES:
        return message
    return {**message, "content": _fitted(json.loads(content), OLD_RESULT_BYTES)}


def _size(messages: Sequence[Message]) -> int:
    return sum(len(_json(message).encode()) for message in messages)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
