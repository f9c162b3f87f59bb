"""The pages over the log in `ChatPanel`, where it reaches the server and where all goes through its kernel."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.conftest import MODELS
from browser.page import Desk
from browser.seen import cut, faint, nameless, serious
from browser.site import Site
from browser.widget import Panel, run_cell

SHOW = "from jupyter_mlchat import ChatPanel\nChatPanel(height=560)"
ALL = ["Kernel", "What was sent", "Language model", "Choices of this conversation"]
OF_THE_SERVER = ["Compare two language models", "Figures"]


@pytest.mark.parametrize("way", ["messages", pytest.param("socket", marks=pytest.mark.long)])
def test_every_page_is_there_and_works(page: Page, site: Site, way: str, request: pytest.FixtureRequest) -> None:
    if way == "messages":
        request.getfixturevalue("relayed")
    notebook = site.notebook(f"pages-{way}", SHOW)
    notebook.run(MODELS)
    Desk(page, notebook).load()
    run_cell(page, 0)
    panel = Panel(page).speaks_by(way)
    panel.root.evaluate("one => { one.style.width = '400px'; }")
    panel.ask("which models do I have?")

    def turn_to(name: str) -> Locator:
        if name == "Conversations":
            panel.root.get_by_role("button", name=name, exact=True).click()
        else:
            panel.root.get_by_role("button", name="More").click()
            panel.root.get_by_role("menuitem", name=name, exact=True).click()
        shown = panel.root.get_by_role("dialog", name=name)
        expect(shown).to_be_visible()
        expect(shown.locator("[aria-busy='true']")).to_have_count(0)
        expect(shown).not_to_contain_text(re.compile("Looking…|Asking providers…"))
        return shown

    panel.root.get_by_role("button", name="More").click()
    names = panel.root.get_by_role("menuitem").all_inner_texts()
    page.keyboard.press("Escape")
    assert names == (ALL + OF_THE_SERVER if way == "socket" else ALL)
    wrong: dict[str, list[str]] = {}
    for name in [*names, "Conversations"]:
        shown = turn_to(name)
        wrong[name] = [*faint(panel), *cut(panel), *nameless(panel), *serious(panel)]
        wrong[name] += shown.get_by_role("alert").all_inner_texts()
        # No word is broken into its letters.
        wrong[name] += [one for one in shown.locator("dt").all_inner_texts() if re.search(r"\w\n\w", one)]
        page.keyboard.press("Escape")
    assert not any(wrong.values()), wrong

    shown = turn_to("Conversations")
    expect(shown.locator(".mlc-conversation")).to_contain_text(["which models do I have?"])
    shown.get_by_role("searchbox", name="Search what was said").fill("which models")
    shown.get_by_role("button", name=re.compile("which models do I have")).first.click()
    expect(shown).to_be_hidden()
    turn_to("Choices of this conversation").get_by_role("checkbox", name="Tools").uncheck()
    page.keyboard.press("Escape")
    expect(turn_to("Choices of this conversation").get_by_role("checkbox", name="Tools")).not_to_be_checked()
    page.keyboard.press("Escape")
    turn_to("Kernel").get_by_role("button", name="Predict with clf").click()
    expect(panel.answers.last.get_by_role("form", name="Predict with clf")).to_be_visible()
    notebook.close()
