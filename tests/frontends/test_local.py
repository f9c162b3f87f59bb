"""The in-process host, from Python in this very process: no server, no IPython."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from provider import Page, running
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier
from traitlets.config import Config

import jupyter_mlchat
from jupyter_mlchat import Chat


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    X, y = load_iris(return_X_y=True, as_frame=True)
    X.columns = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    fitted = DecisionTreeClassifier(max_depth=2).fit(X, y)
    return {"tree": fitted, "other": DecisionTreeClassifier(max_depth=1).fit(X, y), "X": X}


@pytest.fixture
def chat(models: dict[str, Any]) -> Chat:
    return Chat(llm="builtin", namespace=dict(models))


def test_an_answer_and_where_it_comes_from(chat: Chat) -> None:
    reply = chat.ask("what does tree need?")
    assert reply.status == "completed"
    assert "petal_width" in reply.text
    assert [call.name for call in reply.tool_calls] == ["get_model_info"]
    assert reply.sent == []
    with pytest.raises(RuntimeError, match="no such turn"):
        chat.sent("unknown")
    assert (reply.host, reply.llm) == ("in-process", "builtin")
    assert "answered by the built-in engine" in str(reply)
    assert chat.history[0].question == "what does tree need?"
    assert chat.history[0].text == reply.text


def test_a_picture_that_nobody_sees_is_said(chat: Chat) -> None:
    reply = chat.ask("which models do I have?", images=[b"\x89PNG\r\n\x1a\n" + bytes(9)])
    assert "The built-in engine can't see figures" in str(reply)
    assert "tree" in reply.text
    with pytest.raises(TypeError, match="give a figure"):
        chat.ask("what is this?", images=["figure.png"])
    refused = chat.ask("and these?", images=[b"\xff\xd8\xff"] * 5)
    assert refused.fault is not None
    assert "at most 4" in refused.fault["message"]


def test_a_prediction_over_a_form_equals_the_models_own(chat: Chat, models: dict[str, Any]) -> None:
    row = models["X"].iloc[100]
    asked = chat.ask(f"predict with tree: petal_length={row.petal_length}, petal_width={row.petal_width}")
    assert asked.status == "waiting"
    assert asked.form is not None
    done = asked.fill(sepal_length=float(row.sepal_length), sepal_width=float(row.sepal_width))
    assert done is asked
    assert done.status == "completed"
    [direct] = models["tree"].predict(models["X"].iloc[[100]])
    assert done.tool_calls[-1].data["prediction"] == direct


def test_a_question_with_two_answers_is_a_choice(chat: Chat) -> None:
    reply = chat.ask("which parameters does the model have?")
    assert reply.status == "waiting"
    assert len(reply.offers) >= 2
    chosen = next(n for n, offer in enumerate(reply.offers, 1) if offer.args.get("model_id") == "other")
    assert "`other`" in reply.choose(chosen).text


@pytest.mark.parametrize("allow", [True, False])
def test_a_write_needs_a_yes(chat: Chat, allow: bool) -> None:
    reply = chat.ask("delete other")
    assert reply.approval is not None
    assert "other" in chat._bridge.shell.user_ns
    reply = reply.approve() if allow else reply.deny()
    assert reply.status == "completed"
    assert ("other" in chat._bridge.shell.user_ns) is not allow


def test_text_in_pieces_is_the_text(chat: Chat) -> None:
    assert "".join(chat.stream("which models do I have?")) == chat.last.text


async def test_asking_without_holding_up_a_loop(chat: Chat) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.ensure_future(tick())
    reply = await chat.aask("which models do I have?")
    ticking.cancel()
    assert reply.status == "completed"
    assert ticks > 1


def test_a_new_conversation_and_stopping_a_waiting_turn(chat: Chat) -> None:
    waiting = chat.ask("predict with tree: petal_length=1")
    chat.stop()
    assert waiting.status == "cancelled"
    first = chat.conversation_id
    chat.new()
    assert chat.conversation_id not in (None, first)
    assert chat.history == []


def test_an_llm_nobody_knows_is_a_fault_that_says_so(chat: Chat) -> None:
    chat.llm = "opnai/gpt"
    reply = chat.ask("hello")
    assert reply.status == "failed"
    assert reply.fault is not None
    assert reply.fault["code"] == "llm_unknown"
    assert "openai" in str(reply)


def test_without_litellm_a_hosted_llm_names_the_pip_line(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "litellm", None)
    chat.llm = "openai/gpt-4.1-mini"
    reply = chat.ask("hello")
    assert reply.fault is not None
    assert reply.fault["code"] in ("llm_extra_missing", "llm_no_key")


INTERRUPTED = """
import os, signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run of several processes ignores it
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier
from jupyter_mlchat import Chat, tool
X, y = load_iris(return_X_y=True, as_frame=True)
chat = Chat(llm="builtin", namespace={"tree": DecisionTreeClassifier().fit(X, y), "X": X})
started, sent = threading.Event(), []
def list_dataframes() -> dict[str, int]:
    "Take long."
    started.set()
    time.sleep(12)
    return {}
