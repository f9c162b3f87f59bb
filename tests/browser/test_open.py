"""Opening the panel, and whose notebook and kernel it speaks about."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.page import Desk
from browser.site import Notebook, Site


def test_the_panel_opens_from_the_palette_the_launcher_and_a_shortcut(page: Page, notebook: Notebook) -> None:
    desk = Desk(page, notebook).load()
    expect(desk.panel).to_be_hidden()
    page.locator(".jp-Cell").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Shift+C")
    page.locator(".lm-CommandPalette-input:visible").fill("show or hide ml chat")
    page.keyboard.press("Enter")
    expect(desk.message).to_be_visible()
    page.keyboard.press("Control+Alt+M")
    expect(desk.message).to_be_hidden()
    page.keyboard.press("Control+Alt+M")
    expect(desk.message).to_be_focused()
    page.keyboard.press("Control+Alt+M")
    desk.command("launcher:create")
    page.locator(".jp-LauncherCard", has_text="ML Chat").click()
    expect(desk.message).to_be_focused()


@pytest.mark.long
def test_the_panel_is_open_again_after_a_reload(fresh_desk: Desk) -> None:
    desk = fresh_desk
    # The layout is stored a moment after it has changed.
    with desk.page.expect_response(lambda answer: "/api/workspaces/" in answer.url and answer.request.method == "PUT"):
        desk.page.evaluate("() => window.jupyterapp.shell.activateById('jupyter-mlchat-panel')")
    desk.page.goto(f"{desk.notebook.site.url}/lab")
    desk.ready().connected()
    expect(desk.message).to_be_visible()


def test_it_follows_the_active_notebook(desk: Desk, site: Site) -> None:
    other = site.notebook(f"other-{desk.notebook.path[:20]}", "3 + 3")
    try:
        expect(desk.kernel).to_contain_text(desk.notebook.path)
        answer = desk.ask("which models do I have?")
        expect(answer).to_contain_text("clf")
        desk.command("docmanager:open", path=other.path)
        expect(desk.kernel).to_contain_text(other.path)
        expect(desk.answers).to_have_count(0)
        expect(desk.ask("which models do I have?")).not_to_contain_text("clf")
        desk.command("docmanager:open", path=desk.notebook.path)
        expect(desk.answers).to_have_count(1)
        expect(desk.answers).to_contain_text("clf")
    finally:
        other.close()


def test_a_busy_a_restarted_and_a_dead_kernel_are_said_at_once(desk: Desk, notebook: Notebook, site: Site) -> None:
    desk.kernel.wait_for()
    expect(desk.kernel).to_have_attribute("data-state", "idle")
    notebook.start("import time; time.sleep(60)")
    expect(desk.kernel).to_have_attribute("data-state", "busy", timeout=10_000)
    site.api("POST", f"api/kernels/{notebook.kernel}/interrupt")
    expect(desk.kernel).to_have_attribute("data-state", "idle")
    # Every state between two looks counts: a restart is quick.
    desk.page.evaluate(
        """() => {
            const strip = document.querySelector('.mlc-kernel');
            window.seen = [];
            new MutationObserver(() => window.seen.push(strip.dataset.state)).observe(strip, { attributes: true });
        }"""
    )
    notebook.forget_client()
    site.api("POST", f"api/kernels/{notebook.kernel}/restart")
    desk.page.wait_for_function("() => window.seen.includes('restarting')")
    desk.stands("attached")
    site.api("DELETE", f"api/kernels/{notebook.kernel}")
    desk.page.wait_for_function("() => ['dead', 'none'].includes(document.querySelector('.mlc-kernel').dataset.state)")


@pytest.mark.long
def test_a_kernel_that_is_not_attached_is_said_with_the_reason(page: Page, site: Site, notebook: Notebook) -> None:
    spec = Path(site.folder / "data" / "kernels" / "other")
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Other", "language": "R"}))
    session = {"path": notebook.path, "name": notebook.path, "type": "notebook", "kernel": {"name": "other"}}
    site.api("PATCH", f"api/sessions/{notebook.session}", session)
    desk = Desk(page, notebook).load().open_panel()
    desk.stands("not_attached")
    expect(desk.kernel).to_contain_text("The kernel speaks R, not Python.")
