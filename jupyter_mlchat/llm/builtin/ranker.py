"""Which tools a sentence is most like: a linear model over its words and letters, learned from `training/`.

It only ranks. What is called is decided by the readings; the ranker orders what is offered, and a call on which it
disagrees becomes an offer (`router`).
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .wording import ABSENT, wording

SIZE = 1 << 15
"""Columns of the weights: each run of words or letters has one, by its checksum."""
FILE = Path(__file__).with_name("ranker.bin")
DECLINE = "decline"
"""The label of what is not ours to answer."""
FOLLOWS = "BEFORE"
"""Stands at the end of a sentence that follows an answer."""
_TOKEN = re.compile(r"[A-Z]{2,}|[^\W_]+(?:'\w+)?|\.\w{2,7}|[?=%<>*]")
_LETTERS = (3, 4, 5)
MEANINGS = 0.6
"""What the words' meanings weigh beside the words."""


@dataclass(frozen=True)
class Ranker:
    """`weights` has one signed byte for each column and, within it, each label; `scales` and `bias` are by label.
    `made_of` is the SHA-256 of what it learned from."""

    labels: tuple[str, ...]
    weights: memoryview
    scales: tuple[float, ...]
    bias: tuple[float, ...]
    made_of: str

    def chances(self, masked: str) -> dict[str, float]:
        """Label to its probability, the likeliest first; `masked` is `Slots.masked`, with `FOLLOWS` or without."""
        width = len(self.labels)
        sums = [0.0] * width
        for column, amount in columns(masked).items():
            for label, weight in enumerate(self.weights[column * width : (column + 1) * width]):
                sums[label] += weight * amount
        scores = [total * scale + bias for total, scale, bias in zip(sums, self.scales, self.bias, strict=True)]
        raised = [math.exp(score - max(scores)) for score in scores]
        shares = sorted(zip(raised, self.labels, strict=True), reverse=True)
        return {label: amount / sum(raised) for amount, label in shares}


def columns(masked: str) -> dict[int, float]:
    """Column to amount, of length 1 together: runs of up to three words, of letters within a word, and meanings."""
    said: dict[str, float] = {}
    tokens = _TOKEN.findall(masked)
    for place, token in enumerate(tokens):
        for width in (1, 2, 3):
            run = tokens[place : place + width]
            if len(run) == width:
                _add(said, "w" + " ".join(run), 1.0 if width < 3 else 0.5)
        if token.islower():
            framed = f"<{token}>"
            for width in _LETTERS:
                for start in range(len(framed) - width + 1):
                    _add(said, "c" + framed[start : start + width], 0.5)
    if tokens:
        _add(said, "f" + tokens[0], 0.7)
    found = _hashed(said)
    for column, amount in _hashed(_meanings(masked) if tokens else {}).items():
        found[column] = found.get(column, 0.0) + MEANINGS * amount
    return _of_length_one(found)


def _meanings(masked: str) -> dict[str, float]:
    """What words say whichever of them is taken, and the names and values that the sentence lacks."""
    return {
        f"k{mark}": 0.25 if mark.startswith(ABSENT) else 0.4 if "+" in mark else 0.8
        for mark in wording(masked)
        if "<" in mark or mark.startswith(ABSENT)
    }


def _hashed(said: Mapping[str, float]) -> dict[int, float]:
    found: dict[int, float] = {}
    for run_of, amount in said.items():
        column = zlib.crc32(run_of.encode()) % SIZE
        found[column] = found.get(column, 0.0) + amount
    return _of_length_one(found)


def _of_length_one(found: Mapping[int, float]) -> dict[int, float]:
    length = sum(amount * amount for amount in found.values()) ** 0.5 or 1.0
    return {column: amount / length for column, amount in found.items()}


def _add(said: dict[str, float], run: str, amount: float) -> None:
    said[run] = min(said.get(run, 0.0) + amount, 2 * amount)


@cache
def load_ranker() -> Ranker:
    """The one in the package; read at the first question. Its form is told in `training/build_ranker.py`."""
    head, _, weights = zlib.decompress(FILE.read_bytes()).partition(b"\n")
    told = json.loads(head)
    table = memoryview(weights).cast("b")
    return Ranker(tuple(told["labels"]), table, tuple(told["scales"]), tuple(told["bias"]), told["made_of"])
