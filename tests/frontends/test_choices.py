"""Route, prompt and parameters from a notebook: the magic and `Chat`, with and without a server."""

from __future__ import annotations

from typing import Any

import pytest
from kernels import kinds

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(params=kinds("7-imported"))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["served", "in-process"])
def extension(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def test_the_magics_choose_and_say_what_was_chosen(notebook: Any, extension: bool) -> None:
    if not extension:
        await notebook.run("%load_ext jupyter_mlchat")
    assert "There is no route 'atuo'. Did you mean: `auto`" in await notebook.chat("%chat route atuo")
    assert await notebook.chat("%chat route auto") == "From the next question on: `auto`."
    assert "- `direct`: The llm in words alone" in await notebook.chat("%chat route")
    assert "Did you mean: `terse`" in await notebook.chat("%chat prompt tearse")
    assert await notebook.chat("%chat prompt terse") == "From the next question on: `terse`."
    assert "- `teacher`: Explains terms" in await notebook.chat("%chat prompts")
    told = await notebook.chat('%chat set temperature=0.7 top_p=0.9 system="In German, please."')
    assert "`temperature`: 0.7 (0 to 2; builtin does not take it)" in told
    assert "from 0 to 2" in await notebook.chat("%chat set temperature=hot")
    assert "is not of the form name=value" in await notebook.chat("%chat set warm")
    assert "There is no parameter 'heat'" in await notebook.chat("%chat set heat=1")
    await notebook.chat("%chat set top_p=default")
    status = await notebook.chat("%chat status")
    for line in ("- route: `auto`", "- prompt: `terse`", "temperature=0.7 (not taken), system=In German, please."):
        assert line in status
    assert "top_p" not in status
    assert "answered by the built-in engine" in await notebook.chat("what does pipe need?")
    await notebook.chat("%chat new")
    assert "- route: as configured\n- prompt: as configured\n- set: nothing" in await notebook.chat("%chat status")


async def test_chat_takes_a_route_and_a_prompt_of_its_own(notebook: Any, extension: bool) -> None:
    code = """
from jupyter_mlchat import Chat
chat = Chat(route="builtin", prompt="teacher")
print(chat.ask("which models do I have?").status)
print(Chat(route="agnet").ask("hi").fault["message"])
chat.update(parameters={"max_tokens": 50})
print(chat.choices()["info"]["parameters"])
try:
    chat.update(parameters={"max_tokens": 0})
except ValueError as error:
    print(str(error)[:52])
"""
    done = await notebook.run(code)
    assert done["status"] == "ok", done
    assert done["streams"].splitlines() == [
        "completed",
        "There is no route 'agnet'.",
        "{'max_tokens': 50}",
        "`max_tokens` is a whole number from 1 to 200,000 for"[:52],
    ]
