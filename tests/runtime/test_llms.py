"""The table of `%chat llms`."""

from __future__ import annotations

from typing import Any

from jupyter_mlchat.runtime.llms import MOST, table


def info(name: str, **facts: Any) -> dict[str, Any]:
    unknown = {"context_length": None, "parameters": "", "quantization": "", "price_in": None, "price_out": None}
    return {"id": name, "capabilities": ["streaming"], **unknown, **facts}


def told(*llms: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"llms": list(llms), "total": len(llms), "providers": [], "complete": True, **more}


def provider(status: str, *, error: str = "", has_key: bool = True, local: bool = False) -> dict[str, Any]:
    return {"title": "Someone", "status": status, "error": error, "has_key": has_key, "local": local}


def test_a_row_says_what_is_known() -> None:
    facts = {"parameters": "3.2B", "quantization": "Q4_K_M", "capabilities": ["tools", "streaming"]}
    text = table(told(info("a/b", context_length=131072, price_in=0.4, price_out=1.6, **facts), info("c/d")), "")
    assert "| `a/b` | 131,072 | 3.2B Q4_K_M | tools | 0.4 / 1.6 |" in text
    assert "| `c/d` |  |  |  |  |" in text
    assert "free" in table(told(info("a/b", price_in=0.0, price_out=0.0)), "")


def test_a_name_can_not_break_out_of_its_cell() -> None:
    text = table(told(info("a`| <img src=x> |\n# big [x](javascript:y)")), "")
    [row] = [line for line in text.splitlines() if "img" in line]
    assert row.count("|") == 6 and row.count("`") == 2
    assert "<" not in row and "](" not in row and "\n# big" not in text


def test_more_than_fit_are_counted() -> None:
    text = table(told(*(info(f"a/{n}") for n in range(MOST + 5)), total=1_234), "a")
    assert f"`a/{MOST - 1}`" in text and f"`a/{MOST}`" not in text
    assert f"... and {1_234 - MOST:,} more." in text


def test_trouble_is_told_of_providers_that_are_set_up() -> None:
    ill = [
        provider("error", error="Someone rejected the API key."),
        provider("unhealthy", error="Can't reach an Ollama.", has_key=False, local=True),
        provider("no_key", has_key=False),
    ]
    text = table(told(info("builtin"), providers=ill), "")
    assert "- Someone: Someone rejected the API key." in text
    assert "Ollama" not in text
    assert "Providers without a key: 1." in text
    assert "rejected" not in table(told(info("builtin"), providers=ill), "word")


def test_nothing_found_and_not_all_asked() -> None:
    text = table(told(close=["openai/gpt-4.1-mini"], complete=False), "gpt4")
    assert text.startswith("No llm has the words 'gpt4'. Did you mean `openai/gpt-4.1-mini`?")
    assert "have not answered yet" in text
    assert table(told(), "").startswith("No llm can be used now.")
