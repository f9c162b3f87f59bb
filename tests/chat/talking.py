"""Fixtures: houses with a hosted llm that a test scripts, a fitted model, and the real tools."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chat.house import House, add
from provider import Provider, running
from sklearn.linear_model import LogisticRegression

from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

LLM = "openai/gpt-4.1-mini"
Make = Callable[..., Awaitable[House]]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def make(
    tmp_path: Path, provider: Provider, background: Background, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Make]:
    """A house with a hosted llm, a fitted model and the real tools; `settings` change it."""
    made: list[House] = []

    async def open_house(**settings: Any) -> House:
        environment = {
            "OPENAI_API_KEY": "sk-none",
            "LLM_BASE_URL": provider.url,
            "OLLAMA_BASE_URL": "http://127.0.0.1:9",
        }
        house = House(tmp_path, background, **{"llm": LLM, "environment": environment, **settings})
        frame = pd.DataFrame({"age": [20, 30, 40, 50, 60, 70] * 4, "income": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 4})
        house.namespace.update(clf=LogisticRegression().fit(frame, [0, 0, 0, 1, 1, 1] * 4), X=frame)
        house.bridge.toolbox = Toolbox(MODULES)
        house.bridge.toolbox.add(add, "test")
        made.append(await house.open())
        return house

    yield open_house
    for house in made:
        jp_asyncio_loop.run_until_complete(house.close())


def text_of(events: list[e.AnyEvent]) -> str:
    return [x.text for x in events if isinstance(x, e.TextSnapshot) and x.final and x.kind == "answer"][-1]