chat._bridge.toolbox.all()
chat._bridge.toolbox.add(tool()(list_dataframes), "test")
def interrupt():
    started.wait(30)
    time.sleep(0.2)
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
reply = chat.ask("which dataframes are there?")
print(reply.status, [call.name for call in reply.tool_calls], time.monotonic() - sent[0] < 10)
print(chat.ask("which models do I have?").status)
os._exit(0)
"""


def test_an_interrupt_stops_the_turn_and_keeps_the_reply() -> None:
    """In a process of its own: other tests leave their marks on what a signal does."""
    done = subprocess.run([sys.executable, "-u", "-c", INTERRUPTED], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["cancelled ['list_dataframes'] True", "completed"], done.stderr


def test_hosting_can_be_forbidden(chat: Chat) -> None:
    chat._bridge.shell.ip = SimpleNamespace(config=Config({"MLChat": {"in_process": False}}))
    with pytest.raises(RuntimeError, match="in_process"):
        chat.ask("hello")


def test_a_store_that_can_not_be_opened_is_said(chat: Chat, tmp_path: Any) -> None:
    folder = tmp_path / "data" / "mlchat"
    folder.mkdir(parents=True)
    (folder / "conversations.sqlite").write_bytes(b"not a database" * 100)
    reply = chat.ask("which models do I have?")
    assert reply.fault is not None
    assert reply.fault["code"] == "store_unavailable"
    assert str(tmp_path) not in str(reply)
    (folder / "conversations.sqlite").unlink()
    assert chat.ask("which models do I have?").status == "completed"


def test_nobody_listens_once_a_reply_is_settled(chat: Chat) -> None:
    chat.ask("which models do I have?")
    chat.ask("predict with tree: petal_length=1")
    chat.new()
    assert chat.history == []
    assert chat._host()._cells == {}


def test_the_public_names() -> None:
    assert set(jupyter_mlchat.__all__) == {"Chat", "ChatPanel", "__version__", "register_model", "tool"}
    with pytest.raises(AttributeError, match="nothing"):
        _ = jupyter_mlchat.nothing
    [point] = jupyter_mlchat._jupyter_server_extension_points()
    assert point["app"].name == "jupyter_mlchat"


def test_the_extension_loads_and_unloads_in_an_ipython_shell() -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from shells import new_shell

    shell = new_shell()
    try:
        shell.run_line_magic("load_ext", "jupyter_mlchat")
        assert "chat" in shell.magics_manager.magics["cell"]
        result = shell.run_cell("%chat status")
        assert result.success
        shell.run_line_magic("unload_ext", "jupyter_mlchat")
        assert "chat" not in shell.magics_manager.magics["cell"]
    finally:
        InteractiveShell.clear_instance()


def test_which_llms_there_are(models: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as provider:
        provider.pages["/v1/models"] = Page({"data": [{"id": "Qwen/Qwen3-8B", "max_model_len": 40960}]})
        monkeypatch.setenv("LLM_BASE_URL", provider.url)
        chat = Chat(llm="builtin", namespace=dict(models))
        found = chat.llms()
        assert [info["id"] for info in found] == ["builtin", "openai/Qwen/Qwen3-8B"]
        assert (found[1]["context_length"], found[1]["parameters"], found[1]["price_in"]) == (40960, "8B", None)
        assert {info["provider"] for info in chat.llms("mistral large")} >= {"mistral"}
        assert chat.llms("zzz") == []
        assert found[1] in chat.llms("qwen3-8b")
        status = chat.ask("system status")
        stands = {p["name"]: p["status"] for p in status.tool_calls[-1].data["providers"]}
        assert (stands["openai"], stands["anthropic"]) == ("healthy", "no_key")
