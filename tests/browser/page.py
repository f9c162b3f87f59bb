"""JupyterLab or Notebook 7 in a page, and the panel in it. Nothing here sleeps: every wait is for a state."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from browser.site import TOKEN, Notebook

READY = "#jupyterlab-splash"


class Desk:
    """A page with a notebook open. `panel` is the chat in it."""

    def __init__(self, page: Page, notebook: Notebook, app: str = "lab") -> None:
        self.page, self.notebook, self.app = page, notebook, app
        self.panel: Locator = page.locator("#jupyter-mlchat-panel")
        self.root = self.panel
        self.message = self.panel.get_by_label("Message", exact=True)
        self.log = self.panel.get_by_role("log", name="Conversation")
        self.kernel = self.panel.locator(".mlc-kernel")
        self.answers = self.panel.locator("article.mlc-assistant")
        self.questions = self.panel.locator("article.mlc-user")

    # -- the application -------------------------------------------------------------------------------

    def load(self, workspace: str = "") -> Desk:
        """The application with this notebook, all else closed."""
        site = self.notebook.site.url
        place = f"workspaces/{workspace}/" if workspace else ""
        ways = {"lab": f"lab/{place}tree/{self.notebook.path}", "notebook": f"notebooks/{self.notebook.path}"}
        reset = "&reset" if self.app == "lab" else ""
        self.page.goto(f"{site}/{ways[self.app]}?token={TOKEN}{reset}")
        return self.ready()

    def swap(self) -> Desk:
        """This notebook in the place of whatever is open."""
        self.page.evaluate(
            """async path => {
                const app = window.jupyterapp;
                [...app.shell.widgets('main')].forEach(one => one.dispose());
                await app.commands.execute('docmanager:open', { path });
            }""",
            self.notebook.path,
        )
        return self.ready()

    def cleared(self) -> Desk:
        """No page of the panel is open: they stay whatever notebook is."""
        for sheet in self.panel.locator(".mlc-sheet").all():
            sheet.get_by_role("button", name="Close", exact=True).click()
        return self

    def ready(self) -> Desk:
        if self.app == "lab":
            self.page.wait_for_selector(READY, state="detached")
        self.page.wait_for_selector(".jp-NotebookPanel:visible .jp-Cell")
        return self

    def command(self, name: str, **args: Any) -> Any:
        return self.page.evaluate("([name, args]) => void window.jupyterapp.commands.execute(name, args)", [name, args])

    def open_panel(self) -> Desk:
        self.command("mlchat:open")
        self.connected()
        return self

    def theme(self, name: str) -> None:
        """`JupyterLab Light` or `JupyterLab Dark`."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")
        # A curtain hides the change, and takes the mouse.
        self.page.wait_for_selector(READY, state="detached")

    def resize(self, width: int) -> None:
        """Make the panel about that wide, as a person does: with the handle beside it."""
        box = self.panel.bounding_box()
        assert box is not None
        across, down = box["x"] - 1, box["y"] + box["height"] / 2
        self.page.mouse.move(across, down)
        self.page.mouse.down()
        self.page.mouse.move(across + box["width"] - width, down, steps=4)
        self.page.mouse.up()
        self.page.wait_for_function(
            "width => Math.abs(document.querySelector('#jupyter-mlchat-panel').offsetWidth - width) <= 4", arg=width
        )

    def connected(self) -> Desk:
        expect(self.panel.locator(".mlc-connection")).to_have_attribute("data-status", "open")
        return self

    # -- the chat --------------------------------------------------------------------------------------

    def ask(self, text: str) -> Locator:
        """Send a question; returns its answer, once nothing more comes without a person."""
        answer = self.say(text)
        return self.settled(answer)

    def say_into_the_void(self, text: str) -> None:
        """Send a question while nobody listens. JupyterLab's own word about that is closed first."""
        dialog = self.page.get_by_role("dialog", name="Server Connection Error")
        dialog.get_by_role("button", name="Close").click()
        self.message.fill(text)
        self.message.press("Enter")

    def say(self, text: str) -> Locator:
        """Send a question; returns its answer as it begins."""
        answer = self.answers.nth(self.answers.count())
        self.message.fill(text)
        self.message.press("Enter")
        answer.wait_for(state="attached")
        return answer

    def settled(self, answer: Locator) -> Locator:
        expect(answer).to_have_attribute("aria-busy", "false", timeout=60_000)
        return answer

    # -- pages over the log ----------------------------------------------------------------------------

    def pages(self) -> list[str]:
        """What the menu lists."""
        self.panel.get_by_role("button", name="More").click()
        names = self.panel.get_by_role("menuitem").all_inner_texts()
        self.page.keyboard.press("Escape")
        return names

    def turn_to(self, name: str) -> Locator:
        """Open the page that the menu calls so."""
        self.panel.get_by_role("button", name="More").click()
        self.panel.get_by_role("menuitem", name=name, exact=True).click()
        page = self.panel.get_by_role("dialog", name=name)
        expect(page).to_be_visible()
        expect(page.locator("[aria-busy='true']")).to_have_count(0)
        return page

    def stands(self, state: str | re.Pattern[str]) -> None:
        """The kernel strip says `state`."""
        expect(self.kernel).to_have_attribute("data-state", state)

    def furnished(self) -> Desk:
        """The kernel is there, for the page too, and holds the models."""
        self.notebook.run("clf")
        self.stands(re.compile("idle|attached"))
        return self

    # -- the notebook ----------------------------------------------------------------------------------

    def cells(self) -> list[str]:
        """The sources of the active notebook."""
        script = "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(c => c.getSource())"
        found: list[str] = self.page.evaluate(script)
        return found

    def run_all(self) -> None:
        """Run every cell, and wait for the last one."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
