"""Values of labels. Every one is a series that is kept for ever, and a page that others may read: few, and no text
that anybody wrote."""

from __future__ import annotations

from collections.abc import Iterable

OTHER = "other"
MOST = 20


class Known:
    """A value that is among those known beforehand, else `other`."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = frozenset(values)

    def __call__(self, value: str) -> str:
        return value if value in self._values else OTHER


class Capped:
    """The first `most` values that come; `other` for every further one. "" is `none`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: set[str] = set()

    def __call__(self, value: str) -> str:
        if not value:
            return "none"
        if value not in self._seen:
            if len(self._seen) >= self._most:
                return OTHER
            self._seen.add(value)
        return value
