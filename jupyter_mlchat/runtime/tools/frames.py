"""Which data there is, and statistics of it."""

from __future__ import annotations

from typing import Any

from .. import budget, correlations, depth, frames, leaving, peek, prefixes
from ..asking.given import known_signature
from ..catalog import find_frame, find_frames, find_model
from ..evidence import evidence_of
from ..explaining import mixing
from ..profile import Profile, profile, sample_of
from ..signature import signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool

_LISTED_NAMES = 20
_MAX_PROFILED = 60
_MAX_PAIRS = 10


@tool(
    guidance="Call this first when it is not clear which data is meant. With `model_id` it finds what suits a model.",
    example="which dataframes are there?",
)
def list_dataframes(ctx: ToolContext, model_id: str | None = None) -> Outcome:
    """List the data frames, series and arrays in the notebook with their shape and column names.

    Args:
        model_id: Only data that this model can be asked of: with its columns, or its number of them.
    """
    found = find_frames(ctx)
    model = find_model(ctx, model_id) if model_id is not None else None
    if model is not None:
        sig = known_signature(signature(ctx, model, found))
        found = [(ref, frame) for ref, frame in found if mixing.suits(sig, ref, frame)]
    cards = budget.fitting((_card(ref, frame) for ref, frame in found), 7_000)
    data: dict[str, Any] = {"dataframes": cards, "total": len(found)}
    if model is not None:
        data |= {"model_id": model.ref, "training_data": sig.frame or None}
    return Outcome(
        data,
        evidence=[*([] if model is None else evidence_of(model, sig)), *(_evidence(ref) for ref, _ in found[:30])],
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


@tool(
    guidance="Statistics, never rows. Name one column to look at it closely.",
    example="describe df",
)
def describe_dataframe(ctx: ToolContext, data: str, columns: list[str] | None = None) -> Outcome:
    """Statistics of each column of a data frame: type, empty cells, mean, spread, quantiles, categories, correlations.

    Args:
        data: A reference as `list_dataframes` shows it.
        columns: Only these columns; of a single one also its distribution and what it goes with.
    """
    ref, frame = find_frame(ctx, data)
    every = _parts(frame)
    parts = every if columns is None else _chosen(ref, every, columns)
    sample = sample_of(frame)
    whole = frames.rows_of(sample) == frames.rows_of(frame)
    wide = columns is None and len(parts) > prefixes.WIDE
    seen = [
        (label, place, profile(frames.values(sample, place), whole=whole))
        for label, place in parts[: prefixes.SHOWN if wide else _MAX_PROFILED]
    ]
    cards = [_column_card(label, one) for label, _, one in seen]
    _, dtypes = frames.columns_of(sample)
    numbers = depth.numeric(sample, every if len(parts) == 1 else parts, dtypes)
    if len(parts) == 1 and seen:
        label, place, one = seen[0]
        cards[0] |= depth.of_column(label, frames.values(sample, place), one)
        pairs = depth.related(label, numbers)
    else:
        pairs = [depth.card(pair) for pair in correlations.pairs(numbers)[:_MAX_PAIRS]]
    rows = None if frames.is_lazy(frame) else frames.rows_of(frame)
    shown: dict[str, Any] = {
        "id": ref,
        "rows": rows,
        "columns": budget.fitting(cards, 5_000 if wide else 6_000),
        "correlations": budget.fitting(pairs, 1_200),
    }
    if wide:
        shown["groups"] = budget.fitting(
            prefixes.groups_of([label for label, _ in parts], _typed(parts, dtypes)), 1_200
        )
    spread = "rows of its first part" if rows is None else f"of {rows:,} rows, evenly spread"
    notes = [] if whole else [f"Statistics are of {frames.rows_of(sample):,} {spread}."]
    if len(numbers) == correlations.MAX_COLUMNS:
        notes.append(f"Correlations are of the first {len(numbers)} columns of numbers.")
    return Outcome(
        shown,
        warnings=notes,
        evidence=[_evidence(ref)],
        shown=len(shown["columns"]),
        total=len(parts),
        code=_code(ref, frame, columns),
    )


def _chosen(ref: str, parts: list[tuple[str, int]], columns: list[str]) -> list[tuple[str, int]]:
    known = {label for label, _ in parts}
    unknown = [name for name in columns if name not in known]
    if unknown:
        names = ", ".join(f"`{name[:80]}`" for name in unknown[:5])
        hint = "`list_dataframes` shows its columns."
        raise ToolError("invalid_input", f"`{ref}` has no column {names}.", hint, about=ref)
    return [(label, place) for label, place in parts if label in columns]


def _typed(parts: list[tuple[str, int]], dtypes: list[str]) -> list[str | None]:
    """An array has one type for all."""
    return [dtypes[place] if place < len(dtypes) else dtypes[0] if dtypes else None for _, place in parts]


_DESCRIBED = {
    "pandas": "{ref}.describe(include='all')",
    "pandas_series": "{ref}.describe()",
    "polars": "{ref}.describe()",
    "polars_series": "{ref}.describe()",
    "arrow": "{ref}.to_pandas().describe(include='all')",
    "sparse": "import pandas as pd\npd.DataFrame.sparse.from_spmatrix({ref}).describe()",
}


def _code(ref: str, frame: Any, columns: list[str] | None) -> str:
    kind = frames.kind_of(frame)
    if frames.is_lazy(frame):
        return ""
    if columns is not None and kind in ("pandas", "polars"):
        picked = f"{ref}[{columns!r}]"
        return f"{picked}.describe(include='all')" if kind == "pandas" else f"{picked}.describe()"
    written = _DESCRIBED.get(kind or "", "import pandas as pd\npd.DataFrame({ref}).describe()")
    return written.format(ref=ref)


def _parts(frame: Any) -> list[tuple[str, int]]:
    names, _ = frames.columns_of(frame)
    width = frames.width_of(frame)
    labels = names if len(names) == width else [str(i) for i in range(width)]
    return [(label, place) for place, label in enumerate(labels)]


def _column_card(name: str, seen: Profile) -> dict[str, Any]:
    card: dict[str, Any] = {
        "name": budget.short(name),
        "dtype": leaving.told_dtype(seen.dtype),
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
