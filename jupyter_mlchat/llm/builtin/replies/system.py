"""Replies about the kernel and the service: the running cell, the status, an upload, the commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markdown import code, escape, number, table, value

Found = Mapping[str, Any]


def running_cell(args: Found, found: Found) -> str:
    if not found.get("busy"):
        return "No cell is running."
    cell = found.get("cell")
    said = f"Cell In\\[{cell}\\] is running" if isinstance(cell, int) else "A cell is running"
    if isinstance(found.get("elapsed_s"), (int, float)):
        said += f" for {_seconds(found['elapsed_s'])}"
    if found.get("inside"):
        said += f", inside {code(found['inside'])}"
    lines = [f"{said}."]
    if found.get("done") is not None and found.get("total") is not None:
        unit = f" {escape(found['unit'])}" if found.get("unit") else ""
        lines.append(f"Progress: {value(found['done'])} of {value(found['total'])}{unit}.")
    if isinstance(found.get("eta_s"), (int, float)):
        lines.append(f"About {_seconds(found['eta_s'])} left.")
    return " ".join(lines)


def status(args: Found, found: Found) -> str:
    lines = [f"Status: {escape(found.get('status') or 'unknown')}."]
    if found.get("total_models") is not None:
        active = f", {value(found['active_models'])} of them fitted" if found.get("active_models") is not None else ""
        lines.append(f"- Models: {value(found['total_models'])}{active}")
    for key, label in (("python", "Python"), ("cpu_count", "CPUs")):
        if found.get(key) is not None:
            lines.append(f"- {label}: {value(found[key])}")
    if isinstance(found.get("memory_bytes"), (int, float)):
        lines.append(f"- Memory of the kernel: {number(round(found['memory_bytes'] / 1e6))} MB")
    libraries = found.get("libraries")
    if isinstance(libraries, Mapping) and libraries:
        lines.append("- Libraries: " + ", ".join(f"{escape(k)} {value(v)}" for k, v in libraries.items()))
    return "\n".join(lines)


def upload(args: Found, found: Found) -> str:
    lines = [
        f"Upload {code(args.get('upload_id') or found.get('upload_id'))}: {escape(found.get('status') or 'unknown')}."
    ]
    lines += [
        f"- {escape(key)}: {value(item)}"
        for key, item in found.items()
        if key not in ("status", "upload_id", "id") and item is not None
    ]
    return "\n".join(lines)


def commands(args: Found, found: Found) -> str:
    known = found.get("commands") or []
    if not known:
        return "No tools are available now."
    rows = [
        [code(one.get("name")), escape(one.get("description") or ""), escape(one.get("example") or "")] for one in known
    ]
    return "I am the built-in engine: I match fixed phrasings and use no language model. What I can do:\n\n" + table(
        ("tool", "what it does", "for example"), rows
    )


def _seconds(count: float) -> str:
    if count < 120:
        return f"{value(round(count, 1))} s"
    return f"{value(round(count / 60, 1))} min"
