"""What of an environment is nobody's but ours: the keys of providers and of external agents."""

from __future__ import annotations

from collections.abc import Iterable

from ..llm.keys import is_key


def keys_among(variables: Iterable[str]) -> list[str]:
    """Names of the environment variables that hold keys."""
    return [name for name in variables if is_key(name)]
