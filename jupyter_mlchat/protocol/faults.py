"""The one error that crosses layers, and the codes a front end may act on."""

from __future__ import annotations

from enum import Enum

import msgspec


class Code(str, Enum):
    """What went wrong, as a stable word. Front ends switch on it; people read the message."""

    # what was sent to us
    MALFORMED = "malformed"
    UNKNOWN_COMMAND = "unknown_command"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    EXPIRED = "expired"
    # models, data and tools
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_FRAME = "unknown_frame"
    UNKNOWN_TOOL = "unknown_tool"
    NOT_FITTED = "not_fitted"
    INVALID_INPUT = "invalid_input"
    MODEL_CHANGING = "model_changing"
    MODEL_CHANGED = "model_changed"
    MODEL_ERROR = "model_error"
    UNSUPPORTED = "unsupported"
    TOOL_FAILED = "tool_failed"
    TOOL_RESULT_INVALID = "tool_result_invalid"
    TOOL_TIMEOUT = "tool_timeout"
    DENIED = "denied"
    # the kernel
    KERNEL_NOT_ATTACHED = "kernel_not_attached"
    KERNEL_BUSY = "kernel_busy"
    KERNEL_NOT_ANSWERING = "kernel_not_answering"
    KERNEL_RESTARTED = "kernel_restarted"
    KERNEL_DEAD = "kernel_dead"
    KERNEL_UNSUPPORTED = "kernel_unsupported"
    KERNEL_OFF = "kernel_off"
    INTERRUPTED = "interrupted"
    # language models
    LLM_EXTRA_MISSING = "llm_extra_missing"
    LLM_UNKNOWN = "llm_unknown"
    LLM_BLOCKED = "llm_blocked"
    LLM_NO_KEY = "llm_no_key"
    LLM_BAD_KEY = "llm_bad_key"
    LLM_NOT_ALLOWED = "llm_not_allowed"
    LLM_RATE_LIMITED = "llm_rate_limited"
    LLM_QUOTA = "llm_quota"
    LLM_CONTEXT_TOO_LONG = "llm_context_too_long"
    LLM_REFUSED = "llm_refused"
    LLM_UNREACHABLE = "llm_unreachable"
    LLM_TIMEOUT = "llm_timeout"
    LLM_UNAVAILABLE = "llm_unavailable"
    LLM_CUT = "llm_cut"
    LLM_BUDGET = "llm_budget"
    # ourselves
    SERVER_BUSY = "server_busy"
    STORE_UNAVAILABLE = "store_unavailable"
    DEADLINE = "deadline"
    MCP_EXTRA_MISSING = "mcp_extra_missing"
    INTERNAL = "internal"


class Close(int, Enum):
    """WebSocket close codes of our own (4000-4999 is the private range of RFC 6455)."""

    TOO_SLOW = 4001
    TOO_MANY = 4002
    SHUTTING_DOWN = 4003


class FaultRecord(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A fault as data. `message` names the thing, `hint` the fix, `about` the ref, field or id concerned.

    `retry_after`: seconds until the same can succeed, 0 where nobody knows or waiting does not help.
    """

    code: Code
    message: str
    hint: str = ""
    retryable: bool = False
    about: str = ""
    retry_after: float = 0.0


class Fault(Exception):
    """Raised where a problem is understood; wrapped once at the front door and once in the turn."""

    def __init__(
        self,
        code: Code,
        message: str,
        hint: str = "",
        *,
        retryable: bool = False,
        about: str = "",
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.record = FaultRecord(code, message, hint, retryable, about, retry_after)

    @property
    def code(self) -> Code:
        return self.record.code

    @classmethod
    def of(cls, record: FaultRecord) -> Fault:
        return cls(
            record.code,
            record.message,
            record.hint,
            retryable=record.retryable,
            about=record.about,
            retry_after=record.retry_after,
        )


def record_of(error: BaseException | None) -> FaultRecord:
    """What to say of anything that was raised. Only a `Fault` says what happened; the rest may quote data."""
    if isinstance(error, Fault):
        return error.record
    name = type(error).__name__ if error is not None else "unknown"
    hint = "Try again; the server's debug log has the details."
    return FaultRecord(Code.INTERNAL, f"Something of ours failed ({name}).", hint, retryable=True)
