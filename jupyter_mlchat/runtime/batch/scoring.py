"""The chunk function: a model's answers to a table of rows, and which it refuses. Pure, and the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import frames, peek
from ..adapters.base import Adapter
from ..asking import containers
from ..asking.prediction import meant, redact, squeeze
from ..signature import Signature
from . import columns

MAX_ASKS = 400
"""Calls of the model that one chunk may cost where rows are refused for no reason that the columns show."""
ANSWERED = 0


class Refuses(Exception):
    """The model refuses more rows of a chunk than can be singled out. `args` are (class of its error, safe text)."""


@dataclass(frozen=True)
class Scorer:
    """All that a chunk needs, and nothing of the kernel: it is pickled to workers."""

    model: Any
    adapter: Adapter
    signature: Signature
    probabilities: bool = False
    keeps_index: bool = False


@dataclass(frozen=True)
class Scored:
    """Of n rows. `labels` (n,) or (n, outputs); `chances` (n, classes) where they were asked for.

    `codes` (n,) is `ANSWERED`, or 1 + the place in `reasons` of the (issue code, column) for which a row was
    refused; its label then means nothing. `index` is the chunk's own, where it was asked for.
    """

    labels: Any
    chances: Any
    codes: Any
    reasons: tuple[tuple[str, str], ...] = ()
    index: Any = None

    @property
    def rows(self) -> int:
        return len(self.codes)


def score(scorer: Scorer, piece: Any) -> Scored:
    """Raises `Refuses`, and whatever a model raises that has nothing to do with single rows (MemoryError)."""
    numpy: Any = peek.library("numpy")
    rows = frames.rows_of(piece)
    index = piece.index if scorer.keeps_index and frames.kind_of(piece) in ("pandas", "pandas_series") else None
    table, spoiled = columns.conformed(scorer.signature, piece)
    X = containers.fitting(scorer.signature, table)
    codes = numpy.zeros(rows, dtype="int16")
    reasons: list[tuple[str, str]] = []
    for reason, mask in spoiled:
        _mark(codes, reasons, reason, mask)
    answered: list[tuple[Any, Any, Any]] = []
    good = numpy.flatnonzero(codes == ANSWERED)
    try:
        if len(good):
            answered.append((good, *_ask(scorer, X if len(good) == rows else columns.picked(X, good), len(good))))
    except MemoryError:
        raise
    except Exception:
        for reason, mask in columns.suspects(scorer.signature, table):
            places = numpy.flatnonzero(mask & (codes == ANSWERED))
            if len(places) and not _answers(scorer, columns.picked(X, places[:1])):
                _mark(codes, reasons, reason, mask)
        _halve(scorer, X, numpy.flatnonzero(codes == ANSWERED), answered, lambda row: _one(codes, reasons, row))
    labels, chances = _put_together(rows, answered)
    if labels.dtype.kind == "f":
        empty = numpy.isnan(labels) if labels.ndim == 1 else numpy.isnan(labels).any(axis=1)
        _mark(codes, reasons, ("no_prediction", ""), empty & (codes == ANSWERED))
    return Scored(labels, chances, codes, tuple(reasons), index)


def _ask(scorer: Scorer, X: Any, rows: int) -> tuple[Any, Any]:
    numpy: Any = peek.library("numpy")
    output = scorer.adapter.predict(scorer.model, X, details=scorer.probabilities)
    labels = squeeze(meant(scorer.signature, numpy.asarray(output.label)))
    if len(labels) != rows:
        raise ValueError("it left rows out")
    chances = output.probability if scorer.probabilities else None
    if isinstance(chances, list):
        chances = numpy.column_stack(chances)
    return labels, None if chances is None else numpy.asarray(chances)


def _answers(scorer: Scorer, X: Any) -> bool:
    try:
        _ask(scorer, X, 1)
    except MemoryError:
        raise
    except Exception:
        return False
    return True


def _halve(
    scorer: Scorer, X: Any, rows: Any, answered: list[tuple[Any, Any, Any]], refused: Callable[[int], None]
) -> None:
    """Ask for ever smaller parts of what is refused, until every row is answered or stands alone."""
    waiting = [rows] if len(rows) else []
    asked = 0
    while waiting:
        some = waiting.pop()
        asked += 1
        try:
            answered.append((some, *_ask(scorer, columns.picked(X, some), len(some))))
        except MemoryError:
            raise
        except Exception as error:
            if asked > MAX_ASKS:
                text = "" if scorer.adapter.user_code(scorer.model) else redact(error, [])
                raise Refuses(type(error).__name__, text) from None
            if len(some) == 1:
                refused(int(some[0]))
            else:
                waiting += [some[len(some) // 2 :], some[: len(some) // 2]]


def _mark(codes: Any, reasons: list[tuple[str, str]], reason: tuple[str, str], mask: Any) -> None:
    if mask.any():
        if reason not in reasons:
            reasons.append(reason)
        codes[mask & (codes == ANSWERED)] = 1 + reasons.index(reason)


def _one(codes: Any, reasons: list[tuple[str, str]], row: int) -> None:
    reason = ("model_error", "")
    if reason not in reasons:
        reasons.append(reason)
    codes[row] = 1 + reasons.index(reason)


def _put_together(rows: int, answered: list[tuple[Any, Any, Any]]) -> tuple[Any, Any]:
    numpy: Any = peek.library("numpy")
    if len(answered) == 1 and len(answered[0][0]) == rows:
        return answered[0][1], answered[0][2]
    if not answered:
        return numpy.full(rows, numpy.nan), None
    whole: list[Any] = []
    for part in (1, 2):
        first = answered[0][part]
        if first is None:
            whole.append(None)
            continue
        kind = numpy.result_type(*[one[part].dtype for one in answered])
        made = numpy.zeros((rows, *first.shape[1:]), dtype=kind)
        for one in answered:
            made[one[0]] = one[part]
        whole.append(made)
    return whole[0], whole[1]
