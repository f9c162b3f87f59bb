"""The engine of dask: the same chunk function, where the partitions are, or where the person's client sends it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from .. import peek
from .parquet import ParquetSource, Run
from .scoring import Scored, Scorer, score
from .source import Source, needed

POLL_S = 0.5
Stopped = Callable[[], bool]
AHEAD = 2
"""Chunks under way for each worker: enough to keep it busy, few enough to stay small."""


@dataclass
class DaskSource:
    """A dask frame: its parts are its partitions. `frame` holds the model's columns alone."""

    ref: str
    frame: Any = field(repr=False)
    parts: int | None
    rows: int | None = None

    def fingerprint(self) -> dict[str, Any]:
        return {"kind": "dask", "token": str(self.frame._name), "parts": self.parts}

    def pieces(self, done: Collection[int]) -> Iterator[tuple[int, Any]]:
        for number in range(self.parts or 0):
            if number not in done:
                yield number, self.frame.partitions[number].compute()


def client_of() -> Any | None:
    """The client that the person has connected, if there is one."""
    distributed = peek.library("distributed")
    if distributed is None:
        return None
    try:
        client = distributed.default_client()
    except ValueError:
        return None
    return client if client.status == "running" else None


def is_usable(client: Any) -> bool:
    """Whether it can be asked from a thread, and has workers that have this package too."""
    if client.asynchronous or not client.nthreads():
        return False
    return all(client.run(_has, __name__).values())


def _has(module: str) -> bool:
    import importlib

    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def _sees(paths: list[Any]) -> bool:
    return all(os.path.exists(path) for path in paths)


def partitions(
    stopped: Stopped, source: DaskSource, scorer: Scorer, done: Collection[int], client: Any | None
) -> Iterator[tuple[int, Scored]]:
    """A dask frame by `map_partitions`: on the cluster of a client, else on threads of this process."""
    dask = needed("dask")
    pandas = needed("pandas")
    meta = pandas.DataFrame({"scored": pandas.Series([], dtype="object")})
    scored = source.frame.map_partitions(_boxed, dask.delayed(scorer), meta=meta)
    numbers = [number for number in range(source.parts or 0) if number not in done]
    tasks = scored.to_delayed(optimize_graph=True)
    if client is not None:
        futures = client.compute([tasks[number] for number in numbers])
        under_way = deque(zip(numbers, futures, strict=True))
        del futures, tasks, scored
        yield from _gathered(stopped, client, under_way)
        return
    workers = 1 if scorer.adapter.user_code(scorer.model) else _cores()
    run = dask.compute
    jobs = ((number, lambda task=tasks[number]: _unboxed(run(task, scheduler="sync")[0])) for number in numbers)
    yield from _threaded(jobs, workers)


def _boxed(piece: Any, scorer: Scorer) -> Any:
    """One row that holds all that is known of a partition."""
    made = needed("pandas").DataFrame({"scored": [None]}, dtype="object")
    made.iat[0, 0] = score(scorer, piece)
    return made


def _unboxed(told: Any) -> Any:
    return told.iat[0, 0] if hasattr(type(told), "iat") else told


def files(
    stopped: Stopped, source: Source, scorer: Scorer, done: Collection[int], client: Any
) -> Iterator[tuple[int, Scored]]:
    """A file on a client's workers: each reads its own row groups where it sees the files, else it is sent rows."""
    model = client.scatter([scorer], broadcast=True, hash=False)[0]
    try:
        if isinstance(source, ParquetSource) and all(client.run(_sees, source.paths).values()):
            yield from _read_there(stopped, source, model, done, client)
        else:
            yield from _sent(stopped, source, model, done, client)
    finally:
        model.release()


def _read_there(
    stopped: Stopped, source: ParquetSource, model: Any, done: Collection[int], client: Any
) -> Iterator[tuple[int, Scored]]:
    runs = [run for run in source.runs if set(range(run.first, run.first + run.count)) - set(done)]
    known = frozenset(done)
    under_way = deque(
        (run.first, client.submit(_read_and_score, source, run, known, model, pure=False)) for run in runs
    )
    for _, some in _gathered(stopped, client, under_way):
        yield from some


def _sent(
    stopped: Stopped, source: Source, model: Any, done: Collection[int], client: Any
) -> Iterator[tuple[int, Scored]]:
    under_way: deque[tuple[int, Any]] = deque()
    most = AHEAD * sum(client.nthreads().values())
    for number, piece in source.pieces(done):
        under_way.append((number, client.submit(score, model, piece, pure=False)))
        yield from _gathered(stopped, client, under_way, most - 1)
    yield from _gathered(stopped, client, under_way)


def _read_and_score(source: ParquetSource, run: Run, done: Collection[int], scorer: Scorer) -> list[tuple[int, Scored]]:
    return [(number, score(scorer, piece)) for number, piece in source.read(run, done)]


def _gathered(
    stopped: Stopped, client: Any, under_way: deque[tuple[int, Any]], most: int = 0
) -> Iterator[tuple[int, Any]]:
    """Results in order until `most` are left, each let go of when it has come. When nobody asks on, all are
    cancelled."""
    distributed: Any = peek.library("distributed")
    whole = False
    try:
        while len(under_way) > most:
            number, future = under_way[0]
            while not future.done():
                if stopped():
                    return
                try:
                    distributed.wait(future, timeout=POLL_S)
                except TimeoutError:
                    continue
            told = future.result()
            under_way.popleft()
            del future
            yield number, _unboxed(told)
        whole = True
    finally:
        if not whole:
            client.cancel([future for _, future in under_way], force=True)
            under_way.clear()


def _threaded(jobs: Iterator[tuple[int, Callable[[], Scored]]], workers: int) -> Iterator[tuple[int, Scored]]:
    """Results in order, with a few more under way than are asked for."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="mlchat-batch")
    under_way: deque[tuple[int, Any]] = deque()
    try:
        for number, run in jobs:
            under_way.append((number, pool.submit(run)))
            if len(under_way) > AHEAD * workers:
                first, future = under_way.popleft()
                yield first, future.result()
        while under_way:
            first, future = under_way.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _cores() -> int:
    count = getattr(os, "sched_getaffinity", None)
    return len(count(0)) if count is not None else os.cpu_count() or 1
