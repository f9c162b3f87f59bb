"""Names of files stay with the person: a provider reads a handle in their place, and may hand it back.

A name like `claims of Ann Smith.joblib` is no name of a model. A handle stands for one path in one kernel and for
nothing in another.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import uuid
from collections.abc import Mapping
from typing import Any

from ..toolbox import ToolError
from ..wire import Result
from . import places

HANDLE = re.compile(r"file-[0-9a-f]{8}")
STATE_KEY = "files"
_SALT = "files salt"
_PATHS = frozenset({"path", "data", "folder"})
"""Arguments that name a file."""
_SHARED = ("data", "issues", "warnings", "doubts", "fault")


def handle_of(state: dict[str, Any], path: str) -> str:
    """The same for the same absolute path, as long as this kernel lives."""
    salt = state.setdefault(_SALT, uuid.uuid4().hex)
    handle = f"file-{hashlib.sha256(salt.encode() + os.fsencode(path)).hexdigest()[:8]}"
    state.setdefault(STATE_KEY, {})[handle] = path
    return handle


def known(state: Mapping[str, Any]) -> dict[str, str]:
    """The path of each handle, from the working folder where that is shorter."""
    return {handle: _written(path) for handle, path in state.get(STATE_KEY, {}).items()}


def opened(state: Mapping[str, Any], args: dict[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with the paths that their handles stand for. Raises ToolError `not_found` for one of another kernel."""
    found = dict(args)
    for key, value in args.items():
        if key not in _PATHS or type(value) is not str or HANDLE.fullmatch(value) is None:
            continue
        path = state.get(STATE_KEY, {}).get(value)
        if path is None:
            raise ToolError("not_found", f"No file is known as `{value}`.", "`list_model_files` tells them.", value)
        found[key] = _written(path)
        if key == "path" and found.get("name") is None and "default" not in properties.get("name", {"default": ""}):
            # Else the new variable would be named after the file.
            found["name"] = value.replace("-", "_")
    return found


def closed(state: Mapping[str, Any], args: Mapping[str, Any], result: Result) -> Result:
    """`result` with handles in place of the names of files that nobody has typed. What only the person sees stays."""
    asked = json.dumps(args, ensure_ascii=False, default=str)
    paths = state.get(STATE_KEY, {})
    names = {places.base(path): handle for handle, path in paths.items() if places.base(path) not in asked}
    if not names:
        return result
    words = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    told: dict[str, Any] = {**result}
    for key in _SHARED:
        if told.get(key):
            told[key] = _replaced(told[key], words, names)
    if result["ok"] and told["data"] != result["data"] and result.get("local") is None:
        told["local"] = result["data"]
    return told  # type: ignore[return-value]


def _replaced(value: Any, words: re.Pattern[str], names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return words.sub(lambda found: names[found[0]], value)
    if isinstance(value, dict):
        return {_replaced(key, words, names): _replaced(item, words, names) for key, item in value.items()}
    return [_replaced(item, words, names) for item in value] if isinstance(value, list) else value


def _written(path: str) -> str:
    below = os.path.relpath(path)
    return path if below.startswith(os.pardir) else below
