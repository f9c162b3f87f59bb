"""What a folder of predictions is made of, and which parts are done: the one thing a resumed job believes.

A file of JSON lines: first what the job is, then a line for each part once that is there whole. Lines are only ever
added; one that a killed process left half written counts for nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import peek

FORMAT = 1


@dataclass(frozen=True)
class Done:
    """A part that is there. `bad` of its `rows` are in the quarantine; `sha256` is of its file."""

    part: int
    rows: int
    bad: int
    sha256: str
    reasons: dict[str, int]
    """Rows for each `code column`."""


@dataclass
class Manifest:
    path: Path
    job: dict[str, Any]
    """Source, model, sizes: all that two sittings must have in common."""
    done: dict[int, Done]

    def add(self, done: Done) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(done)) + "\n")
        self.done[done.part] = done


def begin(path: Path, job: dict[str, Any]) -> Manifest:
    """A new one, there whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_text(json.dumps({"format": FORMAT, **job}) + "\n", encoding="utf-8")
    os.replace(unfinished, path)
    return Manifest(path, job, {})


def read(path: Path) -> Manifest | None:
    """None where there is none, or it is not one of ours. A half-written last line is cut off."""
    try:
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        first, *rest = [json.loads(line) for line in whole.splitlines()]
        if first.pop("format", None) != FORMAT:
            return None
        done = {one["part"]: Done(**one) for one in rest}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if whole != text:
        os.truncate(path, len(whole.encode()))
    return Manifest(path, first, done)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def identity_of(model: Any, revision: str) -> str:
    """The same for the same model in another process; for one that can't be pickled its revision here."""
    joblib = peek.library("joblib")
    try:
        if joblib is not None:
            return f"joblib {joblib.hash(model)}"
        return f"pickle {hashlib.sha256(pickle.dumps(model, protocol=5)).hexdigest()}"
    except Exception:
        return f"revision {revision}"
