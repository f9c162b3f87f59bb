"""The nouns inside commands and events. All frozen, all JSON, all of them read by the TypeScript side too."""

from __future__ import annotations

from typing import Any, Literal, NewType

import msgspec

ConversationId = NewType("ConversationId", str)
TurnId = NewType("TurnId", str)
AttemptId = NewType("AttemptId", str)
ConnectionId = NewType("ConnectionId", str)
CommandId = NewType("CommandId", str)
KernelId = NewType("KernelId", str)

Effect = Literal["read", "predict", "write", "disclose", "execute"]
TurnState = Literal["queued", "active", "waiting", "completed", "failed", "cancelled", "abandoned"]
TurnEnd = Literal["completed", "failed", "cancelled", "abandoned"]
WaitsFor = Literal["form", "approval", "cell", "person", "review"]
Mode = Literal["assistant", "expert", "direct"]
Role = Literal["expert", "admin"]
Level = Literal["schema", "aggregates", "rows"]
"""What leaves for a provider unasked. Each holds those before it."""
PresenceState = Literal["online", "typing", "away"]
StepName = Literal["reading", "retry", "parameters", "tool", "waiting", "wording", "checking"]
Decision = Literal["allow", "ask", "deny"]
ProviderStatus = Literal["healthy", "unhealthy", "error", "no_key", "unknown"]
Speaker = Literal["user", "expert", "assistant"]
ExportFormat = Literal["json", "markdown", "notebook"]
Capability = Literal["tools", "vision", "reasoning", "streaming"]
PictureType = Literal["image/png", "image/jpeg"]
MAX_TITLE = 200
"""Of a conversation's title, in characters."""


class Record(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of everything on the wire: unknown fields are errors, defaults are not sent."""


class Context(Record, frozen=True):
    """Where a message was written. `attached` are references the person pointed at, such as `pipe`."""

    notebook: str = ""
    kernel: KernelId | None = None
    cell: str = ""
    attached: list[str] = []


class Picture(Record, frozen=True, rename={"origin": "from"}):
    """A figure that goes along with a question: `data` is base64, `from` says where it is from: `figure of In[5]`."""

    media_type: PictureType
    data: str
    origin: str = ""


class Issue(Record, frozen=True):
    """One finding about an input. `suggestion` says what to do; `model_behaviour` what the model would do."""

    code: str
    message: str
    column: str = ""
    row: int | None = None
    suggestion: str = ""
    model_behaviour: str = ""


class Evidence(Record, frozen=True):
    """Where a statement comes from: `kind` is a word like "fitted_in", `ref` a name, `cell` an `In[n]`."""

    kind: str
    text: str
    ref: str = ""
    cell: int | None = None


class Truncated(Record, frozen=True):
    shown: int
    total: int


class Field(Record, frozen=True):
    """One input of a form, built from the model's signature. `textarea` is for texts of several lines, `reference`
    for a name in the kernel: `df`, or a row such as `X_test[3]`.

    `help` says where its limits come from, `problem` what is wrong with the value that was given.
    """

    name: str
    kind: Literal["number", "integer", "text", "textarea", "boolean", "choice", "datetime", "reference"] = "text"
    options: list[Any] = []
    minimum: float | None = None
    maximum: float | None = None
    default: Any = None
    value: Any = None
    required: bool = True
    unit: str = ""
    help: str = ""
    problem: str = ""


class Offer(Record, frozen=True):
    """A reading the person can choose: what it would do in words, and the call it stands for."""

    text: str
    tool: str
    args: dict[str, Any] = {}


class Form(Record, frozen=True):
    """A question to the person: `fields` to fill, or offers of which one is chosen (kind `choice`)."""

    title: str
    kind: Literal["fields", "choice"] = "fields"
    fields: list[Field] = []
    rest: list[Field] = []
    """Inputs that need not be asked for: what is left out of the answer is that of the starting row."""
    start: Field | None = None
    """The row that all inputs start from: its `value` is what was proposed, `help` its name in words."""
    total: int = 0
    """How many inputs there are, where not even `rest` has all of them."""
    offers: list[Offer] = []
    tool: str = ""
    args: dict[str, Any] = {}
    """Arguments of `tool` that are settled, where it is another tool than the one that asks: that goes on after it."""
    target: str = ""
    """The argument of `tool` that the filled fields are merged into, e.g. `features`."""


class Change(Record, frozen=True):
    """What a tool would make of a name or a file: what is there now, and then; "" is nothing."""

    name: str
    before: str = ""
    after: str = ""


class ToolResult(Record, frozen=True):
    """What a tool found. `data` may go to an llm (at most 8,000 bytes); `local` is the same with what must not.

    `local` is null when nothing had to be held back. `code` is a cell that reproduces the answer.
    """

    ok: bool
    data: dict[str, Any] = {}
    local: dict[str, Any] | None = None
    issues: list[Issue] = []
    warnings: list[str] = []
    doubts: list[str] = []
    """Those of the `warnings` that doubt whether the answer can be trusted: a turn tells one."""
    evidence: list[Evidence] = []
    truncated: Truncated | None = None
    form: Form | None = None
    display_ref: str = ""
    code: str = ""
    elapsed_ms: float = 0.0
    kernel_busy: bool = False
    fault: dict[str, Any] | None = None
    """`{code, message, hint, about}` when `ok` is false."""
    revision: str = ""
    """Changes whenever the model the tool spoke about is refitted or reassigned."""


class ToolInfo(Record, frozen=True):
    """A tool as people and llms see it. `parameters` is a JSON Schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]
    effect: Effect
    guidance: str = ""
    example: str = ""
    origin: str = "jupyter_mlchat"


