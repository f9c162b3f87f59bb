"""The last call in another way: "by permutation", "the least ones?", "without changing age", "by auc"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .asked import Asked
from .other_columns import TAIL, carried
from .outcome import Choose, Outcome, Plan
from .particulars import fill
from .reading import Need

_LEAD = (
    r"\W*(?:(?:and|but|or|now|ok|then|same|the same|also|what about|how about|do|it|that|this|please|show|me|rank)\W+)*"
)


@dataclass(frozen=True)
class Way:
    """After `tool`, a sentence that is nothing but `words` adds what `need` reads of it, and `args`."""

    tool: str
    words: str
    need: Need
    args: tuple[tuple[str, Any], ...] = ()
    told: str = ""


_INPUTS = r"(?:ones?|inputs?|features?|columns?)"
_PERMUTED = (("method", "permutation"),)
_WAYS = (
    Way("get_feature_importance", r"(?:by|with|using) (?:the )?(?:permut\w+|shuffl\w+)(?: importance)?", "top",
        _PERMUTED, "by permutation"),
    Way("get_feature_importance", rf"(?:the )?(?:least|weakest)(?: (?:important|influential))?(?: {_INPUTS})?", "top"),
    Way("get_feature_importance", rf"(?:only |just )?(?:the )?top NUM(?: {_INPUTS})?", "top"),
    Way("find_counterfactual", r"(?:without (?:changing|touching)|keep(?:ing)?) (?:the |its )?FEAT"
        r"(?: (?:fixed|as it is|constant))?", "wanted"),
    Way("get_prediction_interval", r"(?:at|with|for) (?:a level of )?PCT(?: level| confidence)?", "level"),
    Way("compare_models", r"(?:by|on|with|using) (?:the )?[a-z][a-z0-9 _-]{1,12}", "metric"),
)  # fmt: skip


def other_ways(asked: Asked) -> Outcome | None:
    """An offer: so few words may ask for another tool. None where they say anything else, or nothing new."""
    thread = asked.thread
    ref = thread.args.get("model_id") or next(iter(thread.args.get("models") or ()), "")
    if ref not in asked.names.models:
        return None
    for way in _WAYS:
        if way.tool != thread.tool or not re.fullmatch(_LEAD + way.words + TAIL, asked.slots.masked):
            continue
        options = fill(way.need, asked, ref)
        more = {**dict(way.args), **options[0][0]} if len(options) == 1 else {}
        if more:
            told = ", ".join(filter(None, (way.told, options[0][1])))
            plan = Plan(thread.tool, {**thread.args, **more}, f"the same as before{carried(thread.args)}, {told}")
            return Choose("The same in this way?", (plan,))
    return None
