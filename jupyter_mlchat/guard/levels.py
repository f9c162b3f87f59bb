"""How much of a tool's result leaves: at the level `schema` names, types and shapes alone, by a list of keys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from ..protocol.records import Decision, Effect, Level
from ..settings import MLChat

HELD_BACK = "(held back)"
_SHAPES = frozenset("rows columns shape n_features n_categories n_columns total shown cell rank".split())
"""Numbers that describe the shape of things, not their values."""
_NAMES = frozenset(
    """
    id name ref model_id data reference target task status type dtype kind role class_name library estimator feature
    column unit family container engine aliases feature_names column_names missing_features extra_features
    missing_columns extra_columns mistyped_columns description example effect code about argument tool timestamp
    """.split()
)
"""Texts that name things or their types."""
_PARTS = frozenset(
    """
    data models dataframes features columns steps commands tools fields issues fault needs training_data truncated
    """.split()
)
"""Under these lie further keys of ours."""
_SAID = frozenset({"message", "hint"})
"""Of a fault: words of ours, without the numbers in them."""
_SWITCHES = frozenset("ok required nullable fitted valid busy shortened local key".split())
_NUMBER = re.compile(r"(?<![\w\[`])[-+]?\d[\d.,]*(?:e[-+]?\d+)?(?![\w\]`])")

_STANDING: Mapping[Level, Mapping[Effect, Decision]] = {
    "schema": {"disclose": "deny"},
    "aggregates": {},
    "rows": {"disclose": "allow"},
}


def level_of(settings: MLChat) -> Level:
    return cast(Level, settings.privacy_floor)


def standing(level: Level) -> Mapping[Effect, Decision]:
    """What the level itself says of effects: at `schema` no row is shown to a provider, at `rows` nobody is asked."""
    return _STANDING[level]


def at_level(content: str, level: Level) -> str:
    """A tool's result as JSON. What is no JSON object is held back whole at `schema`."""
    if level != "schema":
        return content
    try:
        value = json.loads(content)
    except ValueError:
        return HELD_BACK
    if not isinstance(value, dict):
        return HELD_BACK
    return json.dumps(_object(value), ensure_ascii=False, separators=(",", ":"))


def _object(value: dict[str, Any], fault: bool = False) -> dict[str, Any]:
    return {key: _value(key, item, fault) for key, item in value.items()}


def _value(key: str, value: Any, fault: bool) -> Any:
    if value is None or (isinstance(value, bool) and key in _SWITCHES):
        return value
    if isinstance(value, dict):
        return _object(value, key == "fault") if key in _PARTS else HELD_BACK
    if isinstance(value, list):
        return [_value(key, item, fault) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if key in _SHAPES else HELD_BACK
    if isinstance(value, str) and fault and key in _SAID:
        return _NUMBER.sub(HELD_BACK, value)
    return value if isinstance(value, str) and key in _NAMES | _PARTS else HELD_BACK
