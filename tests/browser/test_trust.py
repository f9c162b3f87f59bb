"""What may leave, what has left, what would be shown, and what it all took."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from provider import Provider, calls, says

from browser.page import Desk

ROWS = "show me 3 rows of X"


def test_the_badge_and_the_drawer_say_that_nothing_leaves(desk: Desk) -> None:
    badge = desk.panel.get_by_role("button", name="Offline.")
    expect(badge).to_contain_text("nothing leaves this machine")
    answer = desk.ask("which models do I have?")
    answer.get_by_role("button", name="What else").click()
    answer.get_by_role("button", name="What was sent").last.click()
    drawer = desk.panel.get_by_role("dialog", name="What was sent")
    expect(drawer.get_by_role("region", name="Sent for: which models do I have?")).to_contain_text(
        "Nothing left this machine for this question."
    )
    desk.page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(answer.get_by_role("button", name="What was sent").last).to_be_focused()


def test_the_drawer_shows_each_request_readable_and_what_was_held_back(hosted_desk: Desk, provider: Provider) -> None:
    desk = hosted_desk
    provider.enqueue(calls(("list_dataframes", {})), says("There is one."))
    desk.ask("which frames are there?")
    badge = desk.panel.get_by_role("button", name="Aggregates.")
    expect(badge).to_contain_text("openai")
    badge.click()
    sent = desk.panel.get_by_role("region", name="Sent for: which frames are there?")
    requests = sent.locator("details.mlc-sent-request")
    expect(requests).to_have_count(2)
    second = requests.nth(1)
    expect(second.locator("> summary")).to_have_text(re.compile(r"openai / gpt-4.1-mini .*kB, about \d+ tokens"))
    second.locator("> summary").click()
    expect(second).to_contain_text("Result of list_dataframes")
    expect(second).to_contain_text("list_dataframes(")
    expect(second.get_by_text("messages as in request 1")).to_be_visible()
    expect(sent.get_by_text("Held back", exact=True)).to_be_visible()
    assert len(provider.requests) == 2, "looking sends nothing"
    desk.page.keyboard.press("Escape")


def test_rows_are_seen_here_before_anybody_else_may(hosted_desk: Desk, provider: Provider) -> None:
    desk = hosted_desk
    provider.enqueue(calls(("sample_rows", {"data": "X", "n": 3})), says("There they are."))
    answer = desk.say(ROWS)
    card = answer.get_by_role("region", name="Approval: sample_rows")
    expect(card).to_contain_text("At most 3 rows of 2 columns: age, income.")
    preview = card.get_by_role("group", name="What would be shown")
    preview.get_by_role("button", name="See these rows first").click()
    expect(preview).to_contain_text("3 of 24 rows, 3 columns")
    expect(preview.get_by_role("row")).to_have_count(4)
    expect(preview.get_by_role("columnheader").nth(1)).to_have_text("age")
    assert len(provider.requests) == 1, "nothing of it was sent"
    assert "tool.returned" not in [event["type"] for event in desk.notebook.events()]
    card.get_by_role("button", name="Deny").click()
    expect(preview).to_have_count(0)
    desk.settled(answer)


def test_the_figures_of_the_last_days(desk: Desk) -> None:
    desk.ask("which models do I have?")
    desk.panel.get_by_role("button", name="More").click()
    desk.panel.get_by_role("menuitem", name="Figures").click()
    figures = desk.panel.get_by_role("dialog", name="Figures")
    expect(figures.get_by_role("region", name="Questions")).to_contain_text(re.compile(r"completed\s*\d"))
    expect(figures.get_by_role("region", name="Tools")).to_contain_text("%)")
    expect(figures.get_by_role("region", name="Time of an answer")).to_contain_text(re.compile(r"\d+ ms|\d\.\d s"))
    expect(figures.get_by_role("region", name="Providers")).to_contain_text("builtin healthy")
    figures.get_by_role("combobox", name="Days").select_option("1")
    expect(figures.get_by_role("region", name="Questions")).to_contain_text("completed")
    expect(figures.get_by_role("combobox", name="Of")).to_have_count(0)
    figures.get_by_role("button", name="Close").click()
