"""The data that a model was fitted on: as registered, as a cell shows, as the model keeps it, or as merely matches."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from . import frames, references
from .adapters.base import Inputs
from .catalog import Found, catalog_of
from .provenance import Fit
from .toolbox import ToolContext

_TRAINING_NAMES = ("x_train", "xtrain", "train_x", "x", "train", "df_train", "train_df")
_MATCHED: tuple[frames.FrameKind, ...] = ("pandas", "polars", "arrow", "dask")


@dataclass(frozen=True)
class Training:
    """Data taken for the training data. `by_position` when the model never saw names."""

    ref: str
    """"" when no name holds it, only the model."""
    frame: Any
    source: str
    by_position: bool = False
    proven: bool = True
    table: Any = None
    """Of which `frame` is a column, made anew at every look; None where it is held itself."""

    @property
    def key(self) -> str:
        """The same for the same data."""
        held = self.frame if self.table is None else self.table
        return f"{self.ref} {id(held)} {self.source} {frames.shape_of(held)}"


def training_of(ctx: ToolContext, found: Found, inputs: Inputs, data: list[tuple[str, Any]]) -> Training | None:
    return _proven(ctx, found, inputs, data) or _kept(found, inputs, data) or _matched(inputs, data)


def _proven(ctx: ToolContext, found: Found, inputs: Inputs, data: list[tuple[str, Any]]) -> Training | None:
    fit = found.fit
    if fit is None or not fit.frame:
        return None
    by_ref = dict(data)
    frame = by_ref.get(fit.data) if fit.plain else None
    plain = frame is not None
    ref = fit.data if plain else fit.frame
    table = by_ref.get(fit.frame)
    if frame is None and table is not None and fit.plain and inputs.container == "text":
        frame = _column_of(table, fit)
        if frame is not None:
            ref, plain = fit.data, True
    if frame is None:
        frame = table
    if frame is None:
        return None
    source = f"`{ref}` of In[{fit.cell}]" if plain else f"`{ref}`, from which In[{fit.cell}] took it"
    if catalog_of(ctx).history.changed_after(fit.frame, fit.cell):
        source = f"`{ref}`, assigned anew since In[{fit.cell}]"
    training = _fitting(ref, frame, source, inputs)
    return training if training is None or frame is by_ref.get(ref) else replace(training, table=table)


def _column_of(table: Any, fit: Fit) -> Any | None:
    """The texts, where they were fitted on as `df["review"]` or `df.review`."""
    parsed = references.parse(fit.data)
    if parsed is None or parsed[0] != fit.frame or len(parsed[1]) != 1 or len(frames.shape_of(table)) != 2:
        return None
    return frames.column(table, str(parsed[1][0][1]))


def _kept(found: Found, inputs: Inputs, data: list[tuple[str, Any]]) -> Training | None:
    """What the model keeps, under its name in the notebook if it has one."""
    if found.status == "unfitted":
        return None
    frame = found.adapter.training(found.model)
    if frame is None or frames.kind_of(frame) is None:
        return None
    ref = next((name for name, value in data if value is frame), "")
    return _fitting(ref, frame, f"`{ref}`, which it keeps" if ref else "the data that it keeps", inputs)


def _fitting(ref: str, frame: Any, source: str, inputs: Inputs) -> Training | None:
    """The training data if its columns are those of the model."""
    columns, _ = frames.columns_of(frame)
    if inputs.container == "text":
        return Training(ref, frame, source) if frames.width_of(frame) == 1 else None
    named = inputs.container == "frame" and inputs.names is not None
    if named or inputs.names is None:
        if _respelt(inputs.names, columns):
            return Training(ref, frame, source, by_position=True)
        covered = bool(columns) and set(inputs.names or ()) <= set(columns)
        return Training(ref, frame, source) if covered else None
    shape = frames.shape_of(frame)
    fits = len(shape) == 2 and shape[1] == inputs.count
    return Training(ref, frame, source, by_position=True) if fits else None


def _respelt(names: tuple[str, ...] | None, columns: list[str]) -> bool:
    """Whether these are the data's names as lightgbm spells them: with `_` for a space."""
    return names is not None and list(names) != columns and list(names) == [re.sub(r"\s", "_", c) for c in columns]


def _matched(inputs: Inputs, data: list[tuple[str, Any]]) -> Training | None:
    if inputs.container != "frame" or not inputs.names:
        return None
    wanted = set(inputs.names)
    best: tuple[tuple[int, int, int, int], str, Any] | None = None
    for ref, frame in data:
        if frames.kind_of(frame) not in _MATCHED or frames.width_of(frame) < len(wanted):
            continue
        columns, _ = frames.columns_of(frame)
        spelt = wanted <= set(columns)
        if spelt or _respelt(inputs.names, columns):
            shape = frames.shape_of(frame)
            rank = (spelt, ref.lower() in _TRAINING_NAMES, shape[0], -shape[1])
            if best is None or rank > best[0]:
                best = rank, ref, frame
    if best is None:
        return None
    source = f"`{best[1]}` has all its columns (matched, not proven)"
    return Training(best[1], best[2], source, by_position=not best[0][0], proven=False)
