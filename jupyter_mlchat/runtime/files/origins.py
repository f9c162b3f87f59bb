"""Which models were loaded from a file by a tool of ours: no cell shows that."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..stamp import Stamp, stamp

_STATE_KEY = "origins"


class Holder(Protocol):
    @property
    def state(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Origin:
    """`file` is its name without the folder, `at` when it was loaded, ISO 8601 in UTC."""

    alive: Callable[[], Any]
    stamp: Stamp
    file: str
    at: str


def remember(ctx: Holder, model: Any, file: str, at: str) -> None:
    try:
        alive: Callable[[], Any] = weakref.ref(model)
    except TypeError:

        def alive() -> Any:
            return model

    known: list[Origin] = [one for one in ctx.state.get(_STATE_KEY, []) if one.alive() is not None]
    ctx.state[_STATE_KEY] = [*known, Origin(alive, stamp(model), file, at)]


def file_of(ctx: Holder, model: object) -> str:
    """The file that holds this model just as it is; "" when there is none, or it was fitted again since."""
    for one in ctx.state.get(_STATE_KEY, ()):
        if one.alive() is model and one.stamp.matches(stamp(model)):
            return str(one.file)
    return ""
