"""One long prediction under way: how far it is, how to stop it, and what of it is kept when it was."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..catalog import Found
from ..stamp import stamp
from ..toolbox import ToolContext, ToolError
from . import local, on_dask
from .scoring import ANSWERED, Refuses, Scored, Scorer
from .sink import MemorySink, Sink
from .source import FrameSource, Source

_STATE_KEY = "batch"
REPORT_S = 0.1


@dataclass
class Job:
    id: str
    into: str
    done_rows: int = 0
    rows: int | None = None
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass
class Held:
    """Predictions for a variable that is not made yet: the job was stopped, or waits for the main thread."""

    key: tuple[Any, ...]
    frame: Any
    sink: MemorySink = field(default_factory=MemorySink)
    where: str = ""
    """Where the whole of it ran; "" while it is not whole."""


@dataclass
class Desk:
    """Of one kernel: what runs, and the one thing that is held."""

    jobs: dict[str, Job] = field(default_factory=dict)
    held: Held | None = None
    count: int = 0


def desk_of(ctx: ToolContext) -> Desk:
    desk: Desk = ctx.state.setdefault(_STATE_KEY, Desk())
    return desk


@contextmanager
def under_way(ctx: ToolContext, into: str) -> Iterator[Job]:
    """Raises ToolError `conflict` where another job writes there."""
    desk = desk_of(ctx)
    if any(job.into == into for job in list(desk.jobs.values())):
        raise ToolError("conflict", f"A job is writing `{into}` already.", "Wait for it, or `cancel_job`.", about=into)
    desk.count += 1
    job = Job(f"batch-{desk.count}", into)
    desk.jobs[job.id] = job
    try:
        yield job
    finally:
        del desk.jobs[job.id]


def run(ctx: ToolContext, found: Found, job: Job, source: Source, scorer: Scorer, sink: Sink) -> str:
    """Fill the sink; returns where it ran. Raises ToolError `interrupted` when it was stopped between two chunks,
    `model_changing`, `model_error`, and `invalid_input` where the model refuses the whole first part."""
    began = source.fingerprint()
    parts, where = _engine(ctx, found, job, source, scorer, frozenset(sink.done))
    before: Any = None
    first, told = True, 0.0
    try:
        for number, scored in parts:
            now = stamp(found.model)
            if before is not None and not before.matches(now):
                text = f"`{found.ref}` was changed while it was asked."
                raise ToolError("model_changing", text, "Choose a new name and begin anew.", found.ref)
            before = now
            if first and not sink.done and not (scored.codes == ANSWERED).any():
                raise _all_refused(found, source, scored)
            first = False
            sink.put(number, scored)
            job.done_rows += scored.rows
            if time.monotonic() - told > REPORT_S or job.done_rows == job.rows:
                told = time.monotonic()
                _report(ctx, job)
            if ctx.cancelled() or job.stop.is_set():
                break
    except Refuses as error:
        raise local.refusal(found, error) from None
    finally:
        parts.close()  # type: ignore[attr-defined]
    if ctx.cancelled() or job.stop.is_set():
        raise ToolError(
            "interrupted",
            f"{job.id} was stopped after {job.done_rows:,} rows ({len(sink.done)} parts); what is done stays.",
            "The same `make_batch_prediction` again goes on from there.",
            about=job.into,
        )
    if source.fingerprint() != began:
        text = f"`{source.ref}` was changed while it was read."
        raise ToolError("conflict", text, "Choose a new name and begin anew.", about=source.ref)
    return where


def _engine(
    ctx: ToolContext, found: Found, job: Job, source: Source, scorer: Scorer, done: frozenset[int]
) -> tuple[Iterator[tuple[int, Scored]], str]:
    here = local.parts(ctx, found, source, scorer, done)
    lazy = isinstance(source, on_dask.DaskSource)
    if isinstance(source, FrameSource):
        return here, "here"
    client = on_dask.client_of()
    if client is not None and not on_dask.is_usable(client):
        return here, "here: the workers of dask don't have this package" if lazy else "here"

    def stopped() -> bool:
        return ctx.cancelled() or job.stop.is_set()

    if isinstance(source, on_dask.DaskSource):
        where = "threads of dask" if client is None else "the workers of dask"
        return on_dask.partitions(stopped, source, scorer, done, client), where
    if client is not None:
        return on_dask.files(stopped, source, scorer, done, client), "the workers of dask"
    return here, "here"


def _report(ctx: ToolContext, job: Job) -> None:
    of = f" of {job.rows:,}" if job.rows is not None else ""
    ctx.progress(job.done_rows, job.rows or 0, f"{job.done_rows:,}{of} rows ({job.id})")


def _all_refused(found: Found, source: Source, scored: Scored) -> ToolError:
    why = ", ".join(dict.fromkeys(f"{code} in `{column}`" if column else code for code, column in scored.reasons))
    return ToolError(
        "invalid_input",
        f"`{found.ref}` refuses every one of the first {scored.rows:,} rows of `{source.ref}` ({why}).",
        "`validate_features` tells what it wants.",
        about=source.ref,
    )
