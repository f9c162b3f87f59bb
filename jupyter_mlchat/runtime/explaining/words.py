"""What each word of one text adds to the answer of a model that reads texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import peek
from ..asking.outputs import Aim
from .contributions import TOLERANCE, direct
from .path import Path

MAX_WORDS = 200
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True)
class Words:
    """`values` by term of the text; they add up to `total` - `base` unless `base` is None (words left out)."""

    method: str
    base: float | None
    total: float
    values: dict[str, float]


def by_coefficients(path: Path, text: str, at: Aim, place: int, sign: int) -> Words | None:
    """Coefficient x weight of each term, for one vectorizer before a linear estimator; else None.

    None too where that sum is not what the estimator answers.
    """
    numpy = peek.library("numpy")
    final = path.final
    coefficients, intercept = peek.attribute(final, "coef_"), peek.attribute(final, "intercept_")
    if numpy is None or not path.steps:
        return None
    vectorizer = path.steps[0]
    if coefficients is None or intercept is None or peek.attribute(vectorizer, "analyzer") != "word":
        return None
    vocabulary = peek.attribute(vectorizer, "vocabulary_")
    row = path.transform([text])
    matrix = numpy.atleast_2d(numpy.asarray(coefficients, dtype=float))
    if type(vocabulary) is not dict or row.shape[1] != len(vocabulary) or matrix.shape[1] != row.shape[1]:
        return None
    analyze = vectorizer.build_analyzer()
    weights = sign * matrix[place]
    offset = float(sign * numpy.atleast_1d(numpy.asarray(intercept, dtype=float)).ravel()[place])
    dense = numpy.asarray(row.todense()).ravel() if hasattr(type(row), "todense") else numpy.asarray(row).ravel()
    total = offset + float(weights @ dense)
    told = direct(final, row, place, sign, at)
    if told is None or abs(told - total) > TOLERANCE * max(1.0, abs(total)):
        return None
    values = {term: float(weights[i] * dense[i]) for term in analyze(text) if (i := vocabulary.get(term)) is not None}
    return Words("coefficient x weight of the term", offset, total, values)


def by_leaving_out(ask: Callable[[list[str]], Any], text: str) -> Words:
    """How far the answer falls without a word: f(text) - f(text without it). These don't add up."""
    words = list(dict.fromkeys(match.group().casefold() for match in _WORD.finditer(text)))[:MAX_WORDS]
    shorter = [_without(text, word) for word in words]
    answers = ask([text, *shorter])
    total = float(answers[0])
    return Words(
        "leaving each word out", None, total,
        {word: total - float(answer) for word, answer in zip(words, answers[1:], strict=True)},
    )  # fmt: skip


def _without(text: str, word: str) -> str:
    return _WORD.sub(lambda match: "" if match.group().casefold() == word else match.group(), text)
