"""Builds `jupyter_mlchat/llm/builtin/ranker.bin`: `python -m training.build_ranker`, the same file each time.

The file is compressed by zlib: a line of JSON (labels, scales, bias, made_of), then one signed byte for each column
and, within it, each label. It learns from the tuned half of `utterances/` and from `phrases.txt`, never from the
held-out half.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jupyter_mlchat.llm.builtin.names import read_names
from jupyter_mlchat.llm.builtin.ranker import FILE, FOLLOWS, SIZE, columns
from jupyter_mlchat.llm.builtin.slots import FILE_TAGS, find_files, read_slots
from jupyter_mlchat.llm.builtin.wording import CLASSES

from .corpus import NAMESPACES, utterances

PHRASES = Path(__file__).with_name("phrases.txt")
FIRMNESS = 30.0
"""Inverse of the penalty on large weights: larger fits the examples more closely."""


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
            masked = read_slots(" ".join(line["text"].split()), names[line["namespace"]]).masked
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


def fit(texts: list[str], labels: list[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Labels, weights (label, SIZE) and bias (label,) of a logistic regression."""
    from scipy.sparse import csr_array
    from sklearn.linear_model import LogisticRegression

    rows, at, amounts = [], [], []
    for row, text in enumerate(texts):
        for column, amount in columns(text).items():
            rows.append(row)
            at.append(column)
            amounts.append(amount)
    table = csr_array((amounts, (rows, at)), shape=(len(texts), SIZE))
    model = LogisticRegression(C=FIRMNESS, max_iter=400).fit(table, labels)
    return [str(label) for label in model.classes_], model.coef_, model.intercept_


def main() -> None:
    learned = examples()
    labels, weights, bias = fit([text for text, _ in learned], [tool for _, tool in learned])
    scales = np.abs(weights).max(axis=1) / 127
    head = {
        "labels": labels,
        "scales": [float(f"{scale:.6g}") for scale in scales],
        "bias": [float(f"{one:.6g}") for one in bias],
        "made_of": digest(learned),
    }
    table = np.round(weights / scales[:, None]).astype(np.int8)
    FILE.write_bytes(zlib.compress(json.dumps(head).encode() + b"\n" + table.T.tobytes(), 9))
    print(f"{len(learned)} sentences, {len(labels)} labels, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
