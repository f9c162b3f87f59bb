"""The description of REST as OpenAPI 3.1: a table of operations and the schemas of what they exchange."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal, get_args

import msgspec

from . import answers, commands
from .choices import Choices, Prompt
from .commands import AnyCommand, Command
from .events import Accepted, AnyEvent
from .records import ConversationInfo, LlmInfo, Record

REFERENCE = "#/components/schemas/{name}"


@dataclass(frozen=True)
class Query:
    """A parameter of the query string. `schema` is a JSON Schema."""

    name: str
    schema: Mapping[str, Any]
    text: str
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One method of one path. `gives` has the type of the body by status; a fault may come of any.

    The body stands for the command `takes`: its `type` and the fields in `fixed` come from the path, `extra`
    are fields of the body alone; `body` is one that is no command. `streams` offers NDJSON; `file` takes the bytes of
    a file.
    """

    method: Literal["get", "post", "patch", "delete"]
    path: str
    summary: str
    gives: Mapping[int, Any]
    takes: type[Command] | None = None
    fixed: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    query: tuple[Query, ...] = ()
    streams: bool = False
    file: bool = False
    body: type[Record] | None = None


_LIMIT = Query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, "How many at most.")
_AFTER = Query("after", {"type": "integer", "minimum": 0, "default": 0}, "Only what is numbered above this.")
_WAIT = Query(
    "wait",
    {"enum": [0, 1], "default": 0},
    "1: answer when the turn has ended or waits for somebody. So does the header `Prefer: wait=SECONDS`.",
)
_KERNEL = Query("kernel", {"type": "string"}, "Id of a kernel whose tools are wanted too.")
_CONVERSATION = Query("conversation", {"type": "string"}, "Id of one of yours.")
_LLM = Query("llm", {"type": "string"}, "Whose bounds of parameters are wanted.")
_NAME = Query("name", {"type": "string", "maxLength": 255}, "Name of the file.", required=True)
_SIZE = Query("size", {"type": "integer", "minimum": 0}, "Bytes of the file, compared with what arrives.")

_REFRESH = Query(
    "refresh", {"enum": [0, 1], "default": 0}, "1: ask the providers anew, and wait some seconds for them."
)
_USABLE = Query("usable", {"enum": [0, 1], "default": 0}, "1: only those that a question can go to now.")
_WORDS = Query("q", {"type": "string"}, "Words that they must all have.", required=True)

_BY = Query("by", {"enum": list(get_args(answers.UsageBy)), "default": "llm"}, "What the rows are of.")
_DAYS = Query("days", {"type": "integer", "minimum": 1, "maximum": 3660, "default": 30}, "Today and those before it.")

_ONE = ("conversation",)
_TURN = ("turn",)
_COMES_OF_IT = {200: answers.TurnOutcome, 202: Accepted}


def _about_turn(action: str, summary: str, takes: type[Command], extra: Mapping[str, Any] | None = None) -> Operation:
    path = f"turns/{{turn}}/{action}"
    return Operation("post", path, summary, _COMES_OF_IT, takes, _TURN, extra or {}, (_WAIT,), streams=True)


