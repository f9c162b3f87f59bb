"""What a front end may say. `id` is the sender's own, unique per principal: the same id again is the same turn."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import msgspec

from .evaluations import Decided, Reviewing
from .records import (
    CommandId,
    Context,
    ConversationId,
    ExportFormat,
    KernelId,
    Mode,
    Picture,
    PresenceState,
    Record,
    TurnId,
)


class Command(Record, tag_field="type", kw_only=True, frozen=True):
    id: Annotated[CommandId, msgspec.Meta(min_length=1, max_length=64)]


class TurnStart(Command, tag="turn.start", kw_only=True, frozen=True):
    """Ask. Without a conversation the newest open one of (owner, notebook), else (owner, kernel), goes on.

    `images`: at most 4, each of at most 1 MB in base64. An llm that sees is shown them where the level lets raw rows
    leave; else the person is asked.
    """

    text: str
    conversation: ConversationId | None = None
    context: Context = Context()
    llm: str | None = None
    route: str | None = None
    prompt: str | None = None
    metadata: dict[str, Any] = {}
    images: list[Picture] = []


class TurnCancel(Command, tag="turn.cancel", kw_only=True, frozen=True):
    """Stop a turn, queued, active or waiting. Its partial text stays."""

    turn: TurnId


class TurnRetry(Command, tag="turn.retry", kw_only=True, frozen=True):
    """Try a failed, cancelled or abandoned turn again: a new attempt of the same turn."""

    turn: TurnId
    llm: str | None = None


class ToolCall(Command, tag="tool.call", kw_only=True, frozen=True):
    """A turn without an llm: one tool, the same policy, the same journal."""

    tool: str
    args: dict[str, Any] = {}
    conversation: ConversationId | None = None
    context: Context = Context()


class FormSubmit(Command, tag="form.submit", kw_only=True, frozen=True):
    """Answer a form: `values` for fields, `choice` (counted from 1) for offers. `start` is another row than the one
    that the form proposed to start from."""

    turn: TurnId
    form: str
    values: dict[str, Any] = {}
    choice: int | None = None
    start: str = ""


class FormDismiss(Command, tag="form.dismiss", kw_only=True, frozen=True):
    turn: TurnId
    form: str


class ApprovalGive(Command, tag="approval.give", kw_only=True, frozen=True):
    """Allow or deny a pending effect. `always` sets the conversation's level for that effect."""

    turn: TurnId
    approval: str
    allow: bool
    always: bool = False


class ApprovalPreview(Command, tag="approval.preview", kw_only=True, frozen=True):
    """Ask to see the rows that a pending approval would show; answered by `preview` on the same connection alone."""

    turn: TurnId
    approval: str


class FeedbackGive(Command, tag="feedback.give", kw_only=True, frozen=True):
    """Thumbs and a word on an answer: `score` is -1, 0 or 1."""

    turn: TurnId
    score: int
    text: str = ""


class ReviewAsk(Command, tag="review.ask", kw_only=True, frozen=True):
    """Have a person look at an answer. `note` says what is wrong with it."""

    turn: TurnId
    note: str = ""


class ReviewDecide(Command, tag="review.decide", kw_only=True, frozen=True):
    """Approve an answer, correct it (`text` is the better one) or reject it; `remark` is for who asked."""

    review: str
    decision: Decided
    text: str = ""
    remark: str = ""


class TurnFreeze(Command, tag="turn.freeze", kw_only=True, frozen=True):
    """Give this question of the notebook the same answer from now on, whatever changes; `frozen=false` ends it."""

    turn: TurnId
    frozen: bool = True


class SynonymAdd(Command, tag="synonym.add", kw_only=True, frozen=True):
    """Say what was meant by the question of a turn: in its notebook the built-in engine reads it so from now on."""

    turn: TurnId
    meant: str


class SynonymDelete(Command, tag="synonym.delete", kw_only=True, frozen=True):
    """Read the question of a turn as it stands again."""

    turn: TurnId


class ConversationOpen(Command, tag="conversation.open", kw_only=True, frozen=True):
    """Follow a conversation on this connection from `after` on, or begin a new one (`new=true`), with this `llm`.

    `batched`: what is stored already comes as `batch`, many events a frame.
    """

    conversation: ConversationId | None = None
    after: int = 0
    context: Context = Context()
    new: bool = False
    batched: bool = False
    llm: str = ""


class ConversationClose(Command, tag="conversation.close", kw_only=True, frozen=True):
    """Stop following on this connection. The conversation itself goes on."""

    conversation: ConversationId


class ConversationUpdate(Command, tag="conversation.update", kw_only=True, frozen=True):
    """Change what is named. "" takes llm, route or prompt back to the settings', null takes a parameter back.
    A title has at most 200 characters.

    `parameters` are those of `Parameters`, `memory` is what is given of `Memory`. `reviewing` is
    what a failed evaluation does here; where it differs from the setting, the stricter of both counts.
    `levels` are `ask`, `deny` or null by effect; null takes back what was decided here. Only an approval allows.
    """

    conversation: ConversationId
    title: str | None = None
    llm: str | None = None
    notebook: str | None = None
    route: str | None = None
    prompt: str | None = None
    parameters: dict[str, Any] = {}
    reviewing: Reviewing | None = None
    memory: dict[str, Any] = {}
    levels: dict[str, Any] = {}


class ConversationDelete(Command, tag="conversation.delete", kw_only=True, frozen=True):
    """It can be restored for `undo_days`, then nothing is left of it. `now`: nothing is left at once."""

    conversation: ConversationId
    now: bool = False


