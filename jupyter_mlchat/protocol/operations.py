"""The operations of REST as a table: what each takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from . import answers, commands, evaluations, exports, messages
from .choices import Choices, Prompt
from .commands import Command
from .events import Accepted, AnyEvent
from .records import ConversationInfo, ExportFormat, LlmInfo, Record, TurnState


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
    lines: bool = False
    """One JSON object a line."""
    also: tuple[type[Any], ...] = ()
    """What the body may be as well."""
    media: tuple[str, ...] = ()
    """Of a 200 that is a file."""


_LIMIT = Query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, "How many at most.")
_AFTER = Query("after", {"type": "integer", "minimum": 0, "default": 0}, "Only what is numbered above this.")
_NEXT = Query("after", {"type": "string"}, "The `next` of the page before.")
_DELETED = Query("deleted", {"enum": [0, 1], "default": 0}, "1: those that were deleted and can be restored.")
_NOW = Query("now", {"enum": [0, 1], "default": 0}, "1: nothing of it is left afterwards.")
_NOTEBOOK = Query("notebook", {"type": "string"}, "Where an imported one goes on; else in the notebook of its file.")
_FORMAT = Query("format", {"enum": list(get_args(ExportFormat)), "default": "json"}, "What kind of file.")
_SAID = Query("q", {"type": "string"}, "Words that it must all have, or their beginnings. Anything may be typed.", True)
_TURN_STATE = Query("state", {"enum": list(get_args(TurnState))}, "Only those in this state.")
_WAIT = Query(
    "wait",
    {"enum": [0, 1], "default": 0},
    "1: answer when the turn has ended or waits for somebody. So does the header `Prefer: wait=SECONDS`.",
)
_KERNEL = Query("kernel", {"type": "string"}, "Id of a kernel whose tools are wanted too.")
_CONVERSATION = Query("conversation", {"type": "string"}, "Id of one of yours.")
_LLM = Query("llm", {"type": "string"}, "Whose bounds of parameters are wanted.")
_NAME = Query("name", {"type": "string", "maxLength": 255}, "Name of the file.", required=True)
_SIZE = Query("size", {"type": "integer", "minimum": 0}, "Bytes of the whole file, compared with what arrives.")
_OFFSET = Query("offset", {"type": "integer", "minimum": 0}, "Where the body begins: `received` of the upload.", True)
_FOR = Query("conversation", {"type": "string"}, "One of yours that the file is for: who follows it sees `progress`.")

_REFRESH = Query(
    "refresh", {"enum": [0, 1], "default": 0}, "1: ask the providers anew, and wait some seconds for them."
)
_USABLE = Query("usable", {"enum": [0, 1], "default": 0}, "1: only those that a question can go to now.")
_WORDS = Query("q", {"type": "string"}, "Words that they must all have.", required=True)

_BY = Query("by", {"enum": list(get_args(answers.UsageBy)), "default": "llm"}, "What the rows are of.")
_SCOPE = Query("scope", {"enum": ["own", "all"], "default": "own"}, "Whose figures; all of them only for admins.")
_DAYS = Query("days", {"type": "integer", "minimum": 1, "maximum": 3660, "default": 30}, "Today and those before it.")

_MEASURED_BY = Query("by", {"enum": list(get_args(evaluations.EvaluationBy)), "default": "llm"}, "What rows are of.")
_STATE = Query("state", {"enum": ["open", "all"], "default": "open"}, "Only those that wait, or the decided ones too.")
_MOST = Query("limit", {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 10_000}, "How many at most.")

_ONE = ("conversation",)
_TURN = ("turn",)
_COMES_OF_IT = {200: answers.TurnOutcome, 202: Accepted}


def _about_turn(action: str, summary: str, takes: type[Command], extra: Mapping[str, Any] | None = None) -> Operation:
    path = f"turns/{{turn}}/{action}"
    return Operation("post", path, summary, _COMES_OF_IT, takes, _TURN, extra or {}, (_WAIT,), streams=True)


def _of_people(action: str, summary: str, takes: type[Command]) -> Operation:
    return Operation("post", f"conversations/{{conversation}}/{action}", summary, {200: Accepted}, takes, _ONE)


OPERATIONS: tuple[Operation, ...] = (
    Operation("get", "health", "How it and its parts stand.", {200: answers.Health, 503: answers.Health}),
    Operation(
        "get",
        "metrics/summary",
        "What happened lately: yours, or for an admin everybody's.",
        {200: answers.MetricsSummary},
        query=(_SCOPE, _DAYS),
    ),
    Operation("get", "openapi.json", "This document.", {200: dict[str, Any]}),
    Operation(
        "get",
        "conversations",
        "Yours, newest first.",
        {200: answers.ConversationList},
        query=(_LIMIT, _NEXT, _DELETED),
    ),
    Operation(
        "post",
        "conversations",
        "Begin one. A conversation that was exported, or a `.chat` file of jupyter-ai, is imported; of its title the "
        "first 200 characters.",
        {201: ConversationInfo},
        commands.ConversationOpen,
        ("conversation", "after", "new"),
        also=(exports.ConversationExport, exports.ChatFile),
        query=(_NOTEBOOK,),
    ),
    Operation("get", "conversations/{conversation}", "One of yours.", {200: ConversationInfo}),
    Operation(
        "patch",
        "conversations/{conversation}",
        "Change its title, llm, memory and the like.",
        {200: ConversationInfo},
        commands.ConversationUpdate,
        _ONE,
    ),
    Operation(
        "delete",
        "conversations/{conversation}",
        "Delete it. It can be restored, unless nothing of it was to be left.",
        {200: Accepted},
        query=(_NOW,),
    ),
    Operation(
        "post",
        "conversations/{conversation}/restore",
        "Take it back.",
        {200: ConversationInfo},
        commands.ConversationRestore,
        _ONE,
    ),
    Operation(
        "get",
        "conversations/{conversation}/export",
        "It as a file.",
        {200: exports.ConversationExport},
        query=(_FORMAT,),
        media=("text/markdown", "application/x-ipynb+json"),
    ),
    Operation("get", "search", "What was said, newest first.", {200: answers.FoundList}, query=(_SAID, _LIMIT)),
    Operation("get", "export", "All that is stored of you.", {200: None}, media=("application/zip",)),
    Operation(
        "get",
        "conversations/{conversation}/events",
        "Its stored events, oldest first.",
        {200: answers.EventPage},
        query=(_AFTER, _LIMIT),
    ),
    Operation(
        "get",
        "conversations/{conversation}/messages",
        "What was said in it, oldest first.",
        {200: messages.MessageList},
        query=(_AFTER, _LIMIT),
    ),
    Operation(
        "get",
        "conversations/{conversation}/turns",
        "Its turns, newest first. `state=abandoned&limit=1` is what a window can take up again.",
        {200: answers.TurnList},
        query=(_TURN_STATE, _LIMIT),
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
    _of_people("mode", "Say who answers: the assistant or a person.", commands.ModeChange),
    _of_people("request", "Ask for a person.", commands.ExpertRequest),
    _of_people("claim", "Take the request, as an expert; as an admin assign it.", commands.ExpertClaim),
    _of_people("release", "Give the request back to the queue.", commands.ExpertRelease),
    _of_people("say", "Answer as the expert who has joined, or ask the assistant.", commands.ExpertSay),
    _of_people("presence", "Tell that one is there, or typing.", commands.PresenceSet),
    Operation("get", "experts/queue", "Requests for a person, for experts.", {200: answers.ExpertQueue}),
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
    Operation("post", "turns/{turn}/review", "Have a person look at it.", {202: Accepted}, commands.ReviewAsk, _TURN),
    Operation(
        "post",
        "turns/{turn}/synonym",
        "Say what was meant: the built-in engine reads it so from now on in this notebook.",
        {202: Accepted},
        commands.SynonymAdd,
        _TURN,
    ),
    Operation("delete", "turns/{turn}/synonym", "Read it as it stands again.", {204: None}),
    Operation("get", "turns/{turn}/sent", "Every request that left for a provider.", {200: answers.SentList}),
    Operation("get", "blobs/{ref}", "The event that a `referenced` event stands for.", {200: AnyEvent}),
    Operation("get", "kernels/{kernel}/models", "Its models, without a turn.", {200: answers.ModelList}),
    Operation("get", "kernels/{kernel}/frames", "Its dataframes and arrays.", {200: answers.FrameList}),
    Operation("get", "kernels/{kernel}/variables", "What else has a name in it.", {200: answers.VariableList}),
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
        "reviews",
        "Answers to look at, for experts and admins.",
        {200: evaluations.ReviewList},
        query=(_STATE, _LIMIT),
    ),
    Operation(
        "get",
        "reviews/corrections",
        "Corrected answers as chat pairs, the newest ones, oldest first. The header Mlchat-Left-Out counts those that "
        "may not leave.",
        {200: evaluations.Correction},
        query=(_MOST,),
        lines=True,
    ),
    Operation("get", "reviews/{review}", "One of them.", {200: evaluations.Review}),
    Operation(
        "post",
        "reviews/{review}",
        "Approve, correct or reject the answer. 409: somebody else has.",
        {200: evaluations.Review},
        commands.ReviewDecide,
        ("review",),
    ),
    Operation(
        "get",
        "evaluations",
        "What was measured of your answers.",
        {200: evaluations.EvaluationReport},
        query=(_MEASURED_BY, _DAYS),
    ),
    Operation("get", "experiments", "Comparisons by conversation, for reviewers.", {200: evaluations.ExperimentList}),
    Operation("get", "experiments/{experiment}", "One of them, by name.", {200: evaluations.Experiment}),
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
    Operation(
        "post",
        "uploads",
        "Send a file. 202: it is not whole yet, go on with it.",
        {201: answers.Upload, 202: answers.Upload},
        query=(_NAME, _SIZE, _FOR),
        file=True,
    ),
    Operation("get", "uploads/{upload}", "What became of a file.", {200: answers.Upload}),
    Operation(
        "patch",
        "uploads/{upload}",
        "Go on with a file that was cut.",
        {201: answers.Upload, 202: answers.Upload},
        query=(_OFFSET,),
        file=True,
    ),
    Operation("delete", "uploads/{upload}", "Remove a file, or stop one that is being sent.", {204: None}),
)
