"""Files that would run something if anybody loaded them. What they run leaves a mark beside them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import cloudpickle
import joblib


class Runs:
    """Pickles as a call of `os.system`."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.mark}",)


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def short(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def command(mark: Path) -> str:
    return f"touch {mark}"


def reduced(mark: Path) -> bytes:
    return pickle.dumps({"model": Runs(mark)})


def by_inst(mark: Path) -> bytes:
    return b"(" + text(command(mark)) + b"ios\nsystem\n."


def by_obj(mark: Path) -> bytes:
    return b"(cos\nsystem\n" + text(command(mark)) + b"o."


def by_names_in_memo(mark: Path) -> bytes:
    """The names are stored first, and fetched when nobody looks."""
    names = short("os") + b"\x94" + b"0" + short("system") + b"\x94" + b"0"
    return b"\x80\x04" + names + b"h\x00" + b"h\x01" + b"\x93" + text(command(mark)) + b"\x85R."


def by_getattr(mark: Path) -> bytes:
    """getattr(getattr(__import__("os"), "system"), "__call__")(...)"""
    imported = b"cbuiltins\n__import__\n" + text("os") + b"\x85R"
    system = b"cbuiltins\ngetattr\n(" + imported + text("system") + b"tR"
    called = b"cbuiltins\ngetattr\n(" + system + text("__call__") + b"tR"
    return b"\x80\x02" + called + text(command(mark)) + b"\x85R."


def by_dotted_name(mark: Path) -> bytes:
    """An attribute of a harmless module that is another module."""
    return b"\x80\x04" + short("sklearn.base") + short("os.system") + b"\x93" + text(command(mark)) + b"\x85R."


def by_private_alias(mark: Path) -> bytes:
    return b"\x80\x04" + short("random") + short("_os.system") + b"\x93" + text(command(mark)) + b"\x85R."


def by_old_name(mark: Path) -> bytes:
    """As Python 2 spelt `subprocess.getoutput`."""
    return b"\x80\x02ccommands\ngetoutput\n" + text(command(mark)) + b"\x85R."


def by_built_name(mark: Path) -> bytes:
    """The name is made by a call while loading."""
    built = b"cbuiltins\nstr\n" + text("os") + b"\x85R"
    return b"\x80\x04" + built + short("system") + b"\x93" + text(command(mark)) + b"\x85R."


def by_second_pickle(mark: Path) -> bytes:
    return pickle.dumps([1]) + reduced(mark)


def by_loads(mark: Path) -> bytes:
    """A pickle inside bytes, loaded by the pickle around it."""
    inner = reduced(mark)
    return b"\x80\x03c_pickle\nloads\nB" + struct.pack("<I", len(inner)) + inner + b"\x85R."


def by_own_code(mark: Path) -> bytes:
    """A function whose code is in the file."""
    source = f"lambda: open({str(mark)!r}, 'w')"

    class Made:
        def __reduce__(self) -> Any:
            return eval(source), ()

    return bytes(cloudpickle.dumps(Made()))


def in_object_array(mark: Path) -> bytes:
    import numpy as np

    array = np.empty(2, dtype=object)
    array[0] = Runs(mark)
    out = io.BytesIO()
    joblib.dump({"first": np.arange(500.0), "second": array}, out)
    return out.getvalue()


def after_an_array(mark: Path) -> bytes:
    import numpy as np

    out = io.BytesIO()
    joblib.dump([np.arange(5_000.0).reshape(50, 100), Runs(mark)], out)
    return out.getvalue()


def in_torch_zip(mark: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", reduced(mark))
        archive.writestr("archive/version", "3\n")
    return out.getvalue()


PICKLES = (
    reduced, by_inst, by_obj, by_names_in_memo, by_getattr, by_dotted_name, by_private_alias, by_old_name,
    by_built_name, by_second_pickle, by_loads, by_own_code, in_object_array, after_an_array,
)  # fmt: skip
COMPRESSIONS = {
    ".gz": gzip.compress, ".z": zlib.compress, ".bz2": bz2.compress, ".xz": lzma.compress,
    ".lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
}  # fmt: skip
