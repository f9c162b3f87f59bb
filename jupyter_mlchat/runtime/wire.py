"""The messages between the service and a kernel: the one definition of them.

Down, on the control channel, goes `mlchat_request`; the kernel answers it with `mlchat_ack` (at once),
`mlchat_progress` (any number) and `mlchat_reply` (once). On the shell channel goes only `mlchat_main`, which
runs a job that was already requested. Up, on iopub under the topic `mlchat.`, goes `mlchat_up`.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

REQUEST = "mlchat_request"
ACK = "mlchat_ack"
PROGRESS = "mlchat_progress"
REPLY = "mlchat_reply"
MAIN = "mlchat_main"
UP = "mlchat_up"
TOPIC = b"mlchat.up"
SUBSCRIPTION = b"mlchat."

MESSAGE_TYPES = (REQUEST, ACK, PROGRESS, REPLY, MAIN, UP)

MAX_DATA_BYTES = 8_000
"""The most that one tool result may hand to an llm."""

KEPT_ISSUES = frozenset({"just_out_of_range"})
"""Issues for the person alone: an llm that tries many values would learn from them where a range ends exactly."""

Effect = Literal["read", "predict", "write", "disclose", "execute"]
Kind = Literal[
    "hello", "tools", "catalogue", "glance", "state", "tool", "cancel", "event", "limit", "remember", "display"
]  # fmt: skip


class Request(TypedDict, total=False):
    """`timeout_s` counts from receipt, so that clocks need not agree, and anew from every progress that tells more
    done; past it a request is refused at its start."""

    request_id: str
    kind: Kind
    tool: str
    args: dict[str, Any]
    timeout_s: float


class RunningCell(TypedDict):
    """`number` as in `In[number]`; `elapsed_s` since it began; `inside` like "RandomForestClassifier.fit" or ""."""

    number: int
    elapsed_s: float
    inside: str


class Standing(TypedDict):
    """What the kernel is doing, read without touching the main thread."""

    busy: bool
    running: RunningCell | None
    last_cell: int


class State(Standing, total=False):
    at_work: bool
    """Whether something of ours runs on the main thread, between cells. A kernel of before does not say."""


class IssueDict(TypedDict, total=False):
    code: str
    message: str
    column: str
    row: int | None
    suggestion: str
    model_behaviour: str


class EvidenceDict(TypedDict, total=False):
    kind: str
    text: str
    ref: str
    cell: int | None


class FieldDict(TypedDict, total=False):
    name: str
    kind: str
    options: list[Any]
    minimum: float | None
    maximum: float | None
    default: Any
    value: Any
    required: bool
    unit: str
    help: str


class FormDict(TypedDict, total=False):
    title: str
    kind: str
    fields: list[FieldDict]
    rest: list[FieldDict]
    start: FieldDict | None
    total: int
    tool: str
    args: dict[str, Any]
    target: str


class FaultDict(TypedDict, total=False):
    code: str
    message: str
    hint: str
    about: str


class Result(TypedDict, total=False):
    """A tool result on the kernel wire; `protocol.records.ToolResult` has the same fields."""

    ok: bool
    data: dict[str, Any]
    local: dict[str, Any] | None
    issues: list[IssueDict]
    warnings: list[str]
    doubts: list[str]
    evidence: list[EvidenceDict]
    truncated: dict[str, int] | None
    form: FormDict | None
    display_ref: str
    code: str
    elapsed_ms: float
    kernel_busy: bool
    fault: FaultDict | None
    revision: str


class ToolDict(TypedDict):
    name: str
    description: str
    parameters: dict[str, Any]
    effect: Effect
    guidance: str
    example: str
    origin: str


class ModelCard(TypedDict, total=False):
    """One model as the catalogue shows it. `categories` holds every known level: it never leaves for a provider."""

    ref: str
    aliases: list[str]
    class_name: str
    estimator: str
    library: str
    task: str
    fitted: bool | None
    features: list[str]
    categories: dict[str, list[Any]]
    classes: list[Any]
    cell: int | None
    revision: str


class FrameCard(TypedDict, total=False):
    """One frame, series or array. `shape` is (rows, columns) or the array's own."""

    ref: str
    class_name: str
    shape: list[int]
    columns: list[str]
    dtypes: list[str]


class Files(TypedDict, total=False):
    """`files` are paths by the handles that stand for them where a provider reads."""

    files: dict[str, str]


class Catalogue(Files):
    """What the namespace holds, for the service's own use: slot filling, completion, the cards of a panel."""

    models: list[ModelCard]
    frames: list[FrameCard]
    others: dict[str, str]


class ModelGlance(TypedDict):
    """One model on a card: few names, however many it has. `stale` says why it is not `fresh`, null where no cell
    shows its fit."""

    ref: str
    names: list[str]
    class_name: str
    estimator: str
    task: str
    fitted: bool | None
    features: list[str]
    n_features: int
    classes: list[str]
    n_classes: int
    cell: int | None
    fresh: bool | None
    stale: str


class FrameGlance(TypedDict):
    ref: str
    class_name: str
    shape: list[int]
    columns: list[str]
    n_columns: int


class Glance(TypedDict):
    """The cards that one look shows, and how many there are in all."""

    models: list[ModelGlance]
    n_models: int
    frames: list[FrameGlance]
    n_frames: int


class Ack(TypedDict, total=False):
    """`running` is what the main thread does at this moment: the last word if the kernel falls silent."""

    request_id: str
    running: RunningCell | None


class Progress(TypedDict, total=False):
    """`main_needed` asks the service for the `mlchat_main` message that gives the job its turn on the shell."""

    request_id: str
    done: float
    total: float
    text: str
    main_needed: bool


class Reply(TypedDict, total=False):
    """Exactly one of the payloads is set, the one that the request's `kind` asks for. A quick reply is its own ack."""

    request_id: str
    running: RunningCell | None
    ok: bool
    fault: FaultDict | None
    result: Result | None
    tools: list[ToolDict] | None
    catalogue: Catalogue | None
    glance: Glance | None
    state: State | None
    told: dict[str, Any] | None


class Up(TypedDict, total=False):
    """From the kernel. `hello` announces a freshly attached kernel, `idle` the end of a cell someone waits for,
    `command` carries a command of `protocol.commands` as JSON; its events come back to `channel`. Between `join`
    and `leave` a channel is a connection of its own, as a socket is: a view of a panel. `registered` carries `facts`
    that a person told of a model, to be kept for the notebook's next kernel, which gets them with `remember`."""

    kind: Literal["hello", "idle", "command", "join", "leave", "registered"]
    wire_version: int
    channel: str
    command: dict[str, Any]
    facts: dict[str, Any]
