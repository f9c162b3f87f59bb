"""What a reading is: cues, what it needs, what speaks for and against it; and the scores that decide.

Cues are matched against the masked sentence: lower case, names and values as tags (MODEL FRAME FEAT CAT NUM
PCT PAIR ROW OTHER UNKNOWN). The heaviest cue counts, a further one a little; `likes` adds for what is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Need = Literal[
    "model", "input", "values", "frame", "upload", "one", "base", "held", "new data", "by", "group", "columns",
    "several", "metric", "wanted", "level", "costs", "search", "work", "top",
]  # fmt: skip

CALL = 2.2
"""From this score on a reading is acted on, if it leads by `LEAD`; from `OFFER` on it may be offered."""
LEAD = 0.5
OFFER = 0.9
FURTHER_CUE = 0.3
NOT_UNDERSTOOD = 0.3
"""What a word that nothing explains costs; of many words at most `MAX_COST`."""
MAX_COST = 1.2


@dataclass(frozen=True)
class Reading:
    """`says` names the call in words; `{model}`, `{frame}` and `{upload}` are filled in."""

    name: str
    tool: str
    says: str
    cues: tuple[tuple[str, float], ...]
    needs: tuple[Need, ...] = ()
    args: dict[str, Any] = field(default_factory=dict)
    likes: dict[str, float] = field(default_factory=dict)
    tolerance: float = 1.0
    """Factor on the cost of unexplained words beside values: inputs are described in people's own words."""
    cueless: bool = False
    """Values alone, without any cue, may already mean this."""
    exact: bool = False
    """Called only when every word is understood and no spelling was guessed at; else it is offered."""
    careful: bool = False
    """It writes, or runs code: called by its own cues alone, which the ranker doesn't strengthen."""
