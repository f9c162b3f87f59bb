"""What pages did wrong: errors of theirs, and addresses beyond this machine that they asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import BrowserContext, Page

LOCAL = re.compile(r"^(https?|wss?)://127\.0\.0\.1[:/]|^(data|blob|about):")

GONE = ("reading 'promise'", "Canceled future for create_subshell_request")
"""What JupyterLab says of a notebook that is disposed of while it waits to do something, and of such a kernel."""


class Trouble:
    """Of all pages together: tests run one after the other."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.outside: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("page", self._watch_page)
        context.on("request", lambda asked: self._reach(asked.url))

    def _watch_page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._reach(socket.url))
        page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)

    def _reach(self, url: str) -> None:
        if not LOCAL.match(url):
            self.outside.append(url)

    def check(self, allowed: Sequence[str]) -> None:
        """Nothing has left this machine, and no error was told but those with a part that is `allowed`."""
        outside, errors = list(self.outside), list(self.errors)
        self.outside.clear()
        self.errors.clear()
        assert not outside, f"the page asked for {outside}"
        unexpected = [error for error in errors if not any(part in error for part in (*GONE, *allowed))]
        assert not unexpected, unexpected
