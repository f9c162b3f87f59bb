"""Forms and approvals: filling by keyboard, thousands of inputs, changing a value, two tabs, and views of others."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from browser.page import Desk
from browser.site import Notebook, Site

WIDE = """
import numpy as np
from sklearn.linear_model import LinearRegression
names = ["__proto__", 'say "so"', "two\\nlines", "🌧"] + [f"measure {i}" for i in range(1996)]
wide = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2000)), columns=names)
line = LinearRegression().fit(wide, wide["measure 7"] * 5 + wide["__proto__"] * 3)
"""
MIXED = """
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
homes = pd.DataFrame({"area": [50.5, 120.25] * 60, "plan": ["basic", "pro"] * 60})
homes = homes.assign(town=[f"town {i}" for i in range(60)] * 2, new=[True, False] * 60)
encode = make_column_transformer((OneHotEncoder(), ["plan", "town"]), remainder="passthrough")
price = make_pipeline(encode, DecisionTreeClassifier(random_state=0)).fit(homes, [0, 1] * 60)
"""
HIDDEN = "total = 1\n# \u202e nothing to see \u2066\nprint(total)"


def test_a_form_is_filled_sent_and_changed_with_the_keyboard_alone(desk: Desk, notebook: Notebook) -> None:
    page = desk.page
    notebook.run(MIXED)
    answer = desk.ask("predict with price: plan = pro")
    form = answer.get_by_role("form", name="Predict with price")
    form.get_by_label("area").focus()
    page.keyboard.type("900,5")
    expect(form).to_contain_text(re.compile("Outside of 50.5 to 120.25"))
    page.keyboard.press("Escape")
    expect(form.get_by_label("area")).to_have_value("900,5")
    page.keyboard.press("Tab")
    expect(form.get_by_label("plan")).to_be_focused()
    expect(form.get_by_label("plan")).to_have_value("pro")
    page.keyboard.press("Tab")
    page.keyboard.type("town 4")
    assert len(form.locator("datalist option").all()) == 60
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(form.get_by_label("new")).to_be_focused()
    expect(form.get_by_label("new")).to_have_attribute("aria-invalid", "true")
    page.keyboard.type("true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    desk.settled(answer)
    expect(answer).to_contain_text("predicts 1")
    expect(form).to_be_focused()
    expect(form.get_by_label("area")).to_have_value("900.5")
    page.keyboard.press("Tab")
    again = form.get_by_role("button", name="Change a value")
    expect(again).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.get_by_label("area")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("60")
    before = desk.answers.count()
    page.keyboard.press("Enter")
    second = desk.settled(desk.answers.nth(before))
    expect(second.locator("details.mlc-step")).to_have_attribute("data-status", "ok")
    called = [event for event in notebook.events() if event["type"] == "tool.called"][-1]
    assert called["args"]["features"] == {"area": 60, "plan": "pro", "town": "town 4", "new": True}
    expect(form.get_by_label("area")).to_have_value("900.5")


def test_two_thousand_inputs_start_from_a_row_and_are_searched(desk: Desk, notebook: Notebook) -> None:
    notebook.run(WIDE)
    answer = desk.ask("give me a form for line")
    form = answer.get_by_role("form", name="Predict with line")
    start = form.get_by_label("Start from")
    expect(start).to_have_value("median")
    expect(form).to_contain_text("the median row of wide")
    expect(form.get_by_label("measure 7", exact=True)).to_have_attribute(
        "placeholder", re.compile("as in the row: -?0")
    )
    assert form.locator(".mlc-field").count() <= 14
    search = form.get_by_label("1988 other inputs")
    search.fill("measure 19")
    expect(form.get_by_role("status")).to_have_text(re.compile(r"8 of \d+ are shown"))
    search.fill("two")
    form.get_by_role("button", name="two lines").click()
    expect(form.get_by_label("two lines")).to_be_focused()
    form.get_by_label("two lines").fill("1,5")
    form.get_by_label("__proto__").fill("2")
    start.fill("row 3 of wide")
    form.get_by_role("button", name="Submit").click()
    expect(answer.locator("details.mlc-step").last).to_have_attribute("data-status", "ok")
    desk.settled(answer)
    told = [event for event in notebook.events() if event["type"] == "tool.returned"][-1]["result"]
    script = "print(float(line.predict(wide.iloc[[3]].assign(**{'two\\nlines': 1.5, '__proto__': 2.0}))[0]))"
    assert told["data"]["prediction"] == pytest.approx(float(notebook.run(script)))
    assert told["data"]["start"] == "the row `row 3 of wide`"
    assert "prediction" in told["data"] and json.dumps(told["data"]).count("measure") == 0, "the row stays here"
    expect(form.get_by_label("two lines")).to_have_value("1.5")
    expect(form.get_by_role("button", name="Change a value")).to_be_visible()


def test_an_approval_shows_what_happens_and_one_answer_counts_in_two_tabs(
    desk: Desk, notebook: Notebook, context: BrowserContext, allowed_errors: list[str]
) -> None:
    # JupyterLab's own, of a kernel with two pages.
    allowed_errors.append("Comm not found")
    answer = desk.ask("predict with clf: age = 65")
    other = Desk(context.new_page(), notebook).load("second").open_panel()
    filled = other.panel.get_by_role("form", name="Predict with clf")
    filled.get_by_label("income").fill("2")
    here = answer.get_by_role("form", name="Predict with clf")
    here.get_by_label("income").fill("5.5")
    here.get_by_role("button", name="Submit").click()
    desk.settled(answer)
    expect(filled.get_by_label("income")).to_have_value("5.5")
    expect(filled.get_by_label("income")).to_be_disabled()
    expect(filled).to_contain_text("Submitted.")
    answer = desk.ask("delete clf")
    approval = answer.get_by_role("region", name="Approval: delete_model")
    expect(approval).to_contain_text("Before: DecisionTreeClassifier with 2 inputs")
    expect(approval).to_contain_text("After: nothing")
    expect(other.panel.get_by_role("button", name="Deny")).to_be_visible()
    other.panel.get_by_role("button", name="Deny").click()
    expect(approval).to_contain_text("Denied")
    expect(approval.get_by_role("button")).to_have_count(0)
    assert notebook.run("print('clf' in globals())") == "True\n"


def test_code_is_highlighted_and_hides_nothing(desk: Desk, notebook: Notebook, site: Site) -> None:
    desk.ask("which models do I have?")
    site.api("POST", f"mlchat/api/kernels/{notebook.kernel}/tools/run_code", {"args": {"code": HIDDEN}})
    approval = desk.panel.get_by_role("region", name="Approval: run_code")
    expect(approval.locator("pre")).to_contain_text("⟦U+202E⟧ nothing to see ⟦U+2066⟧")
    expect(approval).to_contain_text("Invisible characters")
    assert approval.locator("pre span[class]").count() > 2, "it is highlighted"
    approval.get_by_role("button", name="Allow once").press("Enter")
    expect(approval).to_contain_text("Allowed")


NEIGHBOUR = """
let shared;
window._JUPYTERLAB = window._JUPYTERLAB || {};
window._JUPYTERLAB.neighbour = {
  init: scope => { shared = scope; },
  get: async () => {
    const load = async name => (await Object.values(shared[name])[0].get())();
    const { IMLChatParts } = await load('jupyter-mlchat');
    const { createElement } = await load('react');
    const Place = ({ part }) => createElement('figure', { 'aria-label': 'Map' }, part.event.place.name);
    const activate = (app, parts) => void parts.register('acme.map', Place);
    const plugin = { id: 'neighbour:plugin', autoStart: true, optional: [IMLChatParts], activate };
    return () => ({ __esModule: true, default: plugin });
  }
};
"""


@pytest.fixture
def neighbour(site: Site) -> Iterator[None]:
    """Another extension of JupyterLab."""
    folder = site.folder / "extensions" / "neighbour"
    (folder / "static").mkdir(parents=True)
    (folder / "static" / "remoteEntry.js").write_text(NEIGHBOUR)
    build = {"_build": {"load": "static/remoteEntry.js", "extension": "./extension"}}
    (folder / "package.json").write_text(json.dumps({"name": "neighbour", "version": "1.0.0", "jupyterlab": build}))
    yield
    shutil.rmtree(folder)


def test_another_extension_draws_its_own_kind_of_part(
    neighbour: None, page: Page, notebook: Notebook, allowed_errors: list[str]
) -> None:
    # It can't draw a map of no place; the chat tells that one in words.
    allowed_errors.append("reading 'name'")

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def hear(told: str | bytes) -> None:
            socket.send(told)
            event = json.loads(told)
            if event["type"] == "turn.ended":
                place = {name: event[name] for name in ("conversation", "turn")}
                for kind, named in (
                    ("acme.map", {"name": "Rome"}),
                    ("acme.map", None),
                    ("acme.song", {"name": "Aida"}),
                ):
                    socket.send(json.dumps({"type": kind, **place, "text": f"In words: {kind}", "place": named}))

        server.on_message(hear)

    page.route_web_socket(re.compile("mlchat/ws"), between)
    answer = Desk(page, notebook).load().open_panel().furnished().ask("which models do I have?")
    expect(answer.get_by_role("figure", name="Map")).to_have_text("Rome")
    expect(answer).to_contain_text("In words: acme.song")
    expect(answer.get_by_text("In words: acme.map")).to_have_count(1)
