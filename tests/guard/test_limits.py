"""How much, and how fast; and that a refusal says when to come back."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from jupyter_mlchat.guard.limits import Limits, Load, Rate, check_connection
from jupyter_mlchat.protocol.commands import TurnStart
from jupyter_mlchat.protocol.faults import Code, Fault, FaultRecord
from jupyter_mlchat.protocol.records import CommandId
from jupyter_mlchat.settings import MLChat


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The wall clock, to be set."""
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def refused(call: Callable[[], object]) -> FaultRecord:
    with pytest.raises(Fault) as caught:
        call()
    return caught.value.record


def settings(**values: object) -> MLChat:
    return MLChat(environment={}, env_file="/nowhere", **values)


def test_one_message_too_many_says_when_there_is_room_and_then_there_is(clock: list[float]) -> None:
    limits = Limits(settings(rate_limit=2))
    limits.message("a")
    clock[0] += 10
    limits.message("a")
    limits.message("b")
    record = refused(lambda: limits.message("a"))
    assert (record.code, record.hint, record.retry_after) == (Code.RATE_LIMITED, "Try again in 50 s.", 50.0)
    assert record.retryable
    clock[0] += 51
    limits.message("a")
    assert refused(lambda: limits.message("a")).retry_after == 9


def test_a_clock_that_goes_backwards_shuts_nobody_out(clock: list[float]) -> None:
    rate = Rate(1)
    assert rate.wait("a") == 0
    assert 0 < rate.wait("a") <= 60
    clock[0] -= 3600
    assert rate.wait("a") == 0
    assert 0 < rate.wait("a") <= 60


def test_zero_is_no_limit() -> None:
    limits = Limits(settings(rate_limit=0, max_queued_turns=0, max_turns_per_person=0))
    for _ in range(200):
        limits.message("a")
    limits.turn(Load(queued=10_000, running=8, own=10_000, pace_s=1))


def test_turns_of_one_person_and_of_the_server() -> None:
    limits = Limits(settings(max_queued_turns=4, max_turns_per_person=3))
    limits.turn(Load(queued=3, running=8, own=2, pace_s=20))
    own = refused(lambda: limits.turn(Load(queued=0, running=3, own=3, pace_s=20)))
    assert (own.code, own.retry_after) == (Code.RATE_LIMITED, 20)
    full = refused(lambda: limits.turn(Load(queued=4, running=8, own=0, pace_s=20)))
    assert (full.code, full.retry_after, full.retryable) == (Code.SERVER_BUSY, 3, True)


def test_the_size_is_that_of_the_whole_command() -> None:
    limits = Limits(settings(max_message_bytes=100))
    limits.size(TurnStart(id=CommandId("1"), text="x" * 50))
    record = refused(lambda: limits.size(TurnStart(id=CommandId("1"), text="é" * 50)))
    assert record.code == Code.TOO_LARGE and "at most 100" in record.message
    assert record.retry_after == 0


def test_connections_of_one_person_and_of_the_server() -> None:
    limited = settings(websocket_max_connections=10, websocket_max_connections_per_person=2)
    check_connection(limited, 9, 1)
    assert refused(lambda: check_connection(limited, 10, 0)).code == Code.SERVER_BUSY
    mine = refused(lambda: check_connection(limited, 5, 2))
    assert (mine.code, mine.hint) == (Code.RATE_LIMITED, "Try again in 30 s.")
    check_connection(settings(websocket_max_connections_per_person=0), 99, 99)
