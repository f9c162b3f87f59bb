"""docs/rest.md and docs/websocket.md, written from the operations, commands and events themselves."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from . import openapi
from .commands import COMMANDS
from .events import EVENTS
from .faults import Close, Code
from .operations import OPERATIONS

WRITTEN = "<!-- Written by `python -m jupyter_mlchat.protocol` from the protocol itself. Do not edit. -->"
REST = f"""\
# REST

{WRITTEN}

Everything lies under `<base>/mlchat/api/`, where `<base>` is the address of your Jupyter server. Who you are is decided
by Jupyter: send its token (`Authorization: token ...`), or be logged in there. A request of a page also needs Jupyter's
XSRF cookie and header. `GET openapi.json` is this page for machines (OpenAPI 3.1), also in
[openapi.json](openapi.json).

```bash
curl -H "Authorization: token $TOKEN" localhost:8888/mlchat/api/health
curl -H "Authorization: token $TOKEN" -X POST "localhost:8888/mlchat/api/conversations/$ID/turns?wait=1" \\
  -d '{{"text": "which models are there?"}}'
```

A body is one JSON object. Bodies of commands take an `id` of your own, so that a request that is sent twice is obeyed
once; without it one is made up. What another person owns does not exist for you (404).

Whatever was not done is answered with `{{"fault": {{...}}}}`: `code` for programs, `message` that names the thing,
`hint` that names the fix, `retryable`, and `about`, the field or id concerned. Codes: {{codes}}.

| method | path | |
| --- | --- | --- |
"""
SOCKET = f"""\
# WebSocket

{WRITTEN}

`<base>/mlchat/ws` (behind a certificate `wss:`). One JSON object a frame, with its name in `type`: what you send are
commands, what you get are events. `?conversation=ID&after=SEQ` follows a conversation from there on; more of them by
`conversation.open` or `resume` on the same socket. Identity and origin are checked as for Jupyter's own sockets.

```python
from tornado.websocket import websocket_connect

socket = await websocket_connect("ws://localhost:8888/mlchat/ws?token=...")
await socket.write_message('{{"type": "turn.start", "id": "1", "text": "which models are there?"}}')
while (frame := await socket.read_message()) is not None:
    print(frame)
```

Every command has an `id` of your own and is answered by `accepted`, after it was stored, or by `fault`; the same id
again is the same command. *Durable* events carry `seq`, their number in the conversation: after a lost connection,
`resume` with the last number you saw gives exactly what you missed, then what happens now. An event over 256 kB is
sent as `referenced` and fetched from [`blobs`](rest.md#get-blobsref). Fields with their default are left out.

The server closes with {{closes}}.
"""


def rest() -> str:
    """The whole page. The same protocol gives the same bytes."""
    schemas = openapi.document("")["components"]["schemas"]
    codes = ", ".join(f"`{code.value}`" for code in Code)
    lines = [REST.replace("{codes}", codes).rstrip()]
    for operation in OPERATIONS:
        title = f"{operation.method.upper()} {operation.path}"
        lines.append(f"| {operation.method.upper()} | [`{operation.path}`](#{anchor(title)}) | {operation.summary} |")
    for operation in OPERATIONS:
        lines += ["", f"## {operation.method.upper()} {operation.path}", "", operation.summary]
        described = openapi.described(operation)
        rows = [
            [f"`{one['name']}`", one["in"], _kind(one["schema"]), _default(one), one.get("description", "")]
            for one in described["parameters"]
        ]
        if rows:
            lines += ["", *_table(("parameter", "in", "type", "default", ""), rows)]
        body = described.get("requestBody", {}).get("content", {})
        for kind, content in body.items():
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            lines += ["", f"Body (`{kind}`)" + (":" if name else ": the bytes of the file.")]
            if name:
                lines += ["", *_fields(schemas[name])]
        lines += ["", *_answers(described["responses"])]
    used = sorted({name for name in schemas if not name.endswith("Body")} - _wire())
    lines += ["", "# Records", ""]
    for name in used:
        schema = schemas[name]
        lines += [f"## {name}", ""]
        if schema.get("description"):
            lines += [schema["description"], ""]
        if "enum" in schema:
            lines += [", ".join(f"`{value}`" for value in schema["enum"]), ""]
        elif "properties" in schema:
            lines += [*_fields(schema), ""]
    return _page(lines)


def websocket() -> str:
    """The whole page. The same protocol gives the same bytes."""
    schemas = openapi.document("")["components"]["schemas"]
    closes = ", ".join(f"{close.value} (`{close.name.lower()}`)" for close in Close)
    lines = [SOCKET.replace("{closes}", closes).rstrip(), "", "# Commands"]
    for name, command in COMMANDS.items():
        lines += ["", f"## {name}", "", _told(command), ""]
        lines += _fields(schemas[command.__name__], without={"type"})
    lines += ["", "# Events", "", "Each may carry `conversation`, `turn`, `attempt` and `time` (seconds since 1970)."]
    for name, event in EVENTS.items():
        lines += ["", f"## {name}", "", f"{'Durable. ' if event.durable else ''}{_told(event)}".strip(), ""]
        lines += _fields(schemas[event.__name__], without={"type", "conversation", "turn", "attempt", "seq", "time"})
    return _page(lines)


def anchor(title: str) -> str:
    """Where a title is found, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _page(lines: Sequence[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _wire() -> set[str]:
    """Schemas that are told on the page of the socket."""
    kinds = [*COMMANDS.values(), *EVENTS.values()]
    return {kind.__name__ for kind in kinds} | {"Command", "ServerEvent"}


def _told(kind: type) -> str:
    """The docstring of its own."""
    return re.sub(r"\s+", " ", inspect.cleandoc(kind.__dict__.get("__doc__") or ""))


def _answers(responses: Mapping[str, Any]) -> list[str]:
    lines = []
    for status, response in responses.items():
        if status == "default":
            continue
        bodies = [f"{_kind(c['schema'])} (`{kind}`)" for kind, c in response.get("content", {}).items()]
        lines.append(f"- {status} {HTTPStatus(int(status)).phrase}" + (f": {' or '.join(bodies)}" if bodies else ""))
    return lines


def _fields(schema: Mapping[str, Any], without: Sequence[str] | set[str] = ()) -> list[str]:
    required = schema.get("required", [])
    rows = [
        [
            f"`{name}`",
            _kind(one),
            "*required*" if name in required else _default({"schema": one}),
            one.get("description", ""),
        ]
        for name, one in schema.get("properties", {}).items()
        if name not in without
    ]
    return _table(("field", "type", "default", ""), rows) if rows else ["No fields of its own."]


def _default(one: Mapping[str, Any]) -> str:
    if one.get("required"):
        return "*required*"
    return f"`{json.dumps(one['schema']['default'], ensure_ascii=False)}`" if "default" in one["schema"] else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    return lines + [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def _kind(schema: Mapping[str, Any]) -> str:
    """A JSON Schema in a word or two; records by their names."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        place = "websocket.md" if name in _wire() else "rest.md"
        title = next((tag for tag, kind in {**COMMANDS, **EVENTS}.items() if kind.__name__ == name), name)
        return f"events of the [WebSocket]({place})" if name == "ServerEvent" else f"[{name}]({place}#{anchor(title)})"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        kinds = list(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
        return "an event" if len(kinds) > 12 else " or ".join(kinds)
    if schema.get("type") == "array":
        items = schema.get("items") or {}
        return f"list of {_kind(items)}" if items else "list"
    return str(schema.get("type", "any"))
