"""What the person points at, as it may leave: references are few, short, and never personal data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .personal import redact

MOST = 50
LONGEST = 200
_OF_OURS = re.compile(r"upload [0-9a-f]{32}")


def pointed(references: Sequence[str]) -> list[str]:
    """The number of an upload may look like one of a person and is none."""
    short = [reference[:LONGEST] for reference in references[:MOST]]
    return [one if _OF_OURS.fullmatch(one) else redact(one) for one in short]
