"""The only way to a deletion: a sentence that is nothing but the verb, one exact name and fillers."""

from __future__ import annotations

import re

from .names import Names

_VERB = r"(?:delete|remove|drop|del|erase|discard|trash|get rid of|forget|forget about|throw away|unload|clear)"
_ASKS = re.compile(rf"\b(?:{_VERB}|nuke|unregister|deregister|take \w+ (?:off|out of))\b", re.IGNORECASE)
_EXACT = re.compile(
    rf"(?:(?:please|pls|now|ok|hey|can you|could you|would you|i want to|i'd like to|let's)[\s,]+)*{_VERB}\s+"
    r"(?:(?:my|the)\s+)?(?:model\s+)?(?P<quote>[`'\"]?)(?P<name>\S+?)(?P=quote)(?:\s+model)?"
    r"(?:\s+from\s+(?:the\s+)?(?:memory|kernel|namespace|notebook|session))?"
    r"(?:[\s,]+(?:please|pls|now|thanks|thank you))*[\s.!?]*",
    re.IGNORECASE,
)


_OTHERWISE = re.compile(
    r"\b(?:drop|remove|discard) (?:it|them|that|this|the (?:result|score|prediction|output)s?) (?:in|into|to|on|onto)\b"
    r"|\b(?:which|what) (?:\w+ )?(?:columns?|cols|features?|inputs?|variables?|fields?|ones|of)\b.*"
    r"\b(?:drop|remove|discard)\b"
    r"|\b(?:could|can|should|may) (?:i|we) (?:safely )?(?:drop|remove|discard) (?:from|without)\b"
    r"|\b(?:prices?|values?|risks?|accuracy|fees?|rates?|scores?|sales|performance) (?:will |would |to |may )?drop\w*"
    r"|\bdrop(?:s|ped)? (?:by|below|under|off|in)\b|\b(?:a|the|any|big|sharp) drop\b"
    r"|\b(?:clear|del) (?:that|why|how|about)\b"
    r"|\b(?:is|make|made|be) (?:it )?clear\b",
    re.IGNORECASE,
)
"""A deleting verb that deletes nothing: "drop the scores into a file", "which columns could I drop"."""


def asks_deletion(question: str) -> bool:
    """Whether a deleting verb occurs at all; then nothing but `exact_deletion` may lead to a call."""
    return bool(_ASKS.search(_OTHERWISE.sub(" ", question)))


def exact_deletion(question: str, names: Names) -> str:
    """The model's name as written, in its exact spelling; "" if a word is left over or the name isn't one."""
    match = _EXACT.fullmatch(question.strip())
    if not match:
        return ""
    said = match["name"]
    known = {str(name) for ref, card in names.models.items() for name in (ref, *(card.get("aliases") or ()))}
    return said if said in known else ""
