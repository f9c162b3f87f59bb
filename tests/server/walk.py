"""Addresses of operations, with ids filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec

from jupyter_mlchat.protocol.commands import Command
from jupyter_mlchat.protocol.operations import Operation


def needed(command: type[Command], ids: Mapping[str, str]) -> dict[str, Any]:
    """What a command must say, besides its own id: ids of `ids`, and something of the right type for the rest."""
    fields = [field for field in msgspec.structs.fields(command) if field.name in ids or field.required]
    return {f.name: ids.get(f.name) or _something(f.type) for f in fields if f.name != "id"}


def _something(kind: Any) -> Any:
    if get_args(kind):
        return get_args(kind)[0]
    return {bool: True, int: 1}.get(kind, "x")


def filled(operation: Operation, ids: Mapping[str, str], query: Mapping[str, Any] | None = None) -> str:
    """The path of an operation: each part in braces by its name in `ids`, and of `query` what the operation takes."""
    path = re.sub(r"{(\w+)}", lambda part: ids.get(part[1], "none"), operation.path)
    known = {one.name for one in operation.query}
    given = {name: value for name, value in (query or {}).items() if name in known}
    return f"{path}?{urlencode(given)}" if given else path
