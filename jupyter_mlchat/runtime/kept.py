"""What outlives a kernel: facts that a person registered go to who keeps them, and come back into the next kernel.

The kernel writes no file. The service, or the host in this process, keeps the facts for each notebook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

EARLIER_KEY = "registered earlier"
_TELL_KEY = "tell registered"
_NOTICES_KEY = "notices"
Keep = Callable[[dict[str, Any]], None]
"""Takes one registration, as `Registered.to_dict` makes it."""


def on_registered(state: dict[str, Any], keep: Keep | None) -> Keep | None:
    """Have `keep` told of every registration from now on. Returns who was told before."""
    before: Keep | None = state.pop(_TELL_KEY, None)
    if keep is not None:
        state[_TELL_KEY] = keep
    return before


def tell(state: dict[str, Any], facts: dict[str, Any]) -> None:
    keep: Keep | None = state.get(_TELL_KEY)
    if keep is not None:
        keep(facts)


def recall(state: dict[str, Any], facts: Iterable[dict[str, Any]]) -> None:
    """What was registered in earlier kernels of this notebook, by reference. Read when such a model appears."""
    state[EARLIER_KEY] = {str(one.get("name", "")): one for one in facts}


def notice(state: dict[str, Any], text: str) -> None:
    """Said with the next answer, once in the life of this kernel."""
    said: dict[str, bool] = state.setdefault(_NOTICES_KEY, {})
    said.setdefault(text, False)


def take_notices(state: dict[str, Any]) -> list[str]:
    waiting: dict[str, bool] = state.get(_NOTICES_KEY) or {}
    texts = [text for text, told in list(waiting.items()) if not told]
    waiting.update(dict.fromkeys(texts, True))
    return texts
