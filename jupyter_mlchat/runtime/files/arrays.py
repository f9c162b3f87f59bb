"""How many bytes follow the wrapper of an array in a joblib file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .pickles import Made
from .streams import Broken

_DTYPE = ("numpy", "dtype")
_KIND = re.compile(r"[<>|=]?([?biufcmMSUVO])(\d*)")
_WHOLE = {"?": 1, "b": 1, "i": 4, "u": 4, "f": 8, "c": 16, "m": 8, "M": 8, "S": 0, "U": 0, "V": 0}
_DEPTH = 8


@dataclass(frozen=True)
class Layout:
    """`size` in bytes; `padded`: a byte before it tells how much padding there is."""

    size: int
    padded: bool


def layout_of(state: Any) -> Layout | None:
    """None when the array holds objects, so that a pickle follows. Raises Broken when it can't be told."""
    if not isinstance(state, dict):
        raise Broken("an array doesn't say how it is laid out")
    shape = state.get("shape")
    if not isinstance(shape, tuple) or not all(type(size) is int and 0 <= size < 2**48 for size in shape):
        raise Broken("an array doesn't say how large it is")
    item = _item_size(state.get("dtype"), 0)
    if item is None:
        return None
    total = item
    for size in shape:
        total *= size
    return Layout(total, state.get("numpy_array_alignment_bytes") is not None)


def _item_size(dtype: Any, depth: int) -> int | None:
    """Bytes of one element; None when there are objects in it."""
    if not isinstance(dtype, Made) or dtype.call != _DTYPE or depth > _DEPTH:
        raise Broken("an array doesn't say what it holds")
    text = dtype.args[0] if isinstance(dtype.args, tuple) and dtype.args else None
    match = _KIND.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Broken("an array doesn't say what it holds")
    kind, digits = match.groups()
    if kind == "O":
        return None
    size = (int(digits) if digits else _WHOLE[kind]) * (4 if kind == "U" else 1)
    state = dtype.state
    if kind == "V":
        if not isinstance(state, tuple) or len(state) < 6 or state[5] != size or state[2] is not None:
            raise Broken("an array doesn't say what it holds")
        names, fields = state[3] or (), state[4] or {}
        if not isinstance(names, tuple) or not isinstance(fields, dict) or len(names) != len(fields):
            raise Broken("an array doesn't say what it holds")
        parts = [part[0] if isinstance(part, tuple) and part else None for part in fields.values()]
        if any(_item_size(part, depth + 1) is None for part in parts):
            return None
    elif isinstance(state, tuple) and len(state) > 5 and state[5] not in (-1, size):
        raise Broken("an array doesn't say what it holds")
    return size
