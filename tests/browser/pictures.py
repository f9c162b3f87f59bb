"""`cd tests && python -m browser.pictures`: the pictures of the documentation, made anew into `docs/images`."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright
from provider import Provider, calls, running, says

from browser.conftest import ARGUMENTS, CHROMIUM, LLM, MODELS
from browser.page import Desk
from browser.site import ROOT, Site
from browser.widget import Panel, run_cell

IMAGES = ROOT / "docs" / "images"
COLORS = 256
WORDS = """\
`clf` is a **decision tree** on 2 inputs. It splits where $x_1 > 45$:

```python
clf.predict_proba(X.assign(age=65))
```
"""


def keep(place: Locator | Page, name: str) -> None:
    """As a small file: a palette is enough for these pictures."""
    with Image.open(io.BytesIO(place.screenshot())) as taken:
        small = taken.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        small.save(IMAGES / f"{name}.png", optimize=True)


def of_the_panel(desk: Desk, provider: Provider) -> None:
    site = desk.notebook.site
    [mine] = site.api("GET", "mlchat/api/conversations")["conversations"]
    chosen = f"mlchat/api/conversations/{mine['id']}"
    site.api("PATCH", chosen, {"llm": LLM})
    provider.enqueue(calls(("get_model_info", {"model_id": "clf"})), says(WORDS))
    desk.ask("How does clf decide?")
    keep(desk.turn_to("What was sent"), "sent")
    desk.page.keyboard.press("Escape")
    llms = desk.turn_to("Language model")
    llms.get_by_role("searchbox").or_(llms.get_by_role("combobox")).first.fill("openai/gpt-4.1-mini")
    expect(llms.get_by_role("option", name=re.compile("gpt-4.1-mini")).first).to_be_visible()
    expect(llms).not_to_contain_text("Asking providers…")
    keep(llms, "language-models")
    desk.page.keyboard.press("Escape")
    provider.enqueue(calls(("make_prediction", {"model_id": "clf", "features": {"age": 65}})))
    desk.ask("And what does it say for age 65?")
    keep(desk.panel, "turn")
    site.api("PATCH", chosen, {"llm": "builtin"})
    keep(desk.turn_to("Kernel"), "kernel")
    desk.page.keyboard.press("Escape")
    desk.theme("JupyterLab Dark")
    provider.enqueue(says("Then I leave it."))
    desk.panel.get_by_role("button", name="Dismiss").click()
    desk.settled(desk.answers.last)
    answer = desk.ask("delete clf")
    answer.scroll_into_view_if_needed()
    keep(desk.panel, "approval")


def of_the_widget(page: Page, site: Site) -> None:
    notebook = site.notebook("report", "from jupyter_mlchat import ChatPanel\nChatPanel(clf, height=380)")
    notebook.run(MODELS)
    desk = Desk(page, notebook).load()
    desk.theme("JupyterLab Dark")
    run_cell(page, 0)
    panel = Panel(page).speaks_by("socket")
    panel.ask("which models do I have?")
    panel.ask("predict with clf: age = 65")
    keep(page.locator(".jp-NotebookPanel:visible .jp-Cell").first, "widget")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, running() as provider, sync_playwright() as playwright:
        site = Site(Path(place), {"OPENAI_API_KEY": "sk-scripted", "LLM_BASE_URL": provider.url})
        site.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        try:
            expect.set_options(timeout=45_000)
            page = browser.new_page(viewport={"width": 1300, "height": 760})
            notebook = site.notebook("customers", "1 + 1")
            notebook.run(MODELS)
            site.api("POST", "mlchat/api/conversations", {"context": {"notebook": notebook.path}})
            desk = Desk(page, notebook).load().open_panel().furnished()
            desk.resize(400)
            of_the_panel(desk, provider)
            page.set_viewport_size({"width": 1000, "height": 760})
            of_the_widget(page, site)
        finally:
            browser.close()
            site.stop()


if __name__ == "__main__":
    main()
