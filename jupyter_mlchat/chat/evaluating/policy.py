"""What follows where an evaluation fails an answer."""

from __future__ import annotations

from collections.abc import Sequence

from ...protocol.evaluations import Reviewing
from ...settings import MLChat
from ..threads import Turn

_STRICTER: Sequence[Reviewing] = ("flag", "review", "hold")


def policy_of(turn: Turn, settings: MLChat) -> Reviewing:
    """The stricter of what the settings and the conversation say.

    `flag` marks the answer and offers a review, `review` opens one, `hold` shows no answer before it has passed.
    """
    said = (settings.failed_answers, turn.reviewing)
    return next((one for one in reversed(_STRICTER) if one in said), "flag")
