"""`ChatPanel` in a notebook's output, as a person uses it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Panel:
    """A view of a panel in a notebook's output."""

    def __init__(self, page: Page, number: int = 0) -> None:
        self.root: Locator = page.locator(".mlc-widget").nth(number)
        self.message = self.root.get_by_label("Message", exact=True)
        self.answers = self.root.locator("article.mlc-assistant")
        self.kernel = self.root.locator(".mlc-kernel")

    def speaks_by(self, way: str) -> Panel:
        expect(self.root).to_have_attribute("data-transport", way)
        expect(self.root.locator(".mlc-connection")).to_have_attribute("data-status", "open")
        return self

    def say(self, text: str) -> Locator:
        answer = self.answers.nth(self.answers.count())
        self.message.fill(text)
        self.message.press("Enter")
        answer.wait_for(state="attached")
        return answer

    def ask(self, text: str) -> Locator:
        answer = self.say(text)
        expect(answer).to_have_attribute("aria-busy", "false", timeout=60_000)
        return answer


def run_cell(page: Page, number: int) -> None:
    """Run the cell of that number, counted from 0."""
    page.evaluate(
        """async number => {
            const app = window.jupyterapp;
            app.shell.currentWidget.content.activeCellIndex = number;
            await app.shell.currentWidget.sessionContext.ready;
            await app.commands.execute('notebook:run-cell');
        }""",
        number,
    )
