"""Parts of the product that an administrator may switch off, and what belongs to each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..protocol.commands import Command
from ..protocol.faults import Code, Fault
from ..protocol.records import ToolInfo
from ..settings import MLChat
from .access import admin_levels, decide

TOOLS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"upload": frozenset({"get_upload_status"}), "run_code": frozenset({"run_code"})}
)
"""The tools that go with a feature."""
COMMANDS: Mapping[str, str] = MappingProxyType(
    {"feedback.give": "feedback", "search.get": "search", "export.get": "export"}
)
"""The feature that a command is of, by its type."""


def check_feature(settings: MLChat, feature: str) -> None:
    """Raises Fault `forbidden` where it is switched off; "" is no feature."""
    if feature in settings.disabled_features:
        message = f"`{feature}` is switched off here (setting `disabled_features`)."
        raise Fault(Code.FORBIDDEN, message, "Ask your administrator.", about=feature)


def check_command(settings: MLChat, command: Command) -> None:
    """Raises as `check_feature`, for the feature that the command is of."""
    check_feature(settings, COMMANDS.get(str(command.__struct_config__.tag), ""))


def permits_tool(settings: MLChat, tool: ToolInfo) -> bool:
    """Whether the administrator lets anybody use the tool."""
    off = any(tool.name in TOOLS.get(feature, ()) for feature in settings.disabled_features)
    denied = decide(tool.effect, [admin_levels(settings.max_effects)]) == "deny"
    return not off and not denied and tool.name not in settings.disabled_tools
