"""What a model, a tool or a file says may be anything. None of it runs, asks another host, or reaches the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from provider import Provider, calls, fails, says

from browser.conftest import LLM, MODELS
from browser.page import Desk
from browser.site import TOKEN, Notebook, Site
from browser.widget import Panel, run_cell

LINES = (Path(__file__).parent / "corpus" / "hostile.txt").read_text(encoding="utf-8").splitlines()
STRINGS = [line for line in LINES if not line.startswith("## ")]
SECTIONS = [part.splitlines()[1:] for part in "\n".join(LINES).split("## ")[1:]]
END = "All of it was told."
FOUND = """
root => {
    const bad = [], inside = root.querySelector('.mlc-log');
    const kinds = 'script, style, link, meta, base, iframe, frame, object, embed, video, audio, source, track, use';
    inside.querySelectorAll(kinds).forEach(one => bad.push(one.outerHTML));
    inside.querySelectorAll('*').forEach(one => {
        for (const { name, value } of one.attributes) {
            if (/^on/i.test(name) || ['srcset', 'poster', 'ping', 'formaction', 'action'].includes(name)) {
                bad.push(`${name}=${value}`);
            }
        }
        const address = one.getAttribute('href');
        if (address !== null && !/^(https?:|mailto:|#)/i.test(address)) {
            bad.push(`href=${address}`);
        }
        const place = getComputedStyle(one).position;
        if (one.closest('.mlc-md') && !one.closest('mjx-container') && ['fixed', 'sticky'].includes(place)) {
            bad.push(`${place}: ${one.outerHTML}`);
        }
    });
    // What is around the chat, and the chat's own composer, is still on top of its place.
    const box = root.getBoundingClientRect();
    for (let x = 5; x < innerWidth; x += 60) {
        for (let y = 5; y < innerHeight; y += 40) {
            const there = document.elementFromPoint(x, y);
            const within = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
            if (!within && there?.closest('.mlc-md')) {
                bad.push(`over the page at ${x}, ${y}`);
            }
        }
    }
    const message = root.querySelector('textarea[aria-label=Message]'), at = message.getBoundingClientRect();
    if (!message.contains(document.elementFromPoint(at.left + 5, at.top + 5))) {
        bad.push('over the composer');
    }
    return bad;
}
"""
AROUND = """
() => {
    const style = one => one && Array.from(getComputedStyle(one), name => `${name}: ${getComputedStyle(one)[name]}`);
    return ['html', 'body', '#jp-top-panel', '.jp-SideBar'].map(one => style(document.querySelector(one)));
}
"""


def told(title: str) -> dict[str, Any]:
    """A conversation to be imported in which every string is an answer, a column's name, a file's name and a result."""
    turn, events = {"turn": "t", "attempt": "a"}, []
    events.append({"type": "message", "turn": "t", "text": "\n".join(STRINGS)})
    events.append({"type": "turn.started", **turn, "llm": STRINGS[0]})
    for number, text in enumerate(STRINGS):
        call = {**turn, "call": f"call-{number}", "tool": text[:60]}
        data = {"columns": [text], text: 1, "file": f"{text}.csv"}
        issues = [{"code": "x", "column": text, "message": text, "suggestion": text}]
        result = {"ok": True, "data": data, "issues": issues, "warnings": [text], "code": text}
        events.append({"type": "tool.called", **call, "args": {"column": text, "path": text}})
        events.append({"type": "tool.returned", **call, "result": result})
        events.append({"type": "text.snapshot", **turn, "text": text, "final": True})
        events.append({"type": "notice", **turn, "text": text})
    events.append({"type": "text.snapshot", **turn, "text": END, "final": True})
    events.append({"type": "turn.ended", **turn, "state": "completed", "answered_by": STRINGS[6]})
    numbered = [{"conversation": "c", "seq": number, **event} for number, event in enumerate(events, 1)]
    info = {"id": "c", "owner": "me", "title": title, "notebook": "", "created": 1.7e9, "updated": 1.7e9}
    asked = {"id": "t", "state": "completed", "text": "all", "created": 1.7e9}
    return {"format": "jupyter_mlchat.conversation", "version": 1, "conversation": info, "turns": [asked],
            "events": numbered}  # fmt: skip


def harmless(chat: Locator, around: object) -> None:
    """Nothing that was said stands, runs or lies where it may not."""
    chat.evaluate("one => one.querySelectorAll('details').forEach(card => { card.open = true; })")
    # Whoever moves over it starts nothing either.
    chat.locator(".mlc-log").hover()
    assert chat.evaluate(FOUND) == []
    assert chat.page.evaluate("() => window.__hurt ?? null") is None
    assert chat.page.evaluate(AROUND) == around
    assert chat.page.evaluate("() => [typeof document.cookie, document.body.id]") == ["string", ""]


def all_told(chat: Locator) -> None:
    """Each string has been drawn, whatever the one before it left open."""
    expect(chat.get_by_text(END)).to_be_attached()
    expect(chat.locator("article.mlc-assistant .mlc-md > *")).to_have_count(len(STRINGS) + 1)


def test_nothing_hostile_runs_loads_or_covers_in_the_panel(page: Page, site: Site) -> None:
    assert len(STRINGS) >= 60
    made = site.api("POST", "mlchat/api/conversations", told(STRINGS[6]))
    page.goto(f"{site.url}/lab?token={TOKEN}&reset")
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [f"jupyter-mlchat:{site.url}/", made["id"]])
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_selector(".jp-LauncherCard")
    around = page.evaluate(AROUND)
    page.evaluate("() => void window.jupyterapp.commands.execute('mlchat:open')")
    chat = page.locator("#jupyter-mlchat-panel")
    all_told(chat)
    harmless(chat, around)


@pytest.mark.parametrize("way", ["messages", pytest.param("socket", marks=pytest.mark.long)])
def test_nothing_hostile_runs_loads_or_covers_in_the_widget(
    page: Page, site: Site, way: str, request: pytest.FixtureRequest
) -> None:
    if way == "messages":
        request.getfixturevalue("relayed")
    made = site.api("POST", "mlchat/api/conversations", told(STRINGS[0]))
    show = f"from jupyter_mlchat import ChatPanel\nChatPanel(conversation={made['id']!r}, height=500)"
    notebook = site.notebook(f"hostile-{way}", show)
    Desk(page, notebook).load()
    around = page.evaluate(AROUND)
    run_cell(page, 0)
    panel = Panel(page).speaks_by(way)
    all_told(panel.root)
    # What is harmless is drawn as ever.
    expect(panel.root.locator("math").first).to_be_attached()
    expect(panel.root.get_by_role("link", name="https://evil.example/auto").first).to_be_attached()
    harmless(panel.root, around)
    notebook.close()


@pytest.fixture
def notebook(site: Site, provider: Provider, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook whose cell shows a panel that asks the scripted provider, as the notebook's own conversation does."""
    provider.answers.clear()
    show = f"from jupyter_mlchat import ChatPanel\nChatPanel(height=500, llm={LLM!r})"
    made = site.notebook(f"hostile-live-{request.node.callspec.id}", show)
    made.start(MODELS)
    yield made
    made.close()


@pytest.fixture(params=["panel", "socket", "messages"])
def shell(request: pytest.FixtureRequest, page: Page, notebook: Notebook) -> Desk | Panel:
    """The panel or a widget, in a conversation that the scripted provider answers."""
    desk = Desk(page, notebook)
    if request.param == "panel":
        request.getfixturevalue("hosted")
        return desk.load().open_panel().furnished()
    if request.param == "messages":
        request.getfixturevalue("relayed")
    desk.load()
    run_cell(page, 0)
    return Panel(page).speaks_by(request.param)


@pytest.mark.long
def test_nothing_hostile_comes_to_life_as_it_streams(
    shell: Desk | Panel, notebook: Notebook, provider: Provider, site: Site, outside: list[str]
) -> None:
    page = shell.root.page
    notebook.run(
        f"names = {STRINGS!r}\n"
        "hostile = pd.DataFrame([range(len(names))], columns=names)\n"
        "models = {name: DecisionTreeClassifier().fit(X, [0, 1] * 12) for name in names[:40]}"
    )
    around = page.evaluate(AROUND)
    looks = calls(
        ("describe_dataframe", {"data": "hostile"}),
        ("list_models", {}),
        *(("inspect_model_file", {"path": f"{name}.joblib"}) for name in STRINGS[:20]),
    )
    provider.enqueue(looks, says("So it is."))
    shell.ask(STRINGS[0])
    harmless(shell.root, around)
    for section in SECTIONS:
        text = "\n\n".join(section)
        provider.enqueue(says(*(text[at : at + 7] for at in range(0, len(text), 7))))
        shell.ask(section[0])
        harmless(shell.root, around)
    provider.enqueue(fails(400, STRINGS[6]))
    shell.ask(STRINGS[6])
    assert not provider.answers, "it was not this provider that was asked"
    [mine] = [one for one in site.api("GET", "mlchat/api/conversations")["conversations"]
              if one.get("notebook") == notebook.path]  # fmt: skip
    site.api("PATCH", f"mlchat/api/conversations/{mine['id']}", {"title": STRINGS[6]})
    expect(shell.root).to_contain_text(STRINGS[6])
    harmless(shell.root, around)
    assert outside == []
