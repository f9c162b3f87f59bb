"""Replies to checks: whether data and model still belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markdown import code, escape, prose, table, value

Found = Mapping[str, Any]


def drift(args: Found, found: Found) -> str:
    pair = f"{code(found.get('data'))} beside {code(found.get('reference'))}"
    count = found.get("drifted")
    head = f"{pair}: {value(count)} of {value(found.get('columns'))} inputs drifted."
    if count == 0:
        head = f"{pair}: none of {value(found.get('columns'))} inputs drifted."
    rows = [[code(one.get("feature")), "yes" if one.get("drifted") else "no", value(one.get("psi")),
             value(one["mean_shift_in_std"]) if "mean_shift_in_std" in one else "",
             value(one["unseen_share"]) if "unseen_share" in one else ""]
            for one in found.get("features") or ()]  # fmt: skip
    shown = table(("input", "drifted", "stability index", "mean moved by (std)", "share of new levels"), rows)
    told = found.get("predictions")
    said = ""
    if isinstance(told, Mapping):
        about = f" of {value(told['about'])}" if told.get("about") is not None else ""
        said = (f"The mean prediction{about} goes from {value(told.get('mean_before'))} to "
                f"{value(told.get('mean_after'))}.")  # fmt: skip
    return "\n\n".join(filter(None, (head, shown if rows else "", said)))


def leakage(args: Found, found: Found) -> str:
    looked = f"I looked at {value(found.get('inputs_checked'))} inputs on {code(found.get('data'))}"
    target = f" against {code(found['target'])}" if found.get("target") else ""
    told = found.get("findings") or []
    if not told:
        return f"No sign of leakage in {code(found.get('model_id'))}. {looked}{target}."
    lines = [f"- {escape(one.get('severity') or '')}: {prose(one.get('text') or '')}" for one in told]
    head = "1 sign" if len(told) == 1 else f"{len(told)} signs"
    return f"{head} of leakage in {code(found.get('model_id'))}:\n\n" + "\n".join(lines) + f"\n\n{looked}{target}."


def freshness(args: Found, found: Found) -> str:
    name, fresh = code(found.get("model_id")), found.get("fresh")
    said = {True: f"{name} is up to date.", False: f"{name} is out of date."}
    head = said[fresh] if isinstance(fresh, bool) else f"I did not see {name} being fitted, so I can't tell."
    cell, frame = found.get("fitted_in"), found.get("fitted_on")
    where = f" in In\\[{cell}\\]" if isinstance(cell, int) else ""
    on = f" on {code(frame)}" if frame else ""
    if where or on:
        head += f" It was fitted{where}{on}."
    lines = [f"- {prose(one.get('text') or '')}" for one in found.get("findings") or ()]
    return "\n\n".join(filter(None, (head, "\n".join(lines))))
