"""From a question to what is done about it: calls, a choice, or words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..base import Message
from .changes import read_changes
from .deletion import asks_deletion, exact_deletion
from .direct import read_call
from .markdown import code
from .names import Names, read_names
from .outcome import Choose, Do, Outcome, Plan, Say
from .planning import Asked, describe_input, known_frames, known_models, missing_names, settle, sure_plan
from .readings import CALL, LEAD, OFFER, READINGS
from .refusals import INSTEAD, OUT_OF_SCOPE, Refusal, find_refusal
from .scoring import Scored, mentioned, rank
from .slots import read_slots
from .target import find_model
from .thread import Thread, pointed, recall
from .values import read_values
from .vocabulary import REFUSED

UNSURE = "I match fixed phrasings and am not sure. Did you mean:"
MAX_PARTS = 3
MAX_QUESTION = 4_000
_ASKING = r"what|which|how|show|list|describe|tell|predict"
_PARTS = re.compile(rf",?\s*\band (?:then\b|(?=(?:{_ASKING})\b))|(?<=[?.!])\s+(?=[A-Za-z])", re.IGNORECASE)
_SAME_FOR = re.compile(
    r"\W*(?:(?:and|or|now|what about|how about|same|the same|also)\W+)+(?:(?:for|with|of|on|about|in) )?"
    r"MODEL\W*"
)
_ADDITION = re.compile(r"\W*(?:and|now|but|what about|how about|then|same|make it|with)\b|(?:\W*(?:PAIR|and)\W*)+$")
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
    for part in parts:
        outcome = _decide_one(part, names, thread, tools)
        if not isinstance(outcome, Do) or any(plan.args.get("features") == {} for plan in outcome.plans):
            return []
        plans += outcome.plans
        args = outcome.plans[-1].args
        thread = replace(thread, ref=args.get("model_id", thread.ref), frame=args.get("data", thread.frame))
    return plans


def _decide_one(question: str, names: Names, thread: Thread, tools: frozenset[str]) -> Outcome:
    written = read_call(question, tools)
    if written and written[0] != "delete_model":
        return Do((Plan(written[0], written[1], f"a call of {code(written[0])}"),))
    if asks_deletion(question) or written:
        return _deletion(question, written, names, tools)
    slots = read_slots(question, names)
    asked = Asked(slots, names, thread, read_values(slots, names, None))
    refusal = find_refusal(slots.masked)
    follow_up = _follow_up(asked, refusal, tools)
    if follow_up:
        return Do((follow_up,))
    flags = mentioned(slots, asked.values, names)
    ranked = rank(slots, flags, tools)
    if refusal:
        return _refuse(refusal, ranked, asked, tools)
    if not ranked or ranked[0].score < OFFER:
        gone = missing_names(slots, names)
        return Say(f"{gone} {known_models(names)} {known_frames(names)}" if gone else OUT_OF_SCOPE)
    best, others = ranked[0], ranked[1:]
    if slots.unknown and not isinstance(settle(best.reading, asked), Do):
        return settle(best.reading, asked)
    if best.score >= CALL and (not others or best.score - others[0].score >= LEAD):
        return settle(best.reading, asked)
    return _unsure(ranked, asked)


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


def _follow_up(asked: Asked, refusal: Refusal | None, tools: frozenset[str]) -> Plan | None:
    """The last call for another model ("and for rf?"), or the last prediction changed ("and with a=3?")."""
    thread, slots, names = asked.thread, asked.slots, asked.names
    if _SAME_FOR.fullmatch(slots.masked) and "model_id" in thread.args and thread.tool in tools - {"delete_model"}:
        ref = find_model(slots, names, {}, thread).ref
        if ref and thread.tool in {reading.tool for reading in READINGS}:
            args = {**thread.args, "model_id": ref}
            if isinstance(args.get("features"), dict):
                args["features"] = {k: v for k, v in args["features"].items() if k in names.features(ref)}
            inputs = f": {describe_input(args['features'])}" if args.get("features") else ""
            return Plan(thread.tool, args, f"the same as before, for {code(ref)}{inputs}")
    changing = (refusal and refusal.name == "what if") or (
        not refusal and thread.tool == "make_prediction" and _ADDITION.match(slots.masked) is not None
    )
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


def _unsure(ranked: Sequence[Scored], asked: Asked) -> Outcome:
    plans: list[Plan] = []
    for one in ranked:
        if one.score < OFFER:
            break
        outcome = settle(one.reading, asked)
        plans += [] if isinstance(outcome, Say) else outcome.plans
    kept: list[Plan] = []
    for plan in plans:
        if all((plan.tool, plan.args) != (other.tool, other.args) for other in kept):
            kept.append(plan)
    return Choose(UNSURE, kept[:3]) if kept else settle(ranked[0].reading, asked)
