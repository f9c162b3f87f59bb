"""What the conversation was about before this question."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..base import Message
from .names import Names

_OF_ONE_INPUT = frozenset(
    ("make_prediction", "what_if", "explain_prediction", "find_counterfactual", "get_prediction_interval")
)

_POINTED = re.compile(r"(?:error in |figure of )?(?P<cell>In\[\d{1,6}\])|upload (?P<upload>[\w-]{1,64})")


@dataclass(frozen=True)
class Thread:
    """`ref` and `frame` were last spoken of ("" if none), `tool` with `args` was last called; `calls` counts those
    since the person last spoke: with one it is clear what a follow-up leans on. `inputs` are those that were last
    predicted, with `predicted_by`. `code` is a cell that reproduces the last answer. `cell` and `upload` are what
    the person points at now."""

    ref: str = ""
    frame: str = ""
    tool: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    predicted_by: str = ""
    code: str = ""
    calls: int = 0
    cell: str = ""
    upload: str = ""


def recall(messages: Sequence[Message], names: Names) -> Thread:
    """Reads calls and the words around them, newest last. Names that no longer exist are forgotten."""
    ref = frame = tool = predicted_by = written = ""
    calls_made = 0
    args: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    calls = {call_id: (name, given) for m in messages for call_id, name, given in calls_of(m)}
    for message in messages:
        role = message.get("role")
        calls_made = 0 if role == "user" else calls_made
        for _, name, given in calls_of(message):
            tool, args, calls_made = name, given, calls_made + 1
            ref = _live(args.get("model_id"), names.models) or ref
            frame = _live(args.get("data"), names.frames) or frame
        if role in ("user", "assistant"):
            named = _only_one(text_of(message), names.models)
            ref, frame = named or ref, _only_one(text_of(message), names.frames) or frame
        elif role == "tool":
            name, given = calls.get(str(message.get("tool_call_id")), ("", {}))
            result = result_of(message)
            used = result.get("features")
            written = str(result.get("code") or "")
            if name in _OF_ONE_INPUT and _live(given.get("model_id"), names.models):
                known = used if isinstance(used, dict) else given.get("features")
                inputs, predicted_by = dict(known or {}), str(given["model_id"])
    return Thread(ref, frame, tool, args, inputs, predicted_by, written, calls_made)


def called(thread: Thread, tool: str, args: dict[str, Any]) -> Thread:
    """As it stands after this call, whose result isn't known yet: what an earlier one was given is no longer meant."""
    ref, frame = args.get("model_id", thread.ref), args.get("data", thread.frame)
    return replace(thread, ref=ref, frame=frame, tool=tool, args=args, calls=1, inputs={}, predicted_by="")


def pointed(thread: Thread, attached: Sequence[str], names: Names) -> Thread:
    """A model, frame, cell or file that the person pointed at is what they speak of, unless they name another one."""
    models = [ref for ref in attached if ref in names.models]
    frames = [ref for ref in attached if ref in names.frames]
    for found in filter(None, map(_POINTED.fullmatch, attached)):
        said: dict[str, Any] = {kind: name for kind, name in found.groupdict().items() if name}
        thread = replace(thread, **said)
    if len(models) == 1:
        thread = replace(thread, ref=models[0])
    return replace(thread, frame=frames[0]) if len(frames) == 1 else thread


def text_of(message: Message) -> str:
    """The words of a message, whether its content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return ""


def calls_of(message: Message) -> list[tuple[str, str, dict[str, Any]]]:
    """(id, tool, arguments) of an assistant message; arguments that are no JSON object become {}."""
    found = []
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        given = function.get("arguments")
        try:
            read = json.loads(given) if isinstance(given, str) else given
        except ValueError:
            read = {}
        found.append((str(call.get("id")), str(function.get("name")), read if isinstance(read, dict) else {}))
    return found


def result_of(message: Message) -> dict[str, Any]:
    """A tool message's data, its issues, warnings and fault beside it; what is no JSON object is "text"."""
    said = text_of(message)
    try:
        read = json.loads(said)
    except (ValueError, RecursionError):
        return {"text": said}
    if not isinstance(read, dict):
        return {"text": said}
    data = read.pop("data", None)
    return {**data, **read} if isinstance(data, dict) else read


def _live(name: Any, cards: dict[str, dict[str, Any]]) -> str:
    return name if isinstance(name, str) and name in cards else ""


def _only_one(text: str, cards: dict[str, dict[str, Any]]) -> str:
    said = [ref for ref in cards if re.search(rf"(?<![\w.]){re.escape(ref)}(?!\w)", text)]
    longest = [ref for ref in said if not any(ref != other and ref in other for other in said)]
    return longest[0] if len(longest) == 1 else ""
