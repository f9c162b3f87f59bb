from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator

import pytest

from jupyter_mlchat.agent.apart import merged
from jupyter_mlchat.llm.base import CancelToken

PLACE = contextvars.ContextVar("PLACE", default="nowhere")


def test_items_of_one_source_keep_their_order() -> None:
    assert list(merged([lambda: range(1000)], CancelToken())) == list(range(1000))


def test_nothing_to_do_ends_at_once() -> None:
    assert list(merged([], CancelToken())) == []


def test_an_error_comes_after_what_the_others_had_to_say() -> None:
    def fails() -> Iterator[int]:
        yield 1
        raise LookupError("mine")

    got: list[int] = []
    with pytest.raises(LookupError, match="mine"):
        got.extend(merged([fails, lambda: [2, 3]], CancelToken()))
    assert sorted(got) == [1, 2, 3]


def test_sources_see_the_context_of_the_caller() -> None:
    PLACE.set("here")
    assert list(merged([lambda: [PLACE.get()]], CancelToken())) == ["here"]


def test_a_source_nobody_listens_to_any_more_is_closed() -> None:
    closed, go_on = threading.Event(), threading.Event()

    def endless() -> Iterator[int]:
        try:
            yield 0
            go_on.wait(20)
            while True:
                yield 1
        finally:
            closed.set()

    items = merged([endless], CancelToken())
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    go_on.set()
    assert closed.wait(20)
