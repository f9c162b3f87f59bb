"""The built-in engine: an `Llm` without a language model. It reads questions and words what tools found."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence

from ...protocol.records import Offer
from ..base import CancelToken, LlmRequest, Message, OffersPart, Part, ReadingPart, TextPart, ToolCallPart
from .markdown import pieces
from .outcome import Choose, Do, Say
from .owned import find_owned
from .refusals import OUT_OF_SCOPE
from .replies import reply
from .router import decide
from .thread import calls_of, result_of, text_of


class BuiltinLlm:
    """Deterministic, without weights, network or state: the same question gets the same answer."""

    @property
    def name(self) -> str:
        return "builtin"

    @property
    def local(self) -> bool:
        return True

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        """A reading with calls, offers or words when the person spoke last; a reply when a tool did.

        Raises `Cancelled`, and the kernel's `Fault` for a question that only a kernel could answer.
        """
        cancel.check()
        spoken = [i for i, m in enumerate(request.messages) if m.get("role") in ("user", "tool")]
        if not spoken:
            yield from _words("Ask me about the models and data in this kernel; `help` shows how.", cancel)
        elif request.messages[spoken[-1]].get("role") == "tool":
            yield from _words(_reply(request.messages[: spoken[-1] + 1]), cancel)
        else:
            yield from _answer(request, spoken[-1], cancel)


def _answer(request: LlmRequest, at: int, cancel: CancelToken) -> Iterator[Part]:
    tools = frozenset(tool.name for tool in request.tools)
    question = text_of(request.messages[at])
    outcome = decide(question, request.catalogue, request.messages[:at], tools)
    outcome = find_owned(question, request.tools, request.catalogue, outcome)
    cancel.check()
    no_kernel = (request.catalogue or {}).get("fault")
    if no_kernel is not None and not isinstance(outcome, Do) and outcome != Say(OUT_OF_SCOPE):
        raise no_kernel
    if isinstance(outcome, Choose):
        yield OffersPart(outcome.title, [Offer(plan.says, plan.tool, plan.args) for plan in outcome.plans])
    elif not isinstance(outcome, Do):
        yield from _words(outcome.text, cancel)
    elif request.tool_choice == "none":
        yield from _words(f"I read this as: {_read(outcome)}. No tool may be called now.", cancel)
    else:
        yield ReadingPart(_read(outcome))
        for index, plan in enumerate(outcome.plans):
            call_id = f"call_{uuid.uuid4().hex[:24]}"
            yield ToolCallPart(index, call_id, plan.tool, json.dumps(plan.args, ensure_ascii=False))


def _read(outcome: Do) -> str:
    return "; then ".join(plan.says for plan in outcome.plans)


def _reply(messages: Sequence[Message]) -> str:
    """One paragraph or table for each tool message at the end."""
    calls = {call_id: (name, args) for message in messages for call_id, name, args in calls_of(message)}
    first = len(messages)
    while first and messages[first - 1].get("role") == "tool":
        first -= 1
    said = []
    for message in messages[first:]:
        name, args = calls.get(str(message.get("tool_call_id")), (str(message.get("name") or ""), {}))
        said.append(reply(name, args, result_of(message)))
    return "\n\n".join(said)


def _words(text: str, cancel: CancelToken) -> Iterator[Part]:
    for piece in pieces(text):
        cancel.check()
        yield TextPart(piece)
