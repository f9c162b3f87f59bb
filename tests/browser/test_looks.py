"""How it looks and who can use it: two themes, a narrow panel, the keyboard alone, names for everything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect
from provider import Answer, Provider, calls, held, says, stalls

from browser.conftest import MODELS
from browser.page import Desk
from browser.seen import cut, faint, nameless, serious
from browser.site import Site
from browser.trouble import Trouble


@pytest.fixture(scope="module")
def conversation(lab: Page, site: Site) -> Iterator[Desk]:
    """One of everything: an answer with a table, a choice, an approval, an open form."""
    notebook = site.notebook("looks", "1 + 1")
    notebook.start(MODELS)
    desk = Desk(lab, notebook).swap().open_panel().cleared().furnished()
    notebook.run("a_model_with_a_long_name = DecisionTreeClassifier().fit(X, [1, 0] * 12)")
    desk.ask("which models do I have?")
    desk.answers.last.locator("details.mlc-step > summary").click()
    desk.ask("what are the inputs?")
    desk.ask("delete clf")
    desk.ask("predict with clf: age = 65")
    yield desk
    # Others use the page after this.
    desk.theme("JupyterLab Light")
    desk.resize(400)
    notebook.close()


@pytest.fixture
def full(conversation: Desk, trouble: Trouble) -> Iterator[Desk]:
    yield conversation
    trouble.check([])


STANDS_OUT = """(panel, place) => {
    const [where, part] = place.split('::'), one = panel.querySelector(where);
    const { backgroundColor: ground, borderTopWidth: edge } = getComputedStyle(one, part && `::${part}`);
    return edge !== '0px' || ![getComputedStyle(panel).backgroundColor, 'rgba(0, 0, 0, 0)'].includes(ground);
}"""
THEMES = ["JupyterLab Dark", "JupyterLab Dark High Contrast", "JupyterLab Light"]


@pytest.mark.parametrize("theme", THEMES)
def test_everything_can_be_read_in_light_and_dark(full: Desk, theme: str) -> None:
    full.theme(theme)
    assert not faint(full)
    assert not serious(full)


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_every_page_can_be_read_and_used_in_a_narrow_panel(full: Desk, theme: str) -> None:
    full.theme(theme)
    full.resize(250)
    wrong: dict[str, list[str]] = {}
    for name in full.pages():
        full.turn_to(name)
        wrong[name] = [*faint(full), *cut(full), *nameless(full), *serious(full)]
        full.page.keyboard.press("Escape")
    assert wrong
    assert not any(wrong.values()), wrong
    expect(full.panel.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("width", [250, 400])
def test_it_is_usable_in_a_narrow_panel(full: Desk, width: int) -> None:
    full.resize(width)
    log = full.log.evaluate("one => [one.scrollWidth, one.clientWidth]")
    assert log[0] <= log[1], "the conversation scrolls sideways"
    assert not cut(full)
    for name in ("Send", "New", "Submit", "Dismiss", "Allow once", "Deny", "Always for this conversation"):
        expect(full.panel.get_by_role("button", name=name, exact=True).last).to_be_visible()


CODE = "clf.predict(X)"
SAID = ("It is [a tree][docs]:\n\n", f"```python\n{CODE}\n```\n\nThat ", "is all.\n\n[docs]: https://docs.example/")


def test_asking_stopping_filling_approving_and_inserting_a_cell_with_the_keyboard_alone(
    hosted_desk: Desk, provider: Provider
) -> None:
    desk, page = hosted_desk, hosted_desk.page
    named = "() => (document.activeElement.innerText || document.activeElement.ariaLabel || '').trim()"

    def tab_to(name: str, key: str = "Tab") -> None:
        """Go on until what has the focus is named so."""
        passed: list[str] = []
        for _ in range(30):
            page.keyboard.press(key)
            passed.append(str(page.evaluate(named)))
            # A card's head says more than its name.
            if passed[-1].partition("\n")[0] == name:
                return
        raise AssertionError(f"{name!r} is not among {passed}")

    def ask(text: str, *answers: Answer) -> Locator:
        provider.enqueue(*answers)
        answer = desk.answers.nth(desk.answers.count())
        expect(desk.message).to_be_focused()
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        return answer

    desk.command("mlchat:open")
    stopped = ask("tell me all", stalls("The first half"))
    expect(stopped).to_contain_text("The first half")
    tab_to("Stop")
    page.keyboard.press("Enter")
    expect(stopped).to_contain_text("Stopped.")

    filled = ask(
        "predict with clf: age = 65",
        calls(("make_prediction", {"model_id": "clf", "features": {"age": 65}})),
        says("It is of the second class."),
    )
    form = filled.get_by_role("form", name="Predict with clf")
    expect(form).to_be_visible()
    tab_to("Submit", "Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(form.get_by_label("income")).to_be_focused()
    page.keyboard.type("5.5")
    page.keyboard.press("Enter")
    expect(filled).to_contain_text("second class")
    desk.settled(filled)
    # The card opens and closes too.
    tab_to("make_prediction", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(filled.locator("details.mlc-step").last).to_have_attribute("open", "")

    tab_to("Message")
    approved = ask("delete clf", calls(("delete_model", {"model_id": "clf"})), says("It is gone."))
    expect(approved.get_by_role("button", name="Allow once")).to_be_enabled()
    tab_to("Allow once", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(approved).to_contain_text("Allowed.")
    desk.settled(approved)
    assert desk.notebook.run("print('clf' in globals())") == "False\n"

    tab_to("Message")
    answer = ask("how do I predict?", held(says(*SAID), 2, go := threading.Event()))
    insert = answer.get_by_role("button", name="Insert as cell")
    expect(insert).to_be_visible()
    tab_to("Insert as cell", "Shift+Tab")
    go.set()
    # The address of its link came last: all of it was drawn anew, under the keyboard.
    expect(answer.get_by_role("link", name="a tree")).to_be_attached()
    desk.settled(answer)
    expect(insert).to_be_focused()
    before = desk.cells()
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell').length === n", arg=3)
    assert desk.cells() == [before[0], CODE, before[1]]
    expect(insert).to_be_focused()
    tab_to("Message")


def test_high_contrast_and_the_colours_of_the_system_leave_all_to_be_read(
    hosted_desk: Desk, provider: Provider
) -> None:
    desk, page = hosted_desk, hosted_desk.page
    said = f"Its accuracy is 0.97.\n\n```python\n{CODE}\n```\n"
    provider.enqueue(calls(("get_model_info", {"model_id": "clf"})), says(said))
    answer = desk.ask("how good is clf?")
    answer.locator("details.mlc-step > summary").click()
    provider.enqueue(calls(("delete_model", {"model_id": "clf"})))
    desk.ask("delete clf")
    provider.enqueue(calls(("make_prediction", {"model_id": "clf", "features": {"age": 650}})))
    desk.ask("predict with clf")
    expect(answer.locator(".mlc-unbound")).to_have_text("0.97")
    seen: dict[str, list[str]] = {}
    try:
        for theme, forced in (("Dark High Contrast", False), ("Dark", True), ("Light", True)):
            scheme: Literal["light", "dark"] = "light" if theme == "Light" else "dark"
            page.emulate_media(forced_colors="active" if forced else "none", color_scheme=scheme)
            desk.theme(f"JupyterLab {theme}")
            seen[theme] = [*faint(desk), *serious(desk)]
            # Nothing is told by a ground that is gone.
            for place in (".mlc-connection::before", "article.mlc-assistant .mlc-dot", ".mlc-asked .mlc-said"):
                seen[theme] += [] if desk.panel.evaluate(STANDS_OUT, place) else [f"{place} is lost"]
    finally:
        page.emulate_media(forced_colors="none", color_scheme="light")
    assert not any(seen.values()), seen


def test_everything_has_a_role_and_a_name(full: Desk) -> None:
    assert not nameless(full)
    form = full.panel.get_by_role("form", name="Predict with clf")
    for field in form.locator("input, select").all():
        described = str(field.get_attribute("aria-describedby"))
        expect(full.page.locator(f"[id='{described}']")).to_have_count(1)
    tree = full.panel.aria_snapshot()
    for line in (
        'log "Conversation"',
        'article "You"',
        'article "Assistant"',
        'textbox "Message"',
        'form "Predict with clf"',
        'region "Approval: delete_model"',
        "status",
    ):
        assert line in tree, f"{line} is not in\n{tree}"
    ids = full.page.evaluate("() => [...document.querySelectorAll('.mlc-root [id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_a_finished_answer_is_announced_once(desk: Desk) -> None:
    """A screen reader hears whole answers, not pieces: the log itself is silent."""
    expect(desk.log).to_have_attribute("aria-live", "off")
    desk.ask("which models do I have?")
    announcer = desk.panel.locator(".mlc-announcer")
    expect(announcer).to_contain_text("clf")
    expect(announcer).to_have_attribute("aria-live", "polite")
