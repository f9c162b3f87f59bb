"""What can be done with a turn: look closer, run again, ask again, take back, judge."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from provider import Provider, calls, says, stalls

from browser.page import Desk
from browser.site import Notebook


def test_a_result_is_a_table_and_its_call_runs_again_with_other_arguments(desk: Desk, notebook: Notebook) -> None:
    notebook.run("many = {f'm{n}': DecisionTreeClassifier().fit(X, [1, 0] * 12) for n in range(11)}")
    answer = desk.ask("which models do I have?")
    card = answer.locator("details.mlc-step")
    card.locator("> summary").click()
    expect(card).to_contain_text("reads, and changes nothing")
    table = card.get_by_role("table", name="models: 8 of 12")
    expect(table.get_by_role("row")).to_have_count(9)
    card.get_by_role("button", name="Show all 12 rows").click()
    expect(card.get_by_role("table", name="models").get_by_role("row")).to_have_count(13)
    expect(card.locator("pre").filter(has_text='"model_type"')).to_be_hidden()
    card.get_by_text("Raw JSON").click()
    expect(card.locator("pre").filter(has_text='"model_type"')).to_be_visible()
    card.get_by_role("button", name="Edit arguments and run again").click()
    arguments = card.get_by_label("Arguments as JSON")
    expect(arguments).to_be_focused()
    arguments.fill("[1")
    card.get_by_role("button", name="Run", exact=True).click()
    expect(card.get_by_role("alert")).to_contain_text("This is not JSON")
    expect(desk.answers).to_have_count(1)
    arguments.fill('{"query": "m3"}')
    card.get_by_role("button", name="Run", exact=True).click()
    again = desk.settled(desk.answers.nth(1))
    expect(again).to_have_attribute("data-state", "completed")
    expect(again.locator("details.mlc-step .mlc-args")).to_have_text("query=m3")
    expect(arguments).to_be_hidden()
    expect(desk.questions.nth(1).get_by_role("button")).to_have_count(0)


def test_a_number_says_where_it_comes_from(desk: Desk) -> None:
    answer = desk.ask("which models do I have?")
    number = answer.locator("button.mlc-bound", has_text=re.compile("^1$")).first
    number.click()
    why = answer.get_by_role("dialog", name="Where 1 comes from")
    expect(why).to_contain_text("list_models")
    expect(why).to_contain_text("total = 1")
    expect(why).to_contain_text(re.compile(r"clf of In\[\d+\]"))
    desk.page.keyboard.press("Escape")
    expect(why).to_be_hidden()
    expect(number).to_be_focused()


def test_a_question_is_asked_anew_an_answer_copied_and_judged(hosted_desk: Desk, provider: Provider) -> None:
    desk, page = hosted_desk, hosted_desk.page
    provider.enqueue(calls(("get_model_info", {"model_id": "clf"}), text=""), says("It is a **tree**."))
    answer = desk.ask("what does clf need?")
    answer.get_by_role("button", name="Copy this answer").click()
    expect(answer.locator("[data-said=done]")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == "It is a **tree**."
    expect(answer.locator(".mlc-end")).to_contain_text(re.compile(r"\d+ tokens"))

    answer.get_by_role("button", name="A bad answer").click()
    expect(answer.get_by_role("button", name="A bad answer")).to_have_attribute("aria-pressed", "true")
    word = answer.get_by_label("What was wrong?")
    expect(word).to_be_focused()
    word.fill("too short")
    word.press("Enter")
    expect(answer.locator(".mlc-remark")).to_have_text("“too short”")

    answer.get_by_role("button", name="What else").click()
    answer.get_by_role("button", name="Show as code").click()
    expect(answer.locator(".mlc-step-code pre")).to_have_text("clf")
    cells = page.locator(".jp-NotebookPanel:visible .jp-CodeCell")
    before = cells.count()
    answer.get_by_role("button", name="Insert as cell").click()
    expect(cells).to_have_count(before + 1)
    answer.get_by_role("button", name="Freeze").click()
    expect(answer).to_contain_text("in this notebook this question gets this answer from now on")
    expect(answer.get_by_role("button", name="Freeze")).to_have_attribute("aria-pressed", "true")

    desk.questions.first.get_by_role("button", name="Edit this question").click()
    own = desk.questions.first.get_by_label("Your question")
    expect(own).to_have_value("what does clf need?")
    own.press("Escape")
    expect(desk.questions.first.get_by_role("button", name="Edit this question")).to_be_focused()
    page.keyboard.press("Enter")
    provider.enqueue(says("A tree, I said."))
    own.fill("which inputs does clf take?")
    own.press("Enter")
    expect(desk.settled(desk.answers.nth(1))).to_contain_text("A tree, I said.")
    expect(desk.questions).to_have_text(["what does clf need?", "which inputs does clf take?"])

    answer.get_by_role("button", name="Freeze").click()
    expect(answer).to_contain_text("No longer frozen")
    answer.get_by_role("button", name="Ask another language model").click()
    expect(answer.get_by_label("Language model")).to_have_value("builtin")
    answer.get_by_role("button", name="Ask it").click()
    expect(desk.settled(desk.answers.nth(2))).to_contain_text("answered by the built-in engine")


def test_what_waits_in_line_says_so_and_can_be_taken_back_or_edited(hosted_desk: Desk, provider: Provider) -> None:
    desk = hosted_desk
    provider.enqueue(stalls("The first half"))
    first = desk.say("tell me all")
    expect(first).to_contain_text("The first half")
    expect(first.locator(".mlc-elapsed")).to_have_text(re.compile(r"\d+ s"))
    second, third, fourth = desk.say("one"), desk.say("two"), desk.say("three")
    expect(second).to_contain_text("In line, 1 answer before it")
    expect(fourth).to_contain_text("In line, 3 answers before it")
    desk.questions.nth(1).get_by_role("button", name="Take this question back").click()
    expect(second).to_contain_text("Taken back.")
    expect(fourth).to_contain_text("In line, 2 answers before it")
    desk.questions.nth(2).get_by_role("button", name="Edit this question").click()
    expect(third).to_contain_text("Taken back.")
    own = desk.questions.nth(2).get_by_label("Your question")
    own.fill("two and a half")
    own.press("Enter")
    expect(desk.questions.nth(4)).to_have_text("two and a half")
    expect(desk.answers.nth(4)).to_contain_text("In line, 2 answers before it")
    # One stop is for all of them.
    desk.panel.get_by_role("button", name="Stop", exact=True).click()
    expect(first).to_contain_text("Stopped.")
    expect(fourth).to_contain_text("Taken back.")
    expect(desk.answers.nth(4)).to_contain_text("Taken back.")
    assert len(provider.requests) == 1, "a question that was taken back was asked"


def test_what_was_meant_is_asked_and_read_so_again(desk: Desk) -> None:
    answer = desk.ask("the usual thing")
    expect(answer.locator("details.mlc-step")).to_have_count(0)
    answer.get_by_role("button", name="Dismiss").or_(answer.get_by_role("button", name="What else")).first.click()
    desk.settled(answer)
    if answer.get_by_role("button", name="What else").get_attribute("aria-expanded") == "false":
        answer.get_by_role("button", name="What else").click()
    answer.get_by_role("button", name="I meant…").click()
    meant = answer.get_by_label("What did you mean?")
    expect(meant).to_be_focused()
    meant.fill("which models do I have?")
    meant.press("Enter")
    expect(desk.settled(desk.answers.nth(1)).locator(".mlc-tool")).to_have_text("list_models")
    again = desk.ask("The usual thing")
    expect(again).to_contain_text("Read as “which models do I have?”.")
    expect(again.locator(".mlc-tool")).to_have_text("list_models")
    again.get_by_role("button", name="What else").click()
    again.get_by_role("button", name="Read it as it stands").click()
    expect(again).to_contain_text("This is read as it stands again.")
    answer.get_by_role("button", name="I meant…").click()
    meant.fill("which data is there?")
    meant.press("Enter")
    desk.settled(desk.answers.nth(3))
    desk.panel.get_by_role("button", name="More", exact=True).click()
    desk.panel.get_by_role("menuitem", name="Choices of this conversation").click()
    kept = desk.panel.get_by_role("region", name="What you meant in this notebook")
    expect(kept.get_by_role("listitem")).to_contain_text("“the usual thing” is read as “which data is there?”")
    kept.get_by_role("button", name="Forget what “the usual thing” means").click()
    expect(kept).to_contain_text("Nothing yet.")
    desk.panel.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    expect(desk.ask("the usual thing").locator("details.mlc-step")).to_have_count(0)
