"""Predictions for a whole table into a new variable or a folder of Parquet parts, and stopping that."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from .. import budget, changing
from ..asking.given import known_signature
from ..asking.prediction import require_fitted, require_idle, require_method
from ..batch import asked, job, manifest
from ..batch.answered import value_of
from ..batch.on_dask import DaskSource
from ..batch.scoring import Scorer
from ..batch.sink import MemorySink, Sink, open_folder
from ..batch.source import FrameSource, Source
from ..catalog import Found, find_model
from ..evidence import evidence_of
from ..signature import Signature, signature
from ..toolbox import Local, NeedsIdle, Outcome, ToolContext, ToolError, tool


@tool(
    effect="write",
    lane="job",
    guidance="For whole tables and files. The same call again goes on with what was stopped.",
    example="predict all of new_customers.parquet with pipe into scores.parquet",
)
def make_batch_prediction(
    ctx: ToolContext,
    model_id: str,
    data: str,
    into: str,
    probabilities: bool = False,
    chunk_rows: int | None = None,
) -> Outcome:
    """Predict every row of a table, in chunks, into a new variable or a folder of Parquet files.

    Rows that the model refuses are set aside and told; the rest is predicted. Nothing is overwritten.

    Args:
        model_id: A reference as `list_models` shows it.
        data: A frame by name (pandas, polars, dask and others), or the path of a Parquet or CSV file.
        into: The name of a new variable, or a path that ends in `.parquet`.
        probabilities: Also the probability of each class.
        chunk_rows: Rows of one part; without it as many as make about 16 MB.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    require_idle(found, ctx)
    require_method(found)
    sig = known_signature(signature(ctx, found))
    folder = asked.folder_of(into)
    if folder is None:
        changing.require_free(ctx, into)
    source = asked.source_of(ctx, sig, data, chunk_rows)
    scorer = Scorer(found.model, found.adapter, sig, probabilities, keeps_index=isinstance(source, DaskSource))
    if folder is not None:
        return _into_folder(ctx, found, source, scorer, folder, into)
    return _into_variable(ctx, found, source, scorer, into, chunk_rows)


def _into_folder(ctx: ToolContext, found: Found, source: Source, scorer: Scorer, folder: Path, into: str) -> Outcome:
    size = getattr(source, "size", None)
    common = {
        "source": source.fingerprint(),
        "model": manifest.identity_of(found.model, found.revision),
        "probabilities": scorer.probabilities,
        "chunk_rows": size,
    }
    with job.under_way(ctx, str(folder.resolve())) as running:
        sink = open_folder(folder, common, scorer.signature, into)
        resumed = len(sink.done)
        running.rows = source.rows
        running.done_rows = sum(done.rows for done in sink.manifest.done.values())
        where = job.run(ctx, found, running, source, scorer, sink)
    refused: list[dict[str, Any]] | None = None if sink.reasons else []
    data = {"kind": "parquet", "resumed_parts": resumed, "quarantine": sink.desk.name if sink.reasons else None}
    if resumed == len(sink.done):
        data["message"] = f"`{into}` was whole already: no row was predicted again."
    columns = list(sink.schema.names) if sink.schema is not None else []
    return _outcome(found, scorer.signature, source, sink, into, where, {**data, **_names(scorer, columns)}, refused)


def _into_variable(
    ctx: ToolContext, found: Found, source: Source, scorer: Scorer, into: str, chunk_rows: int | None
) -> Outcome:
    desk = job.desk_of(ctx)
    frame = getattr(source, "frame", None)
    key = asked.key_of(found, source, scorer.probabilities, chunk_rows)
    held = desk.held
    if held is None or held.key != key or (isinstance(source, FrameSource) and held.frame is not frame):
        held = desk.held = job.Held(key, frame)
    resumed = len(held.sink.done)
    if not held.where:
        with job.under_way(ctx, into) as running:
            running.rows = source.rows
            running.done_rows = sum(scored.rows for scored in held.sink.parts.values())
            held.where = job.run(ctx, found, running, source, scorer, held.sink)
    if threading.current_thread() is not threading.main_thread():
        text = f"The predictions are made; `{into}` is assigned when the running cell has ended."
        raise NeedsIdle("kernel_busy", text, "Ask again when it has.", about=into)
    ordered = [held.sink.parts[number] for number in sorted(held.sink.parts)]
    value = value_of(scorer.signature, ordered, frame)
    changing.assign(ctx, into, value, "make_batch_prediction")
    desk.held = None
    told = held.sink.told_rows()
    columns = [str(name) for name in value.columns] if hasattr(type(value), "columns") else ["prediction"]
    data = {"kind": "variable", "resumed_parts": resumed if resumed < len(ordered) else 0}
    return _outcome(
        found, scorer.signature, source, held.sink, into, held.where, {**data, **_names(scorer, columns)}, told
    )


def _names(scorer: Scorer, columns: list[str]) -> dict[str, Any]:
    """Columns of the answer; those named after classes are told as the classes are."""
    shown = budget.fitting(map(budget.short, columns), 1_500)
    return {"columns": shown if scorer.signature.classes_leave or not scorer.probabilities else Local(shown)}


def _outcome(
    found: Found,
    sig: Signature,
    source: Source,
    sink: Sink,
    into: str,
    where: str,
    more: dict[str, Any],
    refused: list[dict[str, Any]] | None,
) -> Outcome:
    tally, reasons = sink.summary(sig), sink.reasons
    bad = sum(reasons.values())
    data = {
        "model_id": found.ref,
        "data": source.ref,
        "into": into,
        "n": tally.rows + bad,
        "parts": len(sink.done),
        "quarantined": bad,
        "reasons": dict(reasons.most_common(20)),
        "ran": where,
        **more,
        **tally.told(),
    }
    if isinstance(sink, MemorySink) and refused:
        data["quarantined_rows"] = Local(refused)
    warnings = [f"{bad:,} of {tally.rows + bad:,} rows could not be predicted and were set aside."] if bad else []
    return Outcome(
        data,
        warnings=warnings,
        evidence=[*evidence_of(found), {"kind": "data", "text": f"`{source.ref}`", "ref": source.ref, "cell": None}],
        code=asked.code_of(found, sig, source, refused),
        revision=found.revision,
    )


@tool(
    guidance="Only when the person wants a running batch prediction to stop.",
    example="stop the batch prediction",
)
def cancel_job(ctx: ToolContext, job_id: str | None = None) -> Outcome:
    """Stop a batch prediction that runs, between two of its chunks. What is done stays, and can be gone on with.

    Args:
        job_id: As its progress shows it, such as `batch-1`. Without it the only one that runs.
    """
    running = dict(job.desk_of(ctx).jobs)
    if not running:
        raise ToolError("not_found", "No batch prediction is running.", "There is nothing to stop.")
    if job_id is None and len(running) > 1:
        raise ToolError("invalid_input", f"There are {len(running)} jobs.", f"Name one of {', '.join(running)}.")
    chosen = running.get(job_id) if job_id is not None else next(iter(running.values()))
    if chosen is None:
        raise ToolError("not_found", f"No job `{str(job_id)[:40]}` is running.", f"There is {', '.join(running)}.")
    chosen.stop.set()
    return Outcome(
        {
            "job_id": chosen.id,
            "done": chosen.done_rows,
            "total": chosen.rows,
            "message": f"`{chosen.id}` stops after the chunk it is in. What is done stays: the same "
            "`make_batch_prediction` again goes on from there.",
        }
    )
