"""What REST answers. Everything else it says and takes are commands, events and records."""

from __future__ import annotations

from typing import Any, Literal

from .choices import BudgetState, Prompt
from .events import AnyEvent, ApprovalAsked, FormAsked
from .faults import FaultRecord
from .records import (
    Context,
    ConversationId,
    ConversationInfo,
    Found,
    HelpRequest,
    LlmInfo,
    ProviderInfo,
    ProviderStatus,
    Record,
    SentRequest,
    ToolInfo,
    ToolResult,
    TurnId,
    TurnState,
    WaitsFor,
)


class FaultAnswer(Record, frozen=True):
    """The body of every answer of status 400 and above."""

    fault: FaultRecord


HealthStatus = Literal["ok", "degraded", "failed"]


class PartHealth(Record, frozen=True, omit_defaults=False):
    """`text` says what is wrong with a part that is not ok, or what to know of one that is."""

    status: HealthStatus
    text: str = ""
    figures: dict[str, int] = {}


class Health(Record, frozen=True, omit_defaults=False):
    """How the service and its `parts` stand: store, providers, kernels and queue. `sockets` counts open WebSockets.

    `failed`: nothing can be asked now. `experts`: a person can be asked for.
    """

    status: HealthStatus
    version: str
    sockets: int
    parts: dict[str, PartHealth] = {}
    experts: bool = False
    disabled_features: list[str] = []


class ConversationList(Record, frozen=True):
    """Newest first. `next` is the `after` of the next page, "" when this was the last."""

    conversations: list[ConversationInfo]
    next: str = ""


class FoundList(Record, frozen=True):
    """What was found, newest first."""

    found: list[Found]


class EventPage(Record, frozen=True):
    """Durable events, oldest first. `next` is the `after` of the next page, null when this was the last."""

    events: list[AnyEvent]
    next: int | None


class TurnInfo(Record, frozen=True):
    """Where a turn stands. `pending` is the id of the form or approval it waits for until `expires`."""

    turn: TurnId
    conversation: ConversationId
    state: TurnState
    text: str = ""
    llm: str = ""
    attempts: int = 0
    waits_for: WaitsFor | None = None
    pending: str = ""
    expires: float = 0.0


class TurnList(Record, frozen=True):
    """Newest first."""

    turns: list[TurnInfo]


class TurnOutcome(Record, frozen=True):
    """A turn that has ended or waits: its stored events, all attempts, and the text of the last one."""

    turn: TurnId
    conversation: ConversationId
    state: TurnState
    text: str = ""
    fault: FaultRecord | None = None
    events: list[AnyEvent] = []


class ToolOutcome(Record, frozen=True):
    """A tool that has run (`result`), or what it waits for: `approval`, `form`, or a running cell."""

    turn: TurnId
    conversation: ConversationId
    state: TurnState
    result: ToolResult | None = None
    approval: ApprovalAsked | None = None
    form: FormAsked | None = None
    waits_for: WaitsFor | None = None


class Display(Record, frozen=True):
    """A figure of a result. `data` is base64."""

    mime: str
    data: str


class SentList(Record, frozen=True):
    sent: list[SentRequest]


class Card(Record, frozen=True):
    """One model, frame or other variable of a kernel; which fields there are depends on what is known of it."""

    ref: str
    class_name: str
    aliases: list[str] = []
    estimator: str = ""
    library: str = ""
    task: str = ""
    fitted: bool | None = None
    features: list[str] = []
    categories: dict[str, list[Any]] = {}
    classes: list[Any] = []
    cell: int | None = None
    revision: str = ""
    shape: list[int] = []
    columns: list[str] = []
    dtypes: list[str] = []


class ModelList(Record, frozen=True):
    models: list[Card]


class FrameList(Record, frozen=True):
    frames: list[Card]


class VariableList(Record, frozen=True):
    """The first 500 names that are neither a model, nor a frame, nor code; `class_name` is of what they hold."""

    variables: list[Card]


class RunningCell(Record, frozen=True):
    """`number` as in `In[number]`; `inside` like "RandomForestClassifier.fit"."""

    number: int
    elapsed_s: float
    inside: str = ""


class KernelState(Record, frozen=True):
    busy: bool
    last_cell: int
    running: RunningCell | None = None
    at_work: bool = False
    """Something of ours runs on its main thread, between cells."""


class PromptList(Record, frozen=True):
    prompts: list[Prompt]


class ToolList(Record, frozen=True):
    tools: list[ToolInfo]


class LlmList(Record, frozen=True):
    """Language models of providers that may be used here. `complete` is false while some are still being asked.

    `close` are ids that were perhaps meant when a search found nothing.
    """

    llms: list[LlmInfo]
    complete: bool
    close: list[str] = []


