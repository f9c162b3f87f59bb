"""What may not run beside a cell of the person: it waits, visibly, and happens when the cell has ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kernels import busy


async def post(jp_fetch: Callable[..., Any], *path: str, **body: Any) -> Any:
    answer = await jp_fetch("mlchat", "api", *path, method="POST", body=json.dumps(body), raise_error=False)
    return json.loads(answer.body)


async def turn_of(jp_fetch: Callable[..., Any], turn: str) -> Any:
    return json.loads((await jp_fetch("mlchat", "api", "turns", turn)).body)


async def until(jp_fetch: Callable[..., Any], turn: str, state: str) -> Any:
    for _ in range(600):
        found = await turn_of(jp_fetch, turn)
        if found["state"] == state:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"the turn is {found['state']}, not {state}")


async def test_an_approved_write_waits_for_the_running_cell(
    notebook: Any, jp_fetch: Callable[..., Any], tmp_path: Path
) -> None:
    asked = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "delete_model", args={"model_id": "rf"})
    assert "approval" in asked, asked
    approval = asked["approval"]["approval"]
    async with busy(notebook.client, tmp_path, "print('rf' in globals())") as running:
        await post(jp_fetch, "turns", asked["turn"], "approval", approval=approval, allow=True)
        await until(jp_fetch, asked["turn"], "waiting")
        assert not running.done()
    assert running.result()["streams"] == "True\n"
    await until(jp_fetch, asked["turn"], "completed")
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "False\n"


async def test_a_write_that_waits_can_be_stopped(notebook: Any, jp_fetch: Callable[..., Any], tmp_path: Path) -> None:
    asked = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "delete_model", args={"model_id": "rf"})
    assert "approval" in asked, asked
    approval = asked["approval"]["approval"]
    async with busy(notebook.client, tmp_path):
        await post(jp_fetch, "turns", asked["turn"], "approval", approval=approval, allow=True)
        await until(jp_fetch, asked["turn"], "waiting")
        await post(jp_fetch, "turns", asked["turn"], "cancel")
        await until(jp_fetch, asked["turn"], "cancelled")
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "True\n"


OWN_CODE = """
from sklearn.preprocessing import FunctionTransformer
def squared(X):
    return X ** 2
curve = Pipeline([("square", FunctionTransformer(squared)), ("ridge", Ridge())]).fit(X[["petal_length"]], y)
"""
ROW = {"petal_length": 4.5}


async def test_a_model_with_the_persons_own_code_waits_for_their_cell(
    notebook: Any, jp_fetch: Callable[..., Any], tmp_path: Path
) -> None:
    assert (await notebook.run(OWN_CODE))["status"] == "ok"
    args = {"model_id": "curve", "features": ROW}
    async with busy(notebook.client, tmp_path) as running:
        asked = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "make_prediction", args=args)
        assert asked["waits_for"] == "cell"
        assert not running.done()
    await until(jp_fetch, asked["turn"], "completed")
    answer = await jp_fetch("mlchat", "api", "conversations", asked["conversation"], "events")
    returned = [e for e in json.loads(answer.body)["events"] if e["type"] == "tool.returned"]
    direct = await notebook.run("print(float(curve.predict(pd.DataFrame([{'petal_length': 4.5}]))[0]))")
    assert returned[-1]["result"]["data"]["prediction"] == float(direct["streams"])


ASYNC = """
from jupyter_mlchat import Chat
reply = await Chat().aask("predict with curve: petal_length = 4.5")
print(reply.status, [call.ok for call in reply.tool_calls], reply.fault)
"""


async def test_an_awaited_question_lends_its_main_thread(notebook: Any) -> None:
    await notebook.run(OWN_CODE)
    done = await notebook.run(ASYNC)
    assert done["streams"] == "completed [True] None\n", done
