"""The JSON file beside a saved model: what it is, what it needs, and the hash that its bytes must have."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from .. import peek
from ..catalog import Found
from ..signature import Column, Signature
from ..toolbox import ToolError, plain
from . import places, versions

SUFFIX = ".json"
_MAX = 16_000_000
_PIECE = 1 << 20


def describe(found: Found, sig: Signature, kind: str, digest: str, libraries: Sequence[str]) -> dict[str, Any]:
    """For the person's own disk: categories and ranges are in it."""
    return {
        "format": kind,
        "sha256": digest,
        "saved_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "model": found.ref,
        "class_name": peek.class_name(type(found.model)),
        "task": found.task,
        "fitted_in": f"In[{found.fit.cell}]" if found.fit is not None else None,
        "target": sig.target or None,
        "threshold": sig.threshold,
        "classes": [[plain(label, local=True) for label in labels] for labels in sig.classes or ()] or None,
        "columns": [_column(column) for column in sig.columns],
        "python": platform.python_version(),
        "libraries": {name: versions.installed(name) for name in libraries},
    }


def _column(column: Column) -> dict[str, Any]:
    facts = {
        "name": column.name, "dtype": column.dtype, "role": column.role, "required": column.required,
        "nullable": column.nullable, "low": column.low, "high": column.high, "unit": column.unit or None,
        "categories": None if column.categories is None else [_level(level) for level in column.categories],
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value is not None}


def _level(level: Any) -> Any:
    try:
        return plain(level, local=True)
    except ToolError:
        return str(level)


def as_bytes(about: dict[str, Any]) -> bytes:
    return (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()


def hash_of(path: str) -> str:
    """SHA-256 in hex."""
    digest = hashlib.sha256()
    with places.read(path) as file:
        while data := file.read(_PIECE):
            digest.update(data)
    return digest.hexdigest()


def beside(path: str) -> dict[str, Any]:
    """What was written with this file; empty where nothing was."""
    try:
        with places.read(path + SUFFIX) as file:
            found = json.loads(file.read(_MAX))
    except (ToolError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("sha256"), str) else {}
