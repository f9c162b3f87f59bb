"""Writes docs/tools.md, the page of all tools: `python docs/reference.py`, and with `--check` only compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jupyter_mlchat.chat import facts
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES
from jupyter_mlchat.runtime.wire import Effect

PAGE = Path(__file__).with_name("tools.md")
SERVICE = (facts.COMMANDS, facts.FIND, facts.UPLOAD_STATUS)
"""Answered beside the kernel, and of the same form as the kernel's own."""

EFFECTS: dict[Effect, tuple[str, str, str]] = {
    "read": ("looks; changes nothing", "allowed", "names, types, shapes and aggregates"),
    "predict": ("runs the model; changes nothing", "allowed", "the model's answers, scores and aggregates; no rows"),
    "write": ("changes names of the notebook or files", "asks", "what was done: names, counts, how it ended"),
    "disclose": ("shows raw rows", "asks", "the rows it shows, once a person has allowed it"),
    "execute": ("runs code", "asks", "how it ended and the names it touched; its output does not"),
}
"""What an effect does, whether it asks where nobody has said otherwise, and what of its result may leave."""

HEAD = """\
# Tools

<!-- Written by `python docs/reference.py` from the tools themselves. Do not edit. -->

What the assistant can do in a kernel: {count} tools. You ask in your own words, and whoever words the answer picks the
tool; over HTTP they are called by name. An argument without a default may be left out unless it is marked *required*.

A tool has one effect. It decides whether you are asked first (unless an administrator was stricter, or you have allowed
it for good), and what of the result may leave for a provider. The built-in engine is none: it sends nothing.
The rule in full is in [what leaves the kernel](what-leaves-the-kernel.md).

| effect | what it does | approval | what may leave |
| --- | --- | --- | --- |
{effects}
"""


def page() -> str:
    """The whole page. The same tools give the same bytes."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for tool in Toolbox(MODULES).all():
        groups.setdefault(tool.run.__module__.rpartition(".")[2], []).append(dict(tool.describe()))
    groups["service"] = [
        {name: getattr(tool, name) for name in ("name", "description", "parameters", "effect", "guidance", "example")}
        for tool in SERVICE
    ]
    effects = "\n".join(f"| {name} | {' | '.join(told)} |" for name, told in EFFECTS.items())
    parts = [HEAD.format(count=sum(map(len, groups.values())), effects=effects)]
    for name, tools in groups.items():
        links = ", ".join(f"[`{tool['name']}`](#{tool['name']})" for tool in tools)
        parts.append(f"- {name}: {links}")
    for name, tools in groups.items():
        parts += [f"\n## {name.capitalize()}\n", *map(_section, tools)]
    return "\n".join(parts).rstrip() + "\n"


def _section(tool: dict[str, Any]) -> str:
    lines = [f"### {tool['name']}\n", f"{tool['description']}\n"]
    if tool["guidance"]:
        lines.append(f"When: {tool['guidance']}\n")
    lines += [
        f"Example: *{tool['example']}*\n",
        f"Effect: {tool['effect']}. May leave: {EFFECTS[tool['effect']][2]}.\n",
    ]
    arguments = tool["parameters"]["properties"]
    if arguments:
        lines += ["| argument | type | default | |", "| --- | --- | --- | --- |"]
        required = tool["parameters"]["required"]
        lines += [_argument(name, schema, name in required) for name, schema in arguments.items()]
        lines.append("")
    return "\n".join(lines)


def _argument(name: str, schema: dict[str, Any], required: bool) -> str:
    default = "*required*" if required else f"`{json.dumps(schema['default'])}`" if "default" in schema else ""
    told = [f"`{name}`", _kind(schema), default, schema.get("description", "")]
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in told)} |"


def _kind(schema: dict[str, Any]) -> str:
    """A JSON Schema in a word or two."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"]))
    if schema.get("type") == "array":
        items = schema.get("items") or {}
        return f"list of {_kind(items)}" if items else "list"
    return str(schema.get("type", "any"))


def main() -> int:
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print("docs/tools.md is stale: run `python docs/reference.py`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
