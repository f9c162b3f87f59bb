"""A batch through the whole service: approved first, let run while it gets on, stopped from elsewhere, undone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chat.house import KERNEL, House, new_id, only
from runtime.people import PEOPLE, logistic, outcome, people

from jupyter_mlchat.protocol.commands import ApprovalGive, TurnCancel
from jupyter_mlchat.protocol.events import ApprovalAsked, ToolReturned, TurnEnded
from jupyter_mlchat.protocol.records import Context
from jupyter_mlchat.runtime.bridge import Job
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

MORE = people(1_000)
EXPECTED = logistic().fit(PEOPLE, outcome(PEOPLE)).predict(MORE)
STEP_S = 0.12
ARGS: dict[str, Any] = {"model_id": "pipe", "data": "more", "chunk_rows": 50}


@pytest.fixture
def house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[House]:
    """Twenty parts of a tenth of a second each, where a call may take a second and a turn too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jupyter_mlchat.runtime.batch.job.REPORT_S", -1.0)
    model = logistic().fit(PEOPLE, outcome(PEOPLE))
    real = type(model).predict

    def slowly(self: Any, X: Any) -> Any:
        time.sleep(STEP_S)
        return real(self, X)

    monkeypatch.setattr(type(model), "predict", slowly)
    made = House(tmp_path, tool_timeout=10 * STEP_S, turn_deadline=10 * STEP_S)
    made.bridge.toolbox = Toolbox(MODULES)
    made.bridge.toolbox.all()
    made.namespace.update(pipe=model, PEOPLE=PEOPLE, more=MORE)

    def on_main(job: Job) -> None:
        jp_asyncio_loop.call_soon_threadsafe(job.start)

    with made.bridge.main_runs(on_main):
        jp_asyncio_loop.run_until_complete(made.open())
        yield made
        jp_asyncio_loop.run_until_complete(made.close())


async def approved(house: House, name: str, /, **args: Any) -> Any:
    accepted = await house.call(name, None, **args)
    asked = only(await house.settle(accepted), ApprovalAsked)
    give = ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=True)
    return await house.send(give)


async def ended(house: House, accepted: Any) -> tuple[TurnEnded, Any]:
    events = await house.settle(accepted, 60)
    returned = [event.result for event in events if isinstance(event, ToolReturned)]
    return only(events, TurnEnded), returned[-1] if returned else None


async def test_a_long_batch_outlives_the_deadlines_of_call_and_turn(house: House) -> None:
    began = time.monotonic()
    end, result = await ended(house, await approved(house, "make_batch_prediction", into="made", **ARGS))
    assert time.monotonic() - began > 20 * STEP_S
    assert end.state == "completed" and result.ok, (end, result)
    assert (house.namespace["made"].to_numpy() == EXPECTED).all()
    _, undone = await ended(house, await approved(house, "undo_last_change"))
    assert undone.data["undone"] == "made" and "made" not in house.namespace


async def test_nothing_is_written_before_it_was_approved(house: House, tmp_path: Path) -> None:
    accepted = await house.call("make_batch_prediction", None, into="s.parquet", **ARGS)
    asked = only(await house.settle(accepted), ApprovalAsked)
    assert asked.effect == "write" and "s.parquet" in asked.summary
    await house.send(ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=False))
    await house.settle(accepted)
    assert not (tmp_path / "s.parquet").exists() and not (tmp_path / "s.batch").exists()


async def test_another_turn_stops_it_and_the_same_call_goes_on(house: House) -> None:
    running = await approved(house, "make_batch_prediction", into="s.parquet", **ARGS)
    while not list(Path("s.parquet").glob("*")):
        await asyncio.sleep(0.01)
    other = await house.call("cancel_job", Context(kernel=KERNEL, notebook="other.ipynb"))
    _, told = await ended(house, other)
    assert told.ok and told.data["job_id"] == "batch-1"
    _, result = await ended(house, running)
    assert result.fault["code"] == "interrupted"
    there = len(list(Path("s.parquet").glob("*")))
    assert 0 < there < 20
    _, result = await ended(house, await approved(house, "make_batch_prediction", into="s.parquet", **ARGS))
    assert result.data["resumed_parts"] == there
    assert (pd.read_parquet("s.parquet").prediction == EXPECTED).all()


async def test_stopping_the_turn_stops_the_batch(house: House) -> None:
    running = await approved(house, "make_batch_prediction", into="s.parquet", **ARGS)
    while not list(Path("s.parquet").glob("*")):
        await asyncio.sleep(0.01)
    await house.send(TurnCancel(id=new_id(), turn=running.turn))
    end, _ = await ended(house, running)
    assert end.state == "cancelled"
    await asyncio.sleep(3 * STEP_S)
    there = len(list(Path("s.parquet").glob("*")))
    await asyncio.sleep(3 * STEP_S)
    assert there == len(list(Path("s.parquet").glob("*"))) < 20


async def test_the_approval_of_rows_names_columns_and_counts(house: House) -> None:
    accepted = await house.call("sample_rows", None, data="more")
    asked = only(await house.settle(accepted), ApprovalAsked)
    names = ", ".join(f"`{name}`" for name in MORE.columns)
    assert asked.summary.endswith(f"At most 5 rows of {MORE.shape[1]} columns: {names}.")
    accepted = await house.call("sample_rows", None, data="more", n=2, columns=["age"])
    asked = only(await house.settle(accepted), ApprovalAsked)
    assert asked.summary.endswith("At most 2 rows of 1 columns: `age`.")
