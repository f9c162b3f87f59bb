"""Whether a model was fitted on given rows: from the cell that fitted it, and from the rows themselves."""

from __future__ import annotations

import re
from typing import Any, Literal

from .. import frames, peek
from ..catalog import Found, catalog_of, find_frames
from ..signature import Signature
from ..toolbox import ToolContext

Seen = Literal["training", "overlap", "unseen", "unknown"]
"""All of the rows, some, none, or nobody knows."""
MAX_COMPARED = 20_000
MAX_ROWS = 200_000


def seen_by(ctx: ToolContext, found: Found, sig: Signature, ref: str, frame: Any) -> tuple[Seen, str]:
    """With the words that say what it is known from."""
    fit = found.fit
    if fit is None:
        return "unknown", ""
    if catalog_of(ctx).history.changed_after(fit.frame, fit.cell):
        return "unknown", f"`{fit.frame}` was assigned anew since In[{fit.cell}]"
    if ref == fit.data or (ref == fit.frame and not fit.plain and only_columns(fit.data)):
        return "training", f"`{ref}` is what In[{fit.cell}] fitted it on"
    trained = dict(find_frames(ctx)).get(fit.data) if fit.plain else None
    if trained is None or frames.is_lazy(trained):
        return "unknown", ""
    share = _shared(sig, trained, frame)
    if share is None:
        return "unknown", ""
    if share > 0.99:
        return "training", f"`{ref}` holds the rows of `{fit.data}`, which In[{fit.cell}] fitted it on"
    if share > 0:
        return "overlap", f"{max(1, round(100 * share))} % of `{ref}` are rows of `{fit.data}`, which it was fitted on"
    return "unseen", f"none of its rows is in `{fit.data}`, which In[{fit.cell}] fitted it on"


def only_columns(expression: str) -> bool:
    """`df[["a", "b"]]`, `df[names]` or `df.drop(columns=...)`: all rows, some columns."""
    return (
        re.fullmatch(r"\w+(\[\[[^\]]*\]\]|\[\w+\]|\.drop\([^()]*\)|\.to_numpy\(\)|\.values)+", expression) is not None
    )


def _shared(sig: Signature, trained: Any, frame: Any) -> float | None:
    """The share of rows that are in the training data too: with the same label and the same values."""
    pandas = peek.library("pandas")
    if frames.kind_of(trained) == frames.kind_of(frame) and frames.kind_of(frame) in ("numpy", "polars", "arrow"):
        return _shared_lines(sig, trained, frame)
    if pandas is None or frames.kind_of(trained) != "pandas" or frames.kind_of(frame) != "pandas":
        return None
    names = [c.name for c in sig.columns if c.name in trained.columns and c.name in frame.columns]
    if not names or trained.columns.has_duplicates or frame.columns.has_duplicates:
        return None
    sample = frames.strided(frame, MAX_COMPARED)
    try:
        common = sample.index.intersection(trained.index)
        if not len(common) or trained.index.has_duplicates or sample.index.has_duplicates:
            return 0.0 if not len(common) and not trained.index.has_duplicates else None
        ours = pandas.util.hash_pandas_object(sample.loc[common, names].astype(object), index=False)
        theirs = pandas.util.hash_pandas_object(trained.loc[common, names].astype(object), index=False)
    except (TypeError, ValueError):
        return None
    return float((ours.to_numpy() == theirs.to_numpy()).sum()) / len(sample)


def _shared_lines(sig: Signature, trained: Any, frame: Any) -> float | None:
    """As above for rows without labels: only told where hardly any two rows are the same."""
    first, sample = frames.strided(trained, MAX_ROWS), frames.strided(frame, MAX_COMPARED)
    if frames.rows_of(first) < frames.rows_of(trained):
        return None
    known, asked = _lines(sig, first), _lines(sig, sample)
    if known is None or asked is None or known[0] != asked[0]:
        return None
    distinct = set(known[1])
    if len(distinct) < 0.98 * len(known[1]):
        return None
    return sum(line in distinct for line in asked[1]) / max(1, len(asked[1]))


def _lines(sig: Signature, frame: Any) -> tuple[Any, list[Any]] | None:
    """What must be the same for two frames to be compared, and something for each row that is the same for the same
    values. None for what can't be told so."""
    if frames.kind_of(frame) == "numpy":
        known = None if frame.dtype.hasobject else [line.tobytes() for line in frame]
        return None if known is None else ((frame.ndim, frame.shape[1:], frame.dtype), known)
    columns, _ = frames.columns_of(frame)
    names = [column.name for column in sig.columns if column.name in columns]
    if not names:
        return None
    if frames.kind_of(frame) == "polars":
        picked = frame.select(names)
        return picked.schema, picked.hash_rows(seed=0).to_list()
    pandas = peek.library("pandas")
    if pandas is None:
        return None
    picked = frame.select(names)
    return picked.schema, pandas.util.hash_pandas_object(picked.to_pandas(), index=False).tolist()
