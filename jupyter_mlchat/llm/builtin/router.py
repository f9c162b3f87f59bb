"""From a question to what is done about it: calls, a choice, or words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..base import Message
from .asked import Asked
from .deletion import asks_deletion, exact_deletion
from .direct import read_call
from .follow_ups import follow_up
from .markdown import as_code, code
from .names import Names, read_names
from .outcome import Choose, Do, Outcome, Plan, Say
from .planning import known_frames, known_models, missing_names, opened, restricted, settle, sure_plan
from .ranker import FOLLOWS, load_ranker
from .reading import CALL, OFFER
from .readings import READINGS
from .refusals import INSTEAD, OUT_OF_SCOPE, Refusal, find_refusal
from .rules import load_rules
from .scoring import Scored, mentioned, rank
from .slots import read_slots, respelt
from .spelling import plainly
from .thread import Thread, called, pointed, recall
from .values import read_values
from .vocabulary import REFUSED
from .weighing import Weighed, weigh

UNSURE = "I match fixed phrasings and am not sure. Did you mean:"
SURELY = 0.8
_SOFT = frozenset(("code", "change data", "plot", "train", "relation"))
"""Refusals of a topic, lifted by a reading that is sure and so likely to the ranker: a word of it was meant else."""
MAX_PARTS = 3
MAX_READINGS = 3
MAX_BUTTONS = 5
MAX_QUESTION = 4_000
_ASKING = r"what|which|how|show|list|describe|tell|predict"
_PARTS = re.compile(rf",?\s*\band (?:then\b|(?=(?:{_ASKING})\b))|(?<=[?.!])\s+(?=[A-Za-z])", re.IGNORECASE)
_AS_CODE = re.compile(
    r"\W*(?:(?:please|pls|can you|could you|and|now|ok)\W+)*(?:(?:show|give|tell|write|print|get)\W+"
    r"(?:(?:me|it|that|this|the|same)\W+)*(?:as|in|the)?\W*|as\W+"
    r"|how (?:do|can|would) i (?:do|get|compute) (?:that|this|it)(?: myself)? (?:in|with|as)\W+)"
    r"(?:python|code|python code|the code|a cell|source)(?:\W+(?:for|behind|of)\W+(?:that|it|this))?"
    r"(?:\W+(?:please|pls))*\W*",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b\w+(?:\.\w+|\[['\"][^'\"]*['\"]\])+\(")
"""Code in the question: what it says isn't read as words."""
_NEGATED = re.compile(r"\b(not|don'?t|never|no longer|without|unless|instead of)\b")
_NOT_FOR_A_PART = frozenset(("prediction", "validation"))


def decide(
    question: str, catalogue: dict[str, Any] | None, history: Sequence[Message], tools: frozenset[str]
) -> Outcome:
    """What to do about `question`; `history` are the messages before it, `tools` what may be called."""
    question = " ".join(question.split())
    if len(question) > MAX_QUESTION:
        return Say(f"I read questions of at most {MAX_QUESTION:,} characters. Ask in fewer words.")
    names = read_names(catalogue)
    thread = pointed(recall(history, names), (catalogue or {}).get("attached", ()), names)
    parts = [part.strip() for part in _PARTS.split(question) if part.strip()]
    if 1 < len(parts) <= MAX_PARTS and not asks_deletion(question):
        plans = _decide_parts(parts, names, thread, tools)
        if plans:
            return Do(plans)
    return _decide_one(question, names, thread, tools)


def _decide_parts(parts: Sequence[str], names: Names, thread: Thread, tools: frozenset[str]) -> list[Plan]:
    """Plans of all parts, or none when a part isn't clear by itself."""
    plans: list[Plan] = []
    last: Thread | None = None
    for part in parts:
        outcome = _decide_one(part, names, thread, tools, strict=True, last=last)
        if not isinstance(outcome, Do) or any(plan.args.get("features") == {} for plan in outcome.plans):
            return []
        known = [(plan.tool, plan.args) for plan in plans]
        plans += [plan for plan in outcome.plans if (plan.tool, plan.args) not in known]
        last = called(thread, outcome.plans[-1].tool, outcome.plans[-1].args)
        thread = replace(last, tool="", args={})
    return plans


