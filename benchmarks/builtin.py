"""What the built-in engine makes of `training/utterances`: right calls, offers, wrong calls, calls out of scope.

The halves are told apart: the engine's words were chosen on the tuned one alone (training/README.md).
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlchat.llm.base import CancelToken, LlmRequest, Message, OffersPart, TextPart, ToolCallPart
from jupyter_mlchat.llm.builtin import BuiltinLlm
from jupyter_mlchat.llm.builtin.readings import READINGS
from jupyter_mlchat.protocol.records import ToolInfo
from training.corpus import LEVELS, NAMESPACES, utterances

from .table import p, show

TOOLS = [ToolInfo(name, "", {}, "read") for name in sorted({"delete_model", *(reading.tool for reading in READINGS)})]
KNOWN = {tool.name for tool in TOOLS}


@dataclass
class Heard:
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    offered: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    text: str = ""

    @property
    def offers(self) -> list[str]:
        return [tool for tool, _ in self.offered]


def answer_to(line: dict[str, Any]) -> tuple[Heard, float]:
    """What is made of it, after the question before it if there is one, and milliseconds."""
    catalogue = NAMESPACES[line["namespace"]]
    messages: list[Message] = []
    if line.get("before"):
        _remember(messages, line["before"], hear(messages, line["before"], catalogue), catalogue)
    began = time.process_time()
    heard = hear(messages, line["text"], catalogue)
    return heard, 1e3 * (time.process_time() - began)


def hear(messages: list[Message], question: str, catalogue: dict[str, Any]) -> Heard:
    heard = Heard()
    request = LlmRequest([*messages, {"role": "user", "content": question}], tools=TOOLS, catalogue=catalogue)
    for part in BuiltinLlm().stream(request, CancelToken()):
        if isinstance(part, ToolCallPart):
            heard.calls.append((part.name, json.loads(part.arguments)))
        elif isinstance(part, OffersPart):
            heard.offered += [(offer.tool, offer.args) for offer in part.offers]
            heard.text += part.title
        elif isinstance(part, TextPart):
            heard.text += part.text
    return heard


def _remember(messages: list[Message], question: str, heard: Heard, catalogue: dict[str, Any]) -> None:
    """The turn as the history would hold it, with an input that has all columns; of offers the first is taken."""
    messages.append({"role": "user", "content": question})
    for name, args in heard.calls or heard.offered[:1]:
        call = {"id": uuid.uuid4().hex, "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        card = next((one for one in catalogue["models"] if one["ref"] == args.get("model_id")), None)
        given = args["features"] if isinstance(args.get("features"), dict) else {}
        columns = (card or {}).get("features", ())
        whole: dict[str, Any] = {one: LEVELS[one][0] if one in LEVELS else 10 for one in columns}
        content = json.dumps({"ok": True, "data": {"features": {**whole, **given}}})
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})
    messages.append({"role": "assistant", "content": heard.text or "(done)"})


def verdict(line: dict[str, Any], heard: Heard) -> str:
    """ "right", "asked which" (one thing that the words leave open), "offered" among the first three, "wrong call",
    "not understood"; "declined" or "call to decline" for what is not ours."""
    if line["tool"] == "decline":
        return "call to decline" if heard.calls else "declined"
    meant = {line["tool"], *(line.get("also") or ())}
    if not heard.calls:
        alone = bool(heard.offers) and set(heard.offers) <= meant
        models = {args.get("model_id") for _, args in heard.offered}
        other = line["model"] in _refs(line) and models != {line["model"]}
        if alone and len(heard.offers) > 1 and not other and "where" not in line["args"]:
            return "asked which"
        return "offered" if meant & set(heard.offers[:3]) else "not understood"
    name, args = heard.calls[0]
    named = {args.get("model_id"), *(args.get("models") or ())}
    respects = "where" not in line["args"] or "where" in args or "by" in args
    same = not line["model"] or line["model"] not in _refs(line) or line["model"] in named or named == {None}
    return "right" if len(heard.calls) == 1 and name in meant and same and respects else "wrong call"


def _refs(line: dict[str, Any]) -> set[str]:
    return {card["ref"] for card in NAMESPACES[line["namespace"]]["models"]}


def main() -> None:
    rows = []
    for label, tuned in (("tuned", True), ("held out", False)):
        said: Counter[str] = Counter()
        times, ours = [], 0
        for line in utterances(tuned=tuned):
            if line["tool"] not in KNOWN and line["tool"] != "decline":
                continue
            heard, took = answer_to(line)
            times.append(took)
            said[verdict(line, heard)] += 1
            ours += line["tool"] != "decline"
        declines = said["declined"] + said["call to decline"]
        rows.append(
            (
                label,
                ours,
                said["right"] / ours,
                said["asked which"] / ours,
                said["offered"] / ours,
                said["wrong call"] / ours,
                declines,
                said["call to decline"] / declines,
                p(times, 95),
            )
        )
    head = (
        "half",
        "questions",
        "right at once",
        "asked which",
        "offered",
        "wrong calls",
        "out of scope",
        "called there",
        "p95 CPU ms",
    )
    show(head, rows)


if __name__ == "__main__":
    main()
