"""An llm that says what a test scripts, and a sink that keeps all it hears."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jupyter_mlchat.agent.loop import CallRequest
from jupyter_mlchat.llm.base import CancelToken, LlmRequest, Part, TextPart, ToolCallPart
from jupyter_mlchat.protocol.records import ToolInfo

Round = Sequence[Part] | BaseException | Callable[[LlmRequest], Iterator[Part]]


class Scripted:
    """An `Llm`: each round is parts to say, an error to raise, or a function of the request."""

    name, local = "test/scripted", False

    def __init__(self, *rounds: Round) -> None:
        self.rounds = list(rounds)
        self.requests: list[LlmRequest] = []

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        self.requests.append(request)
        round_ = self.rounds.pop(0)
        if isinstance(round_, BaseException):
            raise round_
        yield from round_(request) if callable(round_) else round_


class Recorder:
    """A `Sink`. `answers` are what tools say by name: a text, an error, or a function of the request."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.parts: list[Part] = []
        self.rounds: list[tuple[str, list[CallRequest]]] = []
        self.called: list[CallRequest] = []
        self.threads: list[threading.Thread] = []

    def part(self, part: Part) -> None:
        self.parts.append(part)
        self.threads.append(threading.current_thread())

    def round_ended(self, text: str, calls: Sequence[CallRequest], last: bool = False) -> str:
        self.rounds.append((text, list(calls)))
        self.threads.append(threading.current_thread())
        return ""

    def call(self, request: CallRequest) -> str:
        self.called.append(request)
        answer = self.answers.get(request.name, f"result of {request.name}")
        if isinstance(answer, BaseException):
            raise answer
        return answer(request) if callable(answer) else answer


def call(name: str, arguments: str = "{}", *, index: int = 0, id: str = "") -> list[Part]:
    """A tool call as providers stream it: a head, then pieces of JSON."""
    middle = len(arguments) // 2
    return [
        ToolCallPart(index, id or f"call_{name}_{index}", name),
        ToolCallPart(index, "", "", arguments[:middle]),
        ToolCallPart(index, "", "", arguments[middle:]),
    ]


def words(text: str) -> list[Part]:
    return [TextPart(word) for word in text.split(" ")]


PARAMETERS = {"type": "object", "properties": {"model_id": {"type": "string"}}}
TOOLS = [
    ToolInfo("list_models", "Models in the kernel.", PARAMETERS, "read"),
    ToolInfo("make_prediction", "Predict.", PARAMETERS, "predict"),
]
