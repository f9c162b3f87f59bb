"""Streams of real turns, as committed: the panel's reducer is tested with these files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chat.house import House, store
from golden.normal import normal
from golden.scenes import SCENES
from golden.tape import Tape
from provider import Provider, running
from sklearn.tree import DecisionTreeClassifier

from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.protocol.events import EVENTS
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

FOLDER = Path(__file__).parent
LLM = "openai/gpt-4.1-mini"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def house(
    scene: str,
    tmp_path: Path,
    provider: Provider,
    background: Background,
    monkeypatch: pytest.MonkeyPatch,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[House]:
    monkeypatch.setattr("jupyter_mlchat.chat.narrator.SNAPSHOT_S", SCENES[scene].snapshot_s)
    settings: dict[str, Any] = dict(SCENES[scene].settings)
    if SCENES[scene].hosted:
        variables = {"OPENAI_API_KEY": "sk-scripted", "LLM_BASE_URL": provider.url}
        settings.update(llm=LLM, environment={**variables, "OLLAMA_BASE_URL": "http://127.0.0.1:9"})

    async def open_house() -> House:
        house = House(tmp_path, background, **settings)
        house.bridge.toolbox = Toolbox(MODULES)
        house.bridge.toolbox.add(store, "work.ipynb")
        house.namespace.update(two_models())
        return await house.open()

    house = jp_asyncio_loop.run_until_complete(open_house())
    yield house
    jp_asyncio_loop.run_until_complete(house.close())


def two_models() -> dict[str, Any]:
    X = pd.DataFrame({"age": [20, 30, 40, 50, 60, 70] * 4, "income": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 4})
    clf = DecisionTreeClassifier(random_state=0).fit(X, [0, 0, 0, 1, 1, 1] * 4)
    return {"X": X, "clf": clf, "other": DecisionTreeClassifier(random_state=0).fit(X, [1, 0] * 12)}


@pytest.mark.parametrize("scene", SCENES, indirect=True)
async def test_the_stream_is_as_committed(scene: str, house: House, provider: Provider, record: bool) -> None:
    tape = Tape(house)
    await SCENES[scene].play(tape, provider)
    await tape.hang_up()
    written = json.dumps(normal(tape.heard), indent=1, ensure_ascii=False) + "\n"
    path = FOLDER / f"{scene}.json"
    if record:
        path.write_text(written, "utf-8")
    assert path.read_text("utf-8") == written, f"{path.name} is stale: run `pytest tests/golden --record`"


def test_every_file_has_a_scene() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(SCENES)


def test_what_a_front_end_must_know_is_in_them() -> None:
    """A new event that people see needs a scene."""
    seen = {event["type"] for path in FOLDER.glob("*.json") for event in json.loads(path.read_text("utf-8"))}
    elsewhere = {
        "choices", "llms", "conversation.changed", "conversation.deleted", "feedback.given", "kernel.changed", "pong",
        "experiment.assigned", "progress", "referenced", "sent", "search", "exported", "thinking.delta",
        "kernel.view", "preview", "batch",
    }  # fmt: skip
    assert seen - {"weather"} == set(EVENTS) - elsewhere
