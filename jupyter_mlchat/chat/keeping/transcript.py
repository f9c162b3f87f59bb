"""The turns of a conversation as they are told in a file: who said what, what was run, how it ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...agent.memory import figures
from ...protocol import events as e
from ...protocol.events import AnyEvent
from ...protocol.records import ToolResult, TurnId
from ..repeatable import answer_of, calls_of


@dataclass(frozen=True)
class Spoken:
    """One turn. `calls` have the result of each, None where there is none."""

    said: list[e.Message] = field(default_factory=list)
    calls: list[tuple[e.ToolCalled, ToolResult | None]] = field(default_factory=list)
    answer: str = ""
    ended: e.TurnEnded | None = None

    @property
    def code(self) -> list[str]:
        """The cells that make what its tools have found, each once."""
        made = [result.code.strip() for _, result in self.calls if result is not None and result.ok]
        return list(dict.fromkeys(code for code in made if code))


def transcript(events: Sequence[AnyEvent]) -> list[Spoken]:
    """In the order in which they were asked."""
    turns: dict[TurnId, list[AnyEvent]] = {}
    for event in events:
        if event.turn is not None:
            turns.setdefault(event.turn, []).append(event)
    return [_spoken(of_one) for of_one in turns.values()]


def _spoken(events: Sequence[AnyEvent]) -> Spoken:
    ended = [event for event in events if isinstance(event, e.TurnEnded)]
    said = [event for event in events if isinstance(event, e.Message)]
    return Spoken(said, list(calls_of(events)), answer_of(events), ended[-1] if ended else None)


def said_in(message: e.Message) -> str:
    """Its words, and what came along with them by name: a picture is in the file of format `json`."""
    names = ", ".join(figures(message.images))
    return harmless(f"{message.text}\n\n({names})" if names else message.text)


def harmless(markdown: str) -> str:
    """Markdown that draws no HTML and loads no image, wherever it is shown. Code stays as it is."""
    pieces = re.split(r"(^ {0,3}(?:```|~~~)[\s\S]*?(?:^ {0,3}(?:```|~~~)\s*$|\Z)|`[^`\n]+`)", markdown, flags=re.M)
    return "".join(piece if number % 2 else _escaped(piece) for number, piece in enumerate(pieces))


def _escaped(text: str) -> str:
    return re.sub(r"!(?=\[)", r"\\!", re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text))


def fenced(code: str, language: str = "") -> str:
    """A block of code that nothing in it can end."""
    ticks = max((len(run) for run in re.findall(r"`{3,}", code)), default=2) + 1
    return f"{'`' * max(3, ticks)}{language}\n{code}\n{'`' * max(3, ticks)}"
