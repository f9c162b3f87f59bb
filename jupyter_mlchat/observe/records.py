"""What can be told of a thing that happened: ids, names, sizes and times, and nothing anybody wrote or found.

An audited record has a schema in `schemas/` with the same fields; the others are for figures alone.
"""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

import msgspec

from ..protocol.records import Effect, Mode, TurnEnd

Said = Literal["question", "tool"]
Done = Literal["llm_changed", "deleted", "restored", "erased", "exported", "imported"]
Outcome = Literal["passed", "failed", "unknown"]
Reason = Literal["", "left", "too_slow", "silent", "too_many", "error", "stopped"]
"""Why a connection was refused or is gone."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`actor` is who did it, or whose it is, as Jupyter's identity names them; "" when that is nobody's doing."""

    schema: ClassVar[str] = ""
    """The schema's name; "" for what is not audited."""

    actor: str = ""
    conversation: str = ""
    turn: str = ""


# -- audited -------------------------------------------------------------------------------------------------


class TurnRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt of a turn has begun, waits for somebody, or has ended after `elapsed_ms`.

    `llm` has the last word ("" for a tool called directly), `state` how it ended, `fault` the code of why it failed.
    """

    schema: ClassVar[str] = "turn"
    action: Literal["started", "waiting", "ended"]
    llm: str = ""
    route: str = ""
    state: TurnEnd | None = None
    fault: str = ""
    elapsed_ms: float = 0.0


class ToolRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A tool was called and has answered, or was refused: `fault` is the code of why not."""

    schema: ClassVar[str] = "tool"
    tool: str
    effect: Effect
    ok: bool
    fault: str = ""
    elapsed_ms: float = 0.0


class ApprovalRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person let a tool have its effect, or did not. `always`: for the whole conversation."""

    schema: ClassVar[str] = "approval"
    outcome: Literal["allowed", "denied"]
    tool: str
    effect: Effect
    always: bool = False


class SentRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A request of so many `bytes` left for a provider; `level` is what of the kernel's results may be in it."""

    schema: ClassVar[str] = "sent"
    llm: str
    bytes: int
    level: str


class ConversationRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Something was done to a whole conversation. `detail` is a closed word: the llm chosen, or a format."""

    schema: ClassVar[str] = "conversation"
    action: Done
    detail: str = ""


class UploadRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A file came in, was not taken, or was removed. Its name is not told."""

    schema: ClassVar[str] = "upload"
    action: Literal["received", "refused", "removed"]
    upload: str = ""
    bytes: int = 0
    fault: str = ""


class ConnectionRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who is logged in has connected, was refused, or is gone, for `reason`, after `elapsed_s`."""

    schema: ClassVar[str] = "connection"
    action: Literal["opened", "refused", "closed"]
    connection: str
    reason: Reason = ""
    elapsed_s: float = 0.0


class AccessRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody saw or did something by a right that others lack, or tried: then `fault` is the code of why not.

    `owner` is whose conversation it is.
    """

    schema: ClassVar[str] = "access"
    role: Literal["expert", "admin"]
    action: str
    owner: str = ""
    fault: str = ""


HelpAction = Literal["requested", "claimed", "assigned", "released", "lost", "ended", "not_told"]


class HelpRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person was asked for, or what became of that. `expert` has it; `channel` is how experts could not be told."""

    schema: ClassVar[str] = "help"
    action: HelpAction
    mode: Mode
    expert: str = ""
    channel: str = ""


class ReviewRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that was held for a person to look at was decided on."""

    schema: ClassVar[str] = "review"
    decision: str
    review: str = ""


class SettingsRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the administrator has decided for everybody, as the service began."""

    schema: ClassVar[str] = "settings"
    locked: list[str] = []
    disabled_features: list[str] = []
    disabled_tools: list[str] = []
    max_effects: list[str] = []
    privacy_floor: str = ""


Audited = (
    TurnRecord
    | ToolRecord
    | ApprovalRecord
    | SentRecord
    | ConversationRecord
    | UploadRecord
    | ConnectionRecord
    | AccessRecord
    | HelpRecord
    | ReviewRecord
    | SettingsRecord
)
AUDITED: tuple[type[Record], ...] = get_args(Audited)


# -- for figures alone ---------------------------------------------------------------------------------------


class MessageTaken(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person's question, or a tool that somebody called directly, was stored."""

    kind: Said


class CommandRefused(Record, frozen=True, kw_only=True, omit_defaults=True):
    fault: str


class FirstWord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The first word of an answer came `elapsed_s` after its attempt had begun."""

    llm: str
    elapsed_s: float


class LlmUsed(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One call of an llm. `cost` in US dollars, null when the price is unknown."""

    llm: str
    prompt_tokens: int
    completion_tokens: int
    cost: float | None = None


class LlmFailed(Record, frozen=True, kw_only=True, omit_defaults=True):
    llm: str
    fault: str


class SteppedIn(Record, frozen=True, kw_only=True, omit_defaults=True):
    """`llm` answers in the place of one that failed."""

    llm: str


class EventStored(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An event was told `lag_s` after it had happened: the time that the store took."""

    lag_s: float


class Evaluated(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A check of an answer: its name and its result, for the llm and prompt that made the answer."""

    check: str
    outcome: Outcome
    llm: str = ""
    prompt: str = ""
