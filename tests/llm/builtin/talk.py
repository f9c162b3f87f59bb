"""Talking with the built-in engine: one kernel as a catalogue, and a conversation that grows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlchat.llm.base import CancelToken, LlmRequest, Message, OffersPart, ReadingPart, TextPart, ToolCallPart
from jupyter_mlchat.llm.builtin import BuiltinLlm
from jupyter_mlchat.protocol.records import ToolInfo

NAMES = [
    "list_models",
    "get_model_info",
    "validate_features",
    "make_prediction",
    "get_feature_importance",
    "delete_model",
    "list_dataframes",
    "describe_dataframe",
    "get_running_cell",
    "get_system_status",
    "get_upload_status",
    "get_available_commands",
    "suggest_inputs",
    "explain_prediction",
    "what_if",
    "get_partial_dependence",
    "find_counterfactual",
    "find_similar_examples",
    "evaluate_model",
    "compare_models",
    "analyze_errors",
    "check_fairness",
    "get_prediction_interval",
    "get_threshold_curve",
    "get_search_results",
    "check_drift",
    "check_leakage",
    "check_freshness",
]
EFFECTS = {"delete_model": "write", "find_similar_examples": "disclose"}
TOOLS = [ToolInfo(name, "", {}, EFFECTS.get(name, "read")) for name in NAMES]


def model(ref: str, class_name: str, features: list[str], **more: Any) -> dict[str, Any]:
    card = {"aliases": [], "estimator": class_name, "task": "classification", "fitted": True, "categories": {}}
    return {**card, "ref": ref, "class_name": class_name, "features": features, **more}


def frame(ref: str, columns: list[str], rows: int = 100) -> dict[str, Any]:
    return {"ref": ref, "class_name": "DataFrame", "shape": [rows, len(columns)], "columns": columns, "dtypes": []}


TELECOM = ["tenure", "monthly_fee", "plan", "city"]
HOUSES = ["living area (sqft)", "n_rooms", "year_built"]
KERNEL: dict[str, Any] = {
    "models": [
        model(
            "pipe",
            "Pipeline",
            TELECOM,
            estimator="LogisticRegression",
            categories={"plan": ["Basic", "Pro"], "city": ["New York", "Oslo"]},
            classes=["no", "yes"],
        ),
        model('models["rf"]', "RandomForestRegressor", ["a", "b"], task="regression"),
        model("house_knn", "KNeighborsRegressor", HOUSES, task="regression"),
        model("ship", "SVC", ["deck", "age"], categories={"deck": ["A", "B", "C"]}),
        model("draft_tree", "DecisionTreeClassifier", [], fitted=False),
    ],
    "frames": [frame("X_test", TELECOM), frame("homes", [*HOUSES, "price"]), frame("grades", ["score", "pupil"])],
    "others": {"threshold": "float", "params": "dict"},
}
LONELY: dict[str, Any] = {
    "models": [model("net", "MLPClassifier", ["height", "weight"])],
    "frames": [frame("people", ["height", "weight"])],
    "others": {},
}


@dataclass
class Heard:
    """What came of one question."""

    reading: str = ""
    text: str = ""
    title: str = ""
    offers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@dataclass
class Talk:
    """A conversation. `told` gives what the tool answers in the history; an engine is asked anew each time."""

    kernel: dict[str, Any] | None = field(default_factory=lambda: KERNEL)
    messages: list[Message] = field(default_factory=list)
    tools: list[ToolInfo] = field(default_factory=lambda: TOOLS)

    def ask(self, question: str, told: dict[str, Any] | None = None) -> Heard:
        self.messages.append({"role": "user", "content": question})
        heard = hear(self.messages, self.kernel, tools=self.tools)
        if heard.calls:
            named = list(zip(heard.ids, heard.calls, strict=True))
            self.messages.append(
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {"id": i, "type": "function", "function": {"name": n, "arguments": json.dumps(a)}}
                        for i, (n, a) in named
                    ],
                }
            )
            for call_id, _ in named:
                content = json.dumps({"ok": True, "data": told or {}})
                self.messages.append({"role": "tool", "tool_call_id": call_id, "content": content})
        self.messages.append({"role": "assistant", "content": heard.text or "(done)"})
        return heard


def hear(messages: list[Message], kernel: dict[str, Any] | None, **request: Any) -> Heard:
    heard = Heard()
    asked = LlmRequest(messages, **{"tools": TOOLS, "catalogue": kernel, **request})
    for part in BuiltinLlm().stream(asked, CancelToken()):
        if isinstance(part, ReadingPart):
            heard.reading += part.text
        elif isinstance(part, TextPart):
            heard.text += part.text
        elif isinstance(part, OffersPart):
            heard.title = part.title
            heard.offers = [(offer.tool, offer.args) for offer in part.offers]
        elif isinstance(part, ToolCallPart):
            heard.ids.append(part.id)
            heard.calls.append((part.name, json.loads(part.arguments)))
    return heard


def reply_to(tool: str, args: dict[str, Any], result: dict[str, Any] | str) -> str:
    """The words for one result."""
    function = {"name": tool, "arguments": json.dumps(args)}
    content = result if isinstance(result, str) else json.dumps(result)
    messages: list[Message] = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "1", "content": content},
    ]
    return hear(messages, KERNEL).text
