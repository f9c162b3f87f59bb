"""A write while a long cell of the person runs: it waits, visibly, and happens when the cell has ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any


async def post(jp_fetch: Callable[..., Any], *path: str, **body: Any) -> Any:
    answer = await jp_fetch("mlchat", "api", *path, method="POST", body=json.dumps(body), raise_error=False)
    return json.loads(answer.body)


async def turn_of(jp_fetch: Callable[..., Any], turn: str) -> Any:
    return json.loads((await jp_fetch("mlchat", "api", "turns", turn)).body)


async def until(jp_fetch: Callable[..., Any], turn: str, state: str) -> Any:
    for _ in range(200):
        found = await turn_of(jp_fetch, turn)
        if found["state"] == state:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"the turn is {found['state']}, not {state}")


async def test_an_approved_write_waits_for_the_running_cell(notebook: Any, jp_fetch: Callable[..., Any]) -> None:
    asked = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "delete_model", args={"model_id": "rf"})
    running = asyncio.ensure_future(notebook.run("import time\ntime.sleep(3)\nprint('rf' in globals())"))
    await asyncio.sleep(0.5)
    assert "approval" in asked, asked
    approval = asked["approval"]["approval"]
    await post(jp_fetch, "turns", asked["turn"], "approval", approval=approval, allow=True)
    await until(jp_fetch, asked["turn"], "waiting")
    assert not running.done()
    assert (await running)["streams"] == "True\n"
    await until(jp_fetch, asked["turn"], "completed")
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "False\n"


async def test_a_write_that_waits_can_be_stopped(notebook: Any, jp_fetch: Callable[..., Any]) -> None:
    asked = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "delete_model", args={"model_id": "rf"})
    running = asyncio.ensure_future(notebook.run("import time\ntime.sleep(2)"))
    await asyncio.sleep(0.5)
    assert "approval" in asked, asked
    approval = asked["approval"]["approval"]
    await post(jp_fetch, "turns", asked["turn"], "approval", approval=approval, allow=True)
    await until(jp_fetch, asked["turn"], "waiting")
    await post(jp_fetch, "turns", asked["turn"], "cancel")
    await until(jp_fetch, asked["turn"], "cancelled")
    await running
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "True\n"
