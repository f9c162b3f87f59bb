"""A person asks for another one, who takes the request in a panel of their own; and reviews."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import person
from browser.page import Desk
from browser.site import Notebook, Site
from browser.trouble import Trouble

NAMED = {"ServerApp": {"identity_provider_class": "browser.named.Named"}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    tests = str(Path(__file__).resolve().parents[1])
    settings: dict[str, dict[str, Any]] = {**NAMED, "MLChat": {"experts": ["eve"], "admins": ["eve"]}}
    made = Site(tmp_path_factory.mktemp("people"), {"PYTHONPATH": tests}, settings)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def notebook(site: Site) -> Iterator[Notebook]:
    made = site.notebook("shared", "1 + 1")
    yield made
    made.close()


@pytest.fixture
def eve(chromium: Browser, trouble: Trouble, site: Site) -> Iterator[Page]:
    context = person(chromium, trouble)
    context.add_cookies([{"name": "user", "value": "eve", "url": site.url}])
    yield context.new_page()
    context.close()


def menu(desk: Desk, item: str) -> None:
    desk.panel.get_by_role("button", name="More").click()
    desk.panel.get_by_role("menuitem", name=item).click()


def test_two_people_from_the_request_to_the_way_back(
    context: BrowserContext, eve: Page, site: Site, notebook: Notebook
) -> None:
    ada = Desk(context.new_page(), notebook).load().open_panel()
    strip = ada.panel.locator(".mlc-person")
    strip.get_by_role("button", name="Ask a person").click()
    strip.get_by_label("What is it about?").fill("it <b>diverges</b>")
    strip.get_by_label("Directly, with no assistant in between").check()
    strip.get_by_role("button", name="Ask", exact=True).click()
    expect(strip).to_contain_text("Waiting for a person to join")
    strip.get_by_role("button", name="Let the assistant take part").click()
    expect(strip.get_by_role("button", name="Talk directly")).to_be_visible()
    answer = ada.say("why is it so slow?")
    ada.panel.get_by_role("button", name="More").click()
    expect(ada.panel.get_by_role("menuitem", name="Reviews")).to_have_count(0)
    ada.page.keyboard.press("Escape")

    other = site.notebook("evening", "2 + 2")
    desk = Desk(eve, other).load().open_panel()
    tag = desk.panel.get_by_role("button", name="Queue")
    expect(tag).to_contain_text("1")
    tag.click()
    queue = desk.panel.get_by_role("dialog", name="Who waits for a person")
    request = queue.get_by_role("listitem", name="ada")
    expect(request).to_contain_text("it <b>diverges</b>")
    expect(request).to_contain_text("1 question waits")
    request.get_by_role("button", name="Take it").click()
    expect(queue).to_have_count(0)
    expect(desk.log).to_contain_text("why is it so slow?")
    mine = desk.panel.locator(".mlc-person")
    expect(mine).to_contain_text("You answer ada here.")
    expect(strip).to_contain_text("eve answers here.")

    desk.message.press_sequentially("Scale")
    expect(strip).to_contain_text("eve is typing")
    desk.message.fill("Scale it **first**. <img src=x onerror=alert(1)>")
    desk.message.press("Enter")
    said = answer.get_by_role("region", name="eve")
    expect(said.locator("strong")).to_have_text("first")
    expect(said.locator("img")).to_have_count(0)
    expect(answer).to_contain_text("answered by eve (a person)")
    expect(strip).not_to_contain_text("is typing")
    expect(desk.questions).to_have_count(1)
    mine.get_by_role("combobox", name="To").select_option("assistant")
    desk.message.fill("what can you do?")
    desk.message.press("Enter")
    expect(ada.log.get_by_role("article", name="Expert")).to_have_text("what can you do?")
    expect(ada.answers.last).to_contain_text("answered by the built-in engine")

    mine.get_by_role("button", name="Leave").click()
    expect(mine).not_to_contain_text("ada")
    expect(desk.log).not_to_contain_text("why is it so slow?")
    tag.click()
    request.get_by_role("button", name="Give it to…").click()
    desk.page.keyboard.type("zoe")
    desk.page.keyboard.press("Enter")
    expect(request).to_contain_text("zoe has joined")
    expect(strip).to_contain_text("zoe answers here.")
    strip.get_by_role("button", name="Back to the assistant").click()
    expect(strip.get_by_role("button", name="Ask a person")).to_be_visible()
    expect(ada.log).to_contain_text("Back to the assistant")
    other.close()


@pytest.mark.long
def test_an_answer_is_corrected_in_the_reviews(eve: Page, site: Site, notebook: Notebook) -> None:
    info = site.api("POST", "mlchat/api/conversations", {"context": {"notebook": notebook.path}})
    where = f"mlchat/api/conversations/{info['id']}"
    asked = site.api("POST", f"{where}/turns?wait=1", {"text": "what can you do?"})
    site.api("POST", f"mlchat/api/turns/{asked['turn']}/review", {"note": "Is that so?"})

    desk = Desk(eve, notebook).load().open_panel()
    menu(desk, "Reviews")
    sheet = desk.panel.get_by_role("dialog", name="Reviews")
    review = sheet.get_by_role("region", name="Review: what can you do?")
    expect(review).to_contain_text("ada says: Is that so?")
    expect(review).to_contain_text("The person asked for it.")
    correct = review.get_by_role("button", name="Correct")
    expect(correct).to_be_disabled()
    review.get_by_label("The better answer").fill("Ask me for **models**.")
    review.get_by_label("A word for who asked").fill("Said shorter.")
    correct.click()
    expect(sheet).to_contain_text("No answer waits for a review.")
    sheet.get_by_label("Decided ones too").check()
    expect(review).to_contain_text("decided by eve")
    expect(review.locator("strong", has_text="models")).to_have_count(1)
    with eve.expect_download() as saved:
        sheet.get_by_role("link", name="Corrections as a file").click()
    assert saved.value.suggested_filename == "corrections.ndjson"
