"""The rounds of one attempt: the llm speaks, tools are called, it speaks again. Only here is smolagents used.

smolagents' tool-calling agent drives the rounds. Replaced are the parts that would cost an answer: its
messages (history as prose, stop words), its final-answer tool (a plain answer would be an error), its
screen output, its templates, its all-or-nothing parallel calls. `tests/agent/test_smolagents_contract.py`
pins what this relies on.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from smolagents import ToolCallingAgent
from smolagents.agents import EMPTY_PROMPT_TEMPLATES, ActionOutput, ToolCall, ToolOutput
from smolagents.memory import ActionStep
from smolagents.models import (
    ChatMessage,
    ChatMessageStreamDelta,
    ChatMessageToolCallFunction,
    ChatMessageToolCallStreamDelta,
    Model,
    agglomerate_stream_deltas,
)
from smolagents.monitoring import AgentLogger, LogLevel, TokenUsage

from ..llm.base import (
    CancelToken,
    Llm,
    LlmRequest,
    Message,
    OffersPart,
    Part,
    TextPart,
    ToolCallPart,
    UsagePart,
)
from ..protocol.faults import Code, Fault
from ..protocol.records import ToolInfo
from .apart import merged
from .memory import calling_message, tool_message


@dataclass(frozen=True)
class CallRequest:
    """A tool call of the llm. `arguments` is None and `error` says why when they were not a JSON object."""

    id: str
    name: str
    arguments: dict[str, Any] | None
    error: str = ""


class Paused(Exception):
    """A tool call waits for a person or a cell: the attempt ends here and another one goes on later."""


class Sink(Protocol):
    """Where an attempt tells what happens. `part` and `round_ended` come in the caller's thread."""

    def part(self, part: Part) -> None:
        """Every part as it comes, except pieces of tool calls."""

    def round_ended(self, text: str, calls: Sequence[CallRequest], last: bool = False) -> str:
        """The llm has spoken. With `calls`, `text` was thinking; without, it is the answer.

        What is returned is told to the llm, which answers anew; "" takes the answer, as in the `last` round.
        """

    def call(self, request: CallRequest) -> str:
        """Run it, return what the llm reads of it. May raise `Paused` or `Cancelled`.

        Calls of one round come in other threads, up to four at once. Another error ends the attempt.
        """


def run(
    llm: Llm,
    messages: Sequence[Message],
    tools: Sequence[ToolInfo],
    sink: Sink,
    cancel: CancelToken,
    *,
    max_steps: int = 8,
    catalogue: dict[str, Any] | None = None,
    first_round: int = 1,
) -> str:
    """The answer of `llm` to `messages`: system, history, this turn so far; "" when it offered readings.

    `tools` is read anew for every round: what a call adds to it can be called in the next one.
    `max_steps` counts the llm's rounds of the whole turn, `first_round` the one this attempt begins with;
    in the last one it may only speak. Raises `Paused`, `Cancelled`, a `Fault` of the llm, or what the sink
    raised.
    """
    cancel.check()
    voice = _Voice(llm, sink, cancel, catalogue)
    agent = _ChatAgent(voice, messages, tools, max(1, max_steps - first_round + 1))
    return str(agent.run(""))


class _Voice(Model):  # type: ignore[misc]
    """An `Llm` as smolagents wants one. Parts pass to the sink on their way."""

    def __init__(self, llm: Llm, sink: Sink, cancel: CancelToken, catalogue: dict[str, Any] | None) -> None:
        super().__init__(model_id=llm.name)
        self.llm, self.sink, self.cancel, self.catalogue = llm, sink, cancel, catalogue
        self.offered = False

    def generate_stream(
        self,
        messages: Sequence[Message],
        tools_to_call_from: Sequence[ToolInfo] = (),
        tool_choice: str = "auto",
    ) -> Iterator[ChatMessageStreamDelta]:
        request = LlmRequest(
            messages=messages,
            tools=list(tools_to_call_from),
            tool_choice="none" if tool_choice == "none" else "auto",
            catalogue=self.catalogue,
        )
        for part in merged([partial(self.llm.stream, request, self.cancel)], self.cancel):
            if isinstance(part, ToolCallPart):
                words = ChatMessageToolCallFunction(name=part.name, arguments=part.arguments)
                piece = ChatMessageToolCallStreamDelta(part.index, part.id, "function", words)
                yield ChatMessageStreamDelta(tool_calls=[piece])
                continue
            self.sink.part(part)
            if isinstance(part, TextPart):
                yield ChatMessageStreamDelta(content=part.text)
            elif isinstance(part, UsagePart):
                used = TokenUsage(part.usage.prompt_tokens, part.usage.completion_tokens)
                yield ChatMessageStreamDelta(token_usage=used)
            self.offered = self.offered or isinstance(part, OffersPart)


