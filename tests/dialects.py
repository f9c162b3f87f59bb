"""What providers say that do not speak OpenAI's protocol, as answers of the scripted provider."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from provider import Answer


def claude(
    *texts: str,
    thinking: str = "",
    calls: Sequence[tuple[str, dict[str, Any]]] = (),
    usage: tuple[int, int] = (11, 7),
    cut: bool = False,
) -> Answer:
    """A stream of Anthropic's messages: thinking, words, then tool calls in pieces. `cut` ends inside the words."""
    start = {"id": "msg_1", "type": "message", "role": "assistant", "model": "scripted", "content": []}
    counted = {"input_tokens": usage[0], "output_tokens": 1}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {**start, "usage": counted}}]
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if thinking:
        block = {"type": "thinking", "thinking": "", "signature": ""}
        blocks.append((block, [{"type": "thinking_delta", "thinking": thinking}]))
    if texts:
        blocks.append(({"type": "text", "text": ""}, [{"type": "text_delta", "text": text} for text in texts]))
    for number, (name, arguments) in enumerate(calls):
        raw = json.dumps(arguments)
        halves = [raw[: len(raw) // 2], raw[len(raw) // 2 :]]
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}
        blocks.append((block, [{"type": "input_json_delta", "partial_json": half} for half in halves]))
    for index, (block, deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    stop = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
    ended = [{"type": "message_delta", "delta": stop, "usage": {"output_tokens": usage[1]}}, {"type": "message_stop"}]
    told = events[:-1] if cut else [*events, *ended]
    return Answer([f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in told], end="silent")


def claude_fails(status: int, kind: str, message: str) -> Answer:
    return Answer(status=status, body={"type": "error", "error": {"type": kind, "message": message}})


def llama(text: str = "", *, thinking: str = "", calls: Sequence[tuple[str, dict[str, Any]]] = ()) -> Answer:
    """A stream of Ollama's chat: tool calls come whole."""
    called = [{"function": {"name": name, "arguments": arguments}} for name, arguments in calls]
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if thinking:
        message["thinking"] = thinking
    if called:
        message["tool_calls"] = called
    ended = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
    counts = {"prompt_eval_count": 11, "eval_count": 7}
    head = {"model": "scripted", "created_at": "2026-01-01T00:00:00Z"}
    lines = [{**head, "message": message, "done": False}, {**head, **ended, **counts}]
    return Answer([json.dumps(line).encode() + b"\n" for line in lines])
