"""The kernel at a glance: what it does, what it holds, and what the chat may see of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from browser.page import Desk
from browser.site import Notebook

CELL = """
import numpy as np, pandas as pd
from sklearn.tree import DecisionTreeClassifier
X = pd.DataFrame({"age": [20, 30, 40, 50, 60, 70] * 4, "income": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 4})
clf = DecisionTreeClassifier(random_state=0).fit(X, [0, 0, 0, 1, 1, 1] * 4)
raw = DecisionTreeClassifier()
wide = pd.DataFrame(np.zeros((3, 2_000)), columns=[f"column_{i}" for i in range(2_000)])
"""
FOREST = """
from sklearn.ensemble import RandomForestClassifier
big = np.random.default_rng(0).normal(size=(4_000, 40))
slow = RandomForestClassifier(2_000, n_jobs=1).fit(big, big[:, 0] > 0)
"""


def page_of(desk: Desk) -> Locator:
    # What is said of the kernel comes in at this moment, and moves the button under a mouse.
    desk.panel.get_by_role("button", name="Kernel", exact=True).dispatch_event("click")
    page = desk.panel.get_by_role("dialog", name="Kernel")
    expect(page).to_be_visible()
    return page


def card(page: Locator, name: str, section: str = "Models") -> Locator:
    cards = page.get_by_role("region", name=section).get_by_role("listitem")
    return cards.filter(has=page.page.locator(".mlc-card-head").get_by_text(name, exact=True))


def run_cell(desk: Desk, source: str) -> None:
    """In the notebook itself, and not waited for."""
    desk.page.evaluate(
        """source => {
            const { content } = window.jupyterapp.shell.currentWidget;
            content.activeCellIndex = 0;
            content.model.sharedModel.cells[0].setSource(source);
            void window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        source,
    )


def test_cards_say_what_models_are_and_what_is_asked_of_them_is_a_turn(desk: Desk, notebook: Notebook) -> None:
    notebook.run(CELL)
    page = page_of(desk)
    clf = card(page, "clf")
    expect(clf).to_contain_text("DecisionTreeClassifier, classification")
    expect(clf).to_contain_text("2 features: age, income")
    expect(clf).to_contain_text("2 classes: 0, 1")
    expect(card(page, "raw")).to_contain_text("not fitted")
    expect(card(page, "raw").get_by_role("button", name="Predict with raw")).to_be_disabled()
    expect(card(page, "wide", "Data")).to_contain_text("2000 columns: column_0, column_1")
    expect(card(page, "wide", "Data")).to_contain_text("and 1992 more")
    clf.get_by_role("button", name="clf", exact=True).click()
    takes = clf.get_by_role("group", name="What clf takes")
    expect(takes.get_by_role("listitem")).to_have_text([re.compile(r"age .*20 to 70"), re.compile(r"income .*1 to 6")])
    assert notebook.events() == [] or not any(one["type"] == "tool.called" for one in notebook.events())
    page.get_by_role("searchbox", name="Search models and data").fill("INCOME x")
    expect(page.get_by_role("listitem").filter(has=desk.page.locator(".mlc-card-head"))).to_have_count(1)
    page.get_by_role("searchbox").fill("")
    clf.get_by_role("button", name="Predict with clf").click()
    expect(page).to_be_hidden()
    form = desk.answers.last.get_by_role("form", name="Predict with clf")
    form.get_by_label("age").fill("65")
    form.get_by_label("income").fill("5.5")
    form.get_by_role("button", name="Submit").click()
    desk.settled(desk.answers.last)
    # The card is open: it is all the answer that there is.
    expect(desk.answers.last.locator("details.mlc-step").last.get_by_text("Result", exact=True)).to_be_visible()
    card(page_of(desk), "clf").get_by_role("button", name="Explain with clf").click()
    expect(desk.answers).to_have_count(2)
    expect(desk.answers.last.get_by_role("img", name="Figure of get_feature_importance")).to_be_visible()


def test_what_is_hidden_is_gone_for_the_chat_and_can_be_shown_again(desk: Desk, notebook: Notebook) -> None:
    page = page_of(desk)
    card(page, "clf").get_by_role("button", name="Hide clf from the chat").click()
    hidden = card(page, "clf", "Hidden from the chat")
    expect(hidden).to_be_visible()
    expect(page.get_by_role("region", name="Models")).to_have_count(0)
    page.get_by_role("button", name="Close").click()
    expect(desk.ask("which models do I have?")).not_to_contain_text("clf")
    page = page_of(desk)
    hidden.get_by_role("button", name="Show clf again").click()
    expect(card(page, "clf")).to_be_visible()
    switch = page.get_by_role("switch", name="The chat may use this kernel")
    switch.click()
    desk.stands("disabled")
    expect(page.get_by_role("region", name="Models")).to_have_count(0)
    switch.click()
    expect(card(page, "clf")).to_be_visible()
    desk.stands(re.compile("idle|attached"))


