"""What the kernel's own tools find about three data sets, for answers to be filled with."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlchat.protocol.events import Event, Message, ToolCalled, ToolReturned
from jupyter_mlchat.protocol.records import ToolResult
from jupyter_mlchat.runtime.calls import CallContext, run_tool
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

from .binding_values import values

QUESTIONS = ("How good is it?", "What does it say for this one?", "Tell me all about it.")


@dataclass(frozen=True)
class Scene:
    """The events of a turn and its results, by subject, and values to fill answers with."""

    turns: dict[str, list[Event]]
    results: dict[str, Any]
    values: dict[str, Any]


@cache
def scenes() -> tuple[Scene, ...]:
    return tuple(_scene(name) for name in ("cancer", "wine", "members"))


def _frames(name: str) -> tuple[pd.DataFrame, pd.Series]:
    if name == "members":
        made = load_diabetes(as_frame=True, scaled=False)
        frame = made.data.rename(columns={"s1": "tc", "s2": "ldl", "s3": "hdl", "s4": "tch", "s5": "ltg", "s6": "glu"})
        return frame.round(3), (made.target > 140).map({True: "stays", False: "leaves"}).rename("outcome")
    made = (load_breast_cancer if name == "cancer" else load_wine)(as_frame=True)
    labels = pd.Series([str(made.target_names[code]) for code in made.target], name="outcome")
    if name == "wine":
        keep = labels != "class_2"
        return made.data[keep].reset_index(drop=True), labels[keep].reset_index(drop=True)
    return made.data.iloc[:, :10], labels


def _scene(name: str) -> Scene:
    X, y = _frames(name)
    order = X.sample(frac=1.0, random_state=1).index
    cut = 2 * len(order) // 3
    train, held, y_train, y_held = X.loc[order[:cut]], X.loc[order[cut:]], y[order[:cut]], y[order[cut:]]
    number = X.columns[0]
    namespace: dict[str, Any] = {
        "train": train,
        "X_test": held.reset_index(drop=True),
        "y_test": y_held.reset_index(drop=True),
        "logit": make_pipeline(StandardScaler(), LogisticRegression(C=0.1)).fit(train, y_train),
        "forest": RandomForestClassifier(25, max_depth=4, random_state=0).fit(train, y_train),
        "ridge": Ridge().fit(train.drop(columns=number), train[number]),
    }
    return _told(namespace, held, str(number))


def _told(namespace: dict[str, Any], held: pd.DataFrame, number: str) -> Scene:
    row = {column: float(value) for column, value in held.iloc[3].items()}
    given, changed = row[number], round(float(held[number].quantile(0.9)), 2)
    data = {"data": "X_test", "target": "y_test"}
    rest = {column: value for column, value in row.items() if column != number}
    calls = {
        "models": [("list_models", {}), ("list_dataframes", {})],
        "evaluate": [("evaluate_model", {"model_id": "logit", **data})],
        "predict": [("make_prediction", {"model_id": "logit", "features": row})],
        "importance": [("get_feature_importance", {"model_id": "forest", "top": 20})],
        "describe": [("describe_dataframe", {"data": "train"})],
        "what_if": [("what_if", {"model_id": "logit", "features": row, "changes": {number: changed}})],
        "explain": [("explain_prediction", {"model_id": "logit", "features": row})],
        "drift": [("check_drift", {"model_id": "logit", "data": "X_test", "reference": "train"})],
        "compare": [("compare_models", {"models": ["logit", "forest"], **data})],
        "threshold": [("get_threshold_curve", {"model_id": "logit", **data})],
        "errors": [("analyze_errors", {"model_id": "logit", **data})],
        "curve": [("get_partial_dependence", {"model_id": "logit", "features": [number]})],
        "interval": [
            ("get_prediction_interval", {"model_id": "ridge", "features": rest, "data": "X_test", "target": number})
        ],
    }
    if "sex" in row:
        calls["fairness"] = [("check_fairness", {"model_id": "logit", "group": "sex", **data})]
    context = CallContext(
        Shell(None, {**namespace, number: held[number].reset_index(drop=True)}),
        {},
        threading.Event(),
        lambda done, total, text: None,
    )
    toolbox = Toolbox(MODULES)
    results: dict[str, Any] = {}
    turns: dict[str, list[Event]] = {}
    for question, (subject, wanted) in enumerate(calls.items()):
        events: list[Event] = [Message(text=QUESTIONS[question % len(QUESTIONS)])]
        for tool, args in wanted:
            call = f"{subject}-{tool}"
            result = msgspec.convert(run_tool(toolbox.get(tool), args, context), ToolResult)
            events += [ToolCalled(call=call, tool=tool, args=args), ToolReturned(call=call, tool=tool, result=result)]
            if result.ok:
                results.setdefault(subject, {}).update({tool: result.local or result.data})
        turns[subject] = events
    return Scene(turns, results, values(results, number, given, changed))
