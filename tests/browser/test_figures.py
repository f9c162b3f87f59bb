"""A figure of the notebook that goes along with a question."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from provider import Page, Provider, says

from browser.page import Desk
from browser.site import Site

DRAWS = """
import base64, struct, zlib
from IPython.display import Image
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\\0" + bytes([255 if abs(x - 300 + 2 * y) < 9 else 40 for x in range(480)]) for y in range(160))
head = struct.pack(">IIBBBBB", 480, 160, 8, 0, 0, 0, 0)
Image(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
"""


@pytest.fixture
def sighted(site: Site, provider: Provider) -> None:
    """The server has heard that the provider's llm sees."""
    sees = {"architecture": {"input_modalities": ["text", "image"]}}
    provider.pages["/v1/models"] = Page({"data": [{"id": "gpt-4.1-mini", **sees}]})
    site.api("GET", "mlchat/api/llms?refresh=1")


def test_a_figure_is_shown_to_an_llm_after_the_person_has_allowed_it(
    sighted: None, hosted_desk: Desk, provider: Provider
) -> None:
    desk = hosted_desk
    page, panel = desk.page, desk.panel
    page.evaluate(
        "source => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[0].setSource(source)", DRAWS
    )
    desk.run_all()
    expect(page.locator(".jp-OutputArea img")).to_be_visible()
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
    panel.get_by_role("button", name="Attach", exact=True).click()
    panel.get_by_role("menuitem", name="Figure of In[").click()
    chips = panel.get_by_role("list", name="Attached").get_by_role("listitem")
    chips.get_by_role("button", name=re.compile(r"^Figure of In\[\d+\]$")).click()
    expect(panel.get_by_role("region", name="Figure of In[")).to_contain_text("Sent as a picture")

    provider.enqueue(says("A bright line that falls."))
    answer = desk.say("what does it show?")
    card = answer.get_by_role("region", name="Approval: show_figures")
    expect(card).to_contain_text(
        re.compile(r"Send figure of In\[\d+\] as a picture \([\d,]+ bytes\) to openai/gpt-4.1-mini")
    )
    expect(card.get_by_role("group", name="What would be shown")).to_have_count(0)
    picture = desk.questions.first.get_by_role("img", name="figure of In[")
    expect(picture).to_have_js_property("naturalWidth", 480)
    assert provider.bodies == [], "nothing leaves before"
    card.get_by_role("button", name="Allow once").click()
    desk.settled(answer)
    expect(answer).to_contain_text("A bright line that falls.")
    [body] = provider.bodies
    assert json.dumps(body).count("data:image/png;base64,") == 1

    panel.get_by_role("button", name="Aggregates.").click()
    sent = panel.get_by_role("region", name="Sent for: what does it show?")
    sent.locator("details.mlc-sent-request > summary").click()
    expect(sent.get_by_role("img", name="The picture, as it left")).to_have_js_property("naturalWidth", 480)
    expect(sent.get_by_role("figure")).to_contain_text(re.compile(r"Picture \d+(\.\d+)? k?B"))
    page.keyboard.press("Escape")
