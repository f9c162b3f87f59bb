"""Questions that lean on the last call: the same for another model, row, column or part of the rows, or changed."""

from __future__ import annotations

import re

from .asked import Asked
from .changes import read_changes, spoken_changes
from .markdown import code
from .other_columns import carried, other_columns
from .other_rows import other_rows
from .other_ways import other_ways
from .outcome import Do, Outcome, Plan
from .particulars import can_change, changes_in_words, last_input
from .planning import describe_input
from .readings import READINGS
from .refusals import Refusal
from .target import find_model

_SAME_FOR = re.compile(
    r"\W*(?:(?:(?:and|or|now|what about|how about|same|the same|also)\W+)+(?:(?:for|with|w|of|on|about|in)\W+)?"
    r"|(?:for|with|on|using)\W+)(?:the )?(?P<tag>MODEL|FRAME)\W*(?:(?:too|also|please|pls|then)\W*)*"
)
_ANOTHER_ROW = re.compile(
    r"\W*(?:(?:and|now|then|same|the|for|with|of|please|pls|too|also|what about|how about)\b\W*)*ROW\W*"
    r"(?:(?:please|pls|same|too|also|then|the)\b\W*)*"
)
_ADDITION = re.compile(r"\W*(?:and|now|but|what about|how about|then|same|make it|with)\b|(?:\W*(?:PAIR|and)\W*)+$")
NEVER_AGAIN = frozenset(("delete_model", "find_similar_examples", *(one.tool for one in READINGS if one.careful)))
"""What deletes, writes or shows rows is called by its own words alone."""
_OF_DATA = frozenset(
    (
        "describe_dataframe",
        "evaluate_model",
        "analyze_errors",
        "compare_models",
        "check_fairness",
        "get_threshold_curve",
        "get_partial_dependence",
    )
)


def follow_up(asked: Asked, refusal: Refusal | None, best: str, tools: frozenset[str]) -> Outcome | None:
    """None where the question stands for itself, or leans on nothing that is known."""
    again = _again(asked, refusal, best, tools)
    if again:
        return Do((again,))
    if asked.thread.calls != 1 or asked.thread.tool not in tools or asked.slots.unknown:
        return None
    return other_columns(asked, tools) or other_rows(asked, tools) or other_ways(asked)


def _again(asked: Asked, refusal: Refusal | None, best: str, tools: frozenset[str]) -> Plan | None:
    """The last call for another model ("and for rf?"), or the last prediction changed ("and with a=3?")."""
    thread, slots, names = asked.thread, asked.slots, asked.names
    same = _SAME_FOR.fullmatch(slots.masked)
    measured = thread.tool in _OF_DATA or bool({"data", "method"} & thread.args.keys())
    about_data = measured and thread.tool not in NEVER_AGAIN
    if same and same["tag"] == "FRAME" and about_data and thread.tool in tools and not slots.unknown:
        frame = slots.values_of("frame")[0]
        kept = {key: item for key, item in thread.args.items() if key not in ("columns", "target", "data")}
        return Plan(thread.tool, {**kept, "data": frame}, f"the same as before{carried(kept)}, for {code(frame)}")
    if same and same["tag"] == "MODEL" and "model_id" in thread.args and thread.tool in tools - NEVER_AGAIN:
        ref = find_model(slots, names, {}, thread).ref
        listed = thread.args.get("features")
        taken = not isinstance(listed, list) or set(listed) <= set(names.features(ref)) if ref else False
        if taken and thread.tool in {reading.tool for reading in READINGS}:
            args = {**thread.args, "model_id": ref}
            inputs = f": {', '.join(map(code, listed))}" if isinstance(listed, list) else ""
            if isinstance(listed, dict):
                args["features"] = {k: v for k, v in listed.items() if k in names.features(ref)}
                inputs = f": {describe_input(args['features'])}" if args["features"] else ""
            return Plan(thread.tool, args, f"the same as before, for {code(ref)}{inputs}")
    if (
        slots.row
        and not slots.row.frame
        and _ANOTHER_ROW.fullmatch(slots.masked)
        and thread.tool in tools - NEVER_AGAIN
    ):
        placed = re.fullmatch(r"(.+)\[-?\d+\]", str(thread.args.get("row") or ""))
        if placed and placed[1] in names.frames:
            row = f"{placed[1]}[{slots.row.index}]"
            return Plan(thread.tool, {**thread.args, "row": row}, f"the same as before, for {code(row)}")
    adds = not refusal and _ADDITION.match(slots.masked) is not None
    asks = refusal is not None and refusal.name == "what if"
    added = adds and thread.tool in ("make_prediction", "what_if")
    if "what_if" in tools and (added or best == "what if" or asks) and not slots.row:
        return _changed_input(asked)
    changing = asks or (adds and thread.tool == "make_prediction")
    ref = thread.predicted_by
    named = slots.values_of("model")
    if not (changing and thread.inputs and ref and "make_prediction" in tools) or named not in ([], [ref]):
        return None
    changed = read_changes(slots, names, ref, thread.inputs)
    if not changed or slots.of("frame") or slots.row or slots.unknown:
        return None
    return Plan(
        "make_prediction",
        {"model_id": ref, "features": {**thread.inputs, **changed}},
        f"the last prediction with {code(ref)}, changed: {describe_input(changed)}",
    )


def _changed_input(asked: Asked) -> Plan | None:
    """The last input with a change. None where the sentence says where it starts, or nothing changes."""
    thread, slots, names = asked.thread, asked.slots, asked.names
    named = slots.values_of("model")
    ref = thread.predicted_by or thread.ref
    if ref not in names.models or named not in ([], [ref]) or slots.of("frame") or slots.unknown:
        return None
    base, changes = last_input(asked, ref), spoken_changes(slots, names, ref)
    if not base or not can_change(base, changes):
        return None
    args = {"model_id": ref, **base, "changes": changes}
    return Plan("what_if", args, f"the last input with {code(ref)}, changed: {changes_in_words(changes)}")
