"""Writes `jupyter_mlchat/llm/builtin/rules.txt`: `python -m training.build_rules`, the same file each time.

A rule is a set of at most three marks of a sentence that stands for one tool. It must hold for sentences of several
styles, so that it isn't one person's way to put it, and hardly ever for another tool's. They are induced from what the
ranker learns from, never from the held-out half. Tools that delete, show rows or run code get none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jupyter_mlchat.llm.builtin.ranker import DECLINE
from jupyter_mlchat.llm.builtin.rules import FILE, GUESS, MADE_OF, Rule
from jupyter_mlchat.llm.builtin.wording import ABSENT, wording

from .build_ranker import digest, masked_utterances, phrases

NEVER = frozenset((DECLINE, "two", "delete_model", "sample_rows", "find_similar_examples", "run_code"))
MARKS = 3
SENTENCES = 2
STYLES = 2
PURE = 0.7
"""At least so large a share of the sentences with all marks mean the tool."""
SHARE = 0.4
"""The same, with `GUESS` further sentences against it."""
TIMES = 2
"""A rule is kept if a sentence isn't yet explained by so many better ones."""


@dataclass(frozen=True)
class Example:
    """A sentence of `style`, and the tools that answer it, `tool` before others."""

    marks: frozenset[str]
    tool: str
    also: frozenset[str]
    style: str


def examples() -> Iterator[Example]:
    for masked, line in masked_utterances():
        also = frozenset(line.get("also") or ())
        yield Example(wording(masked), str(line["tool"]), also, str(line["style"]))
    for place, (masked, tool) in enumerate(phrases()):
        yield Example(wording(masked), tool, frozenset(), f"phrases {place % 4}")


def induce(learned: Sequence[Example]) -> list[Rule]:
    """The rules, best first. Sets of sentences are the bits of whole numbers: conjunction is `&`."""
    having: dict[str, int] = defaultdict(int)
    meaning: dict[str, int] = defaultdict(int)
    styled: dict[str, int] = defaultdict(int)
    for place, one in enumerate(learned):
        for mark in one.marks:
            having[mark] |= 1 << place
        for tool in {one.tool, *one.also}:
            meaning[tool] |= 1 << place
        styled[one.style] |= 1 << place
    found: dict[tuple[str, tuple[str, ...]], tuple[Rule, int]] = {}
    looked: set[tuple[str, tuple[str, ...]]] = set()
    for one in learned:
        if one.tool not in NEVER:
            marks = sorted(mark for mark in one.marks if having[mark].bit_count() >= SENTENCES)
            for rule, held in _grown(one.tool, marks, having, meaning[one.tool], looked):
                if sum(bool(held & meaning[one.tool] & style) for style in styled.values()) >= STYLES:
                    found[rule.tool, rule.marks] = rule, held
    return _fewest(sorted(found.values(), key=_quality), meaning)


def _quality(found: tuple[Rule, int]) -> tuple[float, int, str]:
    return -found[0].share, len(found[0].marks), str(found[0])


def _grown(
    tool: str, marks: Sequence[str], having: dict[str, int], meant: int, looked: set[tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[Rule, int]]:
    """Conjunctions of these marks, grown as long as they hold for other tools' sentences too."""
    level: list[tuple[tuple[str, ...], int]] = [
        ((mark,), having[mark]) for mark in marks if not mark.startswith(ABSENT)
    ]
    while level:
        further = []
        for key, held in level:
            if (tool, key) in looked:
                continue
            looked.add((tool, key))
            right, of = (held & meant).bit_count(), held.bit_count()
            if right < SENTENCES:
                continue
            if right / of >= PURE and right / (of + GUESS) >= SHARE:
                yield Rule(tool, key, right, of), held
            if right < of and len(key) < MARKS:
                for mark in marks:
                    later = mark > key[-1] or mark.startswith(ABSENT)
                    if later and mark not in key and not any(_overlap(mark, other) for other in key):
                        both = held & having[mark]
                        if both != held:
                            further.append((tuple(sorted((*key, mark))), both))
        level = further


def _overlap(one: str, other: str) -> bool:
    return one in other.split("+") or other in one.split("+")


def _fewest(rules: Sequence[tuple[Rule, int]], meaning: dict[str, int]) -> list[Rule]:
    explained: dict[str, Counter[int]] = defaultdict(Counter)
    kept = []
    for rule, held in rules:
        times = explained[rule.tool]
        inside = _places(held & meaning[rule.tool])
        if any(times[place] < TIMES for place in inside):
            kept.append(rule)
            times.update(inside)
    return kept


def _places(bits: int) -> list[int]:
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


def made_of(learned: Sequence[Example]) -> str:
    """SHA-256 of the examples as the rules see them."""
    return digest([(" ".join(sorted(one.marks)), " ".join(sorted({one.tool, *one.also}))) for one in learned])


def main() -> None:
    learned = list(examples())
    by_tool: dict[str, list[Rule]] = defaultdict(list)
    for rule in induce(learned):
        by_tool[rule.tool].append(rule)
    lines = [f"{MADE_OF}{made_of(learned)}"]
    for tool in sorted(by_tool):
        lines += ["", f"[{tool}]", *map(str, by_tool[tool])]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(learned)} sentences, {sum(map(len, by_tool.values()))} rules, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
