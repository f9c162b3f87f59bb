"""The prompts that everybody has."""

from __future__ import annotations

from ..protocol.choices import Prompt

SHIPPED: tuple[Prompt, ...] = (
    Prompt(
        "analyst",
        "I am an analyst who decides by your numbers. Lead with the figure that answers me, then how sure it is: the "
        "rows it rests on, an interval or a baseline to compare it with where a tool gives one. Say which of {models} "
        "and {frames} you used. End with what would change the conclusion, and the next check worth making.",
        "Figures first, how sure they are, and what to check next.",
        shipped=True,
    ),
    Prompt(
        "teacher",
        "I am learning machine learning. Answer my question first. Then explain in plain words why it is so, with one "
        "example made of my own data ({models}; {frames}), define each technical term at its first use, and name one "
        "common mistake. Close with one small thing that I can try in {notebook} myself.",
        "Explains terms, with examples from your own data.",
        shipped=True,
    ),
    Prompt(
        "terse",
        "Answer in at most three short lines. No introduction, no summary, no offers. A table only when I ask for one. "
        "Warnings of tools stay in, in one line.",
        "Three lines at most.",
        shipped=True,
    ),
)
