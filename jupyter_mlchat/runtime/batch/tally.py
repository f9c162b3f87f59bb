"""What all predictions are together, added up chunk by chunk: rows of each class, or mean and quantiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .. import frames, leaving, peek
from ..asking.answers import tally, told_counts
from ..signature import Signature

SAMPLED = 1_000
"""Predictions of a chunk that its quantiles are made of."""


@dataclass
class Tally:
    signature: Signature
    rows: int = 0
    counts: dict[Any, int] = field(default_factory=dict)
    total: float = 0.0
    sample: list[Any] = field(default_factory=list)
    """Arrays of (value, rows that it stands for), (n, 2)."""
    several: bool = False

    def add(self, labels: Any) -> None:
        """Answered predictions only, (n,); of (n, outputs) nothing but the number of rows is kept."""
        self.rows += len(labels)
        if not len(labels):
            return
        if labels.ndim != 1:
            self.several = True
        elif self._counted(labels):
            classes = self.signature.classes
            known = classes[0] if classes is not None and len(classes) == 1 else ()
            for label, count in tally(labels, known).items():
                self.counts[label] = self.counts.get(label, 0) + count
        else:
            numpy: Any = peek.library("numpy")
            self.total += float(labels.sum())
            some = frames.strided(labels, SAMPLED)
            self.sample.append(numpy.column_stack([some, numpy.full(len(some), len(labels) / len(some))]))

    def _counted(self, labels: Any) -> bool:
        counted = self.signature.task == "classification" and self.signature.returns == "label"
        return counted or labels.dtype.kind not in "fc"

    def told(self) -> dict[str, Any]:
        if self.counts:
            return {"counts": told_counts(self.signature, self.counts)}
        if not self.sample:
            return {}
        numpy: Any = peek.library("numpy")
        values = numpy.concatenate(self.sample)
        values = values[values[:, 0].argsort()]
        place = (values[:, 1].cumsum() - values[:, 1] / 2) / values[:, 1].sum()
        low, high = leaving.tails(len(values))
        at = numpy.interp([low, 0.25, 0.5, 0.75, high], place, values[:, 0]).tolist()
        quantiles = dict(zip(("p1", "p25", "median", "p75", "p99"), at, strict=True))
        return {"mean": self.total / self.rows, "quantiles": quantiles, "quantiles_from": len(values)}
