"""Which tools a sentence is most like: a linear model over its words and letters, learned from `training/`.

It only ranks. What is called is decided by the readings; the ranker orders what is offered, and a call on which it
disagrees becomes an offer (`router`).
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from .wording import wording

SIZE = 1 << 15
"""Columns of the weights: each run of words or letters, and each mark, has one, by its checksum."""
FILE = Path(__file__).with_name("ranker.bin")
DECLINE = "decline"
"""The label of what is not ours to answer."""
FOLLOWS = "BEFORE"
"""Stands at the end of a sentence that follows an answer."""
_TOKEN = re.compile(r"[A-Z]{2,}|[^\W_]+(?:'\w+)?|\.\w{2,7}|[?=%<>*]")
_LETTERS = (2, 3, 4, 5)
RARITY = 32
"""What a column's byte of rarity is divided by."""


@dataclass(frozen=True)
class Ranker:
    """`weights` has one signed byte for each column and, within it, each label; `scales` and `bias` are by label,
    `rarity` by column: how few of the sentences have it. `made_of` is the SHA-256 of what it learned from."""

    labels: tuple[str, ...]
    weights: memoryview
    rarity: bytes
    scales: tuple[float, ...]
    bias: tuple[float, ...]
    made_of: str

    def chances(self, masked: str) -> dict[str, float]:
        """Label to its probability, the likeliest first; `masked` is `Slots.masked`, with `FOLLOWS` or without."""
        width = len(self.labels)
        sums = [0.0] * width
        for column, amount in columns(masked, self.rarity).items():
            at = column * width
            sums = [total + amount * weight for total, weight in zip(sums, self.weights[at : at + width], strict=True)]
        scores = [total * scale + bias for total, scale, bias in zip(sums, self.scales, self.bias, strict=True)]
        raised = [math.exp(score - max(scores)) for score in scores]
        shares = sorted(zip(raised, self.labels, strict=True), reverse=True)
        return {label: amount / sum(raised) for amount, label in shares}


def columns(masked: str, rarity: bytes) -> dict[int, float]:
    """Column to amount: what the sentence says in words, in letters and in marks, each of length 1 together."""
    found: dict[int, float] = {}
    for said in parts(masked):
        amounts: dict[int, float] = {}
        for column, times in counted(said).items():
            amounts[column] = (1 + math.log(times)) * rarity[column] / RARITY
        length = sum(amount * amount for amount in amounts.values()) ** 0.5 or 1.0
        for column, amount in amounts.items():
            found[column] = found.get(column, 0.0) + amount / length
    return found


def parts(masked: str) -> tuple[list[str], list[str], list[str]]:
    """Words and pairs of neighbours; runs of letters within a word; marks as the rules see them."""
    tokens = _TOKEN.findall(masked)
    words = [f"w{token}" for token in tokens]
    words += [f"w{one} {other}" for one, other in pairwise(tokens)]
    words += [f"f{token}" for token in tokens[:1]]
    framed = [f" {token} " for token in tokens]
    letters = [
        f"c{token[start : start + width]}"
        for token in framed
        for width in _LETTERS
        for start in range(len(token) - width + 1)
    ]
    return words, letters, [f"m{mark}" for mark in wording(masked)] if tokens else []


def counted(said: Sequence[str]) -> dict[int, int]:
    """Column to how often the sentence has it."""
    found: dict[int, int] = {}
    for run in said:
        column = zlib.crc32(run.encode()) % SIZE
        found[column] = found.get(column, 0) + 1
    return found


@cache
def load_ranker() -> Ranker:
    """The one in the package; read at the first question. Its form is told in `training/build_ranker.py`."""
    head, _, weights = zlib.decompress(FILE.read_bytes()).partition(b"\n")
    told = json.loads(head)
    table = memoryview(weights[SIZE:]).cast("b")
    labels, scales, bias = (tuple(told[key]) for key in ("labels", "scales", "bias"))
    return Ranker(labels, table, weights[:SIZE], scales, bias, told["made_of"])
