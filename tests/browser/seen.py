"""What is wrong with the looks of a panel or a widget, asked of the page itself. Each answer is a list of offenders."""

from __future__ import annotations

from pathlib import Path

from browser.page import Desk
from browser.site import ROOT
from browser.widget import Panel

AXE = ROOT / "labextension-src" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = """async panel => {
    const { violations } = await axe.run(panel, { resultTypes: ['violations'] });
    return violations.filter(one => one.impact === 'serious' || one.impact === 'critical')
        .flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)}`));
}"""
NAMELESS = """panel => {
    const all = [...panel.querySelectorAll('button, input, select, textarea, summary, a[href], [role], [tabindex]')];
    const named = one => one.getAttribute('aria-label') || one.labels?.length || one.textContent.trim();
    return all.filter(one => one.getClientRects().length && !named(one)).map(one => one.outerHTML.slice(0, 120));
}"""
CUT = """panel => {
    const edge = panel.getBoundingClientRect();
    const scrolls = one => one.closest('pre, table, .mlc-said, .mlc-code, mjx-container');
    return [...panel.querySelectorAll('*')]
        .filter(one => one.getClientRects().length && !scrolls(one) && !one.closest('.mlc-announcer'))
        .filter(one => { const box = one.getBoundingClientRect();
            return box.width && (box.right > edge.right + 1 || box.left < edge.left - 1); })
        .map(one => one.outerHTML.slice(0, 120));
}"""
CONTRAST = """panel => {
    const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = color => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = color; paint.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
    const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
    const ground = one => { const layers = [];
        for (let at = one; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
        return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]); };
    const light = rgb => { const [r, g, b] = rgb.map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const ratio = one => { const under = ground(one), part = one.placeholder && !one.value ? '::placeholder' : null;
        const text = over(rgba(getComputedStyle(one, part).color), under);
        const [low, high] = [light(under), light(text)].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
    const says = one => one.placeholder || one.value
        || [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    return [...panel.querySelectorAll('*')]
        .filter(one => says(one) && one.getClientRects().length && !one.closest(':disabled'))
        .filter(one => ratio(one) < 4.5).map(one => `${ratio(one).toFixed(2)} ${one.outerHTML.slice(0, 120)}`);
}"""


def nameless(chat: Desk | Panel) -> list[str]:
    """Controls without a name."""
    found: list[str] = chat.root.evaluate(NAMELESS)
    return found


def cut(chat: Desk | Panel) -> list[str]:
    """What reaches beyond the panel's edges."""
    found: list[str] = chat.root.evaluate(CUT)
    return found


def faint(chat: Desk | Panel) -> list[str]:
    """Text with less than 4.5 times the light, or the darkness, of its ground."""
    found: list[str] = chat.root.evaluate(CONTRAST)
    return found


def serious(chat: Desk | Panel) -> list[str]:
    """What axe-core calls serious or critical."""
    if not chat.root.page.evaluate("() => 'axe' in window"):
        chat.root.page.evaluate(Path(AXE).read_text())
    found: list[str] = chat.root.evaluate(SERIOUS)
    return found
