"""What `agent/loop.py` relies on inside smolagents: a release that changes it fails here first."""

from __future__ import annotations

import inspect
from dataclasses import fields
from importlib.metadata import version

from smolagents import ToolCallingAgent
from smolagents.agents import EMPTY_PROMPT_TEMPLATES, ActionOutput, MultiStepAgent, ToolOutput
from smolagents.memory import ActionStep
from smolagents.models import (
    ChatMessageStreamDelta,
    ChatMessageToolCallFunction,
    ChatMessageToolCallStreamDelta,
    agglomerate_stream_deltas,
)
from smolagents.monitoring import AgentLogger, LogLevel
from smolagents.utils import AgentError

from jupyter_mlchat.agent.loop import Paused
from jupyter_mlchat.llm.base import Cancelled
from jupyter_mlchat.protocol.faults import Fault


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_the_version_is_the_one_that_was_read() -> None:
    assert version("smolagents").startswith("1.26.")


def test_methods_that_are_replaced_are_called_as_before() -> None:
    assert parameters(ToolCallingAgent._step_stream) == ["self", "memory_step"]
    assert parameters(ToolCallingAgent.process_tool_calls) == ["self", "chat_message", "memory_step"]
    assert parameters(ToolCallingAgent.write_memory_to_messages) == ["self", "summary_mode"]
    assert parameters(ToolCallingAgent.initialize_system_prompt) == ["self"]
    source = inspect.getsource(MultiStepAgent._run_stream)
    assert "self._step_stream(action_step)" in source
    assert "output.is_final_answer" in source


def test_our_errors_are_not_the_ones_it_swallows() -> None:
    assert "except AgentError" in inspect.getsource(MultiStepAgent._run_stream)
    assert not any(issubclass(kind, AgentError) for kind in (Fault, Cancelled, Paused))


def test_records_have_the_fields_that_are_used() -> None:
    assert [field.name for field in fields(ActionOutput)] == ["output", "is_final_answer"]
    assert [field.name for field in fields(ToolOutput)] == [
        "id",
        "output",
        "is_final_answer",
        "observation",
        "tool_call",
    ]
    assert {"tool_calls", "model_output", "token_usage"} <= {field.name for field in fields(ActionStep)}


def test_pieces_of_calls_are_put_together_by_index() -> None:
    def piece(index: int, id_: str, name: str, arguments: str) -> ChatMessageStreamDelta:
        function = ChatMessageToolCallFunction(name=name, arguments=arguments)
        call = ChatMessageToolCallStreamDelta(index, id_, "function", function)
        return ChatMessageStreamDelta(tool_calls=[call])

    said = agglomerate_stream_deltas(
        [
            ChatMessageStreamDelta(content="so "),
            piece(0, "a", "f", ""),
            piece(1, "b", "g", "{"),
            piece(0, "", "", '{"x":'),
            piece(0, "", "", "1}"),
            piece(1, "", "", "}"),
        ]
    )
    calls = [(call.id, call.function.name, call.function.arguments) for call in said.tool_calls or ()]
    assert (said.content, calls) == ("so ", [("a", "f", '{"x":1}'), ("b", "g", "{}")])


def test_a_level_below_all_others_prints_nothing() -> None:
    assert min(LogLevel) is LogLevel.OFF
    assert AgentLogger(level=LogLevel.OFF).level == LogLevel.OFF


def test_empty_templates_are_enough() -> None:
    assert EMPTY_PROMPT_TEMPLATES["system_prompt"] == ""
