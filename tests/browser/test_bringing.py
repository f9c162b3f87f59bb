"""The composer: names and commands, drafts, and what goes along with a question."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
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
    expect(desk.questions.first).to_have_text("Why did this cell fail?")
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
