"""Model files below a folder, and models that a registry of MLflow there knows."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from ..toolbox import ToolError
from . import kinds, places, registries
from .kinds import Sniffed
from .registries import Version

MAX_DEPTH = 6
MAX_FOUND = 500
MAX_ENTRIES = 50_000
MAX_SECONDS = 10.0
_SKIPPED = frozenset(
    """node_modules venv env __pycache__ site-packages dist-packages build dist Trash proc sys dev""".split()
)


@dataclass
class Folder:
    """`files` by path below the folder. `whole` is False when a limit ended the search."""

    files: list[tuple[str, Sniffed]] = field(default_factory=list)
    registered: list[Version] = field(default_factory=list)
    unreadable: int = 0
    whole: bool = True


def search(root: str) -> Folder:
    """Raises ToolError `not_found` or `invalid_input`. Links to folders are not followed."""
    if not os.path.isdir(root):
        if os.path.lexists(root):
            name = places.base(root)
            raise ToolError("invalid_input", f"`{name}` is a file.", "`inspect_model_file` looks into it.", about=name)
        raise places.refusal(root, FileNotFoundError(2, ""))
    found = Folder()
    end, left = time.monotonic() + MAX_SECONDS, MAX_ENTRIES
    todo: list[tuple[str, int]] = [(root, 0)]
    while todo:
        folder, depth = todo.pop(0)
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            found.unreadable += 1
            continue
        left -= len(listed)
        if left < 0 or time.monotonic() > end or len(found.files) >= MAX_FOUND:
            found.whole = False
            break
        for entry in listed:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if _is_model(entry.path):
                    _add(found, root, entry.path)
                elif depth < MAX_DEPTH and entry.name not in _SKIPPED:
                    todo.append((entry.path, depth + 1))
            elif kinds.may_be(entry.name) and entry.is_file():
                _add(found, root, entry.path)
    if _is_model(root):
        _add(found, root, root)
    found.registered = registries.registered(root)
    return found


def _is_model(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, kinds.MLMODEL))


def _add(found: Folder, root: str, path: str) -> None:
    if len(found.files) >= MAX_FOUND:
        found.whole = False
        return
    try:
        sniffed = kinds.sniff(path)
    except (ToolError, OSError):
        found.unreadable += 1
        return
    if sniffed is not None:
        found.files.append((os.path.relpath(path, root), sniffed))
