"""The kernel and what is loaded in it."""

from __future__ import annotations

import os
import platform
import sys
from datetime import datetime, timezone
from typing import Any

from .. import peek
from ..catalog import catalog_of
from ..toolbox import Outcome, ToolContext, tool

_LIBRARIES = [
    "numpy",
    "pandas",
    "polars",
    "scipy",
    "sklearn",
    "xgboost",
    "lightgbm",
    "catboost",
    "statsmodels",
    "torch",
    "keras",
    "tensorflow",
    "transformers",
    "dask",
    "matplotlib",
    "joblib",
    "IPython",
    "ipykernel",
]


@tool(guidance="For versions, memory and the state of the kernel.", example="is everything running?")
def get_system_status(ctx: ToolContext) -> Outcome:
    """Tell the state of the kernel: its models, versions of loaded libraries, memory and processors."""
    models = catalog_of(ctx).models(ctx)
    return Outcome(
        {
            "status": "busy" if ctx.busy else "idle",
            "total_models": len(models),
            "active_models": sum(found.status == "fitted" for found in models),
            "timestamp": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "libraries": _versions(),
            "memory_bytes": memory_bytes(),
            "cpu_count": os.cpu_count(),
            "kernel": {"busy": ctx.busy, "cell": ctx.running_cell},
        },
        evidence=[{"kind": "kernel", "text": "this kernel", "ref": "", "cell": None}],
    )


def _versions() -> dict[str, str]:
    """Of what the person has imported; nothing is imported to ask it."""
    found: dict[str, Any] = {
        name: vars(module).get("__version__") for name in _LIBRARIES if (module := peek.library(name))
    }
    return {name: version[:40] for name, version in found.items() if type(version) is str}


def memory_bytes() -> int | None:
    """Resident memory of this process; None where the system doesn't tell without an extra package."""
    if sys.platform != "linux":
        return None
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
