from __future__ import annotations

import asyncio
import gc
import inspect
import threading
from collections.abc import Coroutine

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


def test_a_coroutine_that_a_thread_makes_for_a_cancelled_task_is_closed() -> None:
    """As litellm makes them: nobody would await it, and Python would complain of that in the log."""
    background, making, go, ended = Background(), threading.Event(), threading.Event(), threading.Event()
    made: list[Coroutine[object, object, None]] = []

    async def answer() -> None:
        raise AssertionError("nobody asked any more")

    def make() -> Coroutine[object, object, None]:
        making.set()
        go.wait(20)
        made.append(answer())
        return made[0]

    async def asking() -> None:
        try:
            await (await asyncio.get_running_loop().run_in_executor(None, make))
        finally:
            asyncio.get_running_loop().call_soon(ended.set)

    future = background.run(asking())
    assert making.wait(20)
    future.cancel()
    assert ended.wait(20)
    go.set()
    background.run(asyncio.sleep(0)).result(20)
    background._loop._default_executor.shutdown()  # type: ignore[union-attr]
    assert inspect.getcoroutinestate(made[0]) == inspect.CORO_CLOSED
    background.close()


def test_a_coroutine_that_is_awaited_runs() -> None:
    background, ran = Background(), threading.Event()

    async def answer() -> None:
        ran.set()

    async def asking() -> None:
        await (await asyncio.get_running_loop().run_in_executor(None, answer))

    background.run(asking()).result(20)
    assert ran.is_set()
    background.close()
