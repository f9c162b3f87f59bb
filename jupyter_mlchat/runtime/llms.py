"""What `%chat llms` shows. Names and words come from providers: they are shown as text and nothing else."""

from __future__ import annotations

from typing import Any

MOST = 30
_TROUBLE = ("unhealthy", "error")


def table(told: dict[str, Any], word: str) -> str:
    """Markdown of an `llms` event: the language models, and what is wrong with providers that are set up."""
    lines = _listed(told) if told["llms"] else [_nothing(told, word)]
    if not word:
        # A provider that nobody has set up is no trouble.
        ill = [p for p in told["providers"] if p["status"] in _TROUBLE and (p["has_key"] or not p["local"])]
        lines += ["", *(f"- {_plain(p['title'])}: {_plain(p['error'])}" for p in ill)] if ill else []
        keys = sum(1 for p in told["providers"] if p["status"] == "no_key")
        lines += ["", f"Providers without a key: {keys}. `%chat llms WORD` searches their llms too."] if keys else []
    if not told["complete"]:
        lines += ["", "Some providers have not answered yet; ask again in a moment."]
    return "\n".join(lines)


def _listed(told: dict[str, Any]) -> list[str]:
    rows = ["| llm | context | parameters | can | $ per million tokens, in / out |", "|---|---|---|---|---|"]
    rows += [_row(info) for info in told["llms"][:MOST]]
    more = told["total"] - MOST
    return [*rows, "", f"... and {more:,} more."] if more > 0 else rows


def _row(info: dict[str, Any]) -> str:
    size = " ".join(part for part in (info["parameters"], info["quantization"]) if part)
    can = ", ".join(word for word in info["capabilities"] if word != "streaming")
    context = f"{info['context_length']:,}" if info["context_length"] else ""
    cells = [f"`{_plain(info['id'])}`", context, _plain(size), _plain(can), _price(info)]
    return f"| {' | '.join(cells)} |"


def _price(info: dict[str, Any]) -> str:
    if info["price_in"] is None or info["price_out"] is None:
        return ""
    return "free" if info["price_in"] == info["price_out"] == 0 else f"{info['price_in']:g} / {info['price_out']:g}"


def _nothing(told: dict[str, Any], word: str) -> str:
    close = " or ".join(f"`{_plain(name)}`" for name in told.get("close", []))
    said = f"No llm has the words {_plain(word)!r}." if word else "No llm can be used now."
    return f"{said} Did you mean {close}?" if close else said


def _plain(text: str) -> str:
    """Nothing in it ends a cell or code, or begins markup."""
    return "".join(" " if letter in "`|<>[]\n\r" else letter for letter in text)
