"""How it looks and who can use it: two themes, a narrow panel, the keyboard alone, names for everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

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
    desk = Desk(lab, notebook).swap().furnished()
    notebook.run("a_model_with_a_long_name = DecisionTreeClassifier().fit(X, [1, 0] * 12)")
    desk.ask("which models do I have?")
    desk.answers.last.locator("details.mlc-step > summary").click()
    desk.ask("what are the inputs?")
    desk.ask("delete clf")
    desk.ask("predict with clf: age = 65")
    yield desk
    notebook.close()


@pytest.fixture
def full(conversation: Desk, trouble: Trouble) -> Iterator[Desk]:
    yield conversation
    trouble.check([])


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


def test_every_control_is_reached_and_used_with_the_keyboard_alone(desk: Desk) -> None:
    page, focused = desk.page, "() => document.activeElement.innerText || document.activeElement.ariaLabel || ''"

    def tab_to(name: str, key: str = "Tab") -> None:
        """Go on until what has the focus is named so."""
        passed: list[str] = []
        for _ in range(30):
            page.keyboard.press(key)
            passed.append(str(page.evaluate(focused)).strip())
            if name in passed[-1]:
                return
        raise AssertionError(f"{name!r} is not among {passed}")

    desk.command("mlchat:open")
    expect(desk.message).to_be_focused()
    page.keyboard.type("predict with clf: age = 65")
    page.keyboard.press("Enter")
    form = desk.answers.first.get_by_role("form", name="Predict with clf")
    expect(form).to_be_visible()
    tab_to("Submit", "Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(form.get_by_label("income")).to_be_focused()
    page.keyboard.type("5.5")
    page.keyboard.press("Enter")
    expect(desk.answers.first).to_contain_text("predicts 1")
    desk.settled(desk.answers.first)
    # The card opens and closes, the list of steps too.
    desk.log.focus()
    tab_to("make_prediction")
    page.keyboard.press("Enter")
    expect(desk.answers.first.locator("details.mlc-step").last).to_have_attribute("open", "")
    desk.message.focus()
    page.keyboard.type("delete clf")
    page.keyboard.press("Enter")
    expect(desk.panel.get_by_role("button", name="Deny")).to_be_enabled()
    tab_to("Deny", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(desk.answers.last).to_contain_text("Denied")
    desk.settled(desk.answers.last)
    tab_to("Message")
    expect(desk.message).to_be_focused()


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
