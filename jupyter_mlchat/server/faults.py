"""Faults as HTTP says them: one status for each code, and nothing of what went wrong inside."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from tornado.web import HTTPError

from ..protocol.faults import Code, Fault, FaultRecord, record_of

STATUS: Mapping[Code, int] = MappingProxyType(
    {
        Code.MALFORMED: 400,
        Code.UNKNOWN_COMMAND: 400,
        Code.TOO_LARGE: 413,
        Code.RATE_LIMITED: 429,
        Code.NOT_FOUND: 404,
        Code.FORBIDDEN: 403,
        Code.CONFLICT: 409,
        Code.EXPIRED: 410,
        Code.UNKNOWN_MODEL: 404,
        Code.UNKNOWN_FRAME: 404,
        Code.UNKNOWN_TOOL: 404,
        Code.NOT_FITTED: 409,
        Code.INVALID_INPUT: 422,
        Code.MODEL_CHANGING: 409,
        Code.MODEL_CHANGED: 409,
        Code.MODEL_ERROR: 422,
        Code.UNSUPPORTED: 422,
        Code.TOOL_FAILED: 502,
        Code.TOOL_RESULT_INVALID: 502,
        Code.TOOL_TIMEOUT: 504,
        Code.DENIED: 403,
        Code.KERNEL_NOT_ATTACHED: 503,
        Code.KERNEL_BUSY: 503,
        Code.KERNEL_NOT_ANSWERING: 503,
        Code.KERNEL_RESTARTED: 503,
        Code.KERNEL_DEAD: 503,
        Code.KERNEL_UNSUPPORTED: 422,
        Code.KERNEL_OFF: 403,
        Code.INTERRUPTED: 409,
        Code.LLM_EXTRA_MISSING: 503,
        Code.LLM_UNKNOWN: 422,
        Code.LLM_BLOCKED: 403,
        Code.LLM_NO_KEY: 503,
        Code.LLM_BAD_KEY: 502,
        Code.LLM_NOT_ALLOWED: 403,
        Code.LLM_RATE_LIMITED: 429,
        Code.LLM_QUOTA: 502,
        Code.LLM_CONTEXT_TOO_LONG: 413,
        Code.LLM_REFUSED: 502,
        Code.LLM_UNREACHABLE: 502,
        Code.LLM_TIMEOUT: 504,
        Code.LLM_UNAVAILABLE: 502,
        Code.LLM_CUT: 502,
        Code.LLM_BUDGET: 402,
        Code.SERVER_BUSY: 503,
        Code.STORE_UNAVAILABLE: 503,
        Code.DEADLINE: 504,
        Code.MCP_EXTRA_MISSING: 503,
        Code.INTERNAL: 500,
    }
)

_BY_STATUS: Mapping[int, tuple[Code, str, str]] = MappingProxyType(
    {
        401: (Code.FORBIDDEN, "You are not logged in.", "Send the server's token, or log in."),
        403: (Code.FORBIDDEN, "This is not permitted.", "Check the token, the origin and your rights."),
        404: (Code.NOT_FOUND, "There is nothing here.", "openapi.json lists every path."),
        405: (Code.MALFORMED, "The path does not take this method.", "openapi.json lists what it takes."),
        413: (Code.TOO_LARGE, "The request is too large.", "Send less at once."),
    }
)


def answer_to(error: BaseException | None) -> tuple[int, FaultRecord]:
    """The status and the body for whatever a handler raised. Only a `Fault` says what happened."""
    if isinstance(error, Fault):
        return STATUS[error.code], error.record
    if isinstance(error, HTTPError):
        status = error.status_code
        if status in _BY_STATUS:
            code, message, hint = _BY_STATUS[status]
            return status, FaultRecord(code, message, hint)
        if status < 500:
            return status, FaultRecord(Code.MALFORMED, f"The request was refused: {_phrase(status)}.")
    return 500, record_of(error)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return str(status)
