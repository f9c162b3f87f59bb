"""Wordings that stand for a tool, induced from the tuned half of `training/utterances` and read as cues.

`rules.txt` holds them by tool, one a line: marks that must all be in the sentence (`wording`), then how many of the
sentences that have them mean this tool. `python -m training.build_rules` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .wording import wording

FILE = Path(__file__).with_name("rules.txt")
MADE_OF = "# made of "
BETWEEN = " & "
GUESS = 2.0
"""So many further sentences are thought of, all of other tools, when a rule's share is taken: few prove little."""


@dataclass(frozen=True)
class Rule:
    """`right` of the `of` sentences that have all `marks` mean `tool`."""

    tool: str
    marks: tuple[str, ...]
    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / (self.of + GUESS)

    def __str__(self) -> str:
        return f"{BETWEEN.join(self.marks)}  {self.right}/{self.of}"


@dataclass(frozen=True)
class Rules:
    """`by_mark` has each rule under one of its marks. `made_of` is the SHA-256 of what they were induced from."""

    by_mark: Mapping[str, Sequence[Rule]]
    made_of: str

    def heard(self, masked: str) -> dict[str, float]:
        """Tool to the share of its best rule that the masked sentence fulfils."""
        marks = wording(masked)
        found: dict[str, float] = {}
        for mark in marks:
            for rule in self.by_mark.get(mark, ()):
                if rule.share > found.get(rule.tool, 0.0) and marks.issuperset(rule.marks):
                    found[rule.tool] = rule.share
        return found


def indexed(rules: Sequence[Rule], made_of: str) -> Rules:
    """Each rule is kept under the mark that the fewest rules have."""
    uses: dict[str, int] = {}
    for rule in rules:
        for mark in rule.marks:
            uses[mark] = uses.get(mark, 0) + 1
    by_mark: dict[str, list[Rule]] = {}
    for rule in rules:
        by_mark.setdefault(min(rule.marks, key=lambda mark: (uses[mark], mark)), []).append(rule)
    return Rules(by_mark, made_of)


@cache
def load_rules() -> Rules:
    """Those in the package; read at the first question."""
    made_of, tool, rules = "", "", []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith(MADE_OF):
            made_of = line.removeprefix(MADE_OF)
        elif line.startswith("["):
            tool = line.strip("[]")
        elif line:
            marks, _, counts = line.rpartition("  ")
            right, _, of = counts.partition("/")
            rules.append(Rule(tool, tuple(marks.split(BETWEEN)), int(right), int(of)))
    return indexed(rules, made_of)
