"""Loading a file that was inspected, on the main thread, after a person allowed it."""

from __future__ import annotations

import importlib
import inspect
import os
import pickle
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..toolbox import ToolError
from ..wire import IssueDict
from . import kinds, places, streams
from .imports import verdict_of
from .inspection import Inspection
from .versions import importable

_NEEDS: Mapping[str, str] = {
    "skops": "skops", "xgboost": "xgboost", "lightgbm": "lightgbm", "catboost": "catboost", "keras": "keras",
    "torch": "torch", "joblib": "joblib", "safetensors": "safetensors", "onnx": "onnxruntime", "mlflow": "mlflow",
}  # fmt: skip


@dataclass
class Loaded:
    """`code` are the lines that load it by hand; `{name}` stands for the variable, `{path}` for what was typed."""

    model: Any
    code: str
    issues: list[IssueDict] = field(default_factory=list)


def require_loadable(told: Inspection) -> None:
    """Raises ToolError `denied` for what would run something, `unsupported` for what can't be loaded here."""
    name, kind = places.base(told.sniffed.path), told.sniffed.kind
    if told.verdict == "dangerous":
        why = "; ".join(told.reasons[:4]) or "it can't be judged"
        hint = "If you know who made it and trust them, load it in a cell of your own."
        raise ToolError("denied", f"`{name}` was not loaded: {why}.", hint, about=name)
    if kind in ("keras_h5", "torchscript"):
        hint = "Load it in a cell, and save it as `.keras`." if kind == "keras_h5" else "Load it in a cell."
        raise ToolError("unsupported", f"`{name}` can hold code that can't be looked into.", hint, about=name)
    needs = _NEEDS.get(kind, "")
    missing = sorted({*told.missing, *([needs] if needs and not importable(needs) else [])})
    if missing:
        by_pip = [one.pip for one in told.versions if one.inside and one.installed is None]
        listed = ", ".join(f"`{places.told(one)}`" for one in missing[:8])
        hint = f"Run `{by_pip[0]}` first." if by_pip else "Install what is missing first."
        raise ToolError("unsupported", f"`{name}` needs {listed}, which is not installed here.", hint, about=name)
    if told.undefined:
        listed = ", ".join(f"`{places.told(one)}`" for one in told.undefined[:8])
        text = f"`{name}` needs {listed} of the notebook that saved it, which is not defined in this one."
        raise ToolError("unsupported", text, "Run the cell that defines it, then load the file.", about=name)


def load(told: Inspection) -> Loaded:
    """Raises ToolError as `require_loadable`, or `unsupported` when the library refuses."""
    require_loadable(told)
    name = places.base(told.sniffed.path)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            loaded = _LOADERS[told.sniffed.kind](told)
        except ToolError:
            raise
        except ModuleNotFoundError as error:
            text = f"`{name}` needs the module `{places.told(error.name or '')}`, which the installed library lacks."
            raise ToolError("unsupported", text, _version_hint(told), about=name) from None
        except Exception as error:
            text = f"`{name}` could not be loaded ({type(error).__name__})."
            raise ToolError("unsupported", text, _version_hint(told), about=name) from None
    loaded.issues += _of_warnings(told, said)
    return loaded


def _version_hint(told: Inspection) -> str:
    other = [one for one in told.versions if one.differs]
    if other:
        return f"It was saved with {other[0].library} {other[0].inside}; here is {other[0].installed}. `{other[0].pip}`"
    return "It may be damaged, or written by another version of its library."


def _of_warnings(told: Inspection, said: list[warnings.WarningMessage]) -> list[IssueDict]:
    found: list[IssueDict] = []
    kinds_seen = {one.category.__name__ for one in said}
    other = [one for one in told.versions if one.differs]
    if "InconsistentVersionWarning" in kinds_seen or other:
        for one in other:
            found.append(
                {
                    "code": "version_mismatch",
                    "message": f"It was saved with {one.library} {one.inside}; here is {one.installed}.",
                    "suggestion": f"`{one.pip}` in an environment of its own, or fit it again.",
                    "model_behaviour": "It may raise an error, or answer differently without one.",
                }
            )
    return found


def _pickle(told: Inspection) -> Loaded:
    """With an unpickler that imports what was seen in the inspection and nothing else."""
    allowed = frozenset(told.imports)
    with places.read(told.sniffed.path) as file:
        model = _guarded(allowed)(streams.plain(file)).load()
    opening = {"gzip": "gzip.open", "bz2": "bz2.open", "xz": "lzma.open", "lzma": "lzma.open"}
    opened = opening.get(told.sniffed.compression, "open")
    if told.sniffed.compression == "zlib":
        lines = ["import pickle, zlib", "with open({path}, 'rb') as file:",
                 "    {name} = pickle.loads(zlib.decompress(file.read()))", "{name}"]  # fmt: skip
    else:
        module = opened.partition(".")[0]
        lines = [f"import {module}, pickle" if "." in opened else "import pickle",
                 f"with {opened}({{path}}, 'rb') as file:", "    {name} = pickle.load(file)", "{name}"]  # fmt: skip
    return Loaded(model, "\n".join(lines))


def _guarded(allowed: frozenset[tuple[str, str]], base: Any = pickle.Unpickler) -> Any:
    class Guarded(base):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> Any:
            if (module, name) not in allowed or verdict_of((module, name)) == "dangerous":
                raise pickle.UnpicklingError("an import that the inspection did not see")
            return super().find_class(module, name)

    return Guarded


