"""Memory, search and export from a notebook: the magic and `Chat`, with and without a server."""

from __future__ import annotations

import json
from pathlib import Path
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


async def test_the_magics_keep_find_and_write(notebook: Any, extension: bool, tmp_path: Path) -> None:
    if not extension:
        await notebook.run("%load_ext jupyter_mlchat")
    asked = "predict with pipe: sepal_length = 5.1, sepal_width = 3.5, petal_length = 1.4, species = setosa"
    assert "`pipe` predicts **0.24" in await notebook.chat(asked)
    told = await notebook.chat("%chat memory")
    assert told.startswith("At most 49 earlier turns go along with a question, older ones don't.")
    assert "no earlier turn goes along" in await notebook.chat("%chat memory off")
    assert "at most 1 earlier turn goes along" in await notebook.chat("%chat memory 1")
    assert "at most 49 earlier turns" in await notebook.chat("%chat memory on")
    assert "older ones are summed up" in await notebook.chat("%chat memory summaries on")
    assert "**Not done.**" in await notebook.chat("%chat memory lots")
    assert "at most 49 earlier turns go along with a question, older ones don't" in await notebook.chat(
        "%chat memory default"
    )
    found = await notebook.chat("%chat search sepal setosa")
    assert "«sepal»_length = 5.1" in found and found.startswith("| when |")
    assert await notebook.chat('%chat search "AND (zebra*') == "Nothing was said with all of these words."
    assert "Say what to look for" in await notebook.chat("%chat search")
    await notebook.run(f"%cd {tmp_path}")
    for name in ("talk.md", "talk.json", "talk.ipynb"):
        assert await notebook.chat(f"%chat export {name}") == f"Written: `{name}`."
    page, whole, book = ((tmp_path / name).read_text() for name in ("talk.md", "talk.json", "talk.ipynb"))
    assert "**You:** predict with pipe" in page and "```python" in page
    assert json.loads(whole)["format"] == "jupyter_mlchat.conversation"
    assert any(cell["cell_type"] == "code" for cell in json.loads(book)["cells"])
    assert "stays as it is" in await notebook.chat("%chat export talk.md")
    assert "give a path that ends like that" in await notebook.chat("%chat export talk.pdf")
    assert "can't be written there" in await notebook.chat("%chat export nowhere/talk.md")
    done = await notebook.run(f"%run {tmp_path / 'talk.ipynb'}")
    assert done["status"] == "ok", "in the notebook it came from its code runs"
    code = f"""
from jupyter_mlchat import Chat
chat = Chat()
print([hit["role"] for hit in chat.search("setosa", limit=1)])
chat.update(memory={{"turns": 2}})
print(chat.choices()["memory"])
print(chat.export({str(tmp_path / "chat.md")!r})[-7:])
try:
    chat.export({str(tmp_path / "chat.md")!r})
except FileExistsError:
    print("kept")
"""
    done = await notebook.run(code)
    assert done["status"] == "ok", done
    assert done["streams"].splitlines()[-4:] == ["['assistant']", "{'turns': 2, 'summaries': False}", "chat.md", "kept"]
