"""What a person told of a model outlives its kernel: in a real server, and in a kernel that hosts the chat itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from kernels import IMPORTED

pytestmark = pytest.mark.timeout(240)

RULE = """
import numpy as np
class Rule:
    def predict(self, X):
        return np.asarray(X["petal_length"]) + np.asarray(X["sepal_width"])
rule = Rule()
"""
REGISTER = (
    "from jupyter_mlchat import register_model\nregister_model('rule', rule, X=X[['petal_length', 'sepal_width']])"
)
QUESTION = "predict with rule: petal_length = 4.5, sepal_width = 2"
DIRECT = """
from jupyter_mlchat import Chat
from jupyter_mlchat.runtime.reply import Reply
reply, chat = Reply(status="active"), Chat()
args = {"model_id": "rule", "features": {"petal_length": 4.5, "sepal_width": 2}}
for event in chat.follow({"type": "tool.call", "tool": "make_prediction", "args": args}, reply):
    if event["type"] == "tool.returned":
        print(event["result"]["data"].get("prediction"), [one["text"] for one in event["result"]["evidence"]])
print(reply.status)
"""


@pytest.fixture(params=IMPORTED)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["served", "in-process"])
def extension(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def restart(notebook: Any, jp_serverapp: Any) -> None:
    await jp_serverapp.kernel_manager.restart_kernel(notebook.kernel_id)
    await notebook.client.wait_for_ready(timeout=60)


async def test_a_restarted_kernel_knows_it_again_and_says_so(
    notebook: Any, jp_serverapp: Any, extension: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from frontends.conftest import SETUP

    load = (
        "" if extension else "import os\nos.environ['JPY_SESSION_NAME'] = '/x/work.ipynb'\n%load_ext jupyter_mlchat\n"
    )
    await notebook.run(load + RULE)
    assert "waiting" in (await notebook.run(DIRECT))["streams"]
    assert (await notebook.run(REGISTER))["status"] == "ok"
    assert (await notebook.run(DIRECT))["streams"].startswith("6.5 ")
    await asyncio.sleep(0.5)
    await restart(notebook, jp_serverapp)
    await notebook.run(SETUP)
    await notebook.run(load + RULE)
    told = (await notebook.run(DIRECT))["streams"]
    assert told.startswith("6.5 ") and "registered in an earlier kernel" in told, told
    await notebook.run(
        "class Rule:\n    def predict(self, X):\n        return X\nclass Other(Rule): pass\nrule = Other()"
    )
    assert "waiting" in (await notebook.run(DIRECT))["streams"]
