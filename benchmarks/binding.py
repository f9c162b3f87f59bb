"""How many wrong numbers of an answer are marked as not from the kernel, and how many right ones by mistake.

The answers of `binding_answers/` are filled with real results of the kernel's own tools over three data sets, and a
liar changes one number of each. `held_out.txt` was worded without looking at what the matching makes of it.
Not to be found, and not planted: the number of another thing in the sentence, such as two classes swapped.
"""

from __future__ import annotations

import random
import re
import string
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlchat.agent.binding import Binder
from jupyter_mlchat.agent.binding.vocabulary import ONES
from jupyter_mlchat.protocol.events import Event

from .binding_scenes import scenes
from .table import p, show

FOLDER = Path(__file__).parent / "binding_answers"
HALVES = ("tuned", "held_out")
ANSWERS = 300
EARLIER = 2
"""Turns before this one, about something else, whose results are sources too."""
PIECE = 7
"""Characters of a delta."""
ORDINALS = ("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


class Filler(string.Formatter):
    """`str.format` that remembers where it put what, with formats of its own: `words`, `ord`, `p1`, `c2`."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, Any, str]] = []

    def format_field(self, value: Any, spec: str) -> str:
        text = written(value, spec)
        self.fields.append((text, value, spec))
        return f"\x00{len(self.fields) - 1}\x01"


def written(value: Any, spec: str) -> str:
    if spec == "words":
        return ONES[int(value)]
    if spec == "ord":
        return ORDINALS[int(value)]
    if re.fullmatch(r"p\d", spec):
        return f"{100 * float(value):.{spec[1]}f}"
    if re.fullmatch(r"c\d", spec):
        return f"{float(value):.{spec[1]}f}".replace(".", ",")
    return str(format(value, spec))


@dataclass(frozen=True)
class Answer:
    """`lie` is where the planted number stands; None in an honest answer."""

    text: str
    lie: tuple[int, int] | None
    events: Sequence[Event]
    numbers: int
    names: int


def answers(half: str) -> Iterator[Answer]:
    """At least `ANSWERS` with one lie each."""
    dice = random.Random(half)
    lines = (FOLDER / f"{half}.txt").read_text("utf-8").splitlines()
    known = scenes()
    count = 0
    while count < ANSWERS:
        for line in lines:
            about, _, template = line.partition(": ")
            for scene in known:
                if about in scene.results:
                    others = dice.sample([one for one in scene.turns if one != about], EARLIER)
                    events = [event for one in (*others, about) for event in scene.turns[one]]
                    yield fill(template.replace("\\n", "\n"), scene.values, events, dice)
                    count += 1


def fill(template: str, values: dict[str, Any], events: Sequence[Event], dice: random.Random) -> Answer:
    filler = Filler()
    shaped = filler.vformat(template, (), values)
    planted = [number for number, (_, value, _) in enumerate(filler.fields) if isinstance(value, (int, float))]
    chosen = dice.choice(planted)
    texts = [text for text, _, _ in filler.fields]
    texts[chosen] = wrong(*filler.fields[chosen], dice)
    parts = re.split("\x00(\\d+)\x01", shaped)
    text, lie = "", None
    for number, part in enumerate(parts):
        told = texts[int(part)] if number % 2 else part
        if number % 2 and int(part) == chosen:
            lie = (len(text), len(text) + len(told))
        text += told
    return Answer(text, lie, events, len(planted) - 1, text.count("`") // 2)


def wrong(text: str, value: Any, spec: str, dice: random.Random) -> str:
    """Another number that looks the same: one digit off, or all of them made up."""
    if spec in ("words", "ord"):
        table = ONES if spec == "words" else ORDINALS
        others = [word for number, word in enumerate(table[:11]) if number > 2 and word != text]
        return dice.choice(others)
    while True:
        digits = [at for at, letter in enumerate(text) if letter.isdigit()]
        changed = digits if dice.random() < 0.3 else [dice.choice(digits)]
        made = "".join(dice.choice(string.digits) if at in changed else letter for at, letter in enumerate(text))
        plain = (float(re.sub(r"[^\d.]", "", one.replace(",", "."))) if "c" in spec else one for one in (made, text))
        leading = re.match(r"[+-]?0\d", made)
        if len(set(map(str, plain))) == 2 and not leading:
            return made


def marked(answer: Answer, about: Sequence[Event]) -> tuple[list[tuple[int, int]], float]:
    """Where marks are, when the answer streams, and milliseconds of the whole."""
    binder = Binder()
    binder.hear(about)
    began = time.process_time()
    for end in range(PIECE, len(answer.text) + PIECE, PIECE):
        binder.read(answer.text[:end])
    binder.read(answer.text, final=True)
    spent = 1e3 * (time.process_time() - began)
    return [(mark.start, mark.end) for mark in binder.marks if not mark.call], spent


def main() -> None:
    rows = []
    for half in HALVES:
        found = lies = false = right = 0
        times = []
        for answer in answers(half):
            spans, spent = marked(answer, answer.events)
            times.append(spent)
            assert answer.lie is not None
            start, end = answer.lie
            lies += 1
            found += any(a < end and start < b for a, b in spans)
            false += sum(not (a < end and start < b) for a, b in spans)
            right += answer.numbers + answer.names
        rows.append(
            [
                half.replace("_", " "),
                lies,
                f"{100 * found / lies:.1f} %",
                right,
                f"{100 * false / right:.1f} %",
                p(times, 50),
                p(times, 99),
            ]
        )
    show(["answers", "lies", "marked", "right numbers and names", "marked", "ms, median", "ms, p99"], rows)


if __name__ == "__main__":
    main()
