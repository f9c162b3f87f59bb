"""The description of REST as OpenAPI 3.1: a table of operations and the schemas of what they exchange."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from . import answers
from .commands import AnyCommand
from .events import AnyEvent
from .operations import OPERATIONS, Operation

REFERENCE = "#/components/schemas/{name}"
_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}
_WHOLE = {"type": "string", "minLength": 1}
"""Of a name that may have slashes in it."""


def document(version: str) -> dict[str, Any]:
    """The whole description, the same for the same release."""
    given = [kind for o in OPERATIONS for kind in (*o.gives.values(), o.body) if kind is not None]
    also = [kind for o in OPERATIONS for kind in o.also]
    kinds = [answers.FaultAnswer, AnyCommand, AnyEvent, *given, *also]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    (command, event), _ = msgspec.json.schema_components([AnyCommand, AnyEvent], ref_template=REFERENCE)
    schemas |= {"Command": command, "ServerEvent": event}
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        if operation.takes is not None:
            schemas[_body_name(operation)] = _body(operation, schemas[operation.takes.__name__])
        paths.setdefault(f"/{operation.path}", {})[operation.method] = described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_mlchat",
            "version": version,
            "description": "The same commands and events travel on the WebSocket `../ws`: one `Command` or "
            "`ServerEvent` a frame.",
        },
        "servers": [{"url": ".", "description": "Relative to this document."}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token` and the Jupyter server's token; in its pages the login's cookie.",
                }
            },
            "schemas": {name: _tidy(schemas[name]) for name in sorted(schemas)},
        },
    }


def described(operation: Operation) -> dict[str, Any]:
    """One operation as OpenAPI says it."""
    names = re.findall(r"{(\w+)}", operation.path)
    in_path = [{"name": n, "in": "path", "required": True, "schema": _WHOLE if n == "llm" else _ID} for n in names]
    in_query = [
        {"name": q.name, "in": "query", "required": q.required, "schema": q.schema, "description": q.text}
        for q in operation.query
    ]
    told: dict[str, Any] = {
        "operationId": "_".join([operation.method, *re.findall(r"\w+", operation.path)]),
        "summary": operation.summary,
        "parameters": [*in_path, *in_query],
        "responses": {str(status): _response(operation, status) for status in operation.gives},
    }
    told["responses"]["default"] = {
        "description": "It was not done; the body says why.",
        "content": {"application/json": {"schema": _reference("FaultAnswer")}},
    }
    if operation.takes is not None:
        schemas = [_reference(name) for name in (_body_name(operation), *(kind.__name__ for kind in operation.also))]
        content = {"application/json": {"schema": {"anyOf": schemas} if operation.also else schemas[0]}}
        told["requestBody"] = {"content": content}
    if operation.body is not None:
        content = {"application/json": {"schema": _reference(operation.body.__name__)}}
        told["requestBody"] = {"required": True, "content": content}
    if operation.file:
        content = {"application/octet-stream": {"schema": {}}}
        told["requestBody"] = {"required": True, "content": content}
    return told


def _response(operation: Operation, status: int) -> dict[str, Any]:
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    kind = operation.gives[status]
    if kind is not None:
        (schema,), _ = msgspec.json.schema_components([kind], ref_template=REFERENCE)
        media = "application/x-ndjson" if operation.lines else "application/json"
        response["content"] = {media: {"schema": _tidy(schema)}}
    if operation.streams and status == 200:
        response["content"]["application/x-ndjson"] = {"schema": _reference("ServerEvent")}
    for media in operation.media:
        response.setdefault("content", {})[media] = {"schema": {}}
    return response


def _body_name(operation: Operation) -> str:
    return f"{operation.takes.__name__}Body" if operation.takes is not None else ""


def _body(operation: Operation, command: Mapping[str, Any]) -> dict[str, Any]:
    """A command's schema without what the path says; its `id` is made up where there is none."""
    given = {"type", *operation.fixed}
    fields = {name: schema for name, schema in command["properties"].items() if name not in given}
    return {
        **command,
        "title": _body_name(operation),
        "properties": {**fields, **operation.extra},
        "required": [name for name in command["required"] if name not in {"id", *given}],
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": REFERENCE.format(name=name)}


def _tidy(schema: Any) -> Any:
    """Descriptions without the indentation of the source."""
    if isinstance(schema, dict):
        tidy = {name: _tidy(part) for name, part in schema.items()}
        if isinstance(tidy.get("description"), str):
            tidy["description"] = re.sub(r"\s*\n\s*", " ", tidy["description"]).strip()
        return tidy
    return [_tidy(part) for part in schema] if isinstance(schema, list) else schema
