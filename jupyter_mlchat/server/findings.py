"""What an uploaded file is, and what loading it would import. Looked into, never loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..protocol.answers import Contents
from ..runtime.files.inspection import inspect_file
from ..runtime.toolbox import ToolError

MOST_NAMES = 50
_PIECE = 1 << 20


def digest_of(path: Path) -> str:
    """SHA-256 of a file. Blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def contents_of(path: Path, name: str) -> Contents:
    """What is in a file of this name: with a verdict where it is a model file. Blocks for 20 s at most."""
    try:
        told = inspect_file(str(path), {}, name)
    except ToolError:
        return Contents()
    imports = [f"{module}.{attribute}" for module, attribute in told.imports]
    return Contents(told.sniffed.kind, told.verdict, imports[:MOST_NAMES], told.reasons[:MOST_NAMES])