class _ChatAgent(ToolCallingAgent):  # type: ignore[misc]
    """One per attempt: agents keep the state of a run in themselves."""

    def __init__(self, voice: _Voice, messages: Sequence[Message], tools: Sequence[ToolInfo], max_steps: int) -> None:
        self.voice, self.messages, self.offered = voice, list(messages), tools
        self.used_ids = {call["id"] for message in messages for call in message.get("tool_calls") or ()}
        super().__init__(
            tools=[],
            model=voice,
            prompt_templates=EMPTY_PROMPT_TEMPLATES,
            stream_outputs=True,
            max_steps=max_steps,
            logger=AgentLogger(level=LogLevel.OFF),
        )
        del self.tools["final_answer"]

    def initialize_system_prompt(self) -> str:
        """Nothing is rendered: the system prompt is the first of our messages."""
        return ""

    def write_memory_to_messages(self, summary_mode: bool = False) -> list[Message]:
        return list(self.messages)

    def _step_stream(self, memory_step: ActionStep) -> Iterator[ToolCall | ToolOutput | ActionOutput]:
        last = self.step_number >= self.max_steps
        said = agglomerate_stream_deltas(
            list(
                self.voice.generate_stream(
                    self.write_memory_to_messages(),
                    tools_to_call_from=self.offered,
                    tool_choice="none" if last else "auto",
                )
            )
        )
        memory_step.model_output, memory_step.token_usage = said.content, said.token_usage
        if said.tool_calls and not last and not self.voice.offered:
            yield from self.process_tool_calls(said, memory_step)
            yield ActionOutput(output=None, is_final_answer=False)
            return
        text = "" if self.voice.offered else self._answer(said.content, last)
        objection = self.voice.sink.round_ended(text, (), last)
        if objection and not last:
            self.messages += [{"role": "assistant", "content": text}, {"role": "user", "content": objection}]
            yield ActionOutput(output=None, is_final_answer=False)
            return
        yield ActionOutput(output=text, is_final_answer=True)

    def _answer(self, text: str, last: bool) -> str:
        if text:
            return text
        if not last:
            raise Fault(
                Code.LLM_CUT,
                f"{self.voice.llm.name} ended its answer without a word.",
                "Ask again, or choose another llm.",
                retryable=True,
                about=self.voice.llm.name,
            )
        stopped = f"I stopped after {self.max_steps} rounds of tool calls without an answer."
        self.voice.sink.part(TextPart(stopped))
        return stopped

    def process_tool_calls(self, chat_message: ChatMessage, memory_step: ActionStep) -> Iterator[ToolCall | ToolOutput]:
        requests = [self._request(call.id, call.function) for call in chat_message.tool_calls]
        calls = {request.id: ToolCall(request.name, request.arguments, request.id) for request in requests}
        memory_step.tool_calls = list(calls.values())
        yield from calls.values()
        self.voice.sink.round_ended(chat_message.content, requests)
        results: dict[str, str] = {}
        paused: list[Paused] = []

        def one(request: CallRequest) -> Iterator[tuple[str, str]]:
            try:
                # A name that no tool has is the sink's to refuse: it knows the close ones.
                yield request.id, self.voice.sink.call(request)
            except Paused as pause:
                paused.append(pause)

        for call, text in merged([partial(one, request) for request in requests], self.voice.cancel):
            results[call] = text
            yield ToolOutput(call, text, False, text, calls[call])
        if paused:
            raise paused[0]
        called = [(request.id, request.name, request.arguments) for request in requests]
        self.messages.append(calling_message(chat_message.content, called))
        self.messages += [tool_message(request.id, results[request.id]) for request in requests]

    def _request(self, call_id: str, function: ChatMessageToolCallFunction) -> CallRequest:
        """Ids are unique in what is sent: some servers leave them out or count from 0 in every round."""
        if not call_id or call_id in self.used_ids:
            call_id = uuid.uuid4().hex[:9]  # nine letters and digits: the form every provider takes
        self.used_ids.add(call_id)
        try:
            arguments = json.loads(function.arguments or "{}")
        except ValueError:
            return CallRequest(call_id, function.name, None, "The arguments are not valid JSON.")
        if not isinstance(arguments, dict):
            return CallRequest(call_id, function.name, None, "The arguments are not a JSON object.")
        return CallRequest(call_id, function.name, arguments)
