"""What the engine decided to do with a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Plan:
    """One call, and `says`: how the question was read, in words (Markdown)."""

    tool: str
    args: dict[str, Any]
    says: str


@dataclass(frozen=True)
class Do:
    """Call these, one after the other."""

    plans: Sequence[Plan]


@dataclass(frozen=True)
class Choose:
    """Ask `title`; each plan is one answer."""

    title: str
    plans: Sequence[Plan] = field(default_factory=tuple)


@dataclass(frozen=True)
class Say:
    """Words alone: a refusal, or a question that has no ready answers."""

    text: str


Outcome = Do | Choose | Say