class ProviderList(Record, frozen=True):
    """Those that can be used first. `complete` is false while some are still being asked."""

    providers: list[ProviderInfo]
    complete: bool


class ProviderHealth(Record, frozen=True):
    status: ProviderStatus
    error: str
    checked: float


class ProvidersHealth(Record, frozen=True):
    """How every provider stands that has a key, runs nearby or is built in, by name.

    `status` is healthy when they all are, unhealthy when none but the built-in engine is, else degraded.
    """

    status: Literal["healthy", "degraded", "unhealthy"]
    providers: dict[str, ProviderHealth]
    complete: bool


UsageBy = Literal["llm", "day", "conversation"]


class UsageRow(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What one llm, day or conversation (`key`) took, and how it went.

    `cost` in US dollars is of the calls with a known price; `unpriced_calls` have none. `llm_ms` is the time of the
    calls, `elapsed_ms` that of the attempts, tools included. An attempt that waits for a person is neither completed
    nor failed. `tool_calls` are those that ran.
    """

    key: str
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    unpriced_calls: int = 0
    llm_ms: float = 0.0
    attempts: int = 0
    completed: int = 0
    failed: int = 0
    elapsed_ms: float = 0.0
    tool_calls: int = 0
    tools_failed: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0


class UsageReport(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Yours, most tokens first. `since` is a day of the server's, like 2026-01-31. `budgets` are those that are set."""

    by: UsageBy
    since: str
    rows: list[UsageRow]
    budgets: list[BudgetState] = []


class Elapsed(Record, frozen=True, omit_defaults=False):
    """Milliseconds of `count` attempts: their mean, their median, and what 95 % of them do not exceed."""

    count: int = 0
    mean: float = 0.0
    p50: float = 0.0
    p95: float = 0.0


class MetricsSummary(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What happened since a day of the server's, like 2026-01-31: your own, or everybody's.

    `turns` counts them by state. `cost` in US dollars is of the calls with a known price; `unpriced_calls` have none.
    """

    scope: Literal["own", "all"]
    since: str
    turns: dict[str, int]
    elapsed_ms: Elapsed
    prompt_tokens: int
    completion_tokens: int
    cost: float
    unpriced_calls: int
    tool_calls: int
    tools_failed: int
    thumbs_up: int
    thumbs_down: int
    llms: list[UsageRow]
    providers: dict[str, ProviderHealth]


class CompareRequest(Record, frozen=True):
    """One question for two different `llms`."""

    text: str
    llms: list[str]
    context: Context = Context()


class ComparedCall(Record, frozen=True, kw_only=True, omit_defaults=False):
    tool: str
    ok: bool
    elapsed_ms: float


class Compared(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What one llm made of the question. `answered_by` differs from `llm` where another one stepped in.

    `waiting` is a state too: it asked something back, `asked`, and was stopped. `cost` is null when unknown.
    """

    llm: str
    answered_by: str
    conversation: ConversationId
    turn: TurnId
    state: TurnState
    text: str = ""
    asked: str = ""
    fault: FaultRecord | None = None
    elapsed_ms: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    tool_calls: list[ComparedCall] = []
    notices: list[str] = []


class Comparison(Record, frozen=True):
    """One question on two llms, one after the other, each in a fresh conversation that only reads and predicts."""

    text: str
    answers: list[Compared]


class ExpertQueue(Record, frozen=True):
    """Requests for a person: those that wait, oldest first, then those that somebody has taken."""

    requests: list[HelpRequest]


UploadState = Literal["receiving", "complete", "cancelled", "failed"]


class Contents(Record, frozen=True):
    """What was found in a model file, without loading it: its `kind`, and what loading it would import.

    All empty for other files. `reasons` say why the `verdict` is not `safe_looking`.
    """

    kind: str = ""
    verdict: Literal["", "safe_looking", "unknown_imports", "dangerous"] = ""
    imports: list[str] = []
    reasons: list[str] = []


class Upload(Record, frozen=True):
    """A file that was sent to the server. `bytes` is its announced size, `received` what has arrived.

    One that is `receiving` is not whole: it can be gone on with from `received` on.
    """

    id: str
    name: str
    state: UploadState
    bytes: int
    received: int
    created: float
    sha256: str = ""
    contents: Contents = Contents()
    conversation: str = ""


class UploadList(Record, frozen=True):
    """`largest` is how many bytes one more file may have now, `types` the endings that are taken."""

    uploads: list[Upload]
    largest: int = 0
    types: list[str] = []