def _decide_one(
    question: str,
    names: Names,
    thread: Thread,
    tools: frozenset[str],
    *,
    strict: bool = False,
    last: Thread | None = None,
) -> Outcome:
    """`strict` for a part of a question: it must be plain by itself, or go on from the part before it, from `last`."""
    written = read_call(question, tools)
    if written and written[0] != "delete_model":
        return Do((Plan(written[0], written[1], f"a call of {code(written[0])}"),))
    if asks_deletion(question) or written:
        return _deletion(question, written, names, tools)
    if _AS_CODE.fullmatch(question):
        return Say(as_code(thread.code) if thread.code else "There is no answer yet that I could write as code.")
    slots = read_slots(plainly(question), names)
    asked = Asked(slots, names, thread, read_values(slots, names, None))
    refusal = find_refusal(slots.masked)
    flags = mentioned(slots, asked.values, names, thread)
    ranked = rank(slots, flags, tools)
    best_name = ranked[0].reading.name if ranked and ranked[0].score >= CALL else ""
    leaning = follow_up(replace(asked, thread=last or thread), refusal, best_name, tools)
    if leaning is not None:
        return leaning
    follows = bool(thread.tool or thread.inputs)
    ranker = load_ranker()
    masked = f"{slots.masked} {FOLLOWS}" if follows else slots.masked
    chances = ranker.chances(masked)
    ruled = not follows or bool(slots.of("model") or slots.of("frame") or slots.row)
    second = weigh(chances, ranked, tools, load_rules().heard(masked), ruled=ruled, strict=strict)
    if refusal and best_name == "run code" and not refusal.complete:
        refusal = None
    if refusal and refusal.name == "condition" and best_name not in refusal.yields_to:
        ranked = rank(slots, flags - {"values", "many", "complete"} | {"no values"}, tools)
        outcome = _restricted(ranked, asked)
        if outcome is not None:
            return outcome
    if refusal and best_name not in refusal.yields_to:
        if (
            second.sure is not None
            and not second.learned
            and refusal.name in _SOFT
            and chances.get(second.sure.tool, 0.0) >= SURELY
        ):
            return settle(second.sure, asked)
        if refusal.complete or not second.ours:
            return _refuse(refusal, ranked, asked, tools)
        return _offers(
            second, asked, f"{refusal.text} {'For all of it instead?' if refusal.same_reading else ''}".strip()
        )
    spelt = respelt(question, slots, names)
    if spelt:
        meant = _decide_one(spelt[0], names, thread, tools)
        return (
            Choose(
                f"{missing_names(slots, names)} Did you mean:",
                [replace(plan, says=f"{plan.says}; {spelt[1]}") for plan in meant.plans],
            )
            if not isinstance(meant, Say)
            else meant
        )
    if slots.unknown and ranked and ranked[0].score >= OFFER:
        outcome = settle(ranked[0].reading, asked)
        if not isinstance(outcome, Do):
            return outcome
    as_source = _CODE.search(question) is not None and "call" not in flags and best_name != "run code"
    negated = second.sure is not None and second.sure.careful and _NEGATED.search(slots.masked) is not None
    if second.sure is not None and not (negated or as_source):
        outcome = settle(second.sure, asked)
        open_ones = opened(second.sure, asked) if isinstance(outcome, Say) else []
        return Choose(outcome.text, open_ones[:MAX_BUTTONS]) if isinstance(outcome, Say) and open_ones else outcome
    if not second.ours:
        gone = missing_names(slots, names)
        return Say(f"{gone} {known_models(names)} {known_frames(names)}" if gone else OUT_OF_SCOPE)
    return _offers(second, asked)


def _deletion(
    question: str, written: tuple[str, dict[str, Any]] | None, names: Names, tools: frozenset[str]
) -> Outcome:
    target = exact_deletion(question, names)
    if written and written[1].keys() == {"model_id"}:
        target = exact_deletion(f"delete {written[1]['model_id']}", names)
    if target and "delete_model" in tools:
        return Do((Plan("delete_model", {"model_id": target}, f"delete the model {code(target)} from this kernel"),))
    if re.search(r"\b(don'?t|do not|never|not to)\b", question.lower()):
        return Say("Nothing was deleted.")
    gone = "" if written else missing_names(read_slots(question, names), names)
    how = "I delete a model, and only when asked in exactly these words: delete, then its name."
    return Say(" ".join(filter(None, ("Nothing was deleted.", gone, how, known_models(names)))))


def _restricted(ranked: Sequence[Scored], asked: Asked) -> Outcome | None:
    """A prediction of a part of the rows: called when it is what was asked, offered when it may be."""
    found = [one for one in ranked if one.reading.name == "prediction" and one.score >= OFFER]
    outcome = restricted(found[0].reading, asked) if found else None
    if not isinstance(outcome, Do) or (found[0] is ranked[0] and found[0].score >= CALL):
        return outcome
    return Choose(UNSURE, outcome.plans)


def _refuse(refusal: Refusal, ranked: Sequence[Scored], asked: Asked, tools: frozenset[str]) -> Outcome:
    if refusal.same_reading:
        whole = [one for one in ranked if one.score >= OFFER and one.reading.name not in _NOT_FOR_A_PART]
        plan = sure_plan(whole[0].reading, asked) if whole else None
        if plan:
            return Choose(f"{refusal.text} For all of it instead?", (plan,))
        return Say(f"{refusal.text} Pass me a filtered data frame, or ask about all of it.")
    understood = tuple(word for word in asked.slots.left if word not in REFUSED)
    asked = replace(asked, slots=replace(asked.slots, left=understood))
    plans = [sure_plan(r, asked) for r in READINGS if r.name in refusal.offers and r.tool in tools]
    kept = [plan for plan in plans if plan]
    if kept:
        return Choose(f"{refusal.text} What I can do:", kept)
    return Say(refusal.text if refusal.complete else f"{refusal.text} {INSTEAD}")


def _offers(second: Weighed, asked: Asked, why: str = "") -> Outcome:
    """One plan of each of the likeliest readings, then further ones of the first."""
    firsts: list[Plan] = []
    further: list[Plan] = []
    question: Outcome | None = None
    for reading in second.readings:
        outcome = settle(reading, asked)
        plans = list(opened(reading, asked)) if isinstance(outcome, Say) else list(outcome.plans)
        fresh = [plan for plan in plans if all((plan.tool, plan.args) != (p.tool, p.args) for p in firsts)]
        question = question or (outcome if isinstance(outcome, Say) else None)
        further += fresh[1:] if not firsts else []
        firsts += fresh[:1]
        if len(firsts) == MAX_READINGS:
            break
    why = "" if firsts and "where" in firsts[0].args else why
    title = (why if why.endswith("?") else f"{why} Did you mean:") if why else UNSURE
    return Choose(title, [*firsts, *further[: MAX_BUTTONS - len(firsts)]]) if firsts else question or Say(OUT_OF_SCOPE)
