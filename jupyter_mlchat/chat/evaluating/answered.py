"""What an evaluator is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...protocol import events as e
from ...protocol.events import AnyEvent, Event
from ...protocol.records import Mark


@dataclass(frozen=True)
class CallMade:
    """A tool call of the turn, as it ended. `data` is what the person sees of its result."""

    tool: str
    args: dict[str, Any]
    ok: bool
    data: dict[str, Any]
    denied: bool = False
    """A person did not allow it."""


@dataclass(frozen=True)
class Answered:
    """A question and its answer. `llm` worded it, asked with the prompt of that name, "" for none.

    `marks` are its numbers and names that were looked for in tool results: a mark without a call was found in none.
    """

    question: str
    text: str
    llm: str
    prompt: str = ""
    marks: Sequence[Mark] = ()
    calls: Sequence[CallMade] = ()


@dataclass(frozen=True)
class Verdict:
    """`score` from 0 to 1, None where there is nothing to measure. `details` name what was found."""

    score: float | None
    reason: str = ""
    details: Sequence[str] = field(default_factory=tuple)


Evaluator = Callable[[Answered], Verdict]
"""What is behind an entry point of `jupyter_mlchat.evaluators`; it may also return a number or a mapping."""


def answered(
    events: Sequence[Event | AnyEvent], llm: str, prompt: str, text: str | None = None, marks: Sequence[Mark] = ()
) -> Answered:
    """Of the events of one turn. `text` and its `marks` are given where they are not in the journal yet."""
    question, calls = "", {}
    args: dict[str, dict[str, Any]] = {}
    said: str = text or ""
    for event in events:
        if isinstance(event, e.Message) and event.role == "user":
            question = event.text
        elif isinstance(event, e.ToolCalled):
            args[event.call] = event.args
        elif isinstance(event, e.ToolReturned):
            result = event.result
            data = result.local if result.local is not None else result.data
            denied = (result.fault or {}).get("code") == "denied"
            calls[event.call] = CallMade(event.tool, args.get(event.call, {}), result.ok, data, denied)
        elif text is None and isinstance(event, e.TextSnapshot) and event.final and event.kind == "answer":
            said, marks = event.text, event.marks
    return Answered(question, said, llm, prompt, marks, list(calls.values()))