class Usage(Record, frozen=True):
    """Tokens and money of one llm call; `cost` in US dollars, null when the price is unknown.

    `estimated`: the provider did not say, as of an answer that was cut or stopped; about 4 bytes make a token.
    """

    llm: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    elapsed_ms: float = 0.0
    estimated: bool = False


class LlmInfo(Record, frozen=True, kw_only=True, omit_defaults=False):
    """A language model. `id` is what is given as `llm`; what is not known is null or empty.

    Lengths in tokens, `parameters` like "7B", `size` in bytes, prices in US dollars for a million tokens.
    """

    id: str
    name: str
    provider: str
    description: str = ""
    context_length: int | None = None
    max_tokens: int | None = None
    parameters: str = ""
    quantization: str = ""
    family: str = ""
    digest: str = ""
    size: int | None = None
    capabilities: list[Capability] = []
    price_in: float | None = None
    price_out: float | None = None


class ProviderInfo(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Who has language models. `unknown` was not asked, or can't be; `error` says what is wrong and what helps.

    `key` is the variable of its API key, `usable` whether a question can go there now, `checked` when its list came,
    in seconds since the epoch, 0 for never.
    """

    name: str
    title: str
    status: ProviderStatus
    models_count: int
    supports_streaming: bool
    supports_tools: bool
    supports_embeddings: bool
    default_model: str
    error: str
    key: str
    has_key: bool
    local: bool
    usable: bool
    checked: float


class Mark(Record, frozen=True):
    """A number or a name in an answer, from character `start` to `end`, and the tool call it comes from.

    "" is no call: nothing that a tool found or the person said has it.
    """

    start: int
    end: int
    call: str = ""


class SentRequest(Record, frozen=True):
    """One request as it left for a provider: messages and tool schemas. `time` in seconds since the epoch."""

    llm: str
    attempt: str
    time: float
    body: dict[str, Any]


class Parameters(Record, frozen=True):
    """How an llm words; null is its default. `max_tokens` of one answer, `system` is a person's own wishes."""

    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    top_k: int | None = None
    system: str | None = None


NO_PARAMETERS = Parameters()


class Memory(Record, frozen=True):
    """What of a conversation is sent with a question; null is as the settings say.

    `turns`: at most so many whole earlier turns, 0 for none. `summaries`: of those that fell out, a summary in the
    words of the conversation's own llm.
    """

    turns: int | None = None
    summaries: bool | None = None


AS_CONFIGURED = Memory()


class ConversationInfo(Record, frozen=True):
    """`route` and `prompt` are names, "" for the ones of the settings. `imported` says from what kind of file.

    `reviewing` is what a failed evaluation does here, "" as the settings say. `levels` are what was decided here about
    effects; for the others the settings speak.
    """

    id: ConversationId
    owner: str
    title: str = ""
    notebook: str = ""
    kernel: KernelId | None = None
    llm: str = ""
    route: str = ""
    prompt: str = ""
    mode: Mode = "assistant"
    parameters: Parameters = NO_PARAMETERS
    memory: Memory = AS_CONFIGURED
    levels: dict[Effect, Decision] = {}
    reviewing: str = ""
    imported: str = ""
    created: float = 0.0
    updated: float = 0.0
    last_seq: int = 0
    deleted: bool = False


class Found(Record, frozen=True):
    """Something that was said, found by its words. In `snippet` they stand between « and »; it is plain text."""

    conversation: ConversationId
    title: str
    turn: TurnId | None
    seq: int
    time: float
    role: Speaker
    snippet: str


class HelpRequest(Record, frozen=True):
    """A conversation that asked for a person. `note` is what was written when asking, `expert` who has joined.

    `position` counts the queue from 1; it is 0 once somebody has joined. `waiting` counts the questions that wait.
    """

    conversation: ConversationId
    owner: str
    mode: Mode
    asked: float
    title: str = ""
    note: str = ""
    expert: str = ""
    position: int = 0
    waiting: int = 0
