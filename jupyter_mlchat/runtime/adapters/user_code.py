"""Does an object hold Python that the person wrote? Such code is not run beside their running cell."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

from .. import peek

_names_of: Callable[[object], Any] = vars(types.ModuleType)["__dict__"].__get__


def holds_user_code(objects: Iterable[object]) -> bool:
    return any(_is_users(value) for value in objects)


def _is_users(value: object) -> bool:
    kind = type(value)
    if kind is types.MethodType:
        return _is_users(value.__func__)  # type: ignore[attr-defined]
    if kind is functools.partial:
        return _is_users(value.func)  # type: ignore[attr-defined]
    if kind is types.FunctionType:
        name = value.__globals__.get("__name__")  # type: ignore[attr-defined]
        return not is_library(name if type(name) is str else "__main__")
    return not is_library(peek.module_of(kind))


def is_library(module: str) -> bool:
    """Whether a module was installed or came with Python, rather than written in or beside the notebook."""
    root = module.partition(".")[0]
    if root == "__main__":
        return False
    if root in sys.stdlib_module_names:
        return True
    loaded = sys.modules.get(root)
    # A library may be a module of a lazy kind, whose own lookups import.
    names: Any = _names_of(loaded) if types.ModuleType in peek.mro(type(loaded)) else {}
    path = names.get("__file__")
    return type(path) is str and ("site-packages" in path or "dist-packages" in path)