def test_cards_of_before_a_restart_say_so_until_new_ones_come(desk: Desk, notebook: Notebook) -> None:
    desk.ask("which models do I have?")
    page = page_of(desk)
    expect(card(page, "clf")).to_be_visible()
    desk.page.evaluate(
        """() => {
            const said = window.__said = [];
            const see = () => said.push(document.querySelector('.mlc-before')?.textContent ?? '');
            const seen = document.querySelector('.mlc-kernel-page');
            new MutationObserver(see).observe(seen, { subtree: true, childList: true });
            void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();
        }"""
    )
    desk.page.wait_for_function("() => window.__said.some(one => one.includes('before the restart'))")
    expect(page).to_contain_text("There are no models or data in this kernel yet.")
    notebook.forget_client()
    run_cell(desk, CELL)
    expect(card(page, "clf")).to_contain_text("fitted in In[1]")
    expect(card(page, "clf")).to_contain_text("fresh")
    page.get_by_role("button", name="Close").click()
    expect(desk.log).to_contain_text("The kernel is restarted here")


def test_a_running_cell_is_told_with_its_time_and_progress(desk: Desk, notebook: Notebook) -> None:
    notebook.run("import numpy as np")
    page = page_of(desk)
    run_cell(desk, FOREST)
    running = page.locator(".mlc-running")
    told = r"In\[\d+\] · for \d+ s · RandomForestClassifier\.fit · \d+ of 2000 trees · about"
    expect(running).to_contain_text(re.compile(told))
    expect(running.get_by_role("progressbar", name="Progress of the running cell")).to_have_attribute("max", "2000")
    expect(desk.kernel).to_contain_text(re.compile(r"In\[\d+\] · for \d+ s"))
    desk.page.evaluate("() => void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
    expect(card(page, "big", "Data")).to_contain_text("4000 × 40")
    expect(running).to_have_count(0)


def test_an_end_is_told_to_who_looks_elsewhere_and_wanted_it(desk: Desk, notebook: Notebook) -> None:
    desk.page.context.grant_permissions(["notifications", "clipboard-read", "clipboard-write"])
    desk.page.evaluate(
        """() => {
            window.__told = [];
            window.Notification = class {
                static permission = 'granted';
                static requestPermission = async () => 'granted';
                constructor(title, { body }) { window.__told.push([title, body]); }
                close() {}
            };
        }"""
    )
    hide = "is => Object.defineProperty(document, 'visibilityState', { value: is, configurable: true })"
    desk.page.evaluate(hide, "hidden")
    desk.ask("which models do I have?")
    assert desk.page.evaluate("window.__told") == [], "nobody asked for it"
    desk.page.evaluate(hide, "visible")
    page = page_of(desk)
    page.get_by_role("switch", name="Notify me").click()
    expect(page.get_by_role("switch", name="Notify me")).to_be_checked()
    page.get_by_role("button", name="Close").click()
    desk.ask("what does clf need?")
    assert desk.page.evaluate("window.__told") == [], "who looks sees it"
    desk.page.evaluate(hide, "hidden")
    desk.ask("which models do I have?")
    assert desk.page.evaluate("window.__told") == [["ML Chat has answered", notebook.path]]
    # One that waits for a person, and a cell that took its time.
    desk.ask("predict with clf: age = 65")
    desk.page.wait_for_function("() => window.__told.length === 2")
    notebook.start("import time\nwhile True: time.sleep(0.1)")
    desk.stands("busy")
    desk.page.evaluate(
        "() => { const { timeOrigin: t } = performance; performance.now = () => Date.now() - t + 60_000; }"
    )
    notebook.site.api("POST", f"api/kernels/{notebook.kernel}/interrupt")
    desk.page.wait_for_function("() => window.__told.length === 3")
    assert desk.page.evaluate("window.__told[2]") == ["A cell has ended", notebook.path]
    desk.page.evaluate("() => delete performance.now")
    desk.page.evaluate(hide, "visible")
    page = page_of(desk)
    page.get_by_role("switch", name="Notify me").click()
    expect(page.get_by_role("switch", name="Notify me")).not_to_be_checked()


@pytest.mark.long
def test_three_hundred_models_with_names_of_anybody_are_quick_and_found(desk: Desk, notebook: Notebook) -> None:
    notebook.run(
        "models = {f'm{i}': DecisionTreeClassifier().fit(X, [0, 1] * 12) for i in range(150)}\n"
        "for i in range(150): globals()[f'tree_{i}'] = DecisionTreeClassifier().fit(X, [0, 1] * 12)\n"
        "models['<img src=x onerror=window.hit=1>'] = clf"
    )
    page = page_of(desk)
    expect(page.get_by_role("region", name="Models").get_by_role("heading")).to_contain_text("Models 301")
    begun = desk.page.evaluate("performance.now()")
    page.get_by_role("searchbox").fill("tree_149")
    expect(card(page, "tree_149")).to_be_visible()
    assert desk.page.evaluate("performance.now()") - begun < 1_000
    page.get_by_role("searchbox").fill("onerror")
    expect(page.get_by_role("listitem").first).to_contain_text("<img src=x")
    assert desk.page.evaluate("window.hit") is None
