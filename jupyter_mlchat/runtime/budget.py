"""Keeping an answer within the bytes that one tool result may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from .toolbox import plain, size_of

T = TypeVar("T")
MAX_NAME = 80


def fitting(items: Iterable[T], budget: int) -> list[T]:
    """The first items whose public JSON stays within `budget` bytes."""
    kept: list[T] = []
    for item in items:
        budget -= size_of(plain(item, local=False)) + 2
        if budget < 0:
            break
        kept.append(item)
    return kept


def fitting_dict(items: Mapping[str, Any], budget: int) -> dict[str, Any]:
    return dict(fitting(items.items(), budget))


def figure(value: Any) -> Any:
    """A statistic to six digits; anything else as it is."""
    return float(f"{value:.6g}") if type(value) is float else value


def short(name: str) -> str:
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"


def lasting(seconds: float) -> str:
    """How long something takes, as people say it."""
    return f"{max(1, round(seconds)):,} s" if seconds < 100 else f"{round(seconds / 60):,} min"