OPERATIONS: tuple[Operation, ...] = (
    Operation("get", "health", "Whether the service and its store answer.", {200: answers.Health}),
    Operation("get", "openapi.json", "This document.", {200: dict[str, Any]}),
    Operation("get", "conversations", "Yours, newest first.", {200: answers.ConversationList}, query=(_LIMIT,)),
    Operation(
        "post",
        "conversations",
        "Begin one.",
        {201: ConversationInfo},
        commands.ConversationOpen,
        ("conversation", "after", "new"),
    ),
    Operation("get", "conversations/{conversation}", "One of yours.", {200: ConversationInfo}),
    Operation(
        "patch",
        "conversations/{conversation}",
        "Change its title, llm or notebook.",
        {200: ConversationInfo},
        commands.ConversationUpdate,
        _ONE,
    ),
    Operation("delete", "conversations/{conversation}", "Delete it. It can be restored.", {200: Accepted}),
    Operation(
        "get",
        "conversations/{conversation}/events",
        "Its stored events, oldest first.",
        {200: answers.EventPage},
        query=(_AFTER, _LIMIT),
    ),
    Operation(
        "post",
        "conversations/{conversation}/turns",
        "Ask.",
        _COMES_OF_IT,
        commands.TurnStart,
        _ONE,
        query=(_WAIT,),
        streams=True,
    ),
    Operation("get", "turns/{turn}", "Where it stands.", {200: answers.TurnInfo}),
    _about_turn("cancel", "Stop it.", commands.TurnCancel),
    _about_turn("retry", "Try it again.", commands.TurnRetry),
    _about_turn(
        "form",
        "Answer its form, or close it.",
        commands.FormSubmit,
        {
            "dismiss": {
                "type": "boolean",
                "default": False,
                "description": "Close the form without an answer.",
            }
        },
    ),
    _about_turn("approval", "Allow or deny what it wants to do.", commands.ApprovalGive),
    _about_turn("feedback", "Say how good it was.", commands.FeedbackGive),
    Operation("get", "turns/{turn}/sent", "Every request that left for a provider.", {200: answers.SentList}),
    Operation("get", "blobs/{ref}", "The event that a `referenced` event stands for.", {200: AnyEvent}),
    Operation("get", "kernels/{kernel}/models", "Its models, without a turn.", {200: answers.ModelList}),
    Operation("get", "kernels/{kernel}/frames", "Its dataframes and arrays.", {200: answers.FrameList}),
    Operation("get", "kernels/{kernel}/state", "What it does now.", {200: answers.KernelState}),
    Operation(
        "get", "kernels/{kernel}/displays/{ref}", "A figure, by the `display_ref` of a result.", {200: answers.Display}
    ),
    Operation(
        "post",
        "kernels/{kernel}/tools/{tool}",
        "Call a tool. 202: it waits for an approval, a form or a cell, or longer than `Prefer: wait` allows.",
        {200: answers.ToolOutcome, 202: answers.ToolOutcome},
        commands.ToolCall,
        ("tool", "context"),
    ),
    Operation("get", "tools", "What can be called.", {200: answers.ToolList}, query=(_KERNEL,)),
    Operation(
        "get",
        "llms",
        "Language models, as far as is known now.",
        {200: answers.LlmList},
        query=(_USABLE, _REFRESH),
    ),
    Operation("get", "llms/search", "Those that have these words.", {200: answers.LlmList}, query=(_WORDS, _REFRESH)),
    Operation("get", "llms/{provider}", "Those of one provider.", {200: answers.LlmList}, query=(_REFRESH,)),
    Operation(
        "get",
        "llms/{provider}/{llm}",
        "One of them. Slashes in its name stay as they are.",
        {200: LlmInfo},
        query=(_REFRESH,),
    ),
    Operation(
        "get",
        "providers",
        "Who has language models, and how they stand.",
        {200: answers.ProviderList},
        query=(_REFRESH,),
    ),
    Operation(
        "get",
        "providers/health",
        "How those stand that are meant to be used. Waits some seconds for who was not asked yet.",
        {200: answers.ProvidersHealth},
        query=(_REFRESH,),
    ),
    Operation("get", "usage", "What llms took, and how they did.", {200: answers.UsageReport}, query=(_BY, _DAYS)),
    Operation(
        "post",
        "compare",
        "Ask two llms the same, one after the other; they only read and predict. Answers when both have.",
        {200: answers.Comparison},
        body=answers.CompareRequest,
    ),
    Operation(
        "get",
        "routes",
        "Ways to an answer; with a conversation or an llm also what they have chosen and may choose.",
        {200: Choices},
        query=(_CONVERSATION, _LLM),
    ),
    Operation("get", "prompts", "The shipped ones and your own.", {200: answers.PromptList}),
    Operation("post", "prompts", "Save a new one.", {201: Prompt}, commands.PromptAdd),
    Operation("get", "prompts/{prompt}", "One of them, by name.", {200: Prompt}),
    Operation("patch", "prompts/{prompt}", "Change one of yours.", {200: Prompt}, commands.PromptUpdate, ("name",)),
    Operation("delete", "prompts/{prompt}", "Delete one of yours.", {204: None}),
    Operation("get", "uploads", "Your files, newest first.", {200: answers.UploadList}),
    Operation("post", "uploads", "Send a file.", {201: answers.Upload}, query=(_NAME, _SIZE), file=True),
    Operation("get", "uploads/{upload}", "What became of a file.", {200: answers.Upload}),
    Operation("delete", "uploads/{upload}", "Remove a file, or stop one that is being sent.", {204: None}),
)


def document(version: str) -> dict[str, Any]:
    """The whole description, the same for the same release."""
    given = [kind for o in OPERATIONS for kind in (*o.gives.values(), o.body) if kind is not None]
    kinds = [answers.FaultAnswer, AnyCommand, AnyEvent, *given]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    (command, event), _ = msgspec.json.schema_components([AnyCommand, AnyEvent], ref_template=REFERENCE)
    schemas |= {"Command": command, "ServerEvent": event}
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        if operation.takes is not None:
            schemas[_body_name(operation)] = _body(operation, schemas[operation.takes.__name__])
        paths.setdefault(f"/{operation.path}", {})[operation.method] = _described(operation)
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


def _described(operation: Operation) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", operation.path)
    in_path = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]
    in_query = [
        {"name": q.name, "in": "query", "required": q.required, "schema": q.schema, "description": q.text}
        for q in operation.query
    ]
    described: dict[str, Any] = {
        "operationId": "_".join([operation.method, *re.findall(r"\w+", operation.path)]),
        "summary": operation.summary,
        "parameters": [*in_path, *in_query],
        "responses": {str(status): _response(operation, status) for status in operation.gives},
    }
    described["responses"]["default"] = {
        "description": "It was not done; the body says why.",
        "content": {"application/json": {"schema": _reference("FaultAnswer")}},
    }
    if operation.takes is not None:
        content = {"application/json": {"schema": _reference(_body_name(operation))}}
        described["requestBody"] = {"content": content}
    if operation.body is not None:
        content = {"application/json": {"schema": _reference(operation.body.__name__)}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.file:
        content = {"application/octet-stream": {"schema": {}}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _response(operation: Operation, status: int) -> dict[str, Any]:
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    kind = operation.gives[status]
    if kind is not None:
        (schema,), _ = msgspec.json.schema_components([kind], ref_template=REFERENCE)
        response["content"] = {"application/json": {"schema": _tidy(schema)}}
    if operation.streams and status == 200:
        response["content"]["application/x-ndjson"] = {"schema": _reference("ServerEvent")}
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
