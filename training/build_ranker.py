"""Builds `jupyter_mlchat/llm/builtin/ranker.bin`: `python -m training.build_ranker`, the same file each time.

The file is compressed by zlib: a line of JSON (labels, scales, bias, made_of), a byte of rarity for each column, then
one signed byte for each column and, within it, each label. It learns from the tuned half of `utterances/` and from
`phrases.txt`, never from the held-out half.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jupyter_mlchat.llm.builtin.names import read_names
from jupyter_mlchat.llm.builtin.ranker import FILE, FOLLOWS, RARITY, SIZE, columns, counted, parts
from jupyter_mlchat.llm.builtin.slots import FILE_TAGS, find_files, read_slots
from jupyter_mlchat.llm.builtin.spelling import plainly
from jupyter_mlchat.llm.builtin.wording import CLASSES

from .corpus import NAMESPACES, utterances

PHRASES = Path(__file__).with_name("phrases.txt")
FIRMNESS = 1.0
"""Inverse of the penalty on large weights: larger fits the examples more closely."""
SURENESS = 3.0
"""Factor on the distances from the borders between the labels: with it, chances are as often right as they say."""


def phrases() -> Iterator[tuple[str, str]]:
    """(masked sentence, tool) of each line of `phrases.txt`."""
    tool = ""
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            tool = line.strip("[]")
        elif line and not line.startswith("#"):
            yield with_files(line), tool


def with_files(phrase: str) -> str:
    """A phrase with its file names masked as in a sentence."""
    for file in reversed(find_files(phrase)):
        phrase = phrase[: file.start] + FILE_TAGS[file.kind] + phrase[file.end :]
    return phrase


def masked_utterances() -> Iterator[tuple[str, dict[str, Any]]]:
    """The tuned ones that ask for one thing, masked, each with its line."""
    names = {label: read_names(catalogue) for label, catalogue in NAMESPACES.items()}
    for line in utterances(tuned=True):
        if line["tool"] != "two":
            masked = read_slots(plainly(" ".join(line["text"].split())), names[line["namespace"]]).masked
            yield (f"{masked} {FOLLOWS}" if line.get("before") else masked), line


def examples() -> list[tuple[str, str]]:
    """(masked sentence, tool) of all there is to learn from."""
    return [*((masked, str(line["tool"])) for masked, line in masked_utterances()), *phrases()]


def digest(learned: list[tuple[str, str]]) -> str:
    """Of the sentences as the ranker sees them: a change of the words' masks is a change of it too."""
    lines = [
        json.dumps({name: words.split() for name, words in CLASSES.items()}),
        *(f"{tool}\t{text}" for text, tool in learned),
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class Learned:
    """Weights (label, SIZE) and bias (label,) of one border for each label; rarity in a byte for each column."""

    labels: list[str]
    weights: np.ndarray
    bias: np.ndarray
    rarity: bytes


def rarity(texts: Sequence[str]) -> bytes:
    having = np.zeros(SIZE)
    for text in texts:
        having[list({column for said in parts(text) for column in counted(said)})] += 1
    share = 1 + np.log((1 + len(texts)) / (1 + having))
    return np.clip(np.round(share * RARITY), 0, 255).astype(np.uint8).tobytes()


def fit(texts: Sequence[str], labels: Sequence[str]) -> Learned:
    """A linear support vector machine, each label against the others."""
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    rare = rarity(texts)
    rows, at, amounts = [], [], []
    for row, text in enumerate(texts):
        for column, amount in columns(text, rare).items():
            rows.append(row)
            at.append(column)
            amounts.append(amount)
    table = csr_matrix((amounts, (rows, at)), shape=(len(texts), SIZE))
    model = LinearSVC(C=FIRMNESS, random_state=0).fit(table, labels)
    found = [str(label) for label in model.classes_]
    return Learned(found, model.coef_ * SURENESS, model.intercept_ * SURENESS, rare)


def packed(learned: Learned, made_of: str) -> bytes:
    """The content of the file."""
    scales = np.abs(learned.weights).max(axis=1) / 127
    head = {
        "labels": learned.labels,
        "scales": [float(f"{scale:.6g}") for scale in scales],
        "bias": [float(f"{one:.6g}") for one in learned.bias],
        "made_of": made_of,
    }
    table = np.round(learned.weights / scales[:, None]).astype(np.int8)
    return zlib.compress(json.dumps(head).encode() + b"\n" + learned.rarity + table.T.tobytes(), 9)


def main() -> None:
    sentences = examples()
    learned = fit([text for text, _ in sentences], [tool for _, tool in sentences])
    FILE.write_bytes(packed(learned, digest(sentences)))
    print(f"{len(sentences)} sentences, {len(learned.labels)} labels, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
