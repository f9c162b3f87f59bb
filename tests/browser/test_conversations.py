"""Conversations: listed, found, renamed, left and taken back, kept as files, and the same wherever they are shown."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.conftest import MODELS
from browser.page import Desk
from browser.site import Notebook, Site
from jupyter_mlchat.protocol.records import MAX_TITLE

HOSTILE = ("<img src=x onerror='window.hit=1'> \u202e" + "very long " * 20)[:MAX_TITLE]
PANEL = "from jupyter_mlchat import ChatPanel\nChatPanel(clf, height=420)"


def sheet(desk: Desk) -> Locator:
    """The list, as it is when it is opened."""
    listed = desk.panel.get_by_role("dialog", name="Conversations")
    if listed.is_visible():
        listed.get_by_role("button", name="Close").click()
    desk.panel.get_by_role("button", name="Conversations", exact=True).click()
    return listed


def row(place: Locator, title: str, notebook: Notebook | None = None) -> Locator:
    """Other tests of this server have conversations too."""
    rows = place.get_by_role("listitem").filter(has_text=title)
    return rows.filter(has_text=notebook.path) if notebook is not None else rows


def act(place: Locator, title: str, action: str, notebook: Notebook) -> None:
    mine = row(place, title, notebook)
    mine.get_by_role("button", name=f"More for {title}").click()
    mine.get_by_role("menuitem", name=action).click()


def of_notebook(site: Site, notebook: Notebook) -> list[dict[str, Any]]:
    known = site.api("GET", "mlchat/api/conversations?limit=200")["conversations"]
    return [one for one in known if one.get("notebook") == notebook.path]


def test_conversations_are_renamed_left_deleted_and_taken_back(desk: Desk, site: Site, notebook: Notebook) -> None:
    panel = desk.panel
    desk.ask("which models do I have?")
    panel.get_by_role("button", name="Rename which models do I have?").click()
    panel.get_by_label("Title", exact=True).fill("Trees of today")
    panel.get_by_label("Title", exact=True).press("Enter")
    expect(panel.get_by_role("button", name="Rename Trees of today")).to_be_visible()
    panel.get_by_role("button", name="New", exact=True).click()
    expect(desk.questions).to_have_count(0)
    desk.ask("what does clf need?")

    listed = sheet(desk)
    first = listed.get_by_role("listitem").first
    expect(first).to_contain_text("what does clf need?")
    expect(first).to_contain_text(re.compile(r"shown now.*\d{4}.*" + re.escape(notebook.path) + ".*1 turn"))
    act(listed, "what does clf need?", "Rename", notebook)
    listed.get_by_label("Title", exact=True).fill(HOSTILE[:40])
    listed.get_by_label("Title", exact=True).press("Escape")
    expect(first).to_contain_text("what does clf need?")
    listed.get_by_role("button", name="Trees of today", exact=True).click()
    expect(listed).to_be_hidden()
    expect(desk.questions).to_have_text("which models do I have?")

    # What is shown is deleted, here or in another tab: it says so, and can be taken back.
    [mine] = [one for one in of_notebook(site, notebook) if one["title"] == "Trees of today"]
    site.api("DELETE", f"mlchat/api/conversations/{mine['id']}")
    gone = panel.get_by_role("status").filter(has_text="This conversation was deleted.")
    gone.get_by_role("button", name="Undo").click()
    expect(gone).to_be_hidden()
    desk.ask("and which frames?")

    listed = sheet(desk)
    act(listed, "Trees of today", "Delete", notebook)
    expect(listed.get_by_role("status")).to_contain_text("“Trees of today” was deleted.")
    expect(row(listed, "Trees of today")).to_have_count(0)
    listed.get_by_role("button", name="Undo").click()
    expect(row(listed, "Trees of today")).to_have_count(1)
    act(listed, "what does clf need?", "Delete", notebook)
    listed.get_by_role("button", name="Deleted ones").click()
    bin_ = listed.get_by_role("list", name="Deleted conversations")
    bin_.get_by_role("button", name="Delete what does clf need? for good…").first.click()
    expect(bin_).to_contain_text("Nothing of it will be left.")
    bin_.get_by_role("button", name="Delete for good", exact=True).click()
    expect(row(bin_, "what does clf need?")).to_have_count(0)
    assert [one["title"] for one in of_notebook(site, notebook)] == ["Trees of today"]


def test_what_was_said_is_found_and_its_turn_brought_into_view(desk: Desk, notebook: Notebook) -> None:
    panel = desk.panel
    for question in ("what does clf need?", "which models do I have?", "which frames do I have?", "help"):
        desk.ask(question)
    panel.get_by_role("button", name="New", exact=True).click()
    expect(desk.questions).to_have_count(0)
    listed = sheet(desk)
    listed.get_by_label("Search what was said").fill("clf need")
    mine = listed.get_by_role("button").filter(has_text="what does clf need?").filter(has_text="You").first
    expect(mine.locator("mark")).to_have_text(["clf", "need"])
    mine.click()
    expect(listed).to_be_hidden()
    expect(desk.questions).to_have_count(4)
    found = desk.answers.first
    expect(found).to_have_attribute("data-found", "")
    expect(found).to_be_focused()
    expect(desk.questions.first).to_be_in_viewport()
    expect(desk.answers.last).not_to_be_in_viewport()


def test_it_goes_out_as_a_file_and_comes_in_again_to_be_taken_up(
    desk: Desk, site: Site, notebook: Notebook, tmp_path: Any
) -> None:
    desk.ask("predict with clf: age = 65")
    title = "predict with clf: age = 65"
    listed = sheet(desk)
    files = {}
    for kind, ending in (("notebook", "ipynb"), ("Markdown", "md"), ("JSON", "json")):
        with desk.page.expect_download() as download:
            act(listed, title, f"Export as {kind}", notebook)
        assert download.value.suggested_filename == f"predict with clf age 65.{ending}"
        files[kind] = download.value.path().read_text()
    assert json.loads(files["notebook"])["nbformat"] == 4
    assert title in files["Markdown"] and json.loads(files["JSON"])["conversation"]["title"] == title
    act(listed, title, "Save next to the notebook", notebook)
    expect(listed.get_by_role("status")).to_contain_text("Saved as predict with clf age 65.ipynb")
    saved = site.root / "predict with clf age 65.ipynb"
    assert json.loads(saved.read_text())["cells"]
    saved.unlink()

    other = tmp_path / "other.json"
    other.write_text("not JSON")
    listed.get_by_label("File to import").set_input_files(other)
    expect(listed.get_by_role("alert")).to_contain_text("other.json is not JSON.")
    other.write_text(files["JSON"])
    listed.get_by_label("File to import").set_input_files(other)
    expect(listed).to_be_hidden()
    # What waited when it was exported waits nowhere now.
    stopped = desk.panel.get_by_role("status").filter(has_text="The server was stopped while answering.")
    stopped.get_by_role("button", name="Take it up again").click()
    expect(desk.answers.last.get_by_role("form").last.get_by_label("income")).to_be_enabled()
    expect(stopped).to_be_hidden()
    expect(sheet(desk).get_by_role("listitem").filter(has_text="shown now")).to_contain_text("imported")


@pytest.mark.long
def test_a_conversation_of_another_notebook_asks_the_kernel_of_that_one(
    desk: Desk, site: Site, notebook: Notebook
) -> None:
    other = site.notebook(f"other-{notebook.path[:20]}", "3 + 3")
    try:
        other.run(MODELS + "\nsomewhere = clf\ndel clf")
        info = site.api("POST", "mlchat/api/conversations", {"context": {"notebook": other.path}})
        site.api("PATCH", f"mlchat/api/conversations/{info['id']}", {"title": HOSTILE})
        listed = sheet(desk)
        wide = row(listed, "very long").first
        box, frame = wide.bounding_box(), listed.bounding_box()
        assert box and frame and box["width"] <= frame["width"] and box["height"] < 70
        wide.get_by_role("button").first.click()
        assert desk.page.evaluate("() => window.hit") is None
        bar = desk.panel.get_by_role("status").filter(has_text=f"This conversation is about {other.path}")
        expect(bar).to_contain_text("Its kernel is asked.")
        expect(desk.ask("which models do I have?")).to_contain_text("somewhere")
        other.close()
        expect(bar).to_contain_text("which has no kernel now")
        bar.get_by_role("button", name=f"Back to {notebook.path}").click()
        expect(bar).to_be_hidden()
        expect(desk.ask("which models do I have?")).not_to_contain_text("somewhere")
    finally:
        other.close()


def test_a_cell_the_panel_and_a_widget_show_the_same_turns(desk: Desk, page: Page, notebook: Notebook) -> None:
    desk.page.evaluate(
        """sources => sources.forEach((source, at) =>
            window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[at].setSource(source))""",
        [PANEL, "%%chat\nwhat does clf need?"],
    )
    desk.run_all()
    widget = desk.page.locator(".mlc-widget")
    expect(desk.questions).to_have_text(["what does clf need?"])
    expect(widget.locator("article.mlc-user")).to_have_text(["what does clf need?"])
    widget.get_by_label("Message", exact=True).fill("which models do I have?")
    widget.get_by_label("Message", exact=True).press("Enter")
    expect(desk.questions).to_have_text(["what does clf need?", "which models do I have?"])
    desk.settled(desk.answers.last)
    desk.ask("which frames do I have?")
    expect(widget.locator("article.mlc-user")).to_have_count(3)
    ids = [place.locator(".mlc-tag").last.inner_text() for place in (desk.panel, widget)]
    assert ids[0] == ids[1]


@pytest.mark.long
class TestMany:
    def test_five_hundred_are_paged(self, desk: Desk, site: Site, notebook: Notebook) -> None:
        for number in range(120):
            info = site.api("POST", "mlchat/api/conversations", {"context": {"notebook": notebook.path}})
            site.api("PATCH", f"mlchat/api/conversations/{info['id']}", {"title": f"number {number}"})
        listed = sheet(desk)
        expect(row(listed, "number 119")).to_have_count(1)
        expect(listed.get_by_role("listitem")).to_have_count(50)
        listed.get_by_role("button", name="Show more").click()
        expect(listed.get_by_role("listitem")).to_have_count(100)
        listed.get_by_role("button", name="Show more").click()
        expect(row(listed, "number 0").first).to_be_visible()
