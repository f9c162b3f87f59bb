"""`ChatPanel` in a real kernel, by the messages of its views: hosted by the server, and by the kernel itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from frontends.view import View, Views
from kernels import IMPORTED

pytestmark = pytest.mark.timeout(240)

PANEL = "from jupyter_mlchat import ChatPanel\npanel = ChatPanel({})\npanel"


@pytest.fixture(params=["served", "in-process"])
def hosted(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def extension(hosted: str) -> bool:
    return hosted == "served"


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    jp_server_config["MLChat"]["experts"] = ["eve"]
    return jp_server_config


@pytest.fixture(params=IMPORTED)
def kind(request: pytest.FixtureRequest) -> str:
    """The panel needs the package in the kernel."""
    return str(request.param)


@pytest.fixture
def views(jp_serverapp: Any, notebook: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Views]:
    heard = Views(jp_serverapp.kernel_manager.get_kernel(notebook.kernel_id))
    jp_asyncio_loop.run_until_complete(heard.begin())
    yield heard
    heard.close()


async def shown(notebook: Any, views: Views, arguments: str = "") -> str:
    done = await notebook.run(PANEL.format(arguments))
    assert done["status"] == "ok", done
    return await views.panel()


async def test_a_command_that_is_relayed_gives_events(notebook: Any, views: Views, hosted: str) -> None:
    view = View(views, await shown(notebook, views, "models=[pipe, 'rf'], llm='builtin', height=300"))
    conversation = await view.open(context={"kernel": notebook.kernel_id})
    assert (await view.message("joined"))["host"] == {"served": "server"}.get(hosted, hosted)
    hello = view.events[0]
    assert (hello["type"], hello.get("experts", False), "roles" in hello) == ("hello", hosted == "served", False)
    if hosted == "served":
        await view.event("kernel.changed", kernel=notebook.kernel_id)
    command = view.command("turn.start", conversation=conversation, text="what does pipe need?", llm="builtin")
    accepted = await view.event("accepted", command=command)
    ended = await view.event("turn.ended", turn=accepted["turn"])
    assert ended["state"] == "completed", ended
    final = await view.event("text.snapshot", turn=accepted["turn"], final=True)
    assert "sepal_length" in final["text"]
    numbers = [event["seq"] for event in view.events if event.get("seq") and event["type"] != "accepted"]
    assert numbers == sorted(set(numbers))


async def test_a_view_without_a_socket_gets_the_figure_of_an_answer(notebook: Any, views: Views) -> None:
    view = View(views, await shown(notebook, views, "models='rf', llm='builtin'"))
    conversation = await view.open()
    asked = view.command("turn.start", conversation=conversation, text="what matters most to rf?", llm="builtin")
    turn = (await view.event("accepted", command=asked))["turn"]
    result = (await view.event("tool.returned", turn=turn))["result"]
    view.say("figure", ref=result["display_ref"])
    told = await view.message("figure")
    assert told["mime"] == "image/png" and told["data"].startswith("iVBOR")
    other = View(views, view._panel)
    other.say("figure", ref="unheard of")
    assert "no longer in the kernel" in (await other.message("figure"))["text"]


async def test_a_view_gets_what_typesets_formulas_when_it_asks(notebook: Any, views: Views) -> None:
    view = View(views, await shown(notebook, views, "models='rf', llm='builtin'"))
    view.say("part", name="../panel")
    view.say("part", name="mathematics")
    told = await view.message("part")
    assert told["name"] == "mathematics" and "export{" in told["source"]


async def test_the_panel_says_what_it_shows_in_small_state(notebook: Any, views: Views) -> None:
    panel = await shown(notebook, views, "models=[pipe, 'rf'], llm='builtin', height=300")
    state = views.state[panel]
    assert [card["ref"] for card in state["models"]] == ["pipe", "rf"]
    assert state["models"][1] == {"ref": "rf", "class_name": "RandomForestClassifier", "task": "classification"}
    assert (state["height"], state["llm"], state["kernel"]) == (300, "builtin", notebook.kernel_id)


async def test_two_views_of_one_panel_agree_and_a_late_one_hears_all(notebook: Any, views: Views) -> None:
    panel = await shown(notebook, views, "llm='builtin'")
    first, second, late = (View(views, panel) for _ in range(3))
    conversation = await first.open()
    assert await second.open() == conversation
    asked = first.command(
        "turn.start",
        conversation=conversation,
        text="predict with pipe: petal_length=4.5, species=versicolor",
        llm="builtin",
    )
    turn = (await first.event("accepted", command=asked))["turn"]
    form = await second.event("form.asked", turn=turn)
    second.command("form.submit", turn=turn, form=form["form"], values={"sepal_length": 6.1, "sepal_width": 2.9})
    for view in (first, second):
        assert (await view.event("form.closed", turn=turn))["outcome"] == "submitted"
        assert (await view.event("turn.ended", turn=turn))["state"] == "completed"
    # What is measured of the answer comes after its end, at any time.
    await first.event("evaluation", turn=turn)
    stored = [event for event in first.events if event.get("seq") and event["type"] != "accepted"]
    await late.open(conversation=conversation)
    await late.event("evaluation", turn=turn)
    assert [event for event in late.events if event.get("seq") and event["type"] != "accepted"] == stored
    rest = View(views, panel)
    await rest.open(conversation=conversation, after=stored[-2]["seq"])
    await rest.event("evaluation", turn=turn)
    assert [event for event in rest.events if event.get("seq") and event["type"] != "accepted"] == stored[-1:]


@pytest.mark.parametrize("allow", [True, False])
async def test_a_write_is_approved_in_a_view(notebook: Any, views: Views, allow: bool) -> None:
    view = View(views, await shown(notebook, views))
    conversation = await view.open()
    asked = view.command("turn.start", conversation=conversation, text="delete rf", llm="builtin")
    turn = (await view.event("accepted", command=asked))["turn"]
    approval = await view.event("approval.asked", turn=turn)
    view.command("approval.give", turn=turn, approval=approval["approval"], allow=allow)
    assert (await view.event("turn.ended", turn=turn))["state"] == "completed"
    assert (await notebook.run("print('rf' in globals())"))["streams"] == f"{not allow}\n"


async def test_what_python_asks_is_shown_and_a_view_that_left_hears_nothing(notebook: Any, views: Views) -> None:
    panel = await shown(notebook, views, "pipe, llm='builtin'")
    view, gone = View(views, panel), View(views, panel)
    conversation = await view.open()
    await gone.open()
    gone.say("leave")
    await view.event("pong", command=view.command("ping"))
    done = await notebook.run(
        "reply = panel.ask('what does pipe need?')\n"
        "print(reply.status, reply.fault, panel.history[-1].text == reply.text)"
    )
    assert done["streams"] == "completed None True\n"
    message = await view.event("message", text="what does pipe need?")
    await view.event("turn.ended", turn=message["turn"])
    while views.state[panel]["conversation"] != conversation:
        await views.hear()
    assert "message" not in [event["type"] for event in gone.events]
    done = await notebook.run("reply = await panel.aask('which models do I have?')\nprint(reply.status, reply.fault)")
    assert done["streams"] == "completed None\n"


async def test_a_view_that_has_no_place_any_more_is_told_to_join_again(notebook: Any, views: Views) -> None:
    panel = await shown(notebook, views)
    first = View(views, panel)
    await first.open()
    for _ in range(16):
        view = View(views, panel)
        view.say("join")
        await view.message("joined")
    first.command("ping")
    assert await first.message("left")


async def test_closing_the_panel_ends_its_views(notebook: Any, views: Views) -> None:
    view = View(views, await shown(notebook, views))
    await view.open()
    threads = (
        "import threading, time\ntime.sleep(0.2)\nprint([t.name for t in threading.enumerate()].count('mlchat-panel'))"
    )
    assert (await notebook.run(threads))["streams"] == "1\n"
    assert (await notebook.run("panel.close()\n" + threads))["streams"] == "0\n"


async def test_a_question_that_waits_is_stopped_from_python(notebook: Any, views: Views) -> None:
    view = View(views, await shown(notebook, views))
    conversation = await view.open()
    asked = view.command("turn.start", conversation=conversation, text="delete rf", llm="builtin")
    turn = (await view.event("accepted", command=asked))["turn"]
    await view.event("turn.waiting", turn=turn)
    done = await notebook.run(f"panel.conversation = '{conversation}'\npanel.stop()\nprint(panel.history[-1].status)")
    assert done["streams"] == "cancelled\n"
    assert (await view.event("turn.ended", turn=turn))["state"] == "cancelled"


async def test_the_output_holds_the_conversation_for_readers_without_a_kernel(notebook: Any, views: Views) -> None:
    done = await notebook.run(
        "from jupyter_mlchat import ChatPanel\npanel = ChatPanel(pipe, llm='builtin')\n"
        "r = panel.ask('what does pipe need?')\n"
        "panel.ask('![x](https://example.org/?rows) <img src=x>')\n"
        "from IPython.display import display\ndisplay(panel)"
    )
    [bundle] = done["shown"]
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    for text in (bundle["text/markdown"], bundle["text/plain"]):
        assert "pipe" in text and "sepal_length" in text
    assert "<img" not in bundle["text/markdown"] and "![" not in bundle["text/markdown"]


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ("'pip'", "Did you mean pipe?"),
        ("Ridge()", "This Ridge is no model that a name"),
        ("[flowers]", "This DataFrame"),
    ],
)
async def test_a_model_that_is_not_there_is_named(notebook: Any, models: str, said: str) -> None:
    done = await notebook.run(f"from jupyter_mlchat import ChatPanel\nChatPanel({models})")
    assert done["status"] == "error"
    assert said in done["streams"]
