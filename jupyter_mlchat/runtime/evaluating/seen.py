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
    if ref == fit.data or (ref == fit.frame and not fit.plain and _only_columns(fit.data)):
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


def _only_columns(expression: str) -> bool:
    """`df[["a", "b"]]`, `df[names]` or `df.drop(columns=...)`: all rows, some columns."""
    return (
        re.fullmatch(r"\w+(\[\[[^\]]*\]\]|\[\w+\]|\.drop\([^()]*\)|\.to_numpy\(\)|\.values)+", expression) is not None
    )


def _shared(sig: Signature, trained: Any, frame: Any) -> float | None:
    """The share of rows that are in the training data too: with the same label and the same values."""
    pandas = peek.library("pandas")
    if frames.kind_of(trained) == frames.kind_of(frame) == "numpy":
        return _shared_lines(trained, frame)
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


def _shared_lines(trained: Any, frame: Any) -> float | None:
    """As above for arrays, which have no labels: only told where hardly any two rows are the same."""
    if trained.ndim != frame.ndim or trained.shape[1:] != frame.shape[1:] or trained.dtype.hasobject:
        return None
    known = [line.tobytes() for line in frames.strided(trained, MAX_ROWS)]
    distinct = set(known)
    if len(distinct) < 0.98 * len(known) or len(known) < len(trained) or trained.dtype != frame.dtype:
        return None
    sample = frames.strided(frame, MAX_COMPARED)
    return sum(line.tobytes() in distinct for line in sample) / max(1, len(sample))
