"""What every history of a conversation must look like, whatever happened to it."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_mlchat.protocol.events import (
    ApprovalAsked,
    ApprovalClosed,
    Event,
    FormAsked,
    FormClosed,
    Message,
    TurnEnded,
    TurnQueued,
    TurnStarted,
    TurnWaiting,
)

OVER = ("completed", "failed", "cancelled", "abandoned")


def check_history(events: Sequence[Event]) -> dict[str, str]:
    """Every number once, and every turn told as a whole. Returns the state in which each turn is left."""
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    states: dict[str, str] = {}
    attempts: dict[str, str] = {}
    for event in events:
        if event.turn is None:
            continue
        turn, state = event.turn, states.get(event.turn)
        where = f"{type(event).__name__} at {event.seq} of a turn that is {state}"
        if isinstance(event, Message):
            assert state is None, where
            states[turn] = "asked"
        elif isinstance(event, TurnQueued):
            assert state in ("asked", "answered", *OVER, "waiting"), where
            states[turn] = "queued"
        elif isinstance(event, TurnStarted):
            assert state == "queued", where
            assert "active" not in states.values(), f"{where}, and another one runs"
            states[turn], attempts[turn] = "active", str(event.attempt)
        elif isinstance(event, (FormClosed, ApprovalClosed)):
            assert state == "waiting", where
            states[turn] = "answered"
        elif isinstance(event, TurnEnded):
            assert state not in OVER, where
            states[turn] = event.state
        elif event.attempt is not None:
            waits = isinstance(event, (FormAsked, ApprovalAsked, TurnWaiting))
            assert state == "active" or (waits and state == "waiting"), where
            assert attempts[turn] == event.attempt, f"{where}, of another attempt"
            if waits:
                states[turn] = "waiting"
    return states
