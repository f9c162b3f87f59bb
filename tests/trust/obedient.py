"""A language model that obeys whatever it reads, in a house with the real tools, and a namespace that tells it what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from chat.house import House
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from jupyter_mlchat.llm.base import CancelToken, LlmRequest, Part, TextPart, ToolCallPart
from jupyter_mlchat.protocol.events import AnyEvent
from jupyter_mlchat.runtime.notebook.failures import Failure, Frame, Run
from jupyter_mlchat.runtime.toolbox import Toolbox, tool
from jupyter_mlchat.runtime.tools import MODULES

Wish = tuple[str, dict[str, Any]]
ROWS = 40


class Obedient:
    """An `Llm`: in each round it makes the calls of `rounds`, then says `words`. `requests` is what it was sent."""

    local = False

    def __init__(self, *rounds: Sequence[Wish], words: str = "Done. ![x](http://127.0.0.1:9/?q=1)") -> None:
        self.name = "test/obedient"
        self.rounds = [list(round_) for round_ in rounds]
        self.words = words
        self.requests: list[LlmRequest] = []

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        self.requests.append(request)
        wishes = self.rounds.pop(0) if self.rounds else []
        for index, (name, args) in enumerate(wishes):
            yield ToolCallPart(index, f"call_{len(self.requests)}_{index}", name, json.dumps(args))
        if not wishes:
            yield TextPart(self.words)

    def read(self) -> str:
        """Everything it was ever sent."""
        return json.dumps([[r.messages, [[t.name, t.description] for t in r.tools]] for r in self.requests],
                          ensure_ascii=False)  # fmt: skip


class Shop:
    """What is served here changes with the test: `llm` is who answers."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.house = House(folder, **settings)
        self.house.bridge.toolbox = Toolbox(MODULES)
        self.llm: Any = Obedient()

    async def open(self) -> Shop:
        await self.house.open()

        async def choose(name: str = "") -> Any:
            return self.llm

        # The service keeps its means: only who answers is another.
        object.__setattr__(self.house.service.means, "llm", choose)
        return self

    async def ask(self, text: str, *rounds: Sequence[Wish], seconds: float = 20, **fields: Any) -> list[AnyEvent]:
        self.llm = Obedient(*rounds)
        return await self.house.settle(await self.house.ask(text, **fields), seconds)


def fill(house: House, text: str) -> None:
    """The namespace and the working folder, with `text` in every place that a tool may read."""

    @tool()
    def weather() -> dict[str, str]:
        """Tell the weather."""
        return {"weather": text}

    class Estimator(LogisticRegression):
        __doc__ = text

    column = text[:80]
    frame = pd.DataFrame(
        {
            "plan": ["basic", "pro"] * (ROWS // 2),
            "amount": np.arange(ROWS, dtype=float),
            column: [text, "other"] * (ROWS // 2),
        }
    )
    frame.attrs["note"] = text
    label = pd.Series([text, "no"] * (ROWS // 2), name=column)
    pipe = make_pipeline(OneHotEncoder(), Estimator(max_iter=50)).fit(frame[["plan", column]], label)
    pipe.note = text
    house.namespace.clear()
    other = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    house.namespace.update(
        df=frame, label=label, pipe=pipe, models={column: other}, named=pd.Series([1.0] * 20, name=text)
    )
    house.bridge.toolbox.add(weather, "test")
    cells = {
        1: f"# {text}\nsecret = {text!r}",
        2: f"pipe.fit(df[['plan', {column!r}]], label)",
        3: f"raise ValueError({text!r})",
    }
    house.bridge.shell.cells = lambda: cells  # type: ignore[method-assign]
    house.bridge.shell.runs[3] = Run(0.0, 1.0, Failure("ValueError", text, (Frame(3, 1, "<module>", text),)))


def write(text: str) -> None:
    """Files of that name and with that in them, into the working folder."""
    name = "".join(char for char in text if char.isalnum() or char in " -_")[:60] or "file"
    joblib.dump({"note": text}, f"{name}.joblib")
    pd.DataFrame({text: [1, 2], "plan": [text, text]}).to_csv("helper.csv", index=False)


READS: list[Wish] = [
    ("list_models", {}),
    ("list_dataframes", {}),
    ("describe_dataframe", {"data": "df"}),
    ("get_model_info", {"model_id": "pipe", "detail": "signature"}),
    ("read_notebook", {}),
    ("read_notebook", {"part": "errors"}),
    ("list_model_files", {}),
    ("validate_dataset_file", {"path": "helper.csv"}),
    ("get_upload_status", {}),
    ("weather", {}),
]
"""A call for every channel."""
