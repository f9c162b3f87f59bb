"""Has this model changed? A cheap look at what its attributes are, before and after, or now and last time."""

from __future__ import annotations

import sys
import weakref
import zlib
from dataclasses import dataclass
from typing import Any

from . import peek

MAX_LEAVES = 600
MAX_DEPTH = 7
EDGE = 4
"""Of many parts (the trees of a forest, a vocabulary) only the first and last few are looked at."""
MAX_HASHED_BYTES = 16_384

_SCALARS = frozenset(map(id, (int, float, complex, str, bytes, bool, type(None))))
"""Ids of types: hashing a class may run its metaclass."""
_ROUNDS = {"xgboost.core.Booster": "num_boosted_rounds", "lightgbm.basic.Booster": "current_iteration"}
"""How each library counts its rounds: a number that it keeps."""
Leaf = tuple[str, Any]


@dataclass(frozen=True)
class Stamp:
    """What a model's attributes were. Objects are held weakly: an id used again can't look unchanged."""

    leaves: tuple[Leaf, ...]

    def matches(self, other: Stamp) -> bool:
        """Whether nothing changed from this stamp to the newer `other`."""
        return len(self.leaves) == len(other.leaves) and all(
            _same(old, new) for old, new in zip(self.leaves, other.leaves, strict=True)
        )


def stamp(model: object) -> Stamp:
    leaves: list[Leaf] = []
    _walk(model, "", 0, leaves, set())
    return Stamp(tuple(leaves))


def _walk(value: object, path: str, depth: int, leaves: list[Leaf], seen: set[int]) -> None:
    if len(leaves) >= MAX_LEAVES or depth > MAX_DEPTH:
        return
    kind = type(value)
    if id(kind) in _SCALARS:
        leaves.append((path, value))
        return
    if kind is dict or kind is list or kind is tuple:
        if id(value) in seen:
            return
        seen.add(id(value))
        parts = list(peek.items(value, sys.maxsize))
        leaves.append((path, len(parts)))
        for key, part in parts if len(parts) <= 2 * EDGE else parts[:EDGE] + parts[-EDGE:]:
            name = key if type(key) is str or type(key) is int else id(key)
            _walk(part, f"{path}[{name}]", depth + 1, leaves, seen)
        return
    leaves.append((path, _hold(value)))
    found = peek.attributes(value)
    if found and id(value) not in seen and peek.root_of(kind) not in ("numpy", "pandas"):
        seen.add(id(value))
        for name, part in list(found.items()):
            _walk(part, f"{path}.{name}", depth + 1, leaves, seen)


def _hold(value: object) -> Any:
    checksum = _checksum(value)
    try:
        return weakref.ref(value), checksum
    except TypeError:
        return id(value), checksum


def _checksum(value: object) -> int | None:
    """Of small arrays, which online learners change in place; of tensors and boosters the number of their changes."""
    numpy = peek.library("numpy")
    if numpy is None or type(value) is not numpy.ndarray:
        return _changes(value)
    array: Any = value
    if array.dtype.hasobject or array.nbytes > MAX_HASHED_BYTES or not array.flags.c_contiguous:
        return None
    return zlib.crc32(array.tobytes())


def _changes(value: object) -> int | None:
    if not peek.module_of(type(value)).startswith(("torch", "xgboost.", "lightgbm.")):
        return None
    name = peek.class_name(type(value))
    if name in ("torch.nn.parameter.Parameter", "torch.Tensor"):
        return None if value.is_inference() else value._version  # type: ignore[attr-defined]
    rounds = _ROUNDS.get(name)
    return None if rounds is None else _grown(value, rounds)


def _grown(booster: object, rounds: str) -> int | None:
    """`Booster.update()` grows trees behind a handle that stays the same; None where there is no handle any more."""
    try:
        return int(getattr(booster, rounds)())
    except Exception:
        return None


def _same(old: Leaf, new: Leaf) -> bool:
    if old[0] != new[0]:
        return False
    before, after = old[1], new[1]
    if type(before) is tuple and type(after) is tuple:
        (held, checksum), (now, fresh) = before, after
        if checksum != fresh:
            return False
        if type(held) is not type(now):
            return False
        # Two live weak references to one object are the same object; a dead one proves a replacement.
        return held is now or held == now if type(held) is int else held() is not None and held() is now()
    if type(before) is not type(after):
        return False
    return bool(before == after or (before != before and after != after))
