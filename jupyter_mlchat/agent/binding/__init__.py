"""Every number of an answer, and every name in backticks, bound to where it comes from, while it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...protocol.events import AnyEvent, Event, Message, ToolCalled, ToolReturned
from ...protocol.records import Mark, ToolResult
from .matching import QUESTION, source_of
from .sources import Sources
from .tokens import Reader


class Binder:
    """One per attempt. It hears the conversation's events, and reads the answer as it grows.

    A number of the person's own words, or of what the kernel is known to hold, gets no mark.
    """

    def __init__(self) -> None:
        self.sources = Sources()
        self._heard: list[Event | AnyEvent] = []
        self._reader = Reader()
        self.marks: list[Mark] = []
        self.of_results = False
        """The built-in engine is wording: its templates say nothing but results, nothing of it is marked unbound."""

    def hear(self, events: Iterable[Event | AnyEvent]) -> None:
        """What was asked, called and found, in this turn and in earlier ones. It is looked into at the first number."""
        self._heard += [event for event in events if isinstance(event, (Message, ToolCalled, ToolReturned))]

    def know(self, catalogue: Mapping[str, Any]) -> None:
        """What the kernel holds, as `LlmRequest` has it."""
        self.sources.add_catalogue(catalogue)

    def _look(self) -> Sources:
        heard, self._heard = self._heard, []
        for event in heard:
            if isinstance(event, Message):
                self.sources.add_said(event.text)
            elif isinstance(event, ToolCalled):
                self.sources.add_call(event.call, event.tool, event.args)
            elif isinstance(event, ToolReturned):
                # What only the person sees is their kernel's too.
                data = event.result.local if event.result.local is not None else event.result.data
                self.sources.add_result(event.call, data, told(event.result))
        return self.sources

    def read(self, text: str, final: bool = False) -> list[Mark]:
        """The marks that can be set now in the answer so far, and were not set before. Positions count characters."""
        fresh = self._marks(self._reader, text, final)
        # A new list: events hold the one before.
        self.marks = [*self.marks, *fresh]
        return fresh

    def marks_of(self, text: str) -> list[Mark]:
        """Those of a whole text, that is not the answer that is being read."""
        return self._marks(Reader(), text, True)

    def _marks(self, reader: Reader, text: str, final: bool) -> list[Mark]:
        found = ((token, source_of(token, self._look())) for token in reader.read(text, final))
        wanted = ((token, call) for token, call in found if call != QUESTION and (call or not self.of_results))
        return [Mark(token.start, token.end, call or "") for token, call in wanted]

    def begin(self) -> None:
        """Another text follows."""
        self._reader, self.marks = Reader(), []


def told(result: ToolResult) -> list[str]:
    """The sentences of a result."""
    sentences = [text for issue in result.issues for text in (issue.message, issue.suggestion, issue.model_behaviour)]
    sentences += result.warnings
    sentences += [f"{one.text} cell {one.cell}" if one.cell is not None else one.text for one in result.evidence]
    if result.truncated is not None:
        sentences.append(f"{result.truncated.shown} of {result.truncated.total} are shown")
    if result.fault is not None:
        sentences += [str(result.fault.get("message", "")), str(result.fault.get("hint", ""))]
    sentences.append(f"took {result.elapsed_ms} ms")
    return [sentence for sentence in sentences if sentence]


def unverified(text: str, marks: Iterable[Mark]) -> list[str]:
    """What of `text` has no source, as it is written, each once."""
    return list(dict.fromkeys(text[mark.start : mark.end] for mark in marks if not mark.call))
