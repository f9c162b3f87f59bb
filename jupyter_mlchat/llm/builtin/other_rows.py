"""The last call for a part of the rows: "only for those older than 60", after a whole frame was predicted."""

from __future__ import annotations

import re

from .asked import Asked
from .markdown import code
from .other_columns import carried
from .outcome import Choose, Do, Outcome, Plan
from .particulars import columns_about
from .restrictions import Restriction, read_restriction

_AROUND = re.compile(
    r"\W*(?:(?:and|now|but|ok|same|the|for|only|just|of|those|these|them|with|who|that|are|then|also|please|pls|too"
    r"|what about|how about|do|it|this|restrict|restricted|limit|limited|to|people|customers?|rows|cases|ones|COND)"
    r"\W*)*"
)
_PART = re.compile(r"\b(only|just|those|these|them|restrict\w*|limit\w*)\b")
_FURTHER = re.compile(r"\b(only|just|of (those|these|them)|also|too)\b")
_SHOWN = "sample_rows"
"""What shows rows is offered, never called by a few words."""
_COMPARED = re.compile(r"[<>]")
_MEASURED = frozenset(("evaluate_model", "analyze_errors", "get_threshold_curve", "check_fairness"))
"""They take no condition: groups of its column are offered instead."""


def other_rows(asked: Asked, tools: frozenset[str]) -> Outcome | None:
    """None where the sentence says more than a condition, or the last call wasn't about rows."""
    thread, slots = asked.thread, asked.slots
    if slots.left or slots.unknown or slots.of("model") or slots.of("frame") or thread.tool not in tools:
        return None
    read = read_restriction(slots, _columns(asked))
    if read is None or not _AROUND.fullmatch(read.rest) or not _certain(asked, read):
        return None
    if thread.tool in _MEASURED:
        return _groups_instead(asked, read, tools)
    if thread.tool == _SHOWN:
        return Choose("Rows of it, shown as they are?", (_where(asked, read.where),))
    before = str(thread.args.get("where") or "")
    if not before:
        return Do((_where(asked, read.where),))
    same = all(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", before) for name in read.columns)
    if same and not re.search(r" (and|or) ", before) and not _FURTHER.search(slots.masked):
        return Do((_where(asked, read.where),))
    both = f"({before}) and ({read.where})"
    return Choose("Of those, or of all rows?", (_where(asked, both), _where(asked, read.where)))


def _columns(asked: Asked) -> list[str]:
    """Those that a condition may be about."""
    thread, names = asked.thread, asked.names
    ref = thread.args.get("model_id")
    if thread.tool in ("make_prediction", _SHOWN):
        frame = names.frames.get(str(thread.args.get("data")), {})
        return [str(column) for column in frame.get("columns") or ()]
    return columns_about(ref, names) if thread.tool in _MEASURED and ref in names.models else []


def _certain(asked: Asked, read: Restriction) -> bool:
    """Whether it is a condition, and no input of a new prediction: "plan = pro" may be either."""
    masked = asked.slots.masked
    return _PART.search(masked) is not None or (_COMPARED.search(read.where) is not None and not asked.values)


def _where(asked: Asked, where: str) -> Plan:
    args = {**asked.thread.args, "where": where}
    return Plan(asked.thread.tool, args, f"the same as before{carried(args)}")


def _groups_instead(asked: Asked, read: Restriction, tools: frozenset[str]) -> Outcome | None:
    args = asked.thread.args
    if "evaluate_model" not in tools or len(read.columns) != 1:
        return None
    given = {key: item for key, item in args.items() if key in ("model_id", "data", "target")}
    told = f"how good {code(args['model_id'])} is in each group of {code(read.columns[0])}"
    plan = Plan("evaluate_model", {**given, "by": read.columns[0]}, told)
    return Choose("I can't measure a part of the rows alone. By groups instead?", (plan,))
