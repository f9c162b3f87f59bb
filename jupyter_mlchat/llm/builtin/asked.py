"""A question with all that is known to read it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .names import Names
from .slots import Slots
from .thread import Thread


@dataclass(frozen=True)
class Asked:
    """`values` are those that the sentence gives for any model."""

    slots: Slots
    names: Names
    thread: Thread
    values: Mapping[str, Any]
