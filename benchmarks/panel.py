"""The panel and the widget: bytes that are loaded, how fast it opens, and what an answer of twelve seconds costs.

Needs what `make test` installs: Chromium, and the built front end.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .table import show

ROOT = Path(__file__).resolve().parent.parent
PANEL = ROOT / "jupyter_mlchat" / "labextension" / "static"
WIDGET = ROOT / "jupyter_mlchat" / "static"
STREAM_S = 12.0
PIECE = 8
"""Characters of a delta, as providers send them."""
BLOCK = """\
### Split {n}

The tree asks whether $x_{n} > {n}$, and then $\\hat p = \\frac{{n_1}}{{n_0 + n_1}}$ is the share.

| column | below | above |
| --- | --- | --- |
| `age` | {n} | 1{n} |

```python
clf.predict_proba(X.iloc[[{n}]])
```

"""
LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver(list => list.getEntries().forEach(one => window.longTasks.push(one.duration)))
    .observe({ type: 'longtask', buffered: true });
"""


TURNS = 500
"""Of the long conversation: a question and an answer each."""
OPENING = """
last => new Promise(done => {
    const began = performance.now(), told = {};
    void window.jupyterapp.commands.execute('mlchat:open');
    const look = () => {
        const panel = document.querySelector('#jupyter-mlchat-panel'), log = panel?.querySelector('.mlc-log');
        const turns = log?.querySelectorAll('.mlc-turn') ?? [], newest = turns[turns.length - 1];
        if (panel?.querySelector('textarea:enabled')) {
            told.interactive ??= performance.now() - began;
        }
        const drawn = newest?.querySelector('.mlc-said')?.textContent === last && newest.querySelector('.mlc-md table');
        if (drawn && log.scrollHeight - log.scrollTop - log.clientHeight < 40) {
            done({ ...told, opened: performance.now() - began });
        } else {
            requestAnimationFrame(look);
        }
    };
    look();
})
"""


def main() -> None:
    sizes()
    print()
    opening()
    print()
    stream()


def sizes() -> None:
    rows = []
    assets = (
        ("Lab panel", PANEL, "*.js", 90),
        ("widget", WIDGET, "widget.js", 130),
        ("its formulas, with the first one", WIDGET, "mathematics.js", ""),
    )
    for name, folder, which, goal in assets:
        files = [path.read_bytes() for path in sorted(folder.glob(which))]
        raw, packed = sum(map(len, files)) / 1e3, sum(len(gzip.compress(file)) for file in files) / 1e3
        rows.append((name, len(files), raw, packed, goal))
    show(("assets", "files", "kB", "kB gzip", "goal"), rows)


def opening() -> None:
    """A loaded JupyterLab, and the panel opened in it: on nothing, and on a long conversation."""
    sys.path.insert(0, str(ROOT / "tests"))
    from browser.conftest import ARGUMENTS, CHROMIUM
    from browser.history import history
    from browser.site import TOKEN, Site
    from playwright.sync_api import sync_playwright

    rows = []
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        site = Site(Path(place), {})
        site.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        try:
            for turns in (1, TURNS):
                made = site.api("POST", "mlchat/api/conversations", history(turns, ""))
                page = browser.new_page(viewport={"width": 1400, "height": 900})
                page.goto(f"{site.url}/lab?token={TOKEN}&reset")
                memory = [f"jupyter-mlchat:{site.url}/", made["id"]]
                page.evaluate("([key, value]) => localStorage.setItem(key, value)", memory)
                page.wait_for_selector(".jp-LauncherCard")
                page.wait_for_selector("#jupyterlab-splash", state="detached")
                # What JupyterLab itself still does then is not ours.
                page.wait_for_timeout(2_000)
                told = page.evaluate(OPENING, f"question {turns}")
                rows.append((f"{2 * turns:,}", told["interactive"], told["opened"]))
                page.close()
        finally:
            browser.close()
            site.stop()
    show(("messages", "can be typed in after ms (goal 150)", "all there after ms (goal 500)"), rows)


def stream() -> None:
    # The scripted provider and the page of the tests.
    sys.path.insert(0, str(ROOT / "tests"))
    from browser.conftest import ARGUMENTS, CHROMIUM, LLM
    from browser.page import Desk
    from browser.site import Site
    from playwright.sync_api import sync_playwright
    from provider import Answer, running, says

    text = "".join(BLOCK.format(n=n) for n in range(20))
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    with tempfile.TemporaryDirectory() as place, running() as provider, sync_playwright() as playwright:
        site = Site(Path(place), {"OPENAI_API_KEY": "sk-scripted", "LLM_BASE_URL": provider.url})
        site.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.add_init_script(LONG_TASKS)
            made = site.api("POST", "mlchat/api/conversations", {"context": {"notebook": "bench.ipynb"}})
            site.api("PATCH", f"mlchat/api/conversations/{made['id']}", {"llm": LLM})
            desk = Desk(page, site.notebook("bench", "1 + 1")).load().open_panel()
            # The first answer imports litellm and MathJax.
            provider.enqueue(says("Ready: $x$."))
            desk.ask("are you there?").locator("mjx-container").wait_for()
            page.evaluate("() => { window.longTasks = []; }")
            page.wait_for_timeout(1e3 * STREAM_S)
            idle = measured(page, STREAM_S)
            provider.enqueue(Answer(says(*pieces).pieces, between_s=STREAM_S / len(pieces)))
            began = time.perf_counter()
            answer = desk.say("tell me all")
            answer.locator("strong, h3").first.wait_for()
            page.wait_for_function("() => document.querySelectorAll('[aria-busy=true]').length === 0", timeout=120_000)
            answer.locator("mjx-container").last.wait_for()
            streamed = measured(page, time.perf_counter() - began)
        finally:
            browser.close()
            site.stop()
    header = ("page", "s", "long tasks (over 50 ms)", "longest ms", "sum s", "goal")
    rows = [("idle", *idle, ""), (f"streaming {len(text):,} characters", *streamed, "2, 0.3 s")]
    show(header, rows)


def measured(page: Any, seconds: float) -> tuple[float, int, float, float]:
    """Seconds, and the long tasks since this was last asked."""
    tasks = page.evaluate("() => window.longTasks.splice(0)")
    return seconds, len(tasks), max(tasks, default=0.0), sum(tasks) / 1e3


if __name__ == "__main__":
    main()
