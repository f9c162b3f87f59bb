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
_NVIDIA = "/proc/driver/nvidia/gpus"
MAX_GPUS = 16


@tool(guidance="For versions, memory and the state of the kernel.", example="is everything running?")
def get_system_status(ctx: ToolContext) -> Outcome:
    """Tell the state of the kernel: its models, the running cell, versions of loaded libraries, memory, processors."""
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
            **machine_memory(),
            "cpu_count": os.cpu_count(),
            "cpu_usable": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "gpus": gpus(),
            "kernel": {"busy": ctx.busy, "cell": ctx.running_cell, "elapsed_s": ctx.elapsed_s},
        },
        evidence=[{"kind": "kernel", "text": "this kernel", "ref": "", "cell": None}],
    )


def _versions() -> dict[str, str]:
    """Of what the person has imported; nothing is imported to ask it."""
    found: dict[str, Any] = {
        name: vars(module).get("__version__") for name in _LIBRARIES if (module := peek.library(name))
    }
    return {name: version[:40] for name, version in found.items() if type(version) is str}


def machine_memory() -> dict[str, int | None]:
    """Of the whole machine: all there is and what is free for new work. None where the system doesn't tell."""
    found: dict[str, int | None] = {"memory_total_bytes": None, "memory_free_bytes": None}
    names = {"MemTotal": "memory_total_bytes", "MemAvailable": "memory_free_bytes"}
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                name, _, rest = line.partition(":")
                if name in names:
                    found[names[name]] = int(rest.split()[0]) * 1_024
    except (OSError, ValueError, IndexError):
        pass
    return found


def gpus() -> list[dict[str, Any]]:
    """Graphics cards as the driver lists them, with what torch holds of each where the notebook uses them already.

    Asking a library would start its driver, which takes memory of the card.
    """
    names = []
    try:
        for folder in sorted(os.listdir(_NVIDIA))[:MAX_GPUS]:
            with open(os.path.join(_NVIDIA, folder, "information"), encoding="utf-8", errors="replace") as file:
                told = dict(line.partition(":")[::2] for line in file)
            names.append(told.get("Model", "").strip()[:80] or "NVIDIA")
    except OSError:
        pass
    cards: list[dict[str, Any]] = [{"name": name} for name in names]
    torch = peek.library("torch")
    if torch is not None and torch.cuda.is_initialized():
        for place, card in enumerate(cards[: torch.cuda.device_count()]):
            card["torch_bytes"] = int(torch.cuda.memory_allocated(place))
    return cards


def memory_bytes() -> int | None:
    """Resident memory of this process; None where the system doesn't tell without an extra package."""
    if sys.platform != "linux":
        return None
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
