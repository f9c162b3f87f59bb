"""Writing a model to a new file: whole or not at all, in the format that needs the least trust to be read."""

from __future__ import annotations

import importlib
import os
import pickle
import secrets
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .. import peek
from ..toolbox import ToolError
from . import places, versions
from .imports import verdict_of

_SUFFIXES: Mapping[str, str] = {
    ".skops": "skops", ".joblib": "joblib", ".pkl": "pickle", ".pickle": "pickle", ".ubj": "xgboost",
    ".json": "xgboost", ".txt": "lightgbm", ".cbm": "catboost", ".keras": "keras", ".pt": "torch", ".pth": "torch",
    ".safetensors": "safetensors",
}  # fmt: skip
_SUFFIX_OF = {
    "skops": ".skops", "joblib": ".joblib", "pickle": ".pkl", "xgboost": ".ubj", "lightgbm": ".txt",
    "catboost": ".cbm", "keras": ".keras", "torch": ".pt", "safetensors": ".safetensors",
}  # fmt: skip
_PACKAGES = {"pickle": "", "safetensors": "safetensors"}


@dataclass(frozen=True)
class Saved:
    """`note` says what the format asks of whoever loads it; `code` are lines with `{model}` and `{path}`."""

    kind: str
    note: str
    code: str


def formats_of(model: object) -> list[str]:
    """Formats that suit a model and can be written here, the least risky first."""
    if peek.is_a(model, "onnxruntime.capi.onnxruntime_inference_collection.InferenceSession"):
        return []
    if peek.is_a(model, "keras.src.layers.layer.Layer"):
        found = ["keras"]
    elif peek.is_a(model, "torch.nn.modules.module.Module"):
        found = ["safetensors", "torch"]
    elif peek.is_a(model, "xgboost.core.Booster", "xgboost.sklearn.XGBModel"):
        found = ["xgboost", "joblib", "pickle"]
    elif peek.is_a(model, "lightgbm.basic.Booster"):
        found = ["lightgbm", "joblib", "pickle"]
    elif peek.is_a(model, "catboost.core._CatBoostBase"):
        found = ["catboost", "joblib", "pickle"]
    elif peek.is_a(model, "sklearn.base.BaseEstimator"):
        found = ["skops", "joblib", "pickle"]
    else:
        found = ["joblib", "pickle"]
    return [kind for kind in found if not (need := _PACKAGES.get(kind, kind)) or versions.importable(need)]


def chosen(model: object, path: str | None, name: str) -> tuple[list[str], str]:
    """Formats to try in order, and the path without a suffix or with the one that was asked for.

    Raises ToolError `unsupported` for a suffix that doesn't suit the model.
    """
    suitable = formats_of(model)
    if not suitable:
        raise ToolError(
            "unsupported", f"`{name}` can't be saved from here.", "Its file is what it was made from.", name
        )
    suffix = os.path.splitext(path)[1].lower() if path is not None else ""
    if not suffix:
        return suitable, path or name
    kind = _SUFFIXES.get(suffix, "")
    if kind not in suitable:
        known = ", ".join(f"`{_SUFFIX_OF[one]}`" for one in suitable)
        text = f"`{name}` can't be written as `{places.told(suffix)}`."
        raise ToolError("unsupported", text, f"Choose {known}.", about=name)
    return [kind], path or name


def with_suffix(path: str, kind: str) -> str:
    return path if os.path.splitext(path)[1] else path + _SUFFIX_OF[kind]


def save(model: Any, kinds: list[str], path: str, *, overwrite: bool) -> tuple[Saved, str]:
    """Tries each format; returns what was written, and the path with its suffix.

    Raises ToolError `conflict` where there is a file, `unsupported` when no format holds this model.
    """
    for kind in kinds:
        target = with_suffix(path, kind)
        require_free(target, overwrite=overwrite)
        with _Temporary(target) as temporary:
            try:
                note, code = _WRITERS[kind](model, temporary.path)
            except (OSError, MemoryError):
                raise
            except Exception:
                continue  # the next format may hold what this one can't
            temporary.commit(overwrite=overwrite)
            return Saved(kind, note, code), target
    name = peek.short_name(type(model))
    raise ToolError("unsupported", f"A {name} can't be written in any format that suits it.", "", about=name)


