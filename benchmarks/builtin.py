"""What the built-in engine makes of `training/utterances`: right calls, offers, wrong calls, calls out of scope.

The halves are told apart: the engine's words were chosen on the tuned one alone (training/README.md).
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mlchat.llm.base import CancelToken, LlmRequest, Message, OffersPart, TextPart, ToolCallPart
from jupyter_mlchat.llm.builtin import BuiltinLlm
from jupyter_mlchat.protocol.records import ToolInfo
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

from .table import p, show

UTTERANCES = Path(__file__).resolve().parent.parent / "training" / "utterances"
TOOLS = [ToolInfo(one.name, "", {}, "read") for one in Toolbox(MODULES).all()]
KNOWN = {tool.name for tool in TOOLS}

CUSTOMERS = ["tenure", "monthly_fee", "total_charges", "plan", "contract", "support_calls", "senior"]
HOUSES = ["area_sqm", "rooms", "year_built", "district", "has_garage", "condition"]
FLOWERS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
LEVELS = {
    "plan": ["basic", "family", "pro"],
    "contract": ["monthly", "yearly"],
    "senior": ["no", "yes"],
    "district": ["center", "harbor", "north", "south"],
    "has_garage": ["no", "yes"],
}


def _model(ref: str, class_name: str, features: list[str], estimator: str = "", task: str = "") -> dict[str, Any]:
    return {
        "ref": ref,
        "aliases": [],
        "class_name": class_name,
        "estimator": estimator or class_name,
        "task": task or "classification",
        "fitted": True,
        "features": features,
        "categories": {column: LEVELS[column] for column in features if column in LEVELS},
    }


def _frame(ref: str, columns: list[str]) -> dict[str, Any]:
    return {"ref": ref, "class_name": "DataFrame", "shape": [1000, len(columns)], "columns": columns, "dtypes": []}


NAMESPACES: dict[str, dict[str, Any]] = {
    "A": {
        "models": [
            _model("pipe", "Pipeline", CUSTOMERS, "LogisticRegression"),
            _model("rf", "RandomForestClassifier", CUSTOMERS),
            _model("xgb_tuned", "XGBClassifier", CUSTOMERS),
            _model("search", "GridSearchCV", CUSTOMERS, "LogisticRegression"),
        ],
        "frames": [
            _frame("df", [*CUSTOMERS, "churn"]),
            *(_frame(ref, CUSTOMERS) for ref in ("X_train", "X_test", "new_customers")),
        ],
        "others": {"y_train": "Series", "y_test": "Series"},
    },
    "B": {
        "models": [
            _model("price_model", "GradientBoostingRegressor", HOUSES, task="regression"),
            _model("lin", "Pipeline", HOUSES, "LinearRegression", "regression"),
            _model("kmeans", "KMeans", HOUSES, task="clustering"),
        ],
        "frames": [_frame(ref, [*HOUSES, "price"]) for ref in ("homes", "test_homes", "sold_2024")],
        "others": {},
    },
    "C": {
        "models": [
            _model("clf", "RandomForestClassifier", FLOWERS),
            _model("sentiment", "Pipeline", ["text"], "LogisticRegression"),
        ],
        "frames": [_frame("iris_df", [*FLOWERS, "species"]), _frame("reviews", ["text", "label"])],
        "others": {},
    },
}


@dataclass
class Heard:
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    text: str = ""


def utterances(*, tuned: bool) -> Iterator[dict[str, Any]]:
    """One half, in the order of the files."""
    for path in sorted(UTTERANCES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            read = json.loads(line)
            if (int(hashlib.sha1(read["text"].encode()).hexdigest()[-1], 16) % 2 == 0) is tuned:
                yield read


def answer_to(line: dict[str, Any]) -> tuple[Heard, float]:
    """What is made of it, after the question before it if there is one, and milliseconds."""
    catalogue = NAMESPACES[line["namespace"]]
    messages: list[Message] = []
    if line.get("before"):
        _remember(messages, line["before"], _hear(messages, line["before"], catalogue), catalogue)
    began = time.perf_counter()
    heard = _hear(messages, line["text"], catalogue)
    return heard, 1e3 * (time.perf_counter() - began)


def _hear(messages: list[Message], question: str, catalogue: dict[str, Any]) -> Heard:
    heard = Heard()
    request = LlmRequest([*messages, {"role": "user", "content": question}], tools=TOOLS, catalogue=catalogue)
    for part in BuiltinLlm().stream(request, CancelToken()):
        if isinstance(part, ToolCallPart):
            heard.calls.append((part.name, json.loads(part.arguments)))
        elif isinstance(part, OffersPart):
            heard.offers += [offer.tool for offer in part.offers]
            heard.text += part.title
        elif isinstance(part, TextPart):
            heard.text += part.text
    return heard


def _remember(messages: list[Message], question: str, heard: Heard, catalogue: dict[str, Any]) -> None:
    """The turn as the history would hold it, with an input that has all columns."""
    messages.append({"role": "user", "content": question})
    for name, args in heard.calls:
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
    """ "right", "wrong call", "offered", "asked or declined" or, for what is not ours, "call to decline"."""
    if line["tool"] == "decline":
        return "call to decline" if heard.calls else "declined"
    meant = {line["tool"], *(line.get("also") or ())}
    if not heard.calls:
        return "offered" if meant & set(heard.offers[:3]) else "asked or declined"
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
                said["offered"] / ours,
                said["wrong call"] / ours,
                declines,
                said["call to decline"] / declines,
                p(times, 95),
            )
        )
    head = ("half", "questions", "right at once", "offered", "wrong calls", "out of scope", "called there", "p95 ms")
    show(head, rows)


if __name__ == "__main__":
    main()
