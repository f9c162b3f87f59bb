"""What a model, a tool or a file says may be anything. None of it runs, asks another host, or reaches the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from browser.conftest import person
from browser.site import TOKEN, Site
from browser.trouble import Trouble

LINES = (Path(__file__).parent / "corpus" / "hostile.txt").read_text(encoding="utf-8").splitlines()
STRINGS = [line for line in LINES if not line.startswith("## ")]
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


def is_harmless(page: Page, root: str, around: object) -> None:
    chat = page.locator(root)
    expect(chat.get_by_text(END)).to_be_attached()
    # Each has been drawn, and the cards can be opened.
    expect(chat.locator("article.mlc-assistant .mlc-md > *")).to_have_count(len(STRINGS) + 1)
    chat.evaluate("one => one.querySelectorAll('details').forEach(card => { card.open = true; })")
    # Whoever moves over it starts nothing either.
    chat.locator(".mlc-log").hover()
    assert chat.evaluate(FOUND) == []
    assert page.evaluate("() => window.__hurt ?? null") is None
    assert page.evaluate(AROUND) == around
    assert page.evaluate("() => [document.location.host, typeof document.cookie, document.body.id]")[1:] == [
        "string",
        "",
    ]


def test_nothing_hostile_runs_loads_or_covers_in_the_panel(chromium: Browser, site: Site) -> None:
    assert len(STRINGS) >= 60
    trouble = Trouble()
    context = person(chromium, trouble)
    page = context.new_page()
    made = site.api("POST", "mlchat/api/conversations", told(STRINGS[6]))
    page.goto(f"{site.url}/lab?token={TOKEN}&reset")
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [f"jupyter-mlchat:{site.url}/", made["id"]])
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_selector(".jp-LauncherCard")
    around = page.evaluate(AROUND)
    page.evaluate("() => void window.jupyterapp.commands.execute('mlchat:open')")
    is_harmless(page, "#jupyter-mlchat-panel", around)
    context.close()
    trouble.check([])
