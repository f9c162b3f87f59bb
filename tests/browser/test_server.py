"""The server goes away, and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from browser.page import Desk
from browser.site import Notebook, Site


@pytest.fixture
def allowed_errors() -> list[str]:
    # What JupyterLab itself says of it.
    lost = ["ERR_CONNECTION", "WebSocket connection to", "Failed to load resource", "Failed to fetch"]
    return [*lost, "ChunkLoadError", "Kernel"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Its own: the pages of others stay connected to theirs."""
    made = Site(tmp_path_factory.mktemp("server"), {})
    made.start()
    yield made
    made.stop()


@pytest.fixture
def start(site: Site) -> Iterator[Callable[[], None]]:
    """Call it to start the server again; it is running at the end in any case."""
    running = [False]

    def again() -> None:
        site.start()
        running[0] = True

    yield again
    if not running[0]:
        site.start()


def test_a_server_that_is_gone_is_said_and_goes_on_with_the_same_conversation(
    fresh_desk: Desk, notebook: Notebook, site: Site, start: Callable[[], None]
) -> None:
    desk = fresh_desk
    desk.ask("predict with clf: age = 65")
    desk.ask("which models do I have?")
    before = desk.answers.all_inner_texts()
    notebook.forget_client()
    site.stop(kill=True)
    connection = desk.panel.locator(".mlc-connection")
    expect(connection).to_have_attribute("data-status", "closed")
    expect(connection).to_contain_text("Not connected")
    # What is said meanwhile waits, and is answered once.
    desk.say_into_the_void("what can you do?")
    expect(desk.panel.locator("[data-delivery=sending]")).to_contain_text("what can you do?")
    expect(desk.message).to_have_value("")
    expect(desk.answers).to_have_count(2)
    start()
    desk.connected()
    expect(desk.answers).to_have_count(3)
    desk.settled(desk.answers.last)
    assert desk.answers.all_inner_texts()[:2] == before
    expect(desk.questions).to_have_count(3)
    expect(desk.panel.locator("[data-delivery]:not([data-delivery=delivered])")).to_have_count(0)
    told = [event["text"] for event in notebook.events() if event["type"] == "message"]
    assert told.count("what can you do?") == 1
