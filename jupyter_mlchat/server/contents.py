"""What an uploaded file may be: its ending is known, and what arrives is what the ending says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ..protocol.faults import Code, Fault
from ..runtime.files.streams import compression_of

HEAD_BYTES = 512
"""That much of a file tells what it is."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLD_PICKLE = re.compile(rb"(\(|\]|\}|c[\w.]+\n\w|\(i[\w.]+\n\w)")
_BEGINNINGS: Mapping[str, Sequence[bytes]] = MappingProxyType(
    {
        "parquet": (b"PAR1",),
        "feather arrow ipc": (b"ARROW1", b"FEA1", b"\xff\xff\xff\xff"),
        "orc": (b"ORC",),
        "xlsx xlsm ods npz zip skops keras": _ZIP,
        "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
        "npy": (b"\x93NUMPY",),
        "h5 hdf5": (b"\x89HDF\r\n\x1a\n",),
        "pkl pickle p joblib jl sav dill cloudpickle": (b"\x80",),
        "pt pth ckpt": (b"\x80", *_ZIP),
        "onnx": (b"\x08",),
        "cbm": (b"CBM1",),
        "ubj ubjson": (b"{",),
        "gz": (b"\x1f\x8b",),
        "bz2": (b"BZh",),
        "xz": (b"\xfd7zXZ\0",),
        "zst": (b"\x28\xb5\x2f\xfd",),
    }
)
MAGIC: Mapping[str, Sequence[bytes]] = MappingProxyType(
    {ending: begins for endings, begins in _BEGINNINGS.items() for ending in endings.split()}
)
"""How a file begins, by its ending."""
TEXT = frozenset("csv tsv tab txt dat json jsonl ndjson geojson arff md yaml yml lgb bst xgb".split())
"""Endings of texts: no zero bytes in them, unless they begin with the mark of UTF-16."""
OTHER = frozenset({"safetensors"})
ENDINGS = frozenset({*MAGIC, *TEXT, *OTHER})
_PICKLES = frozenset("pkl pickle p joblib jl sav dill cloudpickle".split())
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Content:
    """Checks a file as it comes: `look` at every piece in order, `end` when there are no more."""

    def __init__(self, ending: str, head: bytes = b"") -> None:
        self._ending, self._head, self._known = ending, b"", False
        if head:
            self.look(head)

    def look(self, piece: bytes) -> None:
        """Raises Fault `unsupported` when the file is not what its ending says."""
        if len(self._head) < HEAD_BYTES:
            self._head += piece[: HEAD_BYTES - len(self._head)]
        if not self._known and len(self._head) >= HEAD_BYTES:
            self._judge()
        if self._ending in TEXT and not self._head.startswith(_UTF16) and b"\0" in piece:
            raise self._fault()

    def end(self) -> None:
        """Raises Fault `unsupported`, as `look`. An empty file is fine."""
        if self._head and not self._known:
            self._judge()

    def _judge(self) -> None:
        self._known = True
        head, ending = self._head, self._ending
        if ending in MAGIC and not head.startswith(tuple(MAGIC[ending])):
            if ending not in _PICKLES or not (compression_of(head) or _OLD_PICKLE.match(head)):
                raise self._fault()
        elif ending == "safetensors" and head[8:9] != b"{":
            raise self._fault()

    def _fault(self) -> Fault:
        message = f"What arrives is no `.{self._ending}` file."
        return Fault(Code.UNSUPPORTED, message, "Send it under the ending that fits what is in it.", about="name")


def ending_of(name: str, permitted: Sequence[str]) -> str:
    """The ending of a file's name. Raises Fault `unsupported` for one that is not received; [] permits all known."""
    taken = endings_of(permitted)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in taken:
        return ending
    what = f"Files that end in `.{ending}` are" if ending.isalnum() and len(ending) <= 12 else "Such a file is"
    raise Fault(Code.UNSUPPORTED, f"{what} not received.", f"These are: {', '.join(taken)}.", about="name")


def endings_of(permitted: Sequence[str]) -> list[str]:
    """The endings that are received, in order; [] permits all that are known."""
    return sorted(({ending.lower().lstrip("*.") for ending in permitted} or ENDINGS) & ENDINGS)
