from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from jupyter_mlchat.llm.background import Background


def threads() -> int:
    gc.collect()
    return sum(thread.name == "mlchat-llm" for thread in threading.enumerate())


def test_it_starts_at_the_first_use_and_ends_with_close() -> None:
    before, background, ran = threads(), Background(), threading.Event()
    assert threads() == before

    async def work() -> None:
        ran.set()

    background.run(work()).result(20)
    assert ran.is_set()
    assert threads() == before + 1
    background.close()
    background.close()
    assert threads() == before


def test_closing_cancels_what_runs() -> None:
    background, begun, ended = Background(), threading.Event(), threading.Event()

    async def forever() -> None:
        begun.set()
        try:
            await asyncio.sleep(1000)
        finally:
            ended.set()

    background.run(forever())
    assert begun.wait(20)
    background.close()
    assert ended.is_set()


def test_it_ends_when_nobody_holds_it() -> None:
    before, background = threads(), Background()

    async def work() -> None:
        pass

    background.run(work()).result(20)
    assert threads() == before + 1
    del background
    assert threads() == before


def test_cancelling_the_future_cancels_the_task() -> None:
    background, begun, ended = Background(), threading.Event(), threading.Event()

    async def forever() -> None:
        begun.set()
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            ended.set()
            raise

    future = background.run(forever())
    assert begun.wait(20)
    assert future.cancel()
    assert ended.wait(20)
    background.close()


def test_an_error_reaches_the_future() -> None:
    background = Background()

    async def fails() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        background.run(fails()).result(20)
    background.close()
