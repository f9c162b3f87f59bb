"""What loading a file would do, found without loading it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ..toolbox import ToolError
from . import descriptions, kinds, places, streams, versions
from .descriptions import Description
from .imports import Import, Verdict, current, verdict_of, worst
from .kinds import Kind, Sniffed
from .pickles import Found, Walker
from .streams import Broken, Exhausted, Reader
from .versions import Needed

_FIXED: Mapping[Kind, Callable[[BinaryIO], Description]] = {
    "skops": descriptions.skops, "keras": descriptions.keras, "xgboost": descriptions.xgboost,
    "lightgbm": descriptions.lightgbm, "catboost": descriptions.catboost, "safetensors": descriptions.safetensors,
    "onnx": descriptions.onnx,
}  # fmt: skip
_MLFLOW_FILES = 20


@dataclass
class Inspection:
    """`reasons` say why it is not `safe_looking`, in words that hold names of types and nothing else."""

    sniffed: Sniffed
    verdict: Verdict = "safe_looking"
    imports: list[Import] = field(default_factory=list)
    dangerous: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    versions: list[Needed] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Top packages that are not installed here."""
    undefined: list[str] = field(default_factory=list)
    """Names of `__main__` that the notebook doesn't have."""
    facts: dict[str, Any] = field(default_factory=dict)
    complete: bool = True
    """False when it could not be followed to its end."""

    @property
    def holds(self) -> str | None:
        """The class of what it holds, as far as it shows."""
        first = next((one for one in self.imports if one[0].partition(".")[0] not in _PLUMBING), None)
        return _written(first) if first is not None else None


_PLUMBING = ("copyreg", "copy_reg", "builtins", "collections", "_codecs", "torch", "cloudpickle", "joblib")


def inspect_file(path: str, names: Mapping[str, object], called: str = "") -> Inspection:
    """`names` are those of the notebook; `called` is the file's name where it lies under another one.

    Raises ToolError where there is no model file.
    """
    if not os.path.lexists(path):
        raise places.refusal(path, FileNotFoundError(2, ""))
    sniffed = kinds.sniff(path, called)
    if sniffed is None:
        name = places.base(path)
        what = "a folder without a model" if os.path.isdir(path) else "not a model file that is known"
        hint = "`list_model_files` shows what there is."
        raise ToolError("invalid_input", f"`{name}` is {what}.", hint, about=name)
    told = Inspection(sniffed)
    try:
        _look(told, names)
    except (Broken, Exhausted) as error:
        told.complete = False
        told.verdict = "dangerous"
        reason = str(error) if isinstance(error, Broken) else "it is larger than is looked at"
        told.reasons.append(f"it can't be followed to its end: {reason}")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError, EOFError) as error:
        told.complete = False
        told.verdict = "dangerous"
        told.reasons.append(f"it is not built as such files are ({type(error).__name__})")
    told.missing = versions.missing([current(one)[0] for one in told.imports if one[0] != "__main__"])
    return told


def _look(told: Inspection, names: Mapping[str, object]) -> None:
    kind, path = told.sniffed.kind, told.sniffed.path
    if kind == "mlflow":
        _described(told, descriptions.mlflow(path))
        _folder(told, names)
        return
    with places.read(path) as file:
        if kind in _FIXED:
            _described(told, _FIXED[kind](file))
        elif kind == "keras_h5":
            told.verdict = "unknown_imports"
            told.reasons.append("the old HDF5 format of keras can hold code, and can't be looked into here")
        elif kind in ("torch", "torchscript") and kinds.entries(file):
            _torch(told, file, names)
        else:
            _pickled(told, Walker(Reader(streams.plain(file))).all(), names)
    told.verdict = worst([told.verdict, *map(verdict_of, told.imports)])


def _torch(told: Inspection, file: BinaryIO, names: Mapping[str, object]) -> None:
    for name in kinds.entries(file):
        if name.endswith(".pkl"):
            with kinds.opened(file, name) as inner:
                _pickled(told, Walker(Reader(inner)).all(), names)
    if told.sniffed.kind == "torchscript":
        told.unknown.append("TorchScript, a program of its own")
    told.versions.append(versions.needed("torch", None))


def _folder(told: Inspection, names: Mapping[str, object]) -> None:
    """The files of a model of MLflow that a loader may unpickle."""
    folder = told.sniffed.path
    for root, _, files in os.walk(folder):
        for name in sorted(files)[:_MLFLOW_FILES]:
            path = os.path.join(root, name)
            if not kinds.may_be(name) or not os.path.isfile(path):
                continue
            sniffed = kinds.sniff(path)
            if sniffed is None or sniffed.kind == "mlflow":
                continue
            inner = inspect_file(path, names)
            told.imports += [one for one in inner.imports if one not in told.imports]
            told.dangerous += inner.dangerous
            told.unknown += inner.unknown
            told.reasons += inner.reasons
            told.undefined += inner.undefined
            known = {one.library for one in told.versions}
            told.versions += [one for one in inner.versions if one.library not in known]
            told.verdict = worst([told.verdict, inner.verdict])
            told.complete = told.complete and inner.complete


def _pickled(told: Inspection, found: Found, names: Mapping[str, object]) -> None:
    told.imports += [one for one in found.imports if one not in told.imports]
    _judge(told, list(found.imports))
    told.calls = {_written(one): count for one, count in found.calls.items() if verdict_of(one) != "safe_looking"}
    if found.calls_results:
        told.reasons.append("it calls what another call gives, which can't be seen")
        told.verdict = "dangerous"
    if found.unnamed:
        told.reasons.append("it hides the name of what it imports")
        told.verdict = "dangerous"
    for version in sorted(found.scikit_versions)[:3]:
        told.versions.append(versions.needed("scikit-learn", version))
    own = {name.partition(".")[0] for module, name in found.imports if module == "__main__"}
    told.undefined += sorted(own - set(names))


def _described(told: Inspection, description: Description) -> None:
    told.imports = description.types
    told.versions, told.facts = description.versions, description.facts
    _judge(told, description.types)
    told.unknown += description.unknown
    told.dangerous += description.runs
    told.reasons += [f"it brings {text}" for text in description.runs]
    if description.runs:
        told.verdict = "dangerous"
    elif description.unknown:
        told.verdict = worst([told.verdict, "unknown_imports"])


def _judge(told: Inspection, found: list[Import]) -> None:
    by_verdict: dict[Verdict, list[str]] = {"dangerous": [], "unknown_imports": [], "safe_looking": []}
    for one in found:
        by_verdict[verdict_of(one)].append(_written(one))
    told.dangerous += by_verdict["dangerous"]
    told.unknown += by_verdict["unknown_imports"]
    if by_verdict["dangerous"]:
        shown = ", ".join(by_verdict["dangerous"][:5])
        told.reasons.append(f"it would import {shown}")
    told.verdict = worst([told.verdict, *map(verdict_of, found)])


def _written(where: Import) -> str:
    return places.told(f"{where[0]}.{where[1]}")
