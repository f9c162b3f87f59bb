"""A file or folder that somebody named: found, opened without waiting on it, and named without its machine."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

from ..budget import MAX_NAME
from ..toolbox import ToolError


def full(text: str) -> str:
    """The absolute path of what was typed; `~` is the home. Raises ToolError `invalid_input`."""
    if not text.strip() or "\0" in text:
        raise ToolError("invalid_input", "That is not the name of a file.", "Give a path such as `model.joblib`.")
    return os.path.abspath(os.path.expanduser(text))


def written(text: str) -> str:
    """A path as a cell can hold it: as it was typed, or without the `~` that most readers don't know."""
    return full(text) if text.startswith("~") else text


def told(name: str) -> str:
    """A name that can stand in a sentence: one line, no markup of code, of at most 80 characters."""
    shown = "".join(c if c.isprintable() and c != "`" else "\N{REPLACEMENT CHARACTER}" for c in name)
    return shown if len(shown) <= MAX_NAME else shown[: MAX_NAME // 2] + "…" + shown[-(MAX_NAME // 2 - 1) :]


def base(path: str) -> str:
    """The last part of a path, to be told."""
    return told(os.path.basename(path.rstrip(os.sep)) or path)


def read(path: str) -> BinaryIO:
    """A regular file, opened for reading. Raises ToolError `not_found`, `forbidden` or `invalid_input`."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise refusal(path, error) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ToolError("invalid_input", f"`{base(path)}` is not a regular file.", "Name a file.", about=base(path))
    return os.fdopen(handle, "rb")


def refusal(path: str, error: OSError) -> ToolError:
    """What the system said, without the path."""
    name = base(path)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return ToolError("not_found", f"There is no `{name}`.", "`list_model_files` shows what there is.", about=name)
    if error.errno in (errno.EACCES, errno.EPERM):
        return ToolError("forbidden", f"`{name}` may not be opened by this kernel.", "Check its permissions.", name)
    if error.errno == errno.EISDIR:
        return ToolError("invalid_input", f"`{name}` is a folder.", "Name a file.", about=name)
    return ToolError("invalid_input", f"`{name}` could not be opened ({type(error).__name__}).", "", name)
