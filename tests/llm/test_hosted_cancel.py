"""Stopping closes the connection at once, in every phase: it takes 50 ms; what is stopped would last a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from provider import Answer, Provider, fails, says, slow, stalls

from jupyter_mlchat.llm.base import Cancelled, CancelToken, LlmRequest, Part
from jupyter_mlchat.llm.hosted import HostedLlm

# litellm's own affair: it reads a pydantic attribute that goes away some day.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

BOUND_S = 10
ASKED = LlmRequest([{"role": "user", "content": "hi"}])


def endless() -> Answer:
    answer = says(*["word "] * 3_000)
    return Answer(answer.pieces, between_s=0.02)


@pytest.mark.parametrize(
    ("answer", "words"),
    [(endless(), 3), (stalls("one"), 1), (slow(says("late"), 60), 0)],
    ids=["in the middle", "stalled", "before headers"],
)
def test_stop(provider: Provider, make: Callable[..., HostedLlm], heard: Any, answer: Answer, words: int) -> None:
    provider.enqueue(says("warm"), answer)
    heard(make())
    cancel, parts, began = CancelToken(), list[Part](), [0.0]

    def stop() -> None:
        while len(parts) < words or len(provider.requests) < 2:
            time.sleep(0.005)
        time.sleep(0.05)
        began[0] = time.monotonic()
        cancel.cancel()

    threading.Thread(target=stop).start()
    with pytest.raises(Cancelled):
        for part in make().stream(ASKED, cancel):
            parts.append(part)
    assert time.monotonic() - began[0] < BOUND_S
    assert len(parts) >= words
    assert provider.hung_up.wait(BOUND_S)


def test_stop_while_waiting_to_try_again(provider: Provider, make: Callable[..., HostedLlm]) -> None:
    provider.enqueue(fails(429, "later", headers={"retry-after": "15"}))
    cancel = CancelToken()
    parts = make().stream(ASKED, cancel)
    next(parts)
    threading.Timer(0.05, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        next(parts)
    assert time.monotonic() - began < BOUND_S
    assert len(provider.requests) == 1


def test_a_used_token_sends_nothing(provider: Provider, make: Callable[..., HostedLlm]) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(make().stream(ASKED, cancel))
    assert provider.requests == []


def test_who_stops_listening_closes_the_connection(provider: Provider, make: Callable[..., HostedLlm]) -> None:
    provider.enqueue(endless())
    parts = make().stream(ASKED, CancelToken())
    next(parts)
    parts.close()
    assert provider.hung_up.wait(20)


def test_one_answer_that_is_stopped_leaves_the_others(
    provider: Provider, make: Callable[..., HostedLlm], heard: Any
) -> None:
    provider.enqueue(stalls("x"))
    cancel = CancelToken()
    stopped = make().stream(ASKED, cancel)
    next(stopped)
    provider.enqueue(Answer(says(*["word "] * 20).pieces, between_s=0.01))
    threading.Timer(0.05, cancel.cancel).start()
    parts, fault = heard(make())
    assert fault is None
    assert len(parts) == 21
