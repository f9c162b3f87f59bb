"""What goes wrong around the panel, and what a person sees of it."""

from __future__ import annotations

import json
import threading
import urllib.error

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from browser.page import Desk
from browser.site import Notebook, Site

SOCKETS = "**/mlchat/ws*"


def test_a_kernel_that_is_gone_fails_the_question_with_the_fix(desk: Desk, notebook: Notebook, site: Site) -> None:
    notebook.forget_client()
    # The page still believes in its kernel when the question is on its way.
    asked = desk.ask("which models do I have?")
    expect(asked).to_contain_text("clf")
    site.api("DELETE", f"api/kernels/{notebook.kernel}")
    answer = desk.ask("predict with clf: age = 65, income = 2")
    expect(answer).to_contain_text("This server has no such kernel. Open the notebook again.")
    expect(answer).not_to_contain_text("predicts")
    expect(desk.message).to_be_enabled()


def test_a_cell_that_never_lets_go_does_not_hide_the_answer(desk: Desk, notebook: Notebook) -> None:
    notebook.start("import time; time.sleep(30)")
    desk.stands("busy")
    expect(desk.ask("which models do I have?")).to_contain_text("clf")
    notebook.site.api("POST", f"api/kernels/{notebook.kernel}/interrupt")
    desk.stands("idle")


def test_an_event_of_a_newer_server_is_shown_by_its_text(page: Page, notebook: Notebook) -> None:
    def newer(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            socket.send(frame)
            event = json.loads(frame)
            if event["type"] == "turn.started":
                place = {name: event[name] for name in ("conversation", "turn", "attempt", "time")}
                socket.send(json.dumps({"type": "weather", **place, "text": "It will rain.", "clouds": [1, 2]}))
                # Not even a text to show.
                socket.send(json.dumps({"type": "riddle", **place, "depth": 3}))

        server.on_message(pass_on)

    page.route_web_socket(SOCKETS, newer)
    desk = Desk(page, notebook).load().open_panel().furnished()
    answer = desk.ask("which models do I have?")
    expect(answer).to_contain_text("It will rain.")
    expect(answer.locator("table")).to_contain_text("clf")


@pytest.mark.long
def test_a_paste_of_five_megabytes_is_refused_with_the_fix_and_can_be_shortened(desk: Desk) -> None:
    desk.page.evaluate("() => navigator.clipboard.writeText('0123456789abcde\\n'.repeat(5 * 65536))")
    desk.message.focus()
    desk.page.keyboard.press("Control+v")
    problem = desk.panel.get_by_role("alert")
    expect(problem).to_contain_text("5.2 MB")
    expect(problem).to_contain_text("save it as a file")
    expect(desk.panel.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    desk.message.press("Enter")
    expect(desk.questions).to_have_count(0)
    desk.connected()
    desk.message.fill("which models do I have?")
    expect(problem).to_be_hidden()
    desk.message.press("Enter")
    desk.settled(desk.answers.first)
    expect(desk.answers.first).to_contain_text("clf")


def test_a_form_that_is_submitted_twice_counts_once(desk: Desk, notebook: Notebook) -> None:
    answer = desk.ask("predict with clf: age = 65")
    answer.get_by_label("income").fill("5.5")
    submit = answer.get_by_role("button", name="Submit")
    submit.evaluate("one => { one.click(); one.click(); one.form.requestSubmit(); }")
    expect(answer).to_contain_text("predicts 1")
    desk.settled(answer)
    events = notebook.events()
    assert [event["type"] for event in events].count("form.closed") == 1
    assert [event["type"] for event in events].count("tool.returned") == 1
    expect(desk.panel.locator(".mlc-trouble")).to_have_count(0)


class TestTwoTabs:
    @pytest.fixture
    def allowed_errors(self) -> list[str]:
        # JupyterLab's own widget manager hears what another tab's has asked.
        return ["Comm not found"]

    @pytest.mark.long
    def test_an_approval_answered_in_two_tabs_has_one_outcome(
        self, fresh_desk: Desk, context: BrowserContext, notebook: Notebook
    ) -> None:
        desk = fresh_desk
        desk.ask("delete clf")
        other = Desk(context.new_page(), notebook).load("second").open_panel()
        other.settled(other.answers.first)
        # Both have the buttons before either of them answers.
        allow = desk.panel.get_by_role("button", name="Allow once")
        deny = other.panel.get_by_role("button", name="Deny")
        expect(allow).to_be_enabled()
        expect(deny).to_be_enabled()
        allow.evaluate("one => void window.setTimeout(() => one.click(), 200)")
        deny.evaluate("one => void window.setTimeout(() => one.click(), 200)")
        for tab in (desk, other):
            tab.settled(tab.answers.first)
            expect(tab.answers.first).to_contain_text("Allowed")
            expect(tab.answers.first.get_by_role("button", name="Deny")).to_have_count(0)
        [closed] = [event for event in notebook.events() if event["type"] == "approval.closed"]
        assert notebook.run("print('clf' in globals())") == f"{closed['outcome'] == 'denied'}\n"
        assert desk.answers.all_inner_texts() == other.answers.all_inner_texts()


def test_a_form_that_somebody_else_has_answered_says_so(desk: Desk, notebook: Notebook, site: Site) -> None:
    """The answer comes over REST while this panel's own one is on its way."""
    answer = desk.ask("predict with clf: age = 65")
    [asked] = [event for event in notebook.events() if event["type"] == "form.asked"]
    answer.get_by_label("income").fill("1.5")

    def submit() -> None:
        body = {"form": asked["form"], "values": {"income": 5.5}}
        try:
            site.api("POST", f"mlchat/api/turns/{asked['turn']}/form", body)
        except urllib.error.HTTPError as error:
            assert error.code == 409

    other = threading.Thread(target=submit)
    other.start()
    answer.get_by_role("button", name="Submit").evaluate("one => one.click()")
    other.join()
    expect(answer).to_contain_text("predicts")
    desk.settled(answer)
    [closed] = [event for event in notebook.events() if event["type"] == "form.closed"]
    expect(answer.get_by_label("income")).to_have_value(str(closed["values"]["income"]))
    expect(answer.get_by_role("button", name="Submit")).to_be_disabled()
