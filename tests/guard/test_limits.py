"""Messages per minute."""

from __future__ import annotations

import pytest

from jupyter_mlchat.guard.limits import RateLimit
from jupyter_mlchat.protocol.faults import Fault


def test_the_refusal_says_when_to_try_again_and_then_it_works() -> None:
    now = [0.0]
    limit = RateLimit(2, clock=lambda: now[0])
    limit.check("a")
    now[0] = 10.0
    limit.check("a")
    limit.check("b")
    with pytest.raises(Fault) as caught:
        limit.check("a")
    assert caught.value.record.hint == "Try again in 50 s."
    assert caught.value.record.retryable
    now[0] = 60.0
    limit.check("a")


def test_zero_is_no_limit() -> None:
    limit = RateLimit(0)
    for _ in range(1000):
        limit.check("a")
