"""The only way to a deletion: a sentence that is nothing but the verb, one exact name and fillers."""

from __future__ import annotations

import re

from .names import Names

_VERB = r"(?:delete|remove|drop|del|erase|discard|trash|get rid of|forget|forget about|throw away|unload|clear)"
_ASKS = re.compile(rf"\b{_VERB}\b", re.IGNORECASE)
_EXACT = re.compile(
    rf"(?:(?:please|pls|now|ok|hey|can you|could you|would you|i want to|i'd like to|let's)[\s,]+)*{_VERB}\s+"
    r"(?:(?:my|the)\s+)?(?:model\s+)?(?P<quote>[`'\"]?)(?P<name>\S+?)(?P=quote)(?:\s+model)?"
    r"(?:\s+from\s+(?:the\s+)?(?:memory|kernel|namespace|notebook|session))?"
    r"(?:[\s,]+(?:please|pls|now|thanks|thank you))*[\s.!?]*",
    re.IGNORECASE,
)


def asks_deletion(question: str) -> bool:
    """Whether a deleting verb occurs at all; then nothing but `exact_deletion` may lead to a call."""
    return bool(_ASKS.search(question))


def exact_deletion(question: str, names: Names) -> str:
    """The model's name as written, in its exact spelling; "" if a word is left over or the name isn't one."""
    match = _EXACT.fullmatch(question.strip())
    if not match:
        return ""
    said = match["name"]
    known = {str(name) for ref, card in names.models.items() for name in (ref, *(card.get("aliases") or ()))}
    return said if said in known else ""
