"""`%%chat` and `%chat` in a notebook whose server has the extension."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from kernels import there

pytestmark = pytest.mark.timeout(240)


async def test_the_conversation_of_the_quickstart(notebook: Any) -> None:
    listed = await notebook.chat("which models do I have?")
    assert "pipe" in listed
    assert "rf" in listed
    needs = await notebook.chat("what does pipe need?")
    for name in ("sepal_length", "sepal_width", "petal_length", "species", "setosa"):
        assert name in needs
    assert "answered by the built-in engine (no language model), `pipe` of In[" in needs
    asked = await notebook.chat("predict with pipe: petal_length = 4.5, species = versicolor")
    assert "sepal_length" in asked
    assert "%chat fill" in asked
    answer = await notebook.chat("%chat fill sepal_length=6.1 sepal_width=2.9")
    direct = await notebook.run(
        "print(round(float(pipe.predict(pd.DataFrame([{'sepal_length': 6.1, 'sepal_width': 2.9, "
        "'petal_length': 4.5, 'species': 'versicolor'}]))[0]), 2))"
    )
    assert direct["streams"].strip() in answer
    assert "petal_length" in await notebook.chat("what matters most to it?")


async def test_the_saved_output_is_one_markdown_with_a_plain_twin(notebook: Any) -> None:
    done = await notebook.run("%%chat\nwhat does pipe need?")
    assert [sorted(shown) for shown in done["shown"]] == [["text/markdown", "text/plain"]]
    assert done["result"] == ""


async def test_an_answer_that_is_better_seen_has_its_figure_below_and_pyplot_stays_out(notebook: Any) -> None:
    done = await notebook.run("%%chat\nwhat matters most to rf?")
    assert [sorted(shown) for shown in done["shown"]] == [["text/markdown", "text/plain"], ["image/png", "text/plain"]]
    assert done["shown"][1]["image/png"].startswith("iVBOR")
    asked = "import sys\nprint('matplotlib.pyplot' in sys.modules, 'matplotlib.figure' in sys.modules)"
    assert (await notebook.run(asked))["streams"] == "False True\n"


async def test_a_write_asks_first_and_happens_after_approve_and_not_after_deny(notebook: Any) -> None:
    asked = await notebook.chat("delete rf")
    assert "%chat approve" in asked
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "True\n"
    denied = await notebook.chat("%chat deny")
    assert "did not allow" in denied
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "True\n"
    await notebook.chat("delete rf")
    await notebook.chat("%chat approve")
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "False\n"


async def test_a_model_that_was_refitted_meanwhile_is_not_deleted(notebook: Any) -> None:
    await notebook.chat("delete rf")
    await notebook.run("rf.fit(wine.data, wine.target)")
    answer = await notebook.chat("%chat approve")
    assert "refitted or replaced" in answer
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "True\n"


async def test_a_question_on_one_line_may_end_in_a_question_mark(notebook: Any) -> None:
    assert "sepal_length" in await notebook.chat("%chat ask what does pipe need?")
    done = await notebook.run("if True:\n    %chat ask what does pipe need?  \nprint(len.__doc__[:6])\nlen?")
    assert "sepal_length" in done["shown"][0]["text/plain"]
    assert done["streams"] == "Return\n"


async def test_braces_and_dollars_are_text(notebook: Any) -> None:
    await notebook.run("secret = 'LEAKED'")
    for text in ("what is {secret} $secret?", "%chat ask what is {secret} $secret?"):
        assert "LEAKED" not in await notebook.chat(text)


async def test_reading_and_asking_leave_the_kernel_as_it_was(notebook: Any) -> None:
    probe = (
        "import random, numpy as np\n"
        "print(sorted(n for n in globals() if not n.startswith('_')), len(Out), _ if '_' in globals() else '', "
        "random.getstate()[1][:3], np.random.get_state()[1][:3], pd.get_option('display.max_rows'))"
    )
    await notebook.run("random_seen = 1")
    before = await notebook.run(probe)
    before = await notebook.run(probe)
    for question in ("which models do I have?", "what does pipe need?", "how important are the features of rf?"):
        await notebook.chat(question)
    after = await notebook.run(probe)
    assert after["streams"] == before["streams"]
    assert after["count"] == before["count"] + 4


async def test_hidden_names_are_invisible(notebook: Any) -> None:
    await notebook.chat("%chat hide rf")
    listed = await notebook.chat("which models do I have?")
    assert "rf" not in listed.replace("perf", "")
    await notebook.chat("%chat show rf")
    assert "rf" in await notebook.chat("which models do I have?")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%chat help", "%chat fill"),
        ("%chat", "%chat fill"),
        ("%chat nonsense", "no `%chat nonsense`"),
        ("%chat fill a=1", "no turn to go on with"),
        ("%chat choose 1", "no turn to go on with"),
        ("%chat approve", "no turn to go on with"),
        ("%chat status", "hosted by: the Jupyter server"),
        ("%chat stop", "Nothing runs"),
        ("%chat new", "new conversation"),
        ("%chat llm", "This chat uses"),
        ("%chat llm builtin", "From the next question on: `builtin`"),
        ("%chat hide", "Name what to hide"),
    ],
)
async def test_words_of_the_line_magic(notebook: Any, line: str, says: str) -> None:
    assert says in await notebook.chat(line)


async def test_off_takes_everything_back_and_loading_brings_it_again(notebook: Any) -> None:
    await notebook.chat("%chat off")
    gone = await notebook.run("%chat help")
    assert "not found" in gone["streams"]
    await notebook.run("%load_ext jupyter_mlchat")
    assert "pipe" in await notebook.chat("which models do I have?")


async def test_an_interrupt_stops_the_turn_and_the_next_cell_runs(
    notebook: Any, jp_serverapp: Any, tmp_path: Path
) -> None:
    await notebook.run(
        "import time\nfrom jupyter_mlchat import tool\n@tool\ndef get_running_cell() -> dict:\n"
        f"    'Say what runs.'\n    open({str(tmp_path / 'begun')!r}, 'w').close()\n    time.sleep(90)\n"
        "    return {}\n"
    )
    asking = asyncio.ensure_future(notebook.run("%%chat\nwhat is running?"))
    await there(tmp_path / "begun", asking)
    await jp_serverapp.kernel_manager.get_kernel(notebook.kernel_id).interrupt_kernel()
    done = await asyncio.wait_for(asking, 60)
    assert done["status"] == "ok"
    assert "(stopped)" in done["shown"][-1]["text/plain"]
    assert (await notebook.run("print(1)"))["streams"] == "1\n"


async def test_which_llms_there_are(notebook: Any) -> None:
    listed = await notebook.chat("%chat llms")
    assert "| `builtin` |" in listed and "Providers without a key: " in listed
    found = await notebook.chat("%chat llms claude sonnet")
    assert "`anthropic/claude-sonnet-4-6`" in found and "1,000,000" in found
    assert "Did you mean" in await notebook.chat("%chat llms anthropic/claude-sonet-4-6")
    done = await notebook.run("from jupyter_mlchat import Chat; print([i['id'] for i in Chat().llms()])")
    assert done["streams"] == "['builtin']\n"
