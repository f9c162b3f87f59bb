"""Choosing who answers and how: the picker, the choices of a conversation, prompts, and two llms side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect
from provider import Page, Provider, calls, says

from browser.conftest import LLM
from browser.page import Desk
from browser.site import Notebook, Site

MANY = 2_000
CHOICES = "Choices of this conversation"


@pytest.fixture
def desk(desk: Desk) -> Iterator[Desk]:
    """The page is that of all tests here: none leaves a page of the panel open."""
    yield desk
    left = desk.panel.get_by_role("dialog")
    if left.count():
        left.get_by_role("button", name="Close", exact=True).click()


def sheet(desk: Desk, name: str) -> Locator:
    desk.panel.get_by_role("button", name="More", exact=True).click()
    desk.panel.get_by_role("menuitem", name=name, exact=True).click()
    return desk.panel.get_by_role("dialog", name=name, exact=True)


def chosen(site: Site, notebook: Notebook) -> dict[str, object]:
    """The newest conversation about the notebook, as the server has it."""
    known = site.api("GET", "mlchat/api/conversations")["conversations"]
    return next(one for one in known if one.get("notebook") == notebook.path)


@pytest.fixture
def listing(site: Site, provider: Provider) -> None:
    """The provider has many llms, and the server has asked for them."""
    ids = ["gpt-4.1-mini", "gpt-4o", *(f"house-{number:04}" for number in range(MANY))]
    provider.pages["/v1/models"] = Page({"data": [{"id": one} for one in ids]})
    site.api("GET", "mlchat/api/llms?refresh=1")


def test_an_llm_is_found_with_the_keyboard_and_taken_in_mid_conversation(
    listing: None, desk: Desk, provider: Provider, site: Site, notebook: Notebook
) -> None:
    page = desk.page
    expect(desk.ask("which models do I have?")).to_contain_text("answered by the built-in engine")
    picker = sheet(desk, "Language model")
    search = picker.get_by_role("combobox", name="Search language models")
    expect(picker.get_by_role("option", name="builtin in use")).to_have_attribute("aria-selected", "true")
    expect(picker.get_by_role("status")).to_contain_text(re.compile(r"^100 of \d+ shown; type to find the others\."))
    expect(picker.get_by_role("group", name="OpenAI")).to_contain_text("healthy")
    assert picker.get_by_role("option").count() == 100
    # What no provider here can do says what is missing, and asks for no key.
    picker.get_by_text("providers can't be used now").click()
    expect(picker.get_by_text("ANTHROPIC_API_KEY=…")).to_be_visible()
    assert picker.locator("input").count() == 1

    search.fill("house-1987")
    expect(picker.get_by_role("option")).to_have_text(["house-1987"])
    card = picker.get_by_role("region", name="Details of openai/house-1987")
    expect(card).to_contain_text("Can dostreaming")
    expect(card).to_contain_text("parameters, quantization, size, context, longest answer, price")
    search.fill("no such thing at all")
    expect(picker.get_by_text("No language model has these words.")).to_be_visible()
    search.fill("gpt-4")
    expect(picker.get_by_role("option").first).to_be_visible()
    wanted = picker.get_by_role("option", name="gpt-4.1-mini", exact=True).first
    expect(wanted).to_be_visible()
    for _ in range(20):
        if wanted.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowDown")
    expect(picker.get_by_role("region", name=f"Details of {LLM}")).to_be_visible()
    page.keyboard.press("Enter")
    expect(picker).to_be_hidden()
    provider.enqueue(says("I am the hosted one."))
    expect(desk.ask("and who are you?")).to_contain_text("I am the hosted one.")
    # What was said before goes along.
    assert "which models do I have?" in str(provider.bodies[0]["messages"])

    # A new conversation with another one.
    picker = sheet(desk, "Language model")
    picker.get_by_role("combobox").fill("house-0007")
    picker.get_by_role("option", name="house-0007").click()
    picker.get_by_role("button", name="New conversation with it").click()
    expect(desk.questions).to_have_count(0)
    assert chosen(site, notebook)["llm"] == "openai/house-0007"


def test_choices_of_a_conversation_are_changed_and_reach_the_provider(
    hosted_desk: Desk, provider: Provider, site: Site, notebook: Notebook
) -> None:
    desk = hosted_desk
    choices = sheet(desk, CHOICES)
    heat = choices.get_by_label("Temperature")
    save = choices.get_by_role("button", name="Save")
    heat.fill("2.5")
    expect(heat).to_have_attribute("aria-invalid", "true")
    expect(choices.get_by_text("A number from 0 to 2.")).to_be_visible()
    expect(save).to_be_disabled()
    heat.fill("0,3")
    choices.get_by_label("Your wishes").fill("Answer in German.")
    save.click()
    expect(save).to_be_disabled()
    choices.get_by_label("Prompt", exact=True).select_option("terse")
    expect(choices.get_by_text("Three lines at most.")).to_be_visible()
    tools = choices.get_by_role("checkbox", name="Tools")
    expect(tools).to_be_checked()
    tools.click()
    expect(tools).not_to_be_checked()
    expect(choices.get_by_label("Route")).to_have_value("direct")
    choices.get_by_role("checkbox", name="Send earlier turns along").click()
    expect(choices.get_by_label("Earlier turns", exact=True)).to_be_hidden()
    choices.get_by_role("button", name="Close").click()

    provider.enqueue(says("Ja.", usage=(1000, 500)))
    desk.ask("does clf fit?")
    body = provider.bodies[0]
    assert body["temperature"] == 0.3
    assert not body.get("tools")
    system = body["messages"][0]["content"]
    assert "Answer in German." in system and "at most three short lines" in system
    provider.enqueue(says("Ja."))
    desk.ask("and now?")
    assert "does clf fit?" not in str(provider.bodies[1]["messages"]), "it was to have no memory"

    choices = sheet(desk, CHOICES)
    expect(choices.get_by_role("listitem").filter(has_text="This conversation")).to_contain_text("1.52k tokens")
    choices.get_by_role("checkbox", name="Tools").click()
    # The page was left since: it does not know any more which way it was before.
    expect(choices.get_by_label("Route")).to_have_value("agent")
    choices.get_by_role("button", name="All as configured").click()
    choices.get_by_role("button", name="Save").click()
    expect(heat).to_have_value("")
    expect(choices.get_by_role("button", name="Save")).to_be_disabled()
    assert not chosen(site, notebook).get("parameters")


def test_what_was_always_allowed_is_taken_back(desk: Desk) -> None:
    answer = desk.ask("delete clf")
    answer.get_by_role("button", name="Always for this conversation").click()
    desk.settled(answer)
    choices = sheet(desk, CHOICES)
    writing = choices.get_by_label("Change the kernel")
    expect(writing).to_have_value("allow")
    expect(writing.locator("xpath=..")).to_contain_text("Done without asking.")
    choices.get_by_role("button", name="Take back").click()
    expect(writing).to_have_value("")
    expect(writing.locator("xpath=..")).to_contain_text("You are asked each time.")
    writing.select_option("deny")
    expect(writing.locator("xpath=..")).to_contain_text("Not done here.")


def test_a_prompt_of_ones_own_is_written_changed_and_deleted(desk: Desk, allowed_errors: list[str]) -> None:
    choices = sheet(desk, CHOICES)
    choices.get_by_role("button", name="Prompts of your own…").click()
    prompts = desk.panel.get_by_role("dialog", name="Prompts")
    shipped = prompts.get_by_role("region", name="teacher")
    expect(shipped.get_by_role("button", name="Delete")).to_have_count(0)
    expect(shipped.get_by_role("button", name="Change")).to_have_count(0)
    prompts.get_by_role("button", name="New prompt").click()
    form = prompts.get_by_role("form", name="New prompt")
    name = form.get_by_label("Name")
    expect(name).to_be_focused()
    name.fill("every monday")
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("monday")
    form.get_by_label("Text").fill("I report on {tables} ")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("'{tables}' is no placeholder")
    form.get_by_label("Text").fill("I report on ")
    form.get_by_role("button", name="{frames}").click()
    form.get_by_role("button", name="Save").click()
    own = prompts.get_by_role("region", name="monday")
    own.get_by_text("Text", exact=True).click()
    expect(own).to_contain_text("I report on {frames}")
    own.get_by_role("button", name="Change").click()
    form = prompts.get_by_role("form", name="The prompt monday")
    form.get_by_label("Description").fill("For the report.")
    form.get_by_role("button", name="Save").click()
    expect(own).to_contain_text("For the report.")
    prompts.get_by_role("button", name="Back to the choices").click()
    choices = desk.panel.get_by_role("dialog", name=CHOICES)
    choices.get_by_label("Prompt", exact=True).select_option("monday")
    expect(choices.get_by_text("For the report.")).to_be_visible()
    choices.get_by_role("button", name="Prompts of your own…").click()
    own.get_by_role("button", name="Delete").click()
    own.get_by_role("button", name="Delete it for good?").click()
    expect(own).to_have_count(0)
    prompts.get_by_role("button", name="Back to the choices").click()
    expect(choices.get_by_label("Prompt", exact=True)).to_have_value("")


def test_two_llms_answer_the_same_question_side_by_side(listing: None, desk: Desk, provider: Provider) -> None:
    desk.ask("which models do I have?")
    comparing = sheet(desk, "Compare two language models")
    expect(comparing.get_by_label("Question")).to_have_value("which models do I have?")
    comparing.get_by_label("First").select_option("builtin")
    second = comparing.get_by_label("Second")
    second.select_option("builtin")
    expect(second).to_have_attribute("aria-invalid", "true")
    second.select_option(LLM)
    provider.enqueue(calls(("list_models", {})), says("There is **clf**.", usage=(2000, 500)))
    comparing.get_by_role("button", name="Compare", exact=True).click()
    expect(comparing.get_by_role("status").filter(has_text="Asking builtin")).to_be_visible()
    table = comparing.get_by_role("table", name="Comparison: which models do I have?")
    expect(table.locator(":scope > thead th")).to_have_text(["builtin", LLM], timeout=60_000)
    rows = table.locator(":scope > tbody > tr")
    expect(rows.filter(has_text="There is clf.").locator("strong")).to_have_text("clf")
    expect(rows.filter(has_text="Tokens")).to_contain_text("2011 in, 507 out")
    expect(rows.filter(has_text="Tool calls").get_by_role("cell").nth(1)).to_contain_text(
        re.compile(r"list_models \(\d")
    )
    # Beside each other, and below each other where there is little room.
    cells = rows.filter(has_text="Tokens").get_by_role("cell")
    desk.resize(700)
    left, right = (cells.nth(at).bounding_box() for at in (0, 1))
    assert left and right and left["y"] == right["y"]
    desk.resize(260)
    left, right = (cells.nth(at).bounding_box() for at in (0, 1))
    assert left and right and left["y"] < right["y"]
    assert comparing.evaluate("one => one.scrollWidth <= one.clientWidth")
    desk.resize(400)
    comparing.get_by_role("button", name="Use here", exact=True).click()
    expect(comparing.get_by_role("button", name="In use here")).to_have_count(1)
