"""Looking at an unknown object without running any of its code.

No property, `__getattr__`, `__class__`, `repr`, `==`, `hash`, `len` or `bool` of the object, its class or its
metaclass is triggered: classes are read through the descriptors of `type`, instances through the slot of
their `__dict__`.
"""

from __future__ import annotations

import sys
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

_mro_of: Callable[[type], tuple[type, ...]] = vars(type)["__mro__"].__get__
_dict_of: Callable[[type], Any] = vars(type)["__dict__"].__get__
_module_of: Callable[[type], Any] = vars(type)["__module__"].__get__
_qualname_of: Callable[[type], str] = vars(type)["__qualname__"].__get__
_MISSING = object()


def library(name: str) -> Any | None:
    """A module the user has imported already, or None. Nothing is ever imported for its own sake."""
    return sys.modules.get(name)


def module_of(cls: type) -> str:
    """The module a class says it is from; "" when it says something that is not a string."""
    try:
        found = _module_of(cls)
    except AttributeError:
        return ""
    return found if type(found) is str else ""


def class_name(cls: type) -> str:
    """`sklearn.pipeline.Pipeline`."""
    return f"{module_of(cls)}.{_qualname_of(cls)}"


def short_name(cls: type) -> str:
    """`Pipeline`."""
    return _qualname_of(cls).rpartition(".")[2]


def root_of(cls: type) -> str:
    """The top package of a class: `sklearn`."""
    return module_of(cls).partition(".")[0]


def mro(cls: type) -> tuple[type, ...]:
    return _mro_of(cls)


def is_a(obj: object, *names: str) -> bool:
    """Whether a qualified class name is among the bases of the object's class."""
    return any(class_name(base) in names for base in _mro_of(type(obj)))


def class_attribute(cls: type, name: str) -> object | None:
    """The raw entry of the first class dict that has it: a function, descriptor or value; None if absent."""
    for base in _mro_of(cls):
        found = _dict_of(base).get(name, _MISSING)
        if found is not _MISSING:
            return found  # type: ignore[no-any-return]
    return None


def attributes(obj: object) -> dict[str, Any]:
    """The instance dict itself (not a copy); empty for objects without a plain one."""
    slot = class_attribute(type(obj), "__dict__")
    if type(slot) is not types.GetSetDescriptorType:
        return {}
    try:
        found = slot.__get__(obj)
    except Exception:
        return {}
    return found if type(found) is dict else {}


def attribute(obj: object, name: str) -> Any:
    """A value of the instance dict, else None."""
    return attributes(obj).get(name)


def fitted_names(obj: object) -> list[str]:
    """Names that an estimator sets in `fit`: those of its instance dict that end in one underscore."""
    return [
        name
        for name in list(attributes(obj))
        if type(name) is str and name.endswith("_") and not name.endswith("__") and not name.startswith("_")
    ]


def items(container: object, limit: int) -> Iterator[tuple[Any, Any]]:
    """Keys or positions with values of an exact dict, list or tuple; of other or longer ones nothing."""
    if type(container) is dict:
        if len(container) <= limit:
            yield from list(container.items())
    elif (type(container) is list or type(container) is tuple) and len(container) <= limit:
        yield from enumerate(list(container))


class ByClass:
    """A cache by class that neither hashes nor keeps alive the classes it knows."""

    def __init__(self, compute: Callable[[type], Any]) -> None:
        self._compute = compute
        self._known: dict[int, tuple[weakref.ref[type], Any]] = {}

    def __call__(self, cls: type) -> Any:
        entry = self._known.get(id(cls))
        if entry is not None and entry[0]() is cls:
            return entry[1]
        value = self._compute(cls)
        self._known[id(cls)] = (weakref.ref(cls), value)
        return value
