"""Where predictions go: into memory for a new variable, or into a folder of Parquet parts that survives the kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from .. import peek
from ..signature import Signature
from ..toolbox import ToolError
from . import manifest, parquet
from .answered import joined
from .manifest import Done
from .scoring import ANSWERED, Scored
from .tally import Tally

MAX_TOLD_ROWS = 50


class Sink(Protocol):
    """Parts come in rising order, those that are `done` left out."""

    @property
    def done(self) -> Collection[int]: ...

    def put(self, number: int, scored: Scored) -> None: ...

    def summary(self, signature: Signature) -> Tally:
        """Of all parts, those of earlier sittings too."""

    @property
    def reasons(self) -> Counter[str]:
        """Rows in the quarantine for each `code column`."""


@dataclass
class MemorySink:
    """Held until the job is whole; a job that is asked for again goes on with what is here."""

    parts: dict[int, Scored] = field(default_factory=dict)

    @property
    def done(self) -> Collection[int]:
        return self.parts.keys()

    def put(self, number: int, scored: Scored) -> None:
        self.parts[number] = scored

    def summary(self, signature: Signature) -> Tally:
        tally = Tally(signature)
        for scored in self.parts.values():
            tally.add(scored.labels[scored.codes == ANSWERED])
        return tally

    @property
    def reasons(self) -> Counter[str]:
        return sum((counted(scored) for scored in self.parts.values()), Counter())

    def told_rows(self) -> list[dict[str, Any]]:
        """The first refused rows by position, each with its reason."""
        found: list[dict[str, Any]] = []
        start = 0
        for number in sorted(self.parts):
            scored = self.parts[number]
            for row in (scored.codes != ANSWERED).nonzero()[0][: MAX_TOLD_ROWS - len(found)].tolist():
                code, column = scored.reasons[scored.codes[row] - 1]
                found.append({"row": start + row, "code": code, "column": column})
            start += scored.rows
        return found


@dataclass
class FolderSink:
    """`folder/part-00000.parquet` and so on, a row for each row of the source. Beside it lies the `desk`: the
    manifest, and `quarantine-00000.parquet` of each part in which rows were refused."""

    folder: Path
    desk: Path
    manifest: manifest.Manifest
    signature: Signature
    tally: Tally
    earlier: list[int] = field(default_factory=list)
    """Parts of earlier sittings that are not in the tally yet."""
    schema: Any = None

    @property
    def done(self) -> Collection[int]:
        return self.manifest.done.keys()

    def put(self, number: int, scored: Scored) -> None:
        numpy: Any = peek.library("numpy")
        bad = scored.codes != ANSWERED
        if bad.any():
            places = numpy.flatnonzero(bad)
            why = [scored.reasons[code - 1] for code in scored.codes[places].tolist()]
            before = sum(self.manifest.done[part].rows for part in range(number))
            told = {"row": places + before, "issue": [one[0] for one in why], "column": [one[1] for one in why]}
            parquet.write(self.desk / f"quarantine-{number:05}.parquet", self.desk, told)
        self.tally.add(scored.labels[~bad])
        columns = joined(self.signature, [scored], bad)
        self.schema, sha256 = parquet.write(self.path_of(number), self.desk, columns, self.schema)
        self.manifest.add(Done(number, scored.rows, int(bad.sum()), sha256, dict(counted(scored))))

    def path_of(self, number: int) -> Path:
        return self.folder / f"part-{number:05}.parquet"

    def summary(self, signature: Signature) -> Tally:
        for number in self.earlier:
            done = self.manifest.done[number]
            if self.schema is not None and "prediction" in self.schema.names:
                self.tally.add(parquet.column_of(self.path_of(number), "prediction"))
            else:
                self.tally.rows += done.rows - done.bad
        self.earlier = []
        return self.tally

    @property
    def reasons(self) -> Counter[str]:
        return sum((Counter(done.reasons) for done in self.manifest.done.values()), Counter())


def open_folder(folder: Path, job: dict[str, Any], signature: Signature, named: str) -> FolderSink:
    """A new folder, or the one that the same job began: only parts that are whole count as done.

    Raises ToolError `conflict` for what was made by anything else: nothing is ever overwritten.
    """
    desk = folder.with_name(f"{folder.stem}.batch")
    path = desk / "manifest.jsonl"
    known = manifest.read(path)
    if known is None:
        if folder.exists() or desk.exists():
            text = f"There is a `{named}` (or `{desk.name}` beside it) already; it was left alone."
            raise ToolError("conflict", text, "Choose another name.", about=named)
        folder.mkdir()
        desk.mkdir()
        return FolderSink(folder, desk, manifest.begin(path, job), signature, Tally(signature))
    differs = [name for name in job if known.job.get(name) != job[name]]
    if differs:
        what = " and ".join({"source": "the data", "model": "the model"}.get(name, "the options") for name in differs)
        text = f"`{named}` was begun with something else: {what} changed since."
        raise ToolError("conflict", text, "Choose another name, or go back to what it was begun with.", about=named)
    sink = FolderSink(folder, desk, known, signature, Tally(signature))
    folder.mkdir(exist_ok=True)
    for number, done in list(known.done.items()):
        part = sink.path_of(number)
        if not part.exists() or manifest.sha256_of(part) != done.sha256:
            del known.done[number]
        elif done.bad < done.rows and sink.schema is None:
            sink.schema = parquet.schema_of(part)
    sink.earlier = sorted(known.done)
    return sink


def counted(scored: Scored) -> Counter[str]:
    return Counter(
        {
            f"{code} {column}".strip(): int((scored.codes == number).sum())
            for number, (code, column) in enumerate(scored.reasons, 1)
        }
    )
