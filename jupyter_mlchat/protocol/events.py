"""What the service answers. Durable events carry `seq`, their number in the conversation; the rest are live only."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, get_args

import msgspec

from .evaluated import Evaluation as Evaluation
from .evaluated import ExperimentAssigned as ExperimentAssigned
from .evaluated import ReviewAsked as ReviewAsked
from .evaluated import ReviewClosed as ReviewClosed
from .event import Event as Event
from .faults import FaultRecord
from .glance import KernelGlance as KernelGlance
from .records import (
    Change,
    CommandId,
    ConnectionId,
    ConversationInfo,
    Effect,
    Form,
    KernelId,
    Level,
    Mark,
    Mode,
    Picture,
    PresenceState,
    Role,
    StepName,
    ToolResult,
    TurnEnd,
    Usage,
    WaitsFor,
)
from .told import ChoicesTold as ChoicesTold
from .told import Exported as Exported
from .told import LlmsTold as LlmsTold
from .told import Previewed as Previewed
from .told import SearchTold as SearchTold
from .told import Sent as Sent


class Hello(Event, tag="hello", kw_only=True, frozen=True):
    """`experts`: a person can be asked for here. `roles` are the caller's own, besides that of a user. `level` is what
    leaves for a provider unasked.

    `disabled` are parts of the product that are switched off here, by name: `upload`, `export`, `search` and so on.
    `unapproved` are effects that nobody can approve over this connection; `lasting`: others can be allowed for good.
    """

    durable: ClassVar[bool] = False
    connection: ConnectionId
    version: str
    principal: str
    experts: bool = False
    roles: list[Role] = []
    disabled: list[str] = []
    level: Level = "aggregates"
    unapproved: list[Effect] = []
    lasting: bool = True


class Accepted(Event, tag="accepted", kw_only=True, frozen=True):
    """Sent after the commit: this is what "acknowledged" means."""

    durable: ClassVar[bool] = False
    command: CommandId


class Message(Event, tag="message", kw_only=True, frozen=True):
    """Something a person said, whole. `author` is the expert's name.

    `to`: an expert may ask the assistant. What is `private` was said between people: no llm gets to read it.
    """

    role: Literal["user", "expert"] = "user"
    text: str
    metadata: dict[str, Any] = {}
    author: str = ""
    to: Literal["everyone", "assistant"] = "everyone"
    private: bool = False
    images: list[Picture] = []


class TurnQueued(Event, tag="turn.queued", kw_only=True, frozen=True):
    """`position` counts the turns of this server before it, from 1."""

    position: int


class TurnStarted(Event, tag="turn.started", kw_only=True, frozen=True):
    """Once per attempt. `route` is told when it is another than `agent`."""

    llm: str
    number: int = 1
    route: str = ""


class TurnWaiting(Event, tag="turn.waiting", kw_only=True, frozen=True):
    waits_for: WaitsFor
    detail: str = ""


class StepStarted(Event, tag="step.started", kw_only=True, frozen=True):
    step: int
    name: StepName
    detail: str = ""


class StepEnded(Event, tag="step.ended", kw_only=True, frozen=True):
    step: int
    elapsed_ms: float = 0.0
    ok: bool = True


class ThinkingDelta(Event, tag="thinking.delta", kw_only=True, frozen=True):
    durable: ClassVar[bool] = False
    offset: int
    text: str


class TextDelta(Event, tag="text.delta", kw_only=True, frozen=True):
    """`offset` counts characters of the attempt's answer, so a client can place or skip it.

    `marks` are those that can be set now; they may lie before `offset`: a number is marked when it is complete.
    """

    durable: ClassVar[bool] = False
    offset: int
    text: str
    marks: list[Mark] = []


class TextSnapshot(Event, tag="text.snapshot", kw_only=True, frozen=True):
    """The whole text so far, with all its marks; `final` on the last one of an attempt."""

    text: str
    kind: Literal["answer", "thinking"] = "answer"
    final: bool = False
    marks: list[Mark] = []


class ToolCalled(Event, tag="tool.called", kw_only=True, frozen=True):
    call: str
    tool: str
    args: dict[str, Any] = {}
    effect: Effect = "read"


class ToolReturned(Event, tag="tool.returned", kw_only=True, frozen=True):
    call: str
    tool: str
    result: ToolResult


class Progress(Event, tag="progress", kw_only=True, frozen=True):
    durable: ClassVar[bool] = False
    call: str
    done: float = 0.0
    total: float = 0.0
    text: str = ""


class FormAsked(Event, tag="form.asked", kw_only=True, frozen=True):
    form: str
    spec: Form
    call: str = ""
    expires: float = 0.0


class FormClosed(Event, tag="form.closed", kw_only=True, frozen=True):
    form: str
    outcome: Literal["submitted", "dismissed", "expired", "cancelled"]
    values: dict[str, Any] = {}
    choice: int | None = None
    start: str = ""


class ApprovalAsked(Event, tag="approval.asked", kw_only=True, frozen=True):
    """`summary` is the exact effect in words, `code` what would run, `changes` what would be another than it is.

    `always`: whether a person may allow it for the whole conversation.
    """

    approval: str
    call: str
    tool: str
    args: dict[str, Any]
    effect: Effect
    summary: str
    code: str = ""
    changes: list[Change] = []
    always: bool = True
    expires: float = 0.0


class ApprovalClosed(Event, tag="approval.closed", kw_only=True, frozen=True):
    approval: str
    outcome: Literal["allowed", "denied", "expired", "cancelled"]
    always: bool = False


class Notice(Event, tag="notice", kw_only=True, frozen=True):
    """A word from the service itself: which llm stepped in, what was cut, what could not be stored.

    `llm`: whose words follow, where another one has stepped in.
    """

    text: str
    code: str = ""
    llm: str = ""


class ModeChanged(Event, tag="mode.changed", kw_only=True, frozen=True):
    """Who answers from now on. `expert` has joined; "" while the request is in the queue, or with the assistant.

    `by` did it, "" for the service itself. `lost`: the expert was gone for too long. `note` as in `expert.request`.
    """

    mode: Mode
    why: Literal["requested", "claimed", "assigned", "released", "lost", "switched", "ended"]
    expert: str = ""
    by: str = ""
    note: str = ""
    observed: bool = True


class Presence(Event, tag="presence", kw_only=True, frozen=True):
    """Who is there, and whether they type. A sign of typing is good for some seconds."""

    durable: ClassVar[bool] = False
    who: str
    role: Literal["user", "expert"]
    state: PresenceState


class ConversationChanged(Event, tag="conversation.changed", kw_only=True, frozen=True):
    info: ConversationInfo


class ConversationDeleted(Event, tag="conversation.deleted", kw_only=True, frozen=True):
    pass


class KernelChanged(Event, tag="kernel.changed", kw_only=True, frozen=True):
    durable: ClassVar[bool] = False
    kernel: KernelId
    state: Literal["idle", "busy", "restarting", "dead", "attached", "not_attached", "disabled"]
    detail: str = ""


class FeedbackGiven(Event, tag="feedback.given", kw_only=True, frozen=True):
    score: int
    text: str = ""


class UsageReported(Event, tag="usage", kw_only=True, frozen=True):
    usage: Usage


class TurnEnded(Event, tag="turn.ended", kw_only=True, frozen=True):
    """`fault` says why a turn failed; `answered_by` who spoke and from what; `unverified` what has no source."""

    state: TurnEnd
    fault: FaultRecord | None = None
    answered_by: str = ""
    unverified: list[str] = []


class Pong(Event, tag="pong", kw_only=True, frozen=True):
    durable: ClassVar[bool] = False
    command: CommandId


class FaultEvent(Event, tag="fault", kw_only=True, frozen=True):
    """A command that was not taken, or trouble on this connection."""

    durable: ClassVar[bool] = False
    fault: FaultRecord
    command: CommandId | None = None


class Batch(Event, tag="batch", kw_only=True, frozen=True):
    """Events one after the other, as they would come in frames of their own. `more`: the next batch goes on."""

    durable: ClassVar[bool] = False
    events: list[msgspec.Raw]
    more: bool = False


class Referenced(Event, tag="referenced", kw_only=True, frozen=True):
    """Stands for an event over 256 kB: fetch it from `blobs/REF`."""

    ref: str
    stands_for: str
    bytes: int


AnyEvent = (
    Hello
    | Accepted
    | Message
    | TurnQueued
    | TurnStarted
    | TurnWaiting
    | StepStarted
    | StepEnded
    | ThinkingDelta
    | TextDelta
    | TextSnapshot
    | ToolCalled
    | ToolReturned
    | Progress
    | FormAsked
    | FormClosed
    | ApprovalAsked
    | ApprovalClosed
    | Notice
    | ModeChanged
    | Presence
    | ConversationChanged
    | ConversationDeleted
    | KernelChanged
    | KernelGlance
    | FeedbackGiven
    | Evaluation
    | ReviewAsked
    | ReviewClosed
    | ExperimentAssigned
    | UsageReported
    | TurnEnded
    | Sent
    | Previewed
    | ChoicesTold
    | LlmsTold
    | SearchTold
    | Exported
    | Pong
    | FaultEvent
    | Referenced
    | Batch
)

EVENTS: dict[str, type[Event]] = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyEvent)}
"""Every event by its `type` on the wire."""


def ends_a_cell(event: Event) -> bool:
    """Whether a cell that asked has nothing more to wait for: the turn has ended, or waits for a person."""
    return isinstance(event, TurnEnded) or (isinstance(event, TurnWaiting) and event.waits_for != "cell")
