"""The composer: names and commands, drafts, and what goes along with a question."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from provider import Provider, says

from browser.page import Desk
from browser.site import Notebook, Site

FAILS = "import base64\n1 / 0  # secret-reason"


@pytest.fixture
def other(site: Site, notebook: Notebook) -> Iterator[Notebook]:
    made = site.notebook(f"other-{notebook.path[:20]}", "3 + 3")
    yield made
    made.close()


def test_names_and_commands_are_completed_while_typing_goes_on(desk: Desk, notebook: Notebook) -> None:
    notebook.run(
        "models = {f'm{n}': clf for n in range(3)}; wide = pd.DataFrame({f'mean of {n}': [1] for n in range(2000)})"
    )
    page, names = desk.page, desk.panel.get_by_role("listbox", name="Names")
    desk.message.press_sequentially("what does @cl")
    expect(names.get_by_role("option").first).to_contain_text("clf")
    expect(desk.message).to_have_attribute("role", "combobox")
    active = desk.message.get_attribute("aria-activedescendant")
    expect(desk.panel.locator(f"[id='{active}']")).to_contain_text("clf")
    # Escape closes the list alone, and typing goes on.
    page.keyboard.press("Escape")
    expect(names).to_be_hidden()
    page.keyboard.type("f need? @mean of 199")
    expect(desk.message).to_have_value("what does @clf need? @mean of 199")
    desk.message.fill("what is @mode")
    desk.message.press("End")
    expect(names.get_by_role("option").filter(has_text="dict")).to_contain_text("models")
    desk.message.fill("describe @1999")
    desk.message.press("End")
    expect(names.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(desk.message).to_have_value("describe `mean of 1999` ")

    commands = desk.panel.get_by_role("listbox", name="Commands")
    desk.message.fill("")
    page.keyboard.type("/he")
    expect(commands.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    desk.settled(desk.answers.first)
    expect(desk.questions.first).to_have_text("What can you do?")
    # What is no command is a question.
    desk.ask("/nothing")
    expect(desk.questions.last).to_have_text("/nothing")
    desk.message.press("ArrowUp")
    desk.message.press("ArrowUp")
    expect(desk.message).to_have_value("What can you do?")
    desk.message.press("ArrowDown")
    expect(desk.message).to_have_value("/nothing")
    desk.message.fill("/new")
    desk.message.press("Enter")
    expect(desk.questions).to_have_count(0)


def test_an_error_is_explained_from_its_output(hosted_desk: Desk, provider: Provider) -> None:
    desk = hosted_desk
    page = desk.page
    page.evaluate(
        "source => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[0].setSource(source)", FAILS
    )
    desk.run_all()
    explain = page.locator(".jp-OutputArea").get_by_role("button", name="Explain this error")
    provider.enqueue(says("You divide by zero."))
    explain.click()
    desk.settled(desk.answers.first)
    expect(desk.questions.first).to_contain_text("Why did this cell fail?")
    along = desk.questions.first.get_by_role("list", name="What went along")
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1; }")
    along.get_by_role("button", name=re.compile(r"^Error in In\[\d+\]$")).click()
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 0")
    expect(desk.answers.first).to_contain_text("You divide by zero.")
    [asked] = provider.bodies
    assert re.search(r"The person points at: `error in In\[\d+\]`", asked["messages"][0]["content"])
    assert "secret-reason" not in str(asked)

    # The same by hand: it goes along until it is taken away.
    desk.panel.get_by_role("button", name="Attach", exact=True).click()
    desk.panel.get_by_role("menuitem", name="Error in In[").click()
    chips = desk.panel.get_by_role("list", name="Attached").get_by_role("listitem")
    chips.get_by_role("button", name=re.compile(r"^Error in In\[\d+\]$")).click()
    expect(desk.panel.get_by_role("region", name="Error in")).to_contain_text("ZeroDivisionError")
    chips.get_by_role("button", name="Take Error").click()
    expect(chips).to_have_count(0)
    expect(desk.message).to_be_focused()


def test_a_draft_stays_with_its_notebook_whatever_tab_is_active(
    desk: Desk, notebook: Notebook, other: Notebook
) -> None:
    page, panel = desk.page, desk.panel
    desk.message.fill("which models do I")
    desk.command("docmanager:open", path=other.path)
    said = panel.get_by_text(f"This goes to {notebook.path}. {other.path} is open.")
    expect(said).to_be_visible()
    expect(desk.kernel).to_contain_text(notebook.path)
    desk.message.press("End")
    page.keyboard.type(" have?")
    page.keyboard.press("Enter")
    desk.settled(desk.answers.first)
    expect(desk.answers.first).to_contain_text("clf")
    expect(said).to_be_visible()
    desk.message.fill("here instead")
    panel.get_by_role("button", name=f"Ask about {other.path} instead").click()
    expect(desk.kernel).to_contain_text(other.path)
    expect(desk.message).to_have_value("here instead")
    expect(desk.questions).to_have_count(0)
    expect(said).to_be_hidden()
    # Put aside, it waits for its notebook.
    desk.command("docmanager:open", path=notebook.path)
    panel.get_by_role("button", name=f"Keep it, go to {notebook.path}").click()
    expect(desk.message).to_have_value("")
    desk.command("docmanager:open", path=other.path)
    expect(desk.message).to_have_value("here instead")
    desk.message.fill("")
    desk.command("docmanager:open", path=notebook.path)
    expect(desk.kernel).to_contain_text(notebook.path)


HOSTILE = "<img src=x onerror=window.__hurt=1>.csv"
DROP = """([files]) => {
    const data = new DataTransfer();
    for (const [name, size] of files) {
        data.items.add(new File(size > 1e6 ? [new ArrayBuffer(size)] : ['a,b\\n1,2\\n'.slice(0, size)], name));
    }
    const to = document.querySelector('#jupyter-mlchat-panel .mlc-root');
    for (const kind of ['dragenter', 'dragover', 'drop']) {
        to.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""


class TestFiles:
    @pytest.fixture
    def allowed_errors(self) -> list[str]:
        # What Chromium says of a refused name, and of a connection that is cut on purpose.
        return ["status of 422", "net::ERR"]

    def test_a_file_is_brought_refused_cut_gone_on_with_and_taken_away(self, desk: Desk, site: Site) -> None:
        page, panel = desk.page, desk.panel
        chips = panel.get_by_role("list", name="Attached").get_by_role("listitem")
        begun: list[str] = []
        page.on("request", lambda request: begun.append(request.url) if request.method == "POST" else None)
        page.evaluate(DROP, [[["large.csv", 220_000_000], ["empty.csv", 0], ["tool.exe", 5]]])
        expect(panel.get_by_role("alert")).to_have_count(3)
        expect(chips.filter(has_text="large.csv")).to_contain_text("At most 210 MB are taken; this file has 220 MB.")
        expect(chips.filter(has_text="empty.csv")).to_contain_text("empty")
        expect(chips.filter(has_text="tool.exe")).to_contain_text("csv, parquet")
        assert not [url for url in begun if "uploads" in url], "a refused file was sent"
        for name in ("large.csv", "empty.csv", "tool.exe"):
            panel.get_by_role("button", name=f"Take {name} away").click()

        # The connection goes in the middle of one file, and comes back.
        cuts = [2]

        def cut(route: Route) -> None:
            cuts[0] -= 1
            route.abort() if cuts[0] >= 0 else route.continue_()

        page.route("**/mlchat/api/uploads/*", cut)
        page.evaluate(DROP, [[["cut.csv", 9], ["evil\u202excod.csv", 9], [HOSTILE, 9]]])
        expect(chips.filter(has_text="evil")).to_contain_text("plain name")
        expect(chips.filter(has_text=HOSTILE)).to_have_count(1)
        expect(panel.locator("img")).to_have_count(0)
        panel.get_by_role("button", name=f"Take {HOSTILE} away").click()
        expect(
            chips.filter(has_text="cut.csv").get_by_role("button", name="cut.csv", exact=False).first
        ).to_be_visible()
        expect(panel.get_by_role("progressbar")).to_have_count(0)
        page.unroute("**/mlchat/api/uploads/*")
        assert cuts[0] < 0

        # It goes along with the next question, by its number alone.
        desk.message.fill("what became of my upload?")
        desk.message.press("Enter")
        desk.settled(desk.answers.first)
        expect(chips).to_have_count(1)
        [kept] = site.api("GET", "mlchat/api/uploads")["uploads"]
        expect(desk.answers.first).to_contain_text("complete")
        asked = next(event for event in desk.notebook.events() if event["type"] == "tool.called")
        assert asked["args"] == {"upload_id": kept["id"]}, json.dumps(asked)


@pytest.mark.long
class TestNotebook7:
    @pytest.fixture
    def allowed_errors(self) -> list[str]:
        # Notebook 7 says these without us too.
        return ["Command 'filebrowser:open-path' not registered", "reading 'schema'"]

    def test_a_draft_survives_a_reload_and_errors_have_their_button(self, page: Page, notebook: Notebook) -> None:
        desk = Desk(page, notebook, "notebook").load().open_panel().furnished()
        desk.message.fill("half a question")
        page.wait_for_function("() => Object.keys(localStorage).some(name => name.includes(':draft:'))")
        page.reload()
        desk.ready().open_panel()
        expect(desk.message).to_have_value("half a question")
        page.evaluate(
            "source => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[0].setSource(source)",
            FAILS,
        )
        desk.run_all()
        page.locator(".jp-OutputArea").get_by_role("button", name="Explain this error").click()
        desk.settled(desk.answers.first)
        expect(desk.answers.first).to_contain_text("ZeroDivisionError")
        expect(desk.message).to_have_value("half a question")
