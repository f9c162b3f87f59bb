"""What REST answers. Everything else it says and takes are commands, events and records."""

from __future__ import annotations

from typing import Any, Literal

from .events import AnyEvent, ApprovalAsked, FormAsked
from .faults import FaultRecord
from .records import (
    ConversationId,
    ConversationInfo,
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


class Health(Record, frozen=True):
    """`sockets` counts open WebSockets. The store answered, else this is a fault."""

    status: Literal["ok"]
    version: str
    sockets: int


class ConversationList(Record, frozen=True):
    conversations: list[ConversationInfo]


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
    """One model or frame of a kernel; which fields there are depends on what is known of it."""

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


class RunningCell(Record, frozen=True):
    """`number` as in `In[number]`; `inside` like "RandomForestClassifier.fit"."""

    number: int
    elapsed_s: float
    inside: str = ""


class KernelState(Record, frozen=True):
    busy: bool
    last_cell: int
    running: RunningCell | None = None


class ToolList(Record, frozen=True):
    tools: list[ToolInfo]


UploadState = Literal["receiving", "complete", "cancelled", "failed"]


class Upload(Record, frozen=True):
    """A file that was sent to the server. `bytes` is its announced size, `received` what has arrived."""

    id: str
    name: str
    state: UploadState
    bytes: int
    received: int
    created: float
    sha256: str = ""


class UploadList(Record, frozen=True):
    uploads: list[Upload]
