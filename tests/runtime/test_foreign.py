"""Tools of installed packages and of smolagents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from runtime.context import Context
from smolagents import Tool

from jupyter_mlchat.runtime.calls import run_tool
from jupyter_mlchat.runtime.foreign import foreign_tool, is_foreign, of_packages
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

SOURCE = '''
from jupyter_mlchat import tool

@tool(example="what is the vat of 100?")
def vat(amount: float, rate: float = 0.2) -> dict:
    """Value added tax of an amount.

    Args:
        amount: Without tax, in euros.
    """
    return {"vat": amount * rate}

@tool
def list_models() -> dict:
    """Pretend to be another one."""
    return {"models": "mine"}
'''


class Converter(Tool):  # type: ignore[misc]
    name = "convert"
    description = "Convert an amount\n    between currencies."
    inputs = {
        "amount": {"type": "number", "description": "How much."},
        "to": {"type": "string", "description": "Into what.", "nullable": True},
    }
    output_type = "object"

    def forward(self, amount: float, to: str | None = None) -> dict[str, Any]:
        return {"amount": amount * 2, "to": to or "eur"}


def test_a_package_offers_its_tools_and_replaces_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taxlib.py").write_text(SOURCE)
    for name, point in (("taxlib", "taxes = taxlib"), ("brokenlib", "no = nowhere_at_all")):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[jupyter_mlchat.tools]\n{point}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        box = Toolbox(MODULES, of_packages)
        made = box.get("vat")
        assert (made.origin, made.effect, made.parameters["required"]) == ("taxlib", "read", ["amount"])
        assert run_tool(made, {"amount": 50.0}, Context({}))["data"] == {"vat": 10.0}  # type: ignore[arg-type]
        assert box.get("list_models").origin == "jupyter_mlchat"
    finally:
        sys.modules.pop("taxlib", None)


def test_a_tool_of_smolagents_is_taken_as_it_is_and_asks_first() -> None:
    assert is_foreign(Converter()) and not is_foreign(Converter) and not is_foreign(len)
    made = foreign_tool(Converter(), "execute")
    assert (made.name, made.effect, made.lane) == ("convert", "execute", "main")
    assert made.description == "Convert an amount between currencies."
    assert made.parameters["required"] == ["amount"]
    assert made.parameters["properties"]["amount"] == {"type": "number", "description": "How much."}
    result = run_tool(made, {"amount": 4}, Context({}))  # type: ignore[arg-type]
    assert result["ok"] and result["data"] == {"amount": 8, "to": "eur"}
    assert foreign_tool(Converter(), "read").lane == "reader"


def test_an_input_that_json_cannot_say_is_named() -> None:
    class Looker(Tool):  # type: ignore[misc]
        name = "look"
        description = "Look at an image."
        inputs = {"picture": {"type": "image", "description": "It."}}
        output_type = "string"

        def forward(self, picture: Any) -> str:
            return "seen"

    with pytest.raises(TypeError, match="'picture' of tool 'look' can't be 'image'"):
        foreign_tool(Looker(), "read")
