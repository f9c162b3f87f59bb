"""How much of a conversation goes along with a question: what it has chosen, else what the settings say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..protocol.faults import Code, Fault
from ..protocol.records import Memory
from ..settings import MLChat

MOST = 1_000
"""Turns. `max_history` ends it before, mostly."""


def earlier_turns(memory: Memory, settings: MLChat) -> int:
    """How many whole turns before a question are sent along; 0: it is alone."""
    if memory.turns is not None:
        return memory.turns
    return max(0, settings.context_window - 1) if settings.memory_enabled else 0


def summarises(memory: Memory, settings: MLChat) -> bool:
    """Whether what fell out of it is summed up. Without a memory nothing is."""
    wanted = settings.memory_summaries if memory.summaries is None else memory.summaries
    return wanted and earlier_turns(memory, settings) > 0


def changed_memory(now: Memory, changes: Mapping[str, Any]) -> Memory:
    """`now` with `changes`; None takes one back. Raises Fault `invalid_input` that names what can be."""
    values: dict[str, Any] = msgspec.structs.asdict(now)
    for name, value in changes.items():
        if name not in values:
            hint = f"There are: {', '.join(values)}."
            raise Fault(Code.INVALID_INPUT, f"The memory has no {name[:40]!r}.", hint, about="memory")
        values[name] = value
    turns, summaries = values["turns"], values["summaries"]
    if turns is not None and (not isinstance(turns, int) or isinstance(turns, bool) or not 0 <= turns <= MOST):
        hint = "It counts the earlier turns that are sent along; 0 is none."
        raise Fault(Code.INVALID_INPUT, f"`turns` is a whole number from 0 to {MOST:,}.", hint, about="memory")
    if summaries is not None and not isinstance(summaries, bool):
        raise Fault(Code.INVALID_INPUT, "`summaries` is true or false.", about="memory")
    return Memory(**values)
