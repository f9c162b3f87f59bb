"""Reading a whole file of rows into a frame, with a library that is installed here."""

from __future__ import annotations

import importlib
from typing import Any

from ..toolbox import ToolError
from . import places
from .datasets import Dataset
from .versions import importable

MAX_BYTES = 4_000_000_000
_PANDAS = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet", "feather": "read_feather",
           "excel": "read_excel"}  # fmt: skip
_POLARS = {"csv": "read_csv", "jsonl": "read_ndjson", "parquet": "read_parquet", "feather": "read_ipc",
           "excel": "read_excel"}  # fmt: skip
_ARROW = {"csv": ("csv", "read_csv"), "jsonl": ("json", "read_json"), "parquet": ("parquet", "read_table"),
          "feather": ("feather", "read_table")}  # fmt: skip
_ALSO_NEEDS = {"excel": "openpyxl", "parquet": "pyarrow", "feather": "pyarrow"}


def read(data: Dataset, path: str, given: str, name: str) -> tuple[Any, str]:
    """The frame, and the cell that reads it again. `given` is the path as it was typed.

    Raises ToolError `too_large`, or `unsupported` that says what to install.
    """
    shown = places.base(path)
    if data.size > MAX_BYTES:
        hint = "Read a part of it in a cell, or predict from the file in batches."
        raise ToolError("too_large", f"`{shown}` has {data.size:,} bytes, more than is read at once.", hint, shown)
    also = _ALSO_NEEDS.get(data.format, "")
    library = next((one for one in ("pandas", "polars", "pyarrow") if importable(one)), "")
    if not library or (also and library == "pandas" and not importable(also)):
        hint = f"Run `pip install {also or 'pandas'}` first."
        raise ToolError("unsupported", f"Reading `{shown}` needs {also or 'pandas'}.", hint, about=shown)
    module, call, options = _call(library, data)
    source: Any = importlib.import_module(module)
    try:
        frame = getattr(source, call)(path, **options)
    except Exception as error:
        text = f"`{shown}` can't be read as {data.format} ({type(error).__name__})."
        hint = "`validate_dataset_file` tells what is wrong in it."
        raise ToolError("invalid_input", text, hint, about=shown) from None
    alias = {"pandas": "pd", "polars": "pl"}.get(module, module)
    imported = f"import {module}" + (f" as {alias}" if alias != module else "")
    listed = "".join(f", {key}={value!r}" for key, value in options.items())
    return frame, f"{imported}\n{name} = {alias}.{call}({given!r}{listed})\n{name}"


def _call(library: str, data: Dataset) -> tuple[str, str, dict[str, Any]]:
    """Module, function and what is not its default."""
    told = data.options
    if library == "pandas":
        options: dict[str, Any] = {}
        if data.format == "csv":
            usual = {"sep": ",", "encoding": "utf-8", "header": 0}
            options = {key: told[key] for key, value in usual.items() if told[key] != value}
        if data.format == "jsonl":
            options = {"lines": True}
        return "pandas", _PANDAS[data.format], options
    if library == "polars":
        options = {}
        if data.format == "csv":
            options = {"separator": told["sep"], "has_header": told["header"] == 0}
        return "polars", _POLARS[data.format], options
    if data.format not in _ARROW:
        raise ToolError("unsupported", "Reading Excel needs pandas.", "Run `pip install pandas openpyxl` first.")
    part, call = _ARROW[data.format]
    return f"pyarrow.{part}", call, {}
