"""Calls that work on files, rows, cells and jobs: what their arguments are, or what must be asked first."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .asked import Asked
from .markdown import code
from .outcome import Choose, Do, Outcome, Plan, Say
from .particulars import fitting_frames
from .reading import Reading
from .restrictions import read_restriction
from .slots import Slots
from .target import find_frame, find_model

MAX_WAYS = 6
_NEW_NAME = re.compile(
    r"\b(?:as|called|named|into|under the name|name it|call it)\s+(?:(?:the|a|an|new|variable|column|something|it)\s+)*"
    r"(?:called\s+|named\s+)?[`'\"]?(?P<name>[^\W\d]\w*)[`'\"]?(?![\w.(])",
    re.IGNORECASE,
)
_COMMON = frozenset(
    "a an the it file disk memory one me you we folder table dataframe frame csv variable column order".split()
)
_RUN = re.compile(
    r"\W*(?:(?:please|pls|now|can you|could you|would you|just)\W+)*(?:run|execute|exec|eval|evaluate)\b"
    r"(?:\s+(?:this|that|the|following|code|line|cell|for me|please|now))*\s*:?\s*`{0,3}(?P<code>[^`]+?)`{0,3}\s*",
    re.IGNORECASE,
)


_BY_PLACE = re.compile(r"\b(first|last|head|tail|top|next|more)\b")
"""Rows by their place in the frame, which are not what is shown."""


@dataclass(frozen=True)
class Way:
    """Arguments, and what they are in words."""

    args: Mapping[str, Any]
    told: str = ""


Ways = list[Way] | str
"""All ways to understand it, or the question that is still open."""


def settle_work(reading: Reading, asked: Asked) -> Outcome:
    found = _WAYS[reading.tool](asked)
    if isinstance(found, str):
        return Say(f"I read this as {reading.says.format(model='the model')}. {found}")
    plans = []
    for way in found[:MAX_WAYS]:
        args = {**_pointed(reading, asked), **reading.args, **way.args}
        says = reading.says.format(model=code(args.get("model_id", "the model")))
        plans.append(Plan(reading.tool, args, f"{says}: {way.told}" if way.told else says))
    unclear = reading.tool == "sample_rows" and bool(_BY_PLACE.search(asked.slots.masked) or _guessed(asked.slots))
    if len(plans) == 1 and not unclear:
        return Do(plans)
    return Choose("Did you mean:", plans)


def _pointed(reading: Reading, asked: Asked) -> dict[str, Any]:
    """The cell that the person points at, for what tells of cells."""
    of_cells = reading.tool == "read_notebook" and reading.args.get("part") != "definitions"
    return {"name": asked.thread.cell} if of_cells and asked.thread.cell else {}


def _guessed(slots: Slots) -> bool:
    return bool(slots.fixed or slots.unknown or slots.left)


def new_name(asked: Asked) -> str:
    """The name for what is to be made: "into preds", "as churn2"; "" where none is said."""
    known = {*asked.names.models, *asked.names.frames}
    said = [match["name"] for match in _NEW_NAME.finditer(asked.slots.text)]
    fresh = [name for name in said if name not in known and name.lower() not in _COMMON]
    odd = [name for name in asked.slots.unknown if name.isidentifier()]
    both = [*(name for name in said if name in odd), *fresh, *odd]
    return both[-1] if len(dict.fromkeys(both)) == 1 else next((name for name in both if name in odd), "")


def _models(asked: Asked) -> list[str]:
    target = find_model(asked.slots, asked.names, {}, asked.thread, lenient=True)
    return [target.ref] if target.ref else list(target.among)


def _of_model(asked: Asked) -> Ways:
    return [Way({"model_id": ref}) for ref in _models(asked)] or "There is no model in this kernel yet."


def _batch(asked: Asked) -> Ways:
    paths = asked.slots.paths("data")
    refs = _models(asked)
    frames = asked.slots.values_of("frame")
    sources = frames or paths[:1]
    into = next((path for path in paths if path not in sources), "") or new_name(asked)
    ways = []
    for ref in refs:
        for source in sources or fitting_frames(ref, asked.names):
            target = into or ("predictions" if source in frames or not paths else "predictions.parquet")
            told = f"{code(source)} into {code(target)}"
            ways.append(Way({"model_id": ref, "data": source, "into": target}, told))
    return ways or "Of which data? Name a data frame or a file."


def _rows(asked: Asked) -> Ways:
    slots, names = asked.slots, asked.names
    if slots.row:
        return "I show rows that are drawn at random, or those that a condition holds for, not one by its position."
    target = find_frame(slots, names, asked.thread)
    counts = [number.value for number in slots.numbers if isinstance(number.value, int) and 1 <= number.value <= 20]
    ways = []
    for frame in [target.ref] if target.ref else list(target.among):
        columns = [str(column) for column in names.frames[frame].get("columns") or ()]
        condition = read_restriction(slots, columns)
        args: dict[str, Any] = {"data": frame}
        if condition:
            args["where"] = condition.where
        elif len(counts) == 1:
            args["n"] = counts[0]
        told = f"{code(frame)} where {code(condition.where)}" if condition else f"{code(frame)}, drawn at random"
        ways.append(Way(args, f"{args['n']} of {told}" if "n" in args else told))
    return ways or "Of which data frame?"


def _path(*kinds: str) -> Callable[[Asked], Ways]:
    def ways(asked: Asked) -> Ways:
        paths = asked.slots.paths(*kinds)
        return [Way({"path": path}, code(path)) for path in paths] or "Which file? Write its name with its ending."

    return ways


def _load_model(asked: Asked) -> Ways:
    name = new_name(asked)
    more = {"name": name} if name else {}
    ways = [Way({"path": path, **more}, code(path)) for path in asked.slots.paths("model")]
    return ways or "Which file? Write its name with its ending, like `model.joblib`."


def _load_data(asked: Asked) -> Ways:
    paths = asked.slots.paths("data")
    if not paths:
        return "Which file? Write its name with its ending, like `data.csv`."
    stem = re.sub(r"\W", "_", re.split(r"[/\\]", paths[0])[-1].partition(".")[0])
    name = new_name(asked) or (stem if stem.isidentifier() else "data")
    return [Way({"path": paths[0], "name": name}, f"{code(paths[0])} as {code(name)}")]


def _check_file(asked: Asked) -> Ways:
    paths = asked.slots.paths("data")
    refs = list(dict.fromkeys(mention.value for mention in asked.slots.of("model")))
    more = {"model_id": refs[0]} if len(refs) == 1 else {}
    told = f" for {code(refs[0])}" if more else ""
    ways = [Way({"path": path, **more}, code(path) + told) for path in paths]
    return ways or "Which file? Write its name with its ending, like `data.csv`."


def _save_model(asked: Asked) -> Ways:
    paths = asked.slots.paths("model", "other")
    more = {"path": paths[0]} if paths else {}
    told = code(paths[0]) if paths else ""
    return [Way({"model_id": ref, **more}, told) for ref in _models(asked)] or "There is no model in this kernel yet."


def _folder(asked: Asked) -> Ways:
    folders = asked.slots.paths("folder")
    return [Way({"folder": folders[0]}, code(folders[0]))] if folders else [Way({})]


def _notebook(asked: Asked) -> Ways:
    names = [name for kind in ("frame", "other", "model") for name in asked.slots.values_of(kind)]
    return [Way({"name": names[0]}, code(names[0]))] if len(names) == 1 else [Way({})]


def _run(asked: Asked) -> Ways:
    match = _RUN.fullmatch(asked.slots.text)
    written = match["code"].strip() if match else ""
    try:
        ast.parse(written)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        written = ""
    if not re.search(r"[.(\[=]", written):
        return "Write the code after the word run, like: run `df.shape`."
    return [Way({"code": written}, code(written))]


def _register(asked: Asked) -> Ways:
    frames = asked.slots.values_of("frame")
    more = {"data": frames[0]} if len(frames) == 1 else {}
    told = f"with the columns of {code(frames[0])}" if more else ""
    return [Way({"model_id": ref, **more}, told) for ref in _models(asked)] or "There is no model in this kernel yet."


def _nothing(asked: Asked) -> Ways:
    return [Way({})]


_WAYS: Mapping[str, Callable[[Asked], Ways]] = {
    "make_batch_prediction": _batch,
    "sample_rows": _rows,
    "list_model_files": _folder,
    "inspect_model_file": _path("model"),
    "load_model": _load_model,
    "save_model": _save_model,
    "validate_dataset_file": _check_file,
    "load_dataset": _load_data,
    "write_model_card": _of_model,
    "cancel_job": _nothing,
    "undo_last_change": _nothing,
    "read_notebook": _notebook,
    "propose_cell": _of_model,
    "run_code": _run,
    "register_model": _register,
}
