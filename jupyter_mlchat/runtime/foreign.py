"""Tools that others made: of packages, by the entry-point group `jupyter_mlchat.tools`, and of smolagents."""

from __future__ import annotations

import importlib
from typing import Any

from . import peek
from .toolbox import Lane, Tool, make_tool, tools_in
from .wire import Effect

_TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}
"""The types of smolagents' inputs that JSON has too; "any" takes any of them."""

GROUP = "jupyter_mlchat.tools"


def of_packages() -> list[Tool]:
    """An entry point is a module with `@tool` functions, one such function, or a `Tool` of smolagents."""
    metadata = importlib.import_module("importlib.metadata")
    found: list[Tool] = []
    for point in metadata.entry_points(group=GROUP):
        try:
            found += _of(point.load(), point.dist.name)
        except Exception:
            # A broken package must not take the other tools along: its own are missing, and it says so itself.
            continue
    return found


def _of(given: Any, origin: str) -> list[Tool]:
    if is_foreign(given):
        return [foreign_tool(given, "execute", origin=origin)]
    functions = [given] if callable(given) else [made.run for made in tools_in(given)]
    return [make_tool(function, origin) for function in functions]


def is_foreign(value: object) -> bool:
    return any(peek.class_name(base) == "smolagents.tools.Tool" for base in peek.mro(type(value)))


def foreign_tool(given: Any, effect: Effect, guidance: str = "", example: str = "", origin: str = "notebook") -> Tool:
    """Raises TypeError for an input that JSON can't say, such as an image."""
    properties: dict[str, Any] = {}
    for name, told in given.inputs.items():
        kinds = told["type"] if isinstance(told["type"], list) else [told["type"]]
        strange = [kind for kind in kinds if kind not in _TYPES and kind != "any"]
        if strange:
            raise TypeError(f"Input {name!r} of tool {given.name!r} can't be {strange[0]!r}: it must be JSON.")
        schema = {} if "any" in kinds else {"type": kinds[0] if len(kinds) == 1 else kinds}
        properties[name] = {**schema, "description": str(told.get("description", ""))}
    lane: Lane = "main" if effect in ("write", "execute") else "reader"
    return Tool(
        name=given.name,
        run=lambda **args: given(**args),
        description=" ".join(str(given.description).split()),
        parameters={
            "type": "object",
            "properties": properties,
            "required": [name for name, told in given.inputs.items() if not told.get("nullable")],
            "additionalProperties": False,
        },
        effect=effect,
        lane=lane,
        guidance=guidance,
        example=example,
        origin=origin,
    )