def _joblib(told: Inspection) -> Loaded:
    numpy_pickle: Any = importlib.import_module("joblib.numpy_pickle")
    kind = _guarded(frozenset(told.imports), numpy_pickle.NumpyUnpickler)
    path = told.sniffed.path
    more = {}
    if "ensure_native_byte_order" in inspect.signature(numpy_pickle.NumpyUnpickler.__init__).parameters:
        more["ensure_native_byte_order"] = True
    with places.read(path) as file:
        model = kind(os.path.basename(path), streams.plain(file), **more).load()
    return Loaded(model, "import joblib\n{name} = joblib.load({path})\n{name}")


def _skops(told: Inspection) -> Loaded:
    io: Any = importlib.import_module("skops.io")
    path = told.sniffed.path
    untrusted = [str(one) for one in io.get_untrusted_types(file=path)]
    seen = {f"{module}.{name}": verdict_of((module, name)) for module, name in told.imports}
    refused = [one for one in untrusted if seen.get(one) != "safe_looking"]
    if refused:
        shown = ", ".join(places.told(one) for one in refused[:5])
        hint = "Look at each, then name those you trust as `trusted=` of `skops.io.load` in a cell."
        name = places.base(path)
        raise ToolError("denied", f"`{name}` was not loaded: it holds types that are not known: {shown}.", hint, name)
    code = f"import skops.io\n{{name}} = skops.io.load({{path}}, trusted={untrusted!r})\n{{name}}"
    return Loaded(io.load(path, trusted=untrusted), code)


def _xgboost(told: Inspection) -> Loaded:
    library: Any = importlib.import_module("xgboost")
    wanted = {"classifier": "XGBClassifier", "regressor": "XGBRegressor", "ranker": "XGBRanker"}
    kind = wanted.get(told.facts.get("estimator") or "", "Booster")
    model = getattr(library, kind)()
    model.load_model(told.sniffed.path)
    return Loaded(model, f"import xgboost\n{{name}} = xgboost.{kind}()\n{{name}}.load_model({{path}})\n{{name}}")


def _lightgbm(told: Inspection) -> Loaded:
    library: Any = importlib.import_module("lightgbm")
    code = "import lightgbm\n{name} = lightgbm.Booster(model_file={path})\n{name}"
    return Loaded(library.Booster(model_file=told.sniffed.path), code)


def _catboost(told: Inspection) -> Loaded:
    library: Any = importlib.import_module("catboost")
    loss = str(library.CatBoost().load_model(told.sniffed.path).get_all_params().get("loss_function", ""))
    classifies = loss.partition(":")[0] in ("Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll")
    kind = "CatBoostClassifier" if classifies else "CatBoostRegressor"
    code = f"import catboost\n{{name}} = catboost.{kind}().load_model({{path}})\n{{name}}"
    return Loaded(getattr(library, kind)().load_model(told.sniffed.path), code)


def _keras(told: Inspection) -> Loaded:
    saving: Any = importlib.import_module("keras.saving")
    model = saving.load_model(told.sniffed.path, compile=False, safe_mode=True)
    return Loaded(model, "import keras\n{name} = keras.saving.load_model({path}, compile=False)\n{name}")


def _torch(told: Inspection) -> Loaded:
    torch: Any = importlib.import_module("torch")
    name = places.base(told.sniffed.path)
    try:
        model = torch.load(told.sniffed.path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        text = f"`{name}` holds more than weights, and torch would run what is in it."
        hint = "Save its `state_dict()`, or load it in a cell if you trust it."
        raise ToolError("denied", text, hint, about=name) from None
    return Loaded(model, "import torch\n{name} = torch.load({path}, map_location='cpu', weights_only=True)\n{name}")


def _safetensors(told: Inspection) -> Loaded:
    backend = "torch" if "torch" in sys.modules else "numpy"
    module: Any = importlib.import_module(f"safetensors.{backend}")
    code = f"from safetensors.{backend} import load_file\n{{name}} = load_file({{path}})\n{{name}}"
    return Loaded(module.load_file(told.sniffed.path), code)


def _onnx(told: Inspection) -> Loaded:
    runtime: Any = importlib.import_module("onnxruntime")
    model = runtime.InferenceSession(told.sniffed.path, providers=["CPUExecutionProvider"])
    lines = ["import onnxruntime",
             "{name} = onnxruntime.InferenceSession({path}, providers=['CPUExecutionProvider'])", "{name}"]  # fmt: skip
    return Loaded(model, "\n".join(lines))


def _mlflow(told: Inspection) -> Loaded:
    pyfunc: Any = importlib.import_module("mlflow.pyfunc")
    code = "import mlflow.pyfunc\n{name} = mlflow.pyfunc.load_model({path})\n{name}"
    return Loaded(pyfunc.load_model(told.sniffed.path), code)


_LOADERS: Mapping[kinds.Kind, Callable[[Inspection], Loaded]] = {
    "pickle": _pickle, "joblib": _joblib, "skops": _skops, "xgboost": _xgboost, "lightgbm": _lightgbm,
    "catboost": _catboost, "keras": _keras, "torch": _torch, "safetensors": _safetensors, "onnx": _onnx,
    "mlflow": _mlflow,
}  # fmt: skip