class ConversationRestore(Command, tag="conversation.restore", kw_only=True, frozen=True):
    conversation: ConversationId


class KernelUpdate(Command, tag="kernel.update", kw_only=True, frozen=True):
    """Hide a name from tools and llm, show it again, or switch the tools of a kernel off and on."""

    kernel: KernelId
    hide: list[str] = []
    show: list[str] = []
    enabled: bool | None = None


class KernelGet(Command, tag="kernel.get", kw_only=True, frozen=True):
    """Ask what a kernel does and holds; answered by `kernel.view` on the same connection.

    Without `cards` only what it does. `model`: also what this one takes. "" is the kernel that a widget lives in.
    """

    kernel: KernelId = KernelId("")
    cards: bool = True
    model: str = ""


class Resume(Command, tag="resume", kw_only=True, frozen=True):
    """Every durable event after `after`, the text of a running answer, then the live tail.

    `batched`: what is stored already comes as `batch`, many events a frame.
    """

    conversation: ConversationId
    after: int = 0
    batched: bool = False


class TurnSent(Command, tag="turn.sent", kw_only=True, frozen=True):
    """Ask what left for providers on behalf of a turn; answered by `sent` on the same connection."""

    turn: TurnId


class ChoicesGet(Command, tag="choices.get", kw_only=True, frozen=True):
    """Ask which routes, prompts and parameters there are; answered by `choices` on the same connection."""

    conversation: ConversationId | None = None
    llm: str | None = None


class PromptAdd(Command, tag="prompt.add", kw_only=True, frozen=True):
    """Make a prompt of one's own. `text` may hold the placeholders {models} {frames} {notebook} {kernel} {date}."""

    name: str
    text: str
    description: str = ""


class PromptUpdate(Command, tag="prompt.update", kw_only=True, frozen=True):
    """Change what is given of a prompt of one's own."""

    name: str
    text: str | None = None
    description: str | None = None


class PromptDelete(Command, tag="prompt.delete", kw_only=True, frozen=True):
    """Conversations that used it go back to the prompt of the settings."""

    name: str


class LlmsGet(Command, tag="llms.get", kw_only=True, frozen=True):
    """Ask which language models there are; answered by `llms` on the same connection.

    Without a `word` those that can be used now, else all that have its words. `refresh` asks every provider again.
    `wait=false` is answered at once with what is known, while providers are being asked.
    """

    word: str = ""
    refresh: bool = False
    wait: bool = True


class ModeChange(Command, tag="mode.change", kw_only=True, frozen=True):
    """Say who answers: the assistant, a person (`expert`), or a person with no llm in between (`direct`).

    For the owner and the expert who has joined. `observe=false` keeps what is said directly from the assistant.
    """

    conversation: ConversationId
    mode: Mode
    observe: bool = True


class ExpertRequest(Command, tag="expert.request", kw_only=True, frozen=True):
    """Ask for a person. `text` is what the queue shows of it."""

    conversation: ConversationId
    text: str = ""
    mode: Literal["expert", "direct"] = "expert"
    observe: bool = True


class ExpertClaim(Command, tag="expert.claim", kw_only=True, frozen=True):
    """Take a request. Naming another `expert` assigns it to that one: for admins."""

    conversation: ConversationId
    expert: str = ""


class ExpertRelease(Command, tag="expert.release", kw_only=True, frozen=True):
    """Give a request back to the queue."""

    conversation: ConversationId


class ExpertSay(Command, tag="expert.say", kw_only=True, frozen=True):
    """Answer what waits, or just say something; `to="assistant"` asks it, seen by all, in the person's kernel."""

    conversation: ConversationId
    text: str
    to: Literal["everyone", "assistant"] = "everyone"
    metadata: dict[str, Any] = {}


class PresenceSet(Command, tag="presence.set", kw_only=True, frozen=True):
    """Tell the other person that one is there, or typing. It also keeps an expert's request from going back."""

    conversation: ConversationId
    state: PresenceState


class SearchGet(Command, tag="search.get", kw_only=True, frozen=True):
    """Search what was said in one's own conversations; answered by `search` on the same connection."""

    words: str
    limit: int = 20


class ExportGet(Command, tag="export.get", kw_only=True, frozen=True):
    """Ask for a conversation as a file; answered by `exported` on the same connection."""

    conversation: ConversationId
    format: ExportFormat = "json"


class Ping(Command, tag="ping", kw_only=True, frozen=True):
    pass


AnyCommand = (
    TurnStart
    | TurnCancel
    | TurnRetry
    | ToolCall
    | FormSubmit
    | FormDismiss
    | ApprovalGive
    | FeedbackGive
    | ReviewAsk
    | ReviewDecide
    | TurnFreeze
    | SynonymAdd
    | SynonymDelete
    | ConversationOpen
    | ConversationClose
    | ConversationUpdate
    | ConversationDelete
    | ConversationRestore
    | KernelUpdate
    | KernelGet
    | Resume
    | TurnSent
    | ApprovalPreview
    | LlmsGet
    | ChoicesGet
    | PromptAdd
    | PromptUpdate
    | PromptDelete
    | ModeChange
    | ExpertRequest
    | ExpertClaim
    | ExpertRelease
    | ExpertSay
    | PresenceSet
    | SearchGet
    | ExportGet
    | Ping
)

COMMANDS: dict[str, type[Command]] = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyCommand)}
"""Every command by its `type` on the wire."""
