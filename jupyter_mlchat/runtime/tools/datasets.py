"""Files of rows: what is in one and whether it suits a model, and loading it."""

from __future__ import annotations

from typing import Any

from .. import budget, changing, frames, leaving, peek
from ..asking.given import known_signature
from ..catalog import find_model
from ..evidence import evidence_of
from ..files import datasets, matching, places, reading
from ..files.datasets import Dataset
from ..signature import signature
from ..toolbox import Outcome, ToolContext, ToolError, tool
from ..wire import EvidenceDict

_SHOWN_ISSUES = 30


@tool(
    lane="job",
    guidance="For a file of data, before it is loaded. Without `model_id` only the file itself is checked.",
    example="does new_customers.csv suit pipe?",
)
def validate_dataset_file(ctx: ToolContext, path: str, model_id: str | None = None) -> Outcome:
    """Check a file of rows (CSV, Parquet, JSON lines, Excel, Feather): columns, types, gaps, what a model would miss.

    Args:
        path: The file.
        model_id: A reference as `list_models` shows it; the file is checked against what it needs.
    """
    data = datasets.look(places.full(path))
    name = places.base(path)
    cards = budget.fitting(
        (
            {"name": places.told(one.name), "dtype": places.told(leaving.told_dtype(one.dtype) or ""),
             "null_share": _share(one.nulls, data.looked_at)}
            for one in data.fields
        ),
        3_800,
    )  # fmt: skip
    told: dict[str, Any] = {
        "file": name, "format": data.format, "bytes": data.size, "rows": None if data.total < 0 else data.total,
        "rows_exact": data.exact, "rows_looked_at": data.looked_at, "n_columns": len(data.fields), "columns": cards,
        "options": data.options,
    }  # fmt: skip
    issues, evidence, revision = list(data.issues), [_file(name)], ""
    if model_id is not None:
        found = find_model(ctx, model_id)
        sig = known_signature(signature(ctx, found))
        suits = matching.match(sig, data)
        told |= {
            "model_id": found.ref, "suits": suits.suits,
            "missing_columns": budget.fitting(map(places.told, suits.missing), 900),
            "extra_columns": budget.fitting(map(places.told, suits.extra), 700),
            "mistyped_columns": budget.fitting(map(places.told, suits.mistyped), 500),
            "rows_checked": suits.checked, "rows_failing": suits.failing,
        }  # fmt: skip
        issues, evidence, revision = [*suits.issues, *issues], [*evidence_of(found, sig), *evidence], found.revision
    warnings = []
    if not data.exact:
        warnings.append(f"Only the first {data.looked_at:,} rows were looked at; the number of rows is estimated.")
    if len(issues) > _SHOWN_ISSUES:
        warnings.append(f"{len(issues) - _SHOWN_ISSUES} more findings are not listed.")
    return Outcome(
        told,
        issues=issues[:_SHOWN_ISSUES],
        warnings=warnings,
        evidence=evidence,
        shown=len(cards),
        total=len(data.fields),
        code=_looking(data, places.written(path)),
        revision=revision,
    )


def _share(nulls: int | None, rows: int) -> float | None:
    return None if nulls is None or not rows else budget.figure(nulls / rows)


def _looking(data: Dataset, path: str) -> str:
    """Shows the types and the share of empty cells."""
    options = {key: value for key, value in data.options.items() if (key, value) != ("header", 0)}
    call = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet", "feather": "read_feather",
            "excel": "read_excel"}[data.format]  # fmt: skip
    listed = "".join(f", {key}={value!r}" for key, value in options.items())
    few = f", nrows={data.looked_at}" if not data.exact and data.format in ("csv", "jsonl") else ""
    return (f"import pandas as pd\nread = pd.{call}({path!r}{listed}{few})\n"
            "pd.DataFrame({'dtype': read.dtypes.astype(str), 'null_share': read.isna().mean()})")  # fmt: skip


@tool(effect="write", guidance="Only when the person asked to load this file.", example="load sales.csv as sales")
def load_dataset(ctx: ToolContext, path: str, name: str) -> Outcome:
    """Load a file of rows into a new variable of the notebook, with the delimiter and encoding that it has.

    Args:
        path: A CSV, Parquet, JSON lines, Excel or Feather file.
        name: The name of the new variable.
    """
    changing.require_free(ctx, name)
    absolute = places.full(path)
    data = _looked(absolute)
    frame, code = reading.read(data, absolute, places.written(path), name)
    changing.assign(ctx, name, frame, "load_dataset")
    columns, dtypes = frames.columns_of(frame)
    cards = budget.fitting(
        (
            {"name": budget.short(column), "dtype": leaving.told_dtype(kind)}
            for column, kind in zip(columns, dtypes, strict=True)
        ),
        5_000,
    )
    file = places.base(path)
    return Outcome(
        {"name": name, "file": file, "format": data.format, "type": peek.short_name(type(frame)),
         "rows": frames.rows_of(frame), "n_columns": len(columns), "columns": cards, "options": data.options,
         "memory_bytes": frames.memory_of(frame)},
        issues=data.issues[:_SHOWN_ISSUES],
        evidence=[{"kind": "data", "text": f"`{name}`, loaded from the file `{file}`", "ref": name, "cell": None}],
        shown=len(cards),
        total=len(columns),
        code=code,
    )  # fmt: skip


def _looked(path: str) -> Dataset:
    """As far as the file can be looked into; a format whose library isn't loaded yet is known by its first bytes."""
    try:
        return datasets.look(path)
    except ToolError as error:
        kind = datasets.by_first_bytes(path) if error.code == "unsupported" else None
        if kind is None:
            raise
        return kind


def _file(name: str) -> EvidenceDict:
    return {"kind": "file", "text": f"file `{name}`", "ref": "", "cell": None}
