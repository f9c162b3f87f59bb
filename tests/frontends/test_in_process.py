"""A kernel that no server greets hosts the chat itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from kernels import IMPORTED

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(params=IMPORTED)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def extension() -> bool:
    return False


async def test_a_kernel_that_already_holds_models_answers_after_load_ext(notebook: Any) -> None:
    loaded = await notebook.run("%load_ext jupyter_mlchat")
    assert loaded["status"] == "ok"
    assert "panel appears after a restart" in loaded["streams"]
    answer = await notebook.chat("what does pipe need?")
    assert "sepal_length" in answer
    assert "`pipe` of In[" in answer
    assert "this kernel itself" in await notebook.chat("%chat status")


async def test_a_write_is_approved_and_happens_in_the_waiting_cell(notebook: Any) -> None:
    await notebook.run("%load_ext jupyter_mlchat")
    assert "%chat approve" in await notebook.chat("delete rf")
    await notebook.chat("%chat approve")
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "False\n"


async def test_the_python_api_answers_and_goes_on_with_a_form(notebook: Any) -> None:
    done = await notebook.run(
        "from jupyter_mlchat import Chat\nchat = Chat()\n"
        "reply = chat.ask('predict with pipe: petal_length = 4.5, species = versicolor')\n"
        "print(reply.status, reply.host, sorted(f['name'] for f in reply.form['spec']['fields'] "
        "if f.get('value') is None))\n"
        "reply = reply.fill(sepal_length=6.1, sepal_width=2.9)\n"
        "print(reply.status, reply.tool_calls[-1].name, reply.tool_calls[-1].ok, len(chat.history))\n"
        "print(''.join(chat.stream('which models do I have?'))[:200])"
    )
    lines = done["streams"].splitlines()
    assert lines[0] == "waiting in-process ['sepal_length', 'sepal_width']"
    assert lines[1].startswith("completed make_prediction True 1")
    assert "pipe" in done["streams"].split("True 1", 1)[1]


BESIDE = """
import threading, time
from sklearn.preprocessing import FunctionTransformer
from jupyter_mlchat import Chat
def squared(X):
    return X ** 2
curve = Pipeline([("square", FunctionTransformer(squared)), ("ridge", Ridge())]).fit(X[["petal_length"]], y)
chat, replies = Chat(), []
threading.Thread(
    target=lambda: replies.append(chat.ask("predict with curve: petal_length = 4.5")), daemon=True
).start()
time.sleep(2)
print(len(replies))
"""


async def test_a_question_from_a_thread_waits_for_the_cell_that_runs(notebook: Any) -> None:
    await notebook.run("%load_ext jupyter_mlchat")
    await notebook.chat("which models do I have?")
    assert (await notebook.run(BESIDE))["streams"] == "0\n"
    told = ""
    for _ in range(300):
        told = (await notebook.run("print([(r.status, r.tool_calls[-1].ok) for r in replies])"))["streams"]
        if told != "[]\n":
            break
        await asyncio.sleep(0.1)
    assert told == "[('completed', True)]\n"


async def test_an_awaited_question_lends_its_main_thread(notebook: Any) -> None:
    await notebook.run("%load_ext jupyter_mlchat")
    await notebook.run(BESIDE.partition("chat, replies")[0])
    code = "reply = await Chat().aask('predict with curve: petal_length = 4.5')\nprint(reply.status, reply.host)"
    assert (await notebook.run(code))["streams"] == "completed in-process\n"


def test_plain_python_without_ipython_can_ask() -> None:
    import subprocess
    import sys

    code = (
        "import warnings; warnings.simplefilter('error')\n"
        "from sklearn.datasets import load_iris\nfrom sklearn.tree import DecisionTreeClassifier\n"
        "from jupyter_mlchat import Chat\n"
        "X, y = load_iris(return_X_y=True, as_frame=True)\n"
        "tree = DecisionTreeClassifier(max_depth=2).fit(X, y)\n"
        "print(Chat(llm='builtin').ask('what does tree need?'))\n"
        "print(Chat(namespace={'other': tree}).ask('which models do I have?'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "petal length (cm)" in done.stdout
    assert "other" in done.stdout
    assert done.stderr == ""
