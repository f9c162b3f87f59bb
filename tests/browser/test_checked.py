"""An answer that was flagged, its review, and thumbs."""

from __future__ import annotations

from playwright.sync_api import expect
from provider import Provider, says

from browser.page import Desk


def test_a_flagged_answer_says_why_and_is_reviewed_where_nobody_else_could(
    hosted_desk: Desk, provider: Provider
) -> None:
    provider.enqueue(says("It has 4711 leaves."))
    answer = hosted_desk.ask("how big is the tree?")
    checked = answer.locator(".mlc-checked")
    expect(checked).to_contain_text("grounded (rules): 0 of 1 numbers come from a tool result.")
    bad = answer.get_by_role("button", name="A bad answer")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(answer.get_by_role("button", name="A good answer")).to_have_attribute("aria-pressed", "false")
    checked.get_by_role("button", name="Ask for a review").click()
    correct = checked.get_by_role("button", name="Correct")
    expect(correct).to_be_disabled()
    checked.get_by_label("A better answer").fill("It has **3** leaves.")
    correct.click()
    expect(checked).to_contain_text("A reviewer corrected this answer")
    expect(checked.locator("strong")).to_have_text("3")
    expect(correct).to_have_count(0)
