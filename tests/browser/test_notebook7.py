"""Notebook 7: the same panel on the same core path."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.page import Desk
from browser.site import Notebook


@pytest.fixture
def allowed_errors() -> list[str]:
    # Notebook 7 says these without us too.
    return ["Command 'filebrowser:open-path' not registered", "reading 'schema'"]


def test_it_opens_from_the_menu_and_asks_fills_approves_and_comes_back(page: Page, notebook: Notebook) -> None:
    desk = Desk(page, notebook, "notebook").load()
    page.get_by_role("menuitem", name="View").click()
    page.locator(".lm-Menu-itemLabel", has_text="Right Sidebar").hover()
    page.locator(".lm-Menu-itemLabel", has_text="ML Chat").last.click()
    desk.connected().furnished()
    expect(desk.kernel).to_contain_text(notebook.path)

    expect(desk.ask("which models do I have?").locator("table")).to_contain_text("clf")
    answer = desk.ask("predict with clf: age = 65")
    answer.get_by_label("income").fill("5.5")
    answer.get_by_role("button", name="Submit").click()
    expect(answer).to_contain_text("predicts 1")
    desk.settled(answer)
    denied = desk.ask("delete clf")
    denied.get_by_role("button", name="Deny").click()
    expect(denied).to_contain_text("Denied")
    desk.settled(denied)
    assert notebook.run("print('clf' in globals())") == "True\n"

    card = answer.locator("details.mlc-step").last
    card.locator("> summary").click()
    card.get_by_role("button", name="Insert as cell").click()
    page.wait_for_function("n => document.querySelectorAll('.jp-CodeCell').length === n", arg=3)
    assert "clf" in desk.cells()[1]

    before = desk.answers.all_inner_texts()
    page.reload()
    desk.ready().open_panel()
    expect(desk.answers).to_have_count(3)
    desk.settled(desk.answers.last)
    expect(desk.answers.first.locator("table")).to_be_visible()
    again = desk.answers.all_inner_texts()
    assert (again[0], again[2]) == (before[0], before[2])


def test_it_is_usable_as_wide_as_it_opens(page: Page, notebook: Notebook) -> None:
    desk = Desk(page, notebook, "notebook").load().open_panel().furnished()
    desk.ask("predict with clf: age = 65")
    sizes = desk.panel.evaluate("one => [one.offsetWidth, one.scrollWidth]")
    assert sizes[1] <= sizes[0]
    assert desk.log.evaluate("one => one.scrollWidth <= one.clientWidth")
    shown = desk.panel.get_by_role("button", name="Submit").bounding_box()
    whole = desk.panel.bounding_box()
    assert shown and whole and shown["x"] + shown["width"] <= whole["x"] + whole["width"]
