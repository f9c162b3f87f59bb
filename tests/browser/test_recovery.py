"""What is lost, and what comes back: reloads, sockets, and two tabs of one person."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect
from provider import Provider, held, says

from browser.page import Desk
from browser.site import Notebook

SOCKETS = "**/mlchat/ws*"
WORDS = [f"word{number} " for number in range(20)]


@pytest.fixture
def sockets(page: Page) -> list[WebSocketRoute]:
    """The sockets of the page's panel, oldest first, each passed on to the server."""
    found: list[WebSocketRoute] = []

    def take(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        found.append(socket)

    page.route_web_socket(SOCKETS, take)
    return found


def once(desk: Desk) -> None:
    """The answer of `WORDS`, with nothing lost and nothing doubled."""
    desk.settled(desk.answers.first)
    expect(desk.answers).to_have_count(1)
    expect(desk.questions).to_have_text(["tell me all"])
    expect(desk.answers.locator(".mlc-md")).to_have_text("".join(WORDS).strip())


@pytest.mark.long
def test_a_reload_shows_the_same_conversation(fresh_desk: Desk) -> None:
    desk = fresh_desk
    desk.settled(desk.ask("predict with clf: age = 65"))
    desk.ask("which models do I have?")
    before = [desk.questions.all_inner_texts(), desk.answers.all_inner_texts()]
    desk.page.reload()
    desk.ready().open_panel()
    expect(desk.answers).to_have_count(2)
    desk.settled(desk.answers.last)
    expect(desk.answers.last.locator("table")).to_be_visible()
    assert [desk.questions.all_inner_texts(), desk.answers.all_inner_texts()] == before
    expect(desk.answers.first.get_by_role("button", name="Submit")).to_be_enabled()


def test_a_reload_in_the_middle_of_an_answer_loses_and_doubles_nothing(
    page: Page, notebook: Notebook, hosted: None, provider: Provider
) -> None:
    desk = Desk(page, notebook).load().open_panel()
    provider.enqueue(held(says(*WORDS), 5, go := threading.Event()))
    answer = desk.say("tell me all")
    expect(answer).to_contain_text("word3")
    page.reload()
    desk.ready().open_panel()
    expect(desk.answers.first).to_contain_text("word3")
    expect(desk.answers.first).to_have_attribute("aria-busy", "true")
    go.set()
    once(desk)


def test_a_lost_socket_loses_and_doubles_nothing(
    page: Page, notebook: Notebook, hosted: None, provider: Provider, sockets: list[WebSocketRoute]
) -> None:
    desk = Desk(page, notebook).load().open_panel()
    provider.enqueue(held(says(*WORDS), 5, go := threading.Event()))
    answer = desk.say("tell me all")
    expect(answer).to_contain_text("word3")
    sockets[-1].close()
    expect(desk.panel.locator(".mlc-connection")).not_to_have_attribute("data-status", "open")
    desk.connected()
    go.set()
    once(desk)
    assert len(sockets) == 2


class TestTwoTabs:
    @pytest.fixture
    def allowed_errors(self) -> list[str]:
        # JupyterLab's own widget manager hears what another tab's has asked.
        return ["Comm not found"]

    def test_they_agree_and_a_form_answered_in_one_closes_in_the_other(
        self, fresh_desk: Desk, context: BrowserContext, notebook: Notebook
    ) -> None:
        desk = fresh_desk
        asked = desk.ask("predict with clf: age = 65")
        other = Desk(context.new_page(), notebook).load("other").open_panel()
        expect(other.questions).to_have_text(["predict with clf: age = 65"])
        other.settled(other.answers.first)
        asked.get_by_label("income").fill("5.5")
        asked.get_by_role("button", name="Submit").click()
        expect(other.answers.first).to_contain_text("predicts 1")
        expect(other.answers.first.get_by_label("income")).to_be_disabled()
        expect(other.answers.first.get_by_label("income")).to_have_value("5.5")
        other.settled(other.ask("which models do I have?"))
        expect(desk.questions).to_have_count(2)
        desk.settled(desk.answers.last)
        expect(desk.answers.last.locator("table")).to_be_visible()
        assert desk.answers.all_inner_texts() == other.answers.all_inner_texts()
