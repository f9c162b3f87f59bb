"""What kind of model file this is, by what is in it; the suffix only decides whether to look at all."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Literal, cast

from . import places, streams

Kind = Literal[
    "pickle", "joblib", "skops", "xgboost", "lightgbm", "catboost", "keras", "keras_h5", "torch", "torchscript",
    "safetensors", "onnx", "mlflow",
]  # fmt: skip
SUFFIXES = frozenset(
    """.pkl .pickle .p .joblib .jl .sav .dill .cloudpickle .gz .z .bz2 .xz .lzma .skops .json .ubj .ubjson .txt .model
    .bin .cbm .keras .h5 .hdf5 .pt .pth .ckpt .safetensors .onnx .bst .lgb .xgb .mlmodel""".split()
)
MLMODEL = "MLmodel"
_MAX_ENTRIES = 20_000
_OLD_PICKLE = re.compile(rb"(\(|\]|\}|c[\w.]+\n\w|\(i[\w.]+\n\w)")


@dataclass(frozen=True)
class Sniffed:
    """`path` is absolute and for this process alone."""

    path: str
    kind: Kind
    size: int
    changed: float
    """Seconds since 1970."""
    compression: str = ""


def may_be(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES


def sniff(path: str, name: str = "") -> Sniffed | None:
    """None for what is no model file. `name`: what it is called elsewhere. Raises ToolError if it can't be opened."""
    if os.path.isdir(path):
        inner = os.path.join(path, MLMODEL)
        if not os.path.isfile(inner):
            return None
        files = [os.path.join(path, name) for name in os.listdir(path)[:_MAX_ENTRIES]]
        size = sum(os.lstat(file).st_size for file in files if os.path.isfile(file))
        return Sniffed(path, "mlflow", size, os.stat(inner).st_mtime)
    with places.read(path) as file:
        about = os.fstat(file.fileno())
        suffixes = (name or os.path.basename(path)).lower().split(".")[1:]
        kind, compression = _kind(file, frozenset(suffixes))
    return None if kind is None else Sniffed(path, kind, about.st_size, about.st_mtime, compression)


def _kind(file: BinaryIO, suffixes: frozenset[str]) -> tuple[Kind | None, str]:
    first = file.read(16)
    if first.startswith(b"PK\x03\x04"):
        return _of_zip(file), ""
    if first.startswith(b"CBM1"):
        return "catboost", ""
    if first.startswith(b"\x89HDF\r\n"):
        return "keras_h5", ""
    compression = streams.compression_of(first)
    head = streams.head_of(file)
    if not head and compression:
        return ("joblib" if "joblib" in suffixes else "pickle"), compression
    return _of_head(head, suffixes), compression


def _of_head(head: bytes, suffixes: frozenset[str]) -> Kind | None:
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        if suffixes & {"pt", "pth", "ckpt"}:
            return "torch"
        return "joblib" if b"joblib.numpy_pickle" in head or "joblib" in suffixes else "pickle"
    if head.startswith(b"tree\nversion="):
        return "lightgbm"
    start = head.lstrip()
    written = re.match(rb'\{\s*"(learner|version)"', start) and b'"learner"' in head
    if written or (head.startswith(b"{L\0\0\0\0\0\0\0") and b"learner" in head[:64]):
        return "xgboost"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 100_000_000 and "safetensors" in suffixes:
        return "safetensors"
    if "onnx" in suffixes and head[:1] == b"\x08":
        return "onnx"
    if suffixes & {"pkl", "pickle", "p", "sav", "joblib"} and _OLD_PICKLE.match(head):
        return "pickle"
    return None


def _of_zip(file: BinaryIO) -> Kind | None:
    names = entries(file)
    if "schema.json" in names:
        return "skops"
    if "config.json" in names and "metadata.json" in names:
        return "keras"
    if any(name.endswith("/data.pkl") or name == "data.pkl" for name in names):
        return "torchscript" if any(name.endswith("/constants.pkl") for name in names) else "torch"
    return None


def entries(file: BinaryIO) -> list[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()[:_MAX_ENTRIES]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


@contextmanager
def opened(file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """One file of a zip. Raises Broken, also where two readers could take different files of that name."""
    try:
        with zipfile.ZipFile(file) as archive:
            if len(set(archive.namelist())) < len(archive.namelist()):
                raise streams.Broken("two of its parts have one name")
            with archive.open(name) as inner:
                yield cast(BinaryIO, inner)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, EOFError, RuntimeError, NotImplementedError) as error:
        raise streams.Broken(f"a part of it can't be read ({type(error).__name__})") from None


def part(file: BinaryIO, name: str, most: int) -> bytes:
    """At most so many bytes of one file of a zip. Raises Broken or Exhausted."""
    with opened(file, name) as inner:
        found = inner.read(most + 1)
    if len(found) > most:
        raise streams.Exhausted
    return found


def json_part(file: BinaryIO, name: str, most: int) -> object:
    try:
        return json.loads(part(file, name, most))
    except (ValueError, RecursionError):
        raise streams.Broken("its description is not JSON") from None
