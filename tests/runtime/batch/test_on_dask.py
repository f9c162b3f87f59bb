"""The same chunk function on dask: threads, and a cluster of processes on loopback."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster
from runtime.context import Context
from runtime.people import PEOPLE, logistic, outcome, people
from runtime.reproduce import reproduced

from jupyter_mlchat.runtime.batch import on_dask

PIPE = logistic().fit(PEOPLE, outcome(PEOPLE))
MORE = people(2_000)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jupyter_mlchat.runtime.batch.job.REPORT_S", -1.0)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster) as client:
        yield client


@pytest.fixture
def context() -> Context:
    lazy = dd.from_pandas(MORE[["vip", "region", "plan", "visits", "monthly fee", "joined", "age"]], npartitions=8)
    return Context({"pipe": PIPE, "PEOPLE": PEOPLE, "lazy": lazy, "more": MORE}, {1: "pipe.fit(PEOPLE, y)"})


def test_a_dask_frame_on_threads_of_dask(context: Context) -> None:
    result = context.run("make_batch_prediction", model_id="pipe", data="lazy", into="made", probabilities=True)
    assert result["ok"], result["fault"]
    assert result["data"]["ran"] == "threads of dask" and result["data"]["parts"] == 8
    made = context.user_ns["made"]
    assert (made.index == MORE.index).all() and (made.prediction == PIPE.predict(MORE)).all()
    assert np.allclose(made.iloc[:, 1:], PIPE.predict_proba(MORE))
    assert context.reports[-1][0] == 2_000
    assert (reproduced(context, result["code"]) == PIPE.predict(MORE)).all()


def test_its_refused_rows_are_numbered_over_all_partitions(context: Context) -> None:
    dirty = MORE.astype({"region": "object"})
    dirty.loc[[3, 1_500], "region"] = "MARS"
    context.user_ns["dirty"] = dd.from_pandas(dirty, npartitions=8)
    data = context.data("make_batch_prediction", model_id="pipe", data="dirty", into="s.parquet")
    aside = pd.concat([pd.read_parquet(path) for path in sorted(Path(data["quarantine"]).glob("*.parquet"))])
    assert aside.row.tolist() == [3, 1_500]


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("source", ["lazy", "more.parquet", "more.csv"])
@pytest.mark.parametrize("into", ["made", "s.parquet"])
def test_workers_answer_as_the_whole_at_once_would(context: Context, source: str, into: str) -> None:
    MORE.to_parquet("more.parquet", row_group_size=450)
    MORE.to_csv("more.csv", index=False)
    args = {"model_id": "pipe", "data": source, "into": into, "chunk_rows": 200}
    data = context.data("make_batch_prediction", **args)
    assert data["ran"] == "the workers of dask" and data["n"] == 2_000 and data["parts"] >= 8
    made = context.user_ns["made"] if into == "made" else pd.read_parquet(into).prediction
    assert (made.to_numpy() == PIPE.predict(MORE)).all()


@pytest.mark.usefixtures("client")
def test_workers_that_do_not_see_the_file_are_sent_its_rows(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    MORE.to_parquet("more.parquet", row_group_size=450)
    monkeypatch.setattr(on_dask, "_sees", never)
    data = context.data("make_batch_prediction", model_id="pipe", data="more.parquet", into="made", chunk_rows=200)
    assert data["ran"] == "the workers of dask"
    assert (context.user_ns["made"].to_numpy() == PIPE.predict(MORE)).all()


@pytest.mark.usefixtures("client")
def test_workers_without_this_package_only_compute_the_partitions(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_dask, "_has", never)
    data = context.data("make_batch_prediction", model_id="pipe", data="lazy", into="made")
    assert data["ran"].startswith("here: the workers")
    assert (context.user_ns["made"].to_numpy() == PIPE.predict(MORE)).all()


def never(asked: Any) -> bool:
    return False


@pytest.mark.parametrize("source", ["lazy", "more.parquet"])
@pytest.mark.parametrize("on", ["threads", "workers"])
def test_a_stopped_job_goes_on_and_lets_go_of_what_was_under_way(
    context: Context, source: str, on: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = request.getfixturevalue("client") if on == "workers" else None
    MORE.to_parquet("more.parquet", row_group_size=200)
    args = {"model_id": "pipe", "data": source, "into": "s.parquet", "chunk_rows": 200}
    calls: list[float] = []

    def stop(done: float, total: float, text: str = "") -> None:
        calls.append(done)
        if len(calls) == 3:
            context.data("cancel_job")

    monkeypatch.setattr(context, "progress", stop)
    assert context.run("make_batch_prediction", **args)["fault"]["code"] == "interrupted"
    assert len(list(Path("s.parquet").iterdir())) == 3
    until = time.monotonic() + 10
    while client is not None and client.futures:
        assert time.monotonic() < until, client.futures
        time.sleep(0.01)
    data = context.data("make_batch_prediction", **args)
    assert data["resumed_parts"] == 3 and data["n"] == 2_000
    assert (pd.read_parquet("s.parquet").prediction == PIPE.predict(MORE)).all()
