"""A long conversation: it opens at its end, and what is far from there is drawn when somebody comes near."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, Page, expect

from browser.conftest import person
from browser.history import history
from browser.site import TOKEN, Site
from browser.trouble import Trouble

TURNS = 500
"""A question and an answer each."""
MEMORY = "([key, value]) => window.localStorage.setItem(key, value)"
PLACE = "log => log.scrollHeight - log.scrollTop - log.clientHeight"


def opened(page: Page, site: Site) -> Locator:
    """The panel of a page without a notebook, where the conversation that was last open has so many turns."""
    made = site.api("POST", "mlchat/api/conversations", history(TURNS, ""))
    page.goto(f"{site.url}/lab?token={TOKEN}&reset")
    page.evaluate(MEMORY, [f"jupyter-mlchat:{site.url}/", made["id"]])
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_selector(".jp-LauncherCard")
    page.evaluate("() => void window.jupyterapp.commands.execute('mlchat:open')")
    log = page.get_by_role("log", name="Conversation")
    expect(log.get_by_text(f"question {TURNS}", exact=True)).to_be_in_viewport()
    return log


def at_end(log: Locator) -> None:
    log.page.wait_for_function(f"() => ({PLACE})(document.querySelector('.mlc-log')) < 40")


def test_a_thousand_messages_open_at_their_end_and_all_can_be_reached(chromium: Browser, site: Site) -> None:
    trouble = Trouble()
    context = person(chromium, trouble)
    page = context.new_page()
    log = opened(page, site)
    expect(log.locator("article")).to_have_count(2 * TURNS)
    last = log.locator(".mlc-turn").last
    expect(last.locator("table")).to_be_in_viewport()
    at_end(log)
    # Few of them are drawn, and all of them are text in their order.
    assert log.locator(".mlc-far").count() > TURNS - 50
    expect(log.locator("article.mlc-user").nth(9)).to_have_text("question 10")
    # By keyboard to the beginning: it is drawn there, formulas and code too.
    log.focus()
    page.keyboard.press("Home")
    first = log.locator(".mlc-turn").first
    expect(first.locator("mjx-container").first).to_be_in_viewport()
    expect(first.locator("pre code span").first).to_be_visible()
    expect(log.locator(".mlc-turn").nth(250).locator(".mlc-far")).to_have_count(1)
    # Somewhere else at once, as a search in the page does: what is drawn above it then does not move it.
    page.evaluate(
        """() => {
            const log = document.querySelector('.mlc-log'), mark = log.querySelectorAll('.mlc-turn')[400];
            mark.scrollIntoView();
            log.scrollTop += 20;
            window.moved = () => Math.round(mark.getBoundingClientRect().top - log.getBoundingClientRect().top);
        }"""
    )
    expect(log.locator(".mlc-turn").nth(398).locator("mjx-container, table").first).to_be_attached()
    page.wait_for_function("() => Math.abs(window.moved() + 20) <= 8")
    # A question goes to the end.
    page.get_by_label("Message", exact=True).fill("which models do I have?")
    page.keyboard.press("Enter")
    expect(log.get_by_text("which models do I have?")).to_be_in_viewport()
    context.close()
    trouble.check([])
