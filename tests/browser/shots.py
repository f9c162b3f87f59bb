"""`cd tests && python -m browser.shots FOLDER`: the panel in both themes at three widths, to be looked at."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Locator, sync_playwright
from provider import Provider, running, says

from browser.conftest import ARGUMENTS, CHROMIUM, LLM, MODELS
from browser.page import Desk
from browser.site import Site

WIDTHS = (250, 400, 900)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WORDS = """\
`clf` is a **decision tree** on two columns. It splits where $x_1 > 45$, so

$$p(1) = \\frac{n_1}{n_0 + n_1}$$

| age | income | class | why |
| --- | ------ | ----- | --- |
| 20  | 1.0    | 0     | below the split of the first column |
| 70  | 6.0    | 1     | above it |

```python
row = X.assign(age=65, income=5.5).iloc[[0]]
clf.predict_proba(row)
```
"""


def play(desk: Desk, provider: Provider) -> None:
    """A conversation with one of everything."""
    notebook = desk.notebook
    notebook.run(MODELS + "\nother = DecisionTreeClassifier().fit(X, [1, 0] * 12)")
    found = notebook.site.api("GET", "mlchat/api/conversations")["conversations"]
    mine = next(one["id"] for one in found if one.get("notebook") == notebook.path)
    notebook.site.api("PATCH", f"mlchat/api/conversations/{mine}", {"llm": LLM})
    provider.enqueue(says(WORDS))
    desk.ask("Tell me how clf decides, with a formula and a bit of code")
    notebook.site.api("PATCH", f"mlchat/api/conversations/{mine}", {"llm": "builtin"})
    desk.ask("which models do I have?")
    desk.answers.last.locator("details.mlc-step > summary").click()
    desk.ask("what are the inputs?")
    desk.ask("delete clf")
    desk.ask("predict with clf: age = 650")


def shoot(desk: Desk, folder: Path) -> None:
    for name, theme in THEMES.items():
        desk.theme(theme)
        for width in WIDTHS:
            desk.resize(width)
            for place, part in (("top", desk.answers.first), ("end", desk.answers.last)):
                _show(part, start=place == "top")
                desk.panel.screenshot(path=folder / f"{name}-{width}-{place}.png")
            if width == WIDTHS[1]:
                _show(desk.answers.nth(3), start=True)
                desk.panel.screenshot(path=folder / f"{name}-{width}-middle.png")
    desk.resize(WIDTHS[1])
    desk.page.screenshot(path=folder / "page-dark.png")


def _show(part: Locator, *, start: bool) -> None:
    part.evaluate("(one, start) => one.scrollIntoView({ block: start ? 'start' : 'end' })", start)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m browser.shots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go; made when it is not there")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, running() as provider, sync_playwright() as playwright:
        site = Site(Path(place), {"OPENAI_API_KEY": "sk-scripted", "LLM_BASE_URL": provider.url})
        site.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            desk = Desk(page, site.notebook("shots", "1 + 1")).load().open_panel()
            play(desk, provider)
            shoot(desk, folder)
        finally:
            browser.close()
            site.stop()


if __name__ == "__main__":
    main()
