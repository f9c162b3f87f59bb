"""A person is asked for in the panel, comes, types, answers, and hands back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from browser.page import Desk
from browser.site import Notebook, Site

NAMED = {"ServerApp": {"identity_provider_class": "browser.named.Named"}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    tests = str(Path(__file__).resolve().parents[1])
    settings = {**NAMED, "MLChat": {"experts": ["eve"]}}
    made = Site(tmp_path_factory.mktemp("named"), {"PYTHONPATH": tests}, settings)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def notebook(site: Site) -> Iterator[Notebook]:
    made = site.notebook("people", "1 + 1")
    yield made
    made.close()


@pytest.mark.long
def test_from_the_question_for_a_person_to_the_way_back(
    context: BrowserContext, site: Site, notebook: Notebook
) -> None:
    desk = Desk(context.new_page(), notebook).load().open_panel()
    strip = desk.panel.locator(".mlc-person")
    strip.get_by_role("button", name="Ask a person").click()
    strip.get_by_role("button", name="Ask", exact=True).click()
    expect(strip).to_contain_text("Waiting for a person to join")

    def eve(method: str, path: str, body: Any = None) -> Any:
        return site.api(method, f"mlchat/api/{path}", body, {"X-User": "eve"})

    [request] = eve("GET", "experts/queue")["requests"]
    assert request["owner"] == "ada"
    where = f"conversations/{request['conversation']}"
    answer = desk.say("why are there two?")
    expect(answer).to_contain_text("Waiting for a person")
    eve("POST", f"{where}/claim", {})
    expect(strip).to_contain_text("eve answers here.")
    eve("POST", f"{where}/presence", {"state": "typing"})
    expect(strip).to_contain_text("eve is typing")
    eve("POST", f"{where}/say", {"text": "One is a **baseline**. <img src=x onerror=alert(1)>"})
    said = answer.get_by_role("region", name="eve")
    expect(said.locator("strong")).to_have_text("baseline")
    expect(said.locator("img")).to_have_count(0)
    expect(answer).to_contain_text("answered by eve (a person)")
    expect(strip).not_to_contain_text("is typing")
    strip.get_by_role("button", name="Back to the assistant").click()
    expect(strip.get_by_role("button", name="Ask a person")).to_be_visible()
    expect(desk.log).to_contain_text("Back to the assistant")
    assert "models" in (desk.ask("what can you do?").text_content() or "")
