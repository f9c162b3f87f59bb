"""A whole conversation with real models: the engine reads, the kernel's own tools answer, the engine words it."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pandas as pd
import pytest
from llm.builtin.talk import Heard, hear
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from jupyter_mlchat.agent.memory import calling_message, tool_message, tool_text
from jupyter_mlchat.protocol.records import ToolInfo, ToolResult
from jupyter_mlchat.runtime.calls import CallContext, run_tool
from jupyter_mlchat.runtime.catalog import catalogue
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES


class Notebook:
    """A namespace, its tools, and the conversation about it."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.context = CallContext(Shell(None, namespace), {}, threading.Event(), lambda done, total, text: None)
        self.toolbox = Toolbox(MODULES)
        self.tools = [ToolInfo(**tool.describe()) for tool in self.toolbox.all()]
        self.messages: list[dict[str, Any]] = []

    def ask(self, question: str) -> tuple[Heard, str]:
        """What was read, and the words after the tools have answered."""
        self.messages.append({"role": "user", "content": question})
        heard = self.hear()
        if not heard.calls:
            return heard, heard.text
        called = [(i, name, args) for i, (name, args) in zip(heard.ids, heard.calls, strict=True)]
        self.messages.append(calling_message("", called))
        for call_id, name, args in called:
            wire = run_tool(self.toolbox.get(name), args, self.context)
            result = msgspec.convert(wire, ToolResult)
            self.messages.append(tool_message(call_id, tool_text(result, local=True)))
        said = self.hear().text
        self.messages.append({"role": "assistant", "content": said})
        return heard, said

    def hear(self) -> Heard:
        return hear(self.messages, dict(catalogue(self.context)), tools=self.tools)


@pytest.fixture
def notebook() -> Notebook:
    people = pd.DataFrame(
        {
            "tenure": [i % 60 + 1 for i in range(200)],
            "plan": ["Pro" if i % 3 else "Basic" for i in range(200)],
            "left": ["yes" if i % 60 < 20 else "no" for i in range(200)],
        }
    )
    columns = ColumnTransformer([("n", StandardScaler(), ["tenure"]), ("c", OneHotEncoder(), ["plan"])])
    pipe = Pipeline([("columns", columns), ("clf", LogisticRegression())])
    pipe.fit(people[["tenure", "plan"]], people["left"])
    areas = pd.DataFrame({"area": range(50), "rooms": [i % 5 for i in range(50)]}).astype(float)
    rf = RandomForestRegressor(5, random_state=0).fit(areas, areas["area"] * 2.0)
    return Notebook({"people": people, "pipe": pipe, "areas": areas, "models": {"rf": rf}})


def test_a_first_conversation(notebook):
    _, said = notebook.ask("which models do I have?")
    assert "2 models in this kernel:" in said
    assert "| `pipe` | Pipeline (LogisticRegression) | fitted |" in said
    assert '`models["rf"]`' in said
    _, said = notebook.ask("what does pipe need?")
    assert "`pipe` takes 2 inputs:" in said and "Basic, Pro" in said and "1 to 60" in said
    heard, said = notebook.ask("is tenure=12, plan=gold valid for pipe?")
    assert heard.calls[0][1]["features"] == {"tenure": 12, "plan": "gold"}
    assert "not valid for `pipe`" in said and "`plan`" in said and "Basic" in said
    heard, said = notebook.ask("predict with tenure 3 and plan pro")
    assert heard.calls == [("make_prediction", {"model_id": "pipe", "features": {"tenure": 3, "plan": "Pro"}})]
    assert "`pipe` predicts **yes**, p = 0." in said
    heard, said = notebook.ask("what if tenure were 50 higher?")
    assert heard.calls[0][0] == "what_if"
    assert heard.calls[0][1]["features"] == {"tenure": 3, "plan": "Pro"}
    assert heard.calls[0][1]["changes"] == {"tenure": {"add": 50}}
    assert "With the change `pipe` predicts **no**" in said and "The prediction flips." in said
    assert "Changed: `tenure` from 3 to 53." in said
    heard, said = notebook.ask("why?")
    assert heard.calls[0] == ("explain_prediction", {"model_id": "pipe", "features": {"tenure": 53, "plan": "Pro"}})
    assert "moves it" in said and "| `tenure` | 53 |" in said
    _, said = notebook.ask("what matters most to it?")
    assert "What matters most to `pipe`" in said and "| 1 | `tenure` |" in said
    heard, said = notebook.ask('and for models["rf"]?')
    assert heard.calls == [("get_feature_importance", {"model_id": 'models["rf"]'})]
    assert "`area`" in said
    _, said = notebook.ask("steps of the pipeline")
    assert "1. `columns` (ColumnTransformer)" in said and "2. `clf` (LogisticRegression)" in said


def test_data_and_rows(notebook):
    _, said = notebook.ask("predict people with pipe")
    assert "predicted 200 rows of `people`" in said and "| yes |" in said
    _, said = notebook.ask("predict row 0 of people")
    assert "I used the row `people[0]`" in said
    _, said = notebook.ask("describe people")
    assert "`people` has 200 rows." in said and "No missing values." in said
    _, said = notebook.ask("which dataframes are there?")
    assert "| `people` | DataFrame | 200 | 3 |" in said


def test_faults_and_missing_inputs(notebook):
    notebook.ask("tell me about pipe")
    _, said = notebook.ask("predict with pipe: tenure=12")
    assert "No prediction with `pipe` yet." in said and "`plan`" in said
    _, said = notebook.ask('get_model_info(model_id="nothing")')
    assert "nothing" in said and "None" not in said


def test_every_tool_is_worded(notebook):
    for question in ("hyperparameters of pipe", "tell me about pipe", "system status", "is a cell running?"):
        heard, said = notebook.ask(question)
        assert heard.calls and said and "{" not in said
