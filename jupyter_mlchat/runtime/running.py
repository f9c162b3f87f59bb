"""What the main thread is doing, from its stack frames: inside which fit, and how far that is.

The names of scikit-learn's and joblib's loop variables are theirs to change, so every part is a best effort.
Frames are read and let go at once; nothing is written to them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from . import peek

_OURS = __name__.partition(".")[0]
_MAX_FRAMES = 300
_JOBLIB = frozenset({"__call__", "_get_outputs", "_retrieve", "retrieve", "_get_sequential_output"})


@dataclass(frozen=True)
class Progress:
    """`inside` like "GridSearchCV.fit"; `done` of `total` `unit`s, None where the loop doesn't show it."""

    inside: str = ""
    done: int | None = None
    total: int | None = None
    unit: str = ""


def _main_frames() -> Iterator[FrameType]:
    """Innermost first."""
    main = threading.main_thread().ident
    frame = sys._current_frames().get(main) if main is not None else None
    for _ in range(_MAX_FRAMES):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def waits_for_us() -> bool:
    """Whether the main thread sits in a cell of ours (`%%chat`) that waits for an answer."""
    if threading.current_thread() is threading.main_thread():
        return True
    for frame in _main_frames():
        name = frame.f_globals.get("__name__")
        root = name.partition(".")[0] if type(name) is str else ""
        if root == _OURS:
            return True
        if root not in sys.stdlib_module_names or root == "__main__":
            return False
    return False


def trains(model: object) -> bool:
    """Whether the main thread is in a method that fits this very model, or in a loop that was handed it."""
    for frame in _main_frames():
        name = frame.f_code.co_name
        if name in _TRAINING and any(frame.f_locals.get(held) is model for held in ("self", "model")):
            return True
    return False


_TRAINING = frozenset({"fit", "train", "train_step", "train_on_batch", "training_step", "_inner_training_loop"})


def progress() -> Progress:
    """The outermost fit that the main thread is in, and the outermost loop inside it that can be counted."""
    inside: str = ""
    counted: Counted | None = None
    tasks: int | None = None
    for frame in _main_frames():
        name = frame.f_code.co_name
        if name not in _LOOPS and name not in _JOBLIB:
            continue
        owner = frame.f_locals.get("self")
        if owner is None:
            continue
        if name in _JOBLIB:
            if peek.is_a(owner, "joblib.parallel.Parallel"):
                done = peek.attribute(owner, "n_completed_tasks")
                tasks = done if type(done) is int else None
        elif peek.class_attribute(type(owner), "fit") is not None:
            counted = _LOOPS[name](owner, frame.f_locals, tasks) or counted
            inside = f"{peek.short_name(type(owner))}.fit"
            tasks = None
    return Progress(inside, *(counted or (None, None, "")))


Counted = tuple[int | None, int | None, str]


def _fit(owner: Any, names: dict[str, Any], tasks: int | None) -> Counted | None:
    if peek.is_a(owner, "sklearn.ensemble._forest.BaseForest"):
        total = peek.attribute(owner, "n_estimators")
        return (tasks, total, "trees") if tasks is not None else None
    iteration, total = names.get("iteration"), peek.attribute(owner, "max_iter")
    if type(iteration) is int and type(total) is int:
        return iteration, total, "iterations"
    return None


def _stages(owner: Any, names: dict[str, Any], tasks: int | None) -> Counted | None:
    done, total = names.get("i"), peek.attribute(owner, "n_estimators")
    return (done, total, "stages") if type(done) is int and type(total) is int else None


def _candidates(owner: Any, names: dict[str, Any], tasks: int | None) -> Counted | None:
    candidates, splits = names.get("n_candidates"), names.get("n_splits")
    if type(candidates) is int and type(splits) is int:
        return tasks, candidates * splits, "fits"
    return None


_LOOPS: dict[str, Callable[[Any, dict[str, Any], int | None], Counted | None]] = {
    "fit": _fit,
    "_fit_stages": _stages,
    "evaluate_candidates": _candidates,
}
"""Function name of a loop -> how to read it."""