def require_free(path: str, *, overwrite: bool) -> None:
    name = places.base(path)
    if os.path.isdir(path):
        raise ToolError("invalid_input", f"`{name}` is a folder.", "Name a file.", about=name)
    if os.path.lexists(path) and not overwrite:
        hint = "Choose another name, or say that it may be overwritten."
        raise ToolError("conflict", f"There is a `{name}` already; it was left alone.", hint, about=name)


def write_new(path: str, data: bytes, *, overwrite: bool) -> None:
    """Whole or not at all. Raises ToolError `conflict` where there is a file."""
    require_free(path, overwrite=overwrite)
    with _Temporary(path) as temporary:
        with open(temporary.path, "wb") as file:
            file.write(data)
        temporary.commit(overwrite=overwrite)


class _Temporary:
    """A file beside its place, which takes the place in one move, or vanishes."""

    def __init__(self, target: str) -> None:
        self.target = target
        folder, name = os.path.split(target)
        stem, suffix = os.path.splitext(name)
        self.path = os.path.join(folder, f".{stem[:60]}-{secrets.token_hex(4)}{suffix}")

    def __enter__(self) -> _Temporary:
        folder = os.path.dirname(self.target)
        if not os.path.isdir(folder):
            name = places.base(folder)
            raise ToolError("not_found", f"There is no folder `{name}`.", "Make it first, or name another.", name)
        return self

    def commit(self, *, overwrite: bool) -> None:
        with open(self.path, "rb+") as file:
            os.fsync(file.fileno())
        if overwrite:
            os.replace(self.path, self.target)
            return
        try:
            os.link(self.path, self.target)
        except FileExistsError:
            require_free(self.target, overwrite=False)
        except OSError:  # a file system without links
            require_free(self.target, overwrite=False)
            os.replace(self.path, self.target)

    def __exit__(self, *_: object) -> None:
        if os.path.lexists(self.path):
            os.unlink(self.path)


_TRUST = "Loading it runs what is in it: load it only where you trust who made it."


def _skops(model: Any, path: str) -> tuple[str, str]:
    io: Any = importlib.import_module("skops.io")
    io.dump(model, path)
    for one in io.get_untrusted_types(file=path):
        module, _, name = str(one).rpartition(".")
        if verdict_of((module, name)) != "safe_looking":
            raise ValueError("a type that could not be loaded again without trust")
    return "Loading it runs no code of the file.", "import skops.io\nskops.io.dump({model}, {path})"


def _joblib(model: Any, path: str) -> tuple[str, str]:
    library: Any = importlib.import_module("joblib")
    library.dump(model, path)
    return _TRUST, "import joblib\njoblib.dump({model}, {path})"


def _pickle(model: Any, path: str) -> tuple[str, str]:
    with open(path, "wb") as file:
        pickle.dump(model, file)
    return _TRUST, "import pickle\nwith open({path}, 'wb') as file:\n    pickle.dump({model}, file)"


def _xgboost(model: Any, path: str) -> tuple[str, str]:
    model.save_model(path)
    return "Xgboost's own format.", "{model}.save_model({path})"


def _lightgbm(model: Any, path: str) -> tuple[str, str]:
    model.save_model(path)
    return "Lightgbm's own format.", "{model}.save_model({path})"


def _catboost(model: Any, path: str) -> tuple[str, str]:
    model.save_model(path, format="cbm")
    return "Catboost's own format.", "{model}.save_model({path}, format='cbm')"


def _keras(model: Any, path: str) -> tuple[str, str]:
    model.save(path)
    return "The format of keras; layers of your own must be defined where it is loaded.", "{model}.save({path})"


def _torch(model: Any, path: str) -> tuple[str, str]:
    torch: Any = importlib.import_module("torch")
    torch.save(model.state_dict(), path)
    if not zipfile.is_zipfile(path):
        raise ValueError("torch wrote its old format")
    return _WEIGHTS, "import torch\ntorch.save({model}.state_dict(), {path})"


def _safetensors(model: Any, path: str) -> tuple[str, str]:
    module: Any = importlib.import_module("safetensors.torch")
    module.save_model(model, path)
    return _WEIGHTS, "from safetensors.torch import save_model\nsave_model({model}, {path})"


_WEIGHTS = "Its weights alone: the class of the network must be made where they are loaded."
_WRITERS: Mapping[str, Callable[[Any, str], tuple[str, str]]] = {
    "skops": _skops, "joblib": _joblib, "pickle": _pickle, "xgboost": _xgboost, "lightgbm": _lightgbm,
    "catboost": _catboost, "keras": _keras, "torch": _torch, "safetensors": _safetensors,
}  # fmt: skip
