"""The last call for another column ("and for tenure?"), or by the groups of one ("split that by plan")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .asked import Asked
from .markdown import code
from .outcome import Choose, Do, Outcome, Plan
from .particulars import columns_about

_LEAD = r"(?:and|or|now|ok|then|same|the same|also|what about|how about|do|show|give me|please|pls|it|that|this)"
TAIL = r"\W*(?:(?:too|also|please|pls|then|instead|as well|now)\W*)*"
_SAME_FOR = re.compile(
    rf"\W*(?:{_LEAD}\W+)+(?:(?:for|with|of|on|about|in)\W+)?(?:the )?FEAT(?:\W*(?:and|&|,)\W*(?:the )?FEAT)*{TAIL}"
)
_BY = re.compile(
    rf"\W*(?:(?:{_LEAD}|can you|could you|split|break|broken|down|group|grouped|separate|separated|separately|but)\W+)*"
    rf"(?:by|per|for each|for every|across|within each) (?:the )?FEAT{TAIL}"
)
_LISTED = {"get_partial_dependence": "features", "describe_dataframe": "columns"}
_SINGLE = {"check_fairness": "group", "evaluate_model": "by", "what_if": "sweep"}
"""Tool to the argument that holds its columns, or its one column."""
_MEASURED = frozenset(("analyze_errors", "get_threshold_curve", "check_leakage", "make_prediction"))
"""They have no groups of their own: how good the model is in each group is offered instead."""
_MOST = {"get_partial_dependence": 2, "describe_dataframe": 6}


def other_columns(asked: Asked, tools: frozenset[str]) -> Outcome | None:
    """None where the question is no such follow-up, or a column isn't one of what was asked about."""
    if _BY.fullmatch(asked.slots.masked):
        return _by_groups(asked, tools)
    same = _SAME_FOR.fullmatch(asked.slots.masked)
    columns = _named(asked) if same else []
    thread = asked.thread
    if not same or not columns:
        return None
    if thread.tool in _SINGLE and len(columns) == 1 and _SINGLE[thread.tool] in thread.args:
        return Do((_with(asked, {_SINGLE[thread.tool]: columns[0]}, f"for {code(columns[0])}"),))
    if thread.tool == "evaluate_model" and len(columns) == 1:
        return Choose("In groups of it?", (_with(asked, {"by": columns[0]}, f"by {code(columns[0])}"),))
    key = _LISTED.get(thread.tool, "")
    if not key or len(columns) > _MOST[thread.tool]:
        return None
    ways = [columns]
    before = [str(name) for name in thread.args.get(key) or ()]
    if len(before) == 2 and len(columns) == 1 and columns[0] not in before:
        ways = [[before[0], *columns], [before[1], *columns], columns]
    plans = [_with(asked, {key: way}, f"for {' and '.join(map(code, way))}") for way in ways]
    return Do(plans) if len(plans) == 1 else Choose("For which?", plans)


def _by_groups(asked: Asked, tools: frozenset[str]) -> Outcome | None:
    columns, thread = _named(asked), asked.thread
    if len(columns) != 1:
        return None
    told = f"by {code(columns[0])}"
    if thread.tool in ("evaluate_model", "check_fairness"):
        return Do((_with(asked, {_SINGLE[thread.tool]: columns[0]}, told),))
    before = [str(name) for name in thread.args.get("features") or ()]
    if thread.tool == "get_partial_dependence" and len(before) == 1 and columns[0] in asked.names.features(_ref(asked)):
        both = _with(asked, {"features": [*before, *columns]}, f"with {code(columns[0])} beside it")
        return Choose(f"Both together, {code(before[0])} and {code(columns[0])}?", (both,))
    one_row = thread.tool == "make_prediction" and "data" not in thread.args
    if thread.tool in _MEASURED and not one_row and _ref(asked) and "evaluate_model" in tools:
        args = {key: item for key, item in thread.args.items() if key in ("model_id", "data", "target")}
        plan = Plan("evaluate_model", {**args, "by": columns[0]}, f"how good {code(_ref(asked))} is, {told}")
        return Choose("That has no groups. How good the model is in each, instead?", (plan,))
    return None


def _with(asked: Asked, changed: Mapping[str, Any], told: str) -> Plan:
    args = {**asked.thread.args, **changed}
    return Plan(asked.thread.tool, args, f"the same as before{carried(args)}, {told}")


def carried(args: Mapping[str, Any]) -> str:
    """What of the last call stays, in words."""
    parts = [f" with {code(args['model_id'])}" if args.get("model_id") else ""]
    parts += [f" on {code(args['data'])}" if args.get("data") else ""]
    parts += [f" where {code(args['where'])}" if args.get("where") else ""]
    return "".join(parts)


def _ref(asked: Asked) -> str:
    ref = asked.thread.args.get("model_id")
    return ref if isinstance(ref, str) and ref in asked.names.models else ""


def _named(asked: Asked) -> Sequence[str]:
    """The columns that are named, each one that the last call could be about; none if one isn't clear."""
    thread, names = asked.thread, asked.names
    if thread.tool == "get_partial_dependence":
        known = names.features(_ref(asked)) if _ref(asked) else []
    elif thread.tool == "describe_dataframe":
        known = [str(c) for c in names.frames.get(str(thread.args.get("data")), {}).get("columns") or ()]
    else:
        known = columns_about(_ref(asked), names) if _ref(asked) else []
    found = []
    for mention in asked.slots.of("feature"):
        inside = [entry.value for entry in mention.entries if entry.value in known]
        if len(inside) != 1:
            return ()
        found.append(inside[0])
    return list(dict.fromkeys(found))
