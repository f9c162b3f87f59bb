"""What files of fixed formats say of themselves: types named in them, versions, code they bring along."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from . import kinds, places, versions
from .imports import Import
from .streams import Broken, Reader
from .versions import Needed

MAX_DESCRIPTION = 64_000_000
_HEAD = 262_144
_MAX_TYPES = 2_000
_ONNX_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft")


@dataclass
class Description:
    """`types` a loader would import by name; `runs` why loading would run code; `unknown` what can't be judged."""

    types: list[Import] = field(default_factory=list)
    versions: list[Needed] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def saw(self, library: str, version: Any) -> None:
        text = version if isinstance(version, str) else None
        self.versions.append(versions.needed(library, text))


def skops(file: BinaryIO) -> Description:
    told = Description()
    schema = kinds.json_part(file, "schema.json", MAX_DESCRIPTION)
    named: dict[Import, None] = {}
    scikit = ""
    for node in _dicts(schema):
        for module, name in (("__module__", "__class__"), ("module_path", "function")):
            where = (node.get(module), node.get(name))
            if isinstance(where[0], str) and isinstance(where[1], str):
                named[(where[0], where[1])] = None
        inner = node.get("_sklearn_version")
        if isinstance(inner, dict) and isinstance(inner.get("content"), str):
            scikit = scikit or inner["content"].strip('"')
    if len(named) > _MAX_TYPES:
        raise Broken("it names more types than are looked at")
    told.types = list(named)
    if scikit:
        told.saw("scikit-learn", scikit)
    told.saw("skops", schema.get("_skops_version") if isinstance(schema, dict) else None)
    return told


def keras(file: BinaryIO) -> Description:
    told = Description()
    config = kinds.json_part(file, "config.json", MAX_DESCRIPTION)
    about = kinds.json_part(file, "metadata.json", _HEAD)
    named: dict[Import, None] = {}
    for node in _dicts(config):
        module, name = node.get("module"), node.get("class_name")
        own = isinstance(module, str) and module.partition(".")[0] in ("keras", "builtins")
        if name in ("Lambda", "__lambda__"):
            told.runs.append("a Lambda layer, which is Python code")
        elif isinstance(module, str) and isinstance(name, str) and not own:
            named[(module, name)] = None
        elif node.get("registered_name") and isinstance(name, str) and not module:
            told.unknown.append(f"the custom layer {places.told(name)}")
    told.types = list(named)[:_MAX_TYPES]
    told.saw("keras", about.get("keras_version") if isinstance(about, dict) else None)
    return told


def xgboost(file: BinaryIO) -> Description:
    told = Description()
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 512))
    tail = file.read(512)
    file.seek(0)
    head = file.read(_HEAD)
    parts = re.search(rb'"version":\s*\[(\d+),\s*(\d+),\s*(\d+)\]', tail)
    told.saw("xgboost", b".".join(parts.groups()).decode() if parts is not None else None)
    estimator = re.search(rb'_estimator_type\\?"+:\s*\\?"+(\w{4,20})', head)
    objective = re.search(rb'"objective":\s*\{.{0,200}?"name":\s*"([\w:]{3,40})"', tail + head, re.S)
    told.facts = {
        "estimator": estimator[1].decode() if estimator is not None else None,
        "objective": objective[1].decode() if objective is not None else None,
    }
    return told


def lightgbm(file: BinaryIO) -> Description:
    file.seek(0)
    head = file.read(_HEAD).decode("utf-8", "replace").partition("\nTree=")[0]
    lines = dict(line.split("=", 1) for line in head.splitlines() if "=" in line)
    count = lines.get("max_feature_idx", "")
    objective = places.told(lines["objective"]) if "objective" in lines else None
    features = int(count) + 1 if count.isdecimal() and len(count) < 8 else None
    told = Description(facts={"objective": objective, "n_features": features})
    told.saw("lightgbm", None)
    return told


def catboost(file: BinaryIO) -> Description:
    told = Description()
    told.saw("catboost", None)
    return told


def safetensors(file: BinaryIO) -> Description:
    file.seek(0)
    size = int.from_bytes(file.read(8), "little")
    try:
        header = json.loads(file.read(min(size, MAX_DESCRIPTION)))
    except (ValueError, RecursionError):
        raise Broken("its description is not JSON") from None
    told = Description(facts={"tensors": len(header) - ("__metadata__" in header)})
    told.saw("safetensors", None)
    return told


def onnx(file: BinaryIO) -> Description:
    """The top level of the message alone; the graph is skipped."""
    file.seek(0)
    reader, told = Reader(file), Description()
    producer = version = ""
    while first := reader.next():
        tag = _varint(reader, first)
        if tag & 7 == 0:
            _varint(reader, reader.read(1))
            continue
        if tag & 7 != 2:
            raise Broken("it is no model in ONNX")
        size = _varint(reader, reader.read(1))
        if tag >> 3 in (2, 3) and size < 200:
            text = reader.read(size).decode("utf-8", "replace")
            producer, version = (text, version) if tag >> 3 == 2 else (producer, text)
        elif tag >> 3 == 8 and size < 500:
            domain = _domain(reader.read(size))
            if domain not in _ONNX_DOMAINS:
                told.unknown.append(f"operators of {places.told(domain)}")
        else:
            reader.skip(size)
    told.facts = {"producer": places.told(f"{producer} {version}".strip()) or None}
    told.saw("onnxruntime", None)
    return told


def mlflow(folder: str) -> Description:
    """Of the folder's `MLmodel`; its files are looked at one by one elsewhere."""
    with places.read(os.path.join(folder, kinds.MLMODEL)) as file:
        text = file.read(_HEAD).decode("utf-8", "replace")
    lines = [
        (match[1], match[2].strip().strip("'\"")) for match in re.finditer(r"^[ \t]*([\w.]+):[ \t]*(.*)$", text, re.M)
    ]
    told = Description()
    for name, value in lines:
        if name == "loader_module" and value.partition(".")[0] != "mlflow":
            told.runs.append(f"the loader {places.told(value)}")
        elif name in ("code", "code_paths", "model_code_path") and value not in ("null", "~", "", "[]"):
            told.runs.append("Python files that it brings along")
        elif name == "mlflow_version":
            told.saw("mlflow", value)
        elif name in _LIBRARIES:
            told.saw(_LIBRARIES[name], value)
    if os.path.isdir(os.path.join(folder, "code")) and not told.runs:
        told.runs.append("Python files that it brings along")
    flavors = [line.strip(": ") for line in re.findall(r"^  (\w+):\s*$", text, re.M)]
    told.facts = {"flavors": [places.told(flavor) for flavor in flavors[:10]]}
    return told


_LIBRARIES = {
    "sklearn_version": "scikit-learn", "xgb_version": "xgboost", "lgb_version": "lightgbm",
    "pytorch_version": "torch", "keras_version": "keras", "cb_version": "catboost",
}  # fmt: skip


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            yield one
            todo += one.values()
        elif isinstance(one, list):
            todo += one


def _varint(reader: Reader, first: bytes) -> int:
    found, shift, byte = first[0] & 127, 7, first[0]
    while byte & 128 and shift < 70:
        byte = reader.read(1)[0]
        found |= (byte & 127) << shift
        shift += 7
    return found


def _domain(data: bytes) -> str:
    if len(data) < 2 or data[0] != 10:
        return ""
    return data[2 : 2 + data[1]].decode("utf-8", "replace")
