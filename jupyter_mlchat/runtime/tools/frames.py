"""Which data there is, and statistics of it."""

from __future__ import annotations

from typing import Any

from .. import budget, frames, leaving, peek
from ..catalog import find_frame, find_frames
from ..profile import Profile, profile, sample_of
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool

_LISTED_NAMES = 20
_MAX_PROFILED = 60


@tool(
    guidance="Call this first when it is not clear which data is meant.",
    example="which dataframes are there?",
)
def list_dataframes(ctx: ToolContext) -> Outcome:
    """List the data frames, series and arrays in the notebook with their shape and column names."""
    found = find_frames(ctx)
    cards = budget.fitting((_card(ref, frame) for ref, frame in found), 7_000)
    data = {"dataframes": cards, "total": len(found)}
    return Outcome(
        data,
        evidence=[_evidence(ref) for ref, _ in found[: len(cards)]],
        shown=len(cards),
        total=len(found),
        code=f"{{{', '.join(f'{ref!r}: {ref}.shape' for ref, frame in found[: len(cards)] if _has_shape(frame))}}}",
    )


def _has_shape(frame: Any) -> bool:
    return frames.kind_of(frame) != "records" and not frames.is_lazy(frame)


def _card(ref: str, frame: Any) -> dict[str, Any]:
    names, _ = frames.columns_of(frame)
    shape = frames.shape_of(frame)
    return {
        "id": ref,
        "type": peek.short_name(type(frame)),
        "rows": shape[0],
        "columns": shape[1] if len(shape) > 1 else 1,
        "column_names": budget.fitting(map(budget.short, names[:_LISTED_NAMES]), 700),
        "memory_bytes": frames.memory_of(frame),
    }


def _evidence(ref: str) -> Any:
    return {"kind": "data", "text": f"`{ref}`", "ref": ref, "cell": None}


@tool(guidance="Statistics, never rows.", example="describe df")
def describe_dataframe(ctx: ToolContext, data: str, columns: list[str] | None = None) -> Outcome:
    """Statistics of each column of a data frame: type, empty cells, mean, spread, quantiles, categories.

    Args:
        data: A reference as `list_dataframes` shows it.
        columns: Only these columns.
    """
    ref, frame = find_frame(ctx, data)
    parts = _parts(frame)
    if columns is not None:
        unknown = [name for name in columns if name not in {label for label, _ in parts}]
        if unknown:
            names = ", ".join(f"`{name[:80]}`" for name in unknown[:5])
            hint = "`list_dataframes` shows its columns."
            raise ToolError("invalid_input", f"`{ref}` has no column {names}.", hint, about=ref)
        parts = [(label, place) for label, place in parts if label in columns]
    sample = sample_of(frame)
    whole = frames.rows_of(sample) == frames.rows_of(frame)
    cards = budget.fitting(
        (
            _column_card(label, profile(frames.values(sample, place), whole=whole))
            for label, place in parts[:_MAX_PROFILED]
        ),
        6_800,
    )
    rows = frames.rows_of(frame)
    note = [] if whole else [f"Statistics are of {frames.rows_of(sample):,} of {rows:,} rows, evenly spread."]
    return Outcome(
        {"id": ref, "rows": rows, "columns": cards},
        warnings=note,
        evidence=[_evidence(ref)],
        shown=len(cards),
        total=len(parts),
        code=_code(ref, frame),
    )


_DESCRIBED = {
    "pandas": "{ref}.describe(include='all')",
    "pandas_series": "{ref}.describe()",
    "polars": "{ref}.describe()",
    "polars_series": "{ref}.describe()",
    "arrow": "{ref}.to_pandas().describe(include='all')",
    "sparse": "import pandas as pd\npd.DataFrame.sparse.from_spmatrix({ref}).describe()",
}


def _code(ref: str, frame: Any) -> str:
    written = _DESCRIBED.get(frames.kind_of(frame) or "", "import pandas as pd\npd.DataFrame({ref}).describe()")
    return "" if frames.is_lazy(frame) else written.format(ref=ref)


def _parts(frame: Any) -> list[tuple[str, int]]:
    names, _ = frames.columns_of(frame)
    width = int(frame.shape[1]) if len(frame.shape) > 1 else 1
    labels = names if len(names) == width else [str(i) for i in range(width)]
    return [(label, place) for place, label in enumerate(labels)]


def _take(frame: Any, place: int) -> Any:
    if len(frame.shape) == 1:
        return frame
    return frame[:, place] if frames.kind_of(frame) == "numpy" else frame.iloc[:, place]


def _column_card(name: str, seen: Profile) -> dict[str, Any]:
    card: dict[str, Any] = {
        "name": budget.short(name),
        "dtype": seen.dtype,
        "nulls": seen.nulls,
        "unique": seen.distinct,
        "mean": budget.figure(seen.mean),
        "std": budget.figure(seen.std),
        "p1": budget.figure(seen.p01),
        "median": budget.figure(seen.median),
        "p99": budget.figure(seen.p99),
    }
    if seen.median is not None and not leaving.statistics_may_leave(name, seen.rows - seen.nulls, seen.distinct or 0):
        for key in ("mean", "std", "p1", "median", "p99"):
            card[key] = Local(card[key])
    if seen.counts is not None:
        top = sorted(seen.counts.items(), key=lambda pair: -pair[1])[:10]
        shown = [{"value": value, "count": count} for value, count in top]
        levels = [level for level, count in seen.counts.items() if count]
        safe = seen.whole and leaving.levels_may_leave(levels, seen.counts)
        card["top"] = shown if safe else Local(shown)
    return card
