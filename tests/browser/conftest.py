"""A real JupyterLab and Notebook 7, a real Chromium, and a page that may reach nothing else."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from provider import Provider, running

from browser.page import Desk
from browser.site import Notebook, Site
from browser.trouble import Trouble

CHROMIUM = Path("/usr/lib/chromium/chromium")
LLM = "openai/gpt-4.1-mini"
MODELS = """
import pandas as pd
from sklearn.tree import DecisionTreeClassifier
X = pd.DataFrame({"age": [20, 30, 40, 50, 60, 70] * 4, "income": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 4})
clf = DecisionTreeClassifier(random_state=0).fit(X, [0, 0, 0, 1, 1, 1] * 4)
"""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture
def jp_asyncio_loop() -> None:
    """None of pytest-jupyter's: Playwright's own runs in this thread."""


@pytest.fixture
def jp_server_cleanup() -> None:
    """There is no server in this process."""


# Of this folder, not of the session: while Playwright runs, no other event loop can run in this thread.
@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Site]:
    hosted = {"OPENAI_API_KEY": "sk-scripted", "LLM_BASE_URL": provider.url, "OLLAMA_BASE_URL": "http://127.0.0.1:9"}
    made = Site(tmp_path_factory.mktemp("site"), hosted)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "Chromium is not installed: `make test` does it (Debian's package `chromium`)"
    # The first question to a provider imports litellm: some seconds on a small machine.
    expect.set_options(timeout=45_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def allowed_errors() -> list[str]:
    """Parts of console errors that a test causes on purpose."""
    return []


@pytest.fixture(scope="package")
def trouble() -> Trouble:
    return Trouble()


@pytest.fixture
def outside(trouble: Trouble) -> list[str]:
    """Addresses beyond this machine that the pages of a test asked for."""
    return trouble.outside


def person(chromium: Browser, trouble: Trouble) -> BrowserContext:
    """A browser of one person."""
    context = chromium.new_context(
        viewport={"width": 1400, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(45_000)
    trouble.watch(context)
    return context


@pytest.fixture
def context(chromium: Browser, trouble: Trouble, allowed_errors: list[str]) -> Iterator[BrowserContext]:
    """A browser of the test's own. At the end nothing may have failed in it or left it."""
    context = person(chromium, trouble)
    yield context
    context.close()
    trouble.check(allowed_errors)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def relayed(page: Page) -> Page:
    return without_socket(page)


def without_socket(page: Page) -> Page:
    """A page behind a proxy that lets requests through and no WebSocket of ours."""
    page.route_web_socket(re.compile("/mlchat/ws"), lambda socket: socket.close())
    return page


@pytest.fixture(scope="package")
def lab(chromium: Browser, site: Site, trouble: Trouble) -> Iterator[Page]:
    """A loaded JupyterLab with the panel open. Loading it is most of what a short test would take."""
    context = person(chromium, trouble)
    page = context.new_page()
    start = site.notebook("start", "0")
    Desk(page, start).load().open_panel()
    yield page
    context.close()
    start.close()


@pytest.fixture
def notebook(site: Site, provider: Provider, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A fresh notebook whose kernel holds `X` and the fitted `clf`."""
    provider.answers.clear()
    provider.requests.clear()
    # Its end tells parameters apart.
    name = re.sub(r"\W+", "-", request.node.name)[-60:].lstrip("-")
    made = site.notebook(name, "1 + 1", "2 + 2")
    made.start(MODELS)
    yield made
    # A kernel takes its time to go, and nobody waits for it.
    threading.Thread(target=made.close, daemon=True).start()


@pytest.fixture
def hosted(site: Site, notebook: Notebook) -> None:
    """The scripted provider answers in the notebook's conversation. Ask for it before the page."""
    info = site.api("POST", "mlchat/api/conversations", {"context": {"notebook": notebook.path}})
    site.api("PATCH", f"mlchat/api/conversations/{info['id']}", {"llm": LLM})


@pytest.fixture
def desk(lab: Page, notebook: Notebook, trouble: Trouble, allowed_errors: list[str]) -> Iterator[Desk]:
    """The fresh notebook, alone in a JupyterLab that was loaded before, and the panel beside it."""
    yield Desk(lab, notebook).swap().open_panel().cleared().furnished()
    trouble.check(allowed_errors)


@pytest.fixture
def hosted_desk(hosted: None, desk: Desk) -> Desk:
    return desk


@pytest.fixture
def fresh_desk(page: Page, notebook: Notebook) -> Desk:
    """The same in a page of its own, that a test may reload or lose."""
    return Desk(page, notebook).load().open_panel().furnished()
