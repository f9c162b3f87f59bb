"""What a batch was asked for, read: which data, and where its predictions are to go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .. import frames
from ..asking import recipes
from ..catalog import Found, find_frame
from ..signature import Signature
from ..toolbox import ToolContext, ToolError
from .on_dask import DaskSource
from .parquet import ParquetSource, parquet_source
from .sink import MAX_TOLD_ROWS
from .source import CsvSource, FrameSource, Source, check_frame_fits, csv_source, frame_source, wanted_columns

_PARQUET = (".parquet", ".pq")
_CSV = (".csv", ".csv.gz")


def source_of(ctx: ToolContext, sig: Signature, data: str, chunk_rows: int | None) -> Source:
    """A frame by its reference, else a file by its path. Raises ToolError `unknown_frame`, `not_found`,
    `invalid_input`."""
    path = Path(data).expanduser()
    named = data.lower().endswith((*_PARQUET, *_CSV))
    if not named and not path.is_dir():
        return _of_frame(ctx, sig, data, chunk_rows)
    if not path.exists():
        raise ToolError("not_found", f"There is no file `{data[:80]}`.", "Name it from the notebook's folder.", data)
    if data.lower().endswith(_CSV):
        return csv_source(data, path, sig, chunk_rows)
    return parquet_source(data, path, sig, chunk_rows)


def _of_frame(ctx: ToolContext, sig: Signature, data: str, chunk_rows: int | None) -> Source:
    ref, frame = find_frame(ctx, data)
    if frames.kind_of(frame) == "dask":
        names = wanted_columns(sig, [str(name) for name in frame.columns], ref)
        chosen = frame[names[0]] if sig.container == "text" else frame[names]
        return DaskSource(ref, chosen, frame.npartitions)
    return frame_source(ref, check_frame_fits(sig, frame, ref), chunk_rows)


def folder_of(into: str) -> Path | None:
    """The folder of Parquet parts that `into` names; None for what is a variable. Raises ToolError
    `invalid_input`."""
    if not into.lower().endswith(".parquet"):
        return None
    folder = Path(into).expanduser()
    if not folder.parent.is_dir():
        text = f"There is no folder to put `{into[:80]}` into."
        raise ToolError("invalid_input", text, "Make the folder first, or choose another place.", about=into[:80])
    return folder


def key_of(found: Found, source: Source, probabilities: bool, chunk_rows: int | None) -> tuple[Any, ...]:
    """Of predictions that are held in memory: the same again in this kernel."""
    told = json.dumps(source.fingerprint(), default=str)
    return found.revision, source.ref, told, probabilities, chunk_rows


def code_of(found: Found, sig: Signature, source: Source, refused: list[dict[str, Any]] | None) -> str:
    """A cell whose last line is the predictions; "" where no few lines make them. `refused` is None where rows were
    refused, but nobody has them at hand."""
    names = [column.name for column in sig.columns]
    if refused is None:
        return ""
    if isinstance(source, FrameSource):
        rows = recipes.frame_expression(sig, source.ref, source.frame)
        if not refused:
            return recipes.cell([_predict(found, sig, rows)])
        if len(refused) >= MAX_TOLD_ROWS or frames.kind_of(source.frame) != "pandas" or sig.container != "frame":
            return ""
        bad = [one["row"] for one in refused]
        good = f"good = np.setdiff1d(np.arange(len({source.ref})), {bad})"
        return recipes.cell([good, _predict(found, sig, f"{rows}.iloc[good]")])
    if refused or sig.container == "text" or (sig.engine != "pandas" and sig.container == "frame"):
        return ""
    array = ".to_numpy()" if sig.container == "array" else ""
    if isinstance(source, CsvSource):
        kinds = dict.fromkeys(source.texts, "object")
        rest = f", dtype={kinds!r}" if kinds else ""
        pieces = f"pieces = pd.read_csv({source.ref!r}, usecols={source.columns!r}{rest}, chunksize={source.size})"
        told = _predict(found, sig, f"piece[{source.columns!r}]{array}")
        return recipes.cell([pieces, f"np.concatenate([{told} for piece in pieces])"]) if told else ""
    if isinstance(source, ParquetSource):
        batches = (
            f"batches = ds.dataset({source.ref!r}).to_batches(columns={source.columns!r}, batch_size={source.size})"
        )
        told = _predict(found, sig, f"batch.to_pandas(){array}")
        last = f"np.concatenate([{told} for batch in batches if batch.num_rows])"
        return recipes.cell(["import pyarrow.dataset as ds", batches, last]) if told else ""
    told = _predict(found, sig, f"piece{array}")
    lines = [
        "import dask",
        f"pieces = dask.compute(*{source.ref}[{names!r}].to_delayed())",
        f"np.concatenate([{told} for piece in pieces])",
    ]
    return recipes.cell(lines) if told else ""


def _predict(found: Found, sig: Signature, rows: str) -> str:
    told = recipes.labels_expression(found, sig, rows)
    return told if sig.returns == "label" or not told else f"{found.ref}.predict({recipes.wrapped(found, sig, rows)})"
