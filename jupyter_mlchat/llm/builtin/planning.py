"""From a reading to the call it stands for, or to the one question that is still open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .asked import Asked
from .changes import spoken_changes
from .markdown import code, escape, value
from .names import Names
from .outcome import Choose, Do, Outcome, Plan, Say
from .particulars import (
    FILLERS,
    QUESTIONS,
    changes_in_words,
    fill,
    fitting_frames,
    groups_of_models,
    named_searches,
    row_references,
    together,
)
from .reading import Reading
from .refusals import find_refusal
from .restrictions import read_restriction
from .scoring import frame_columns
from .slots import SIMILAR, Slots
from .target import Target, find_frame, find_model
from .values import read_values, with_levels
from .working import settle_work

MAX_OFFERS = 6
WHOLE_INSTEAD = "I can't restrict an answer to a part of the data. For all of it instead?"
_OWN = frozenset(("summary", "steps", "parameters"))
"""What is each model's own: none is chosen for the others."""
_ONLY = re.compile(
    r"\b(only|exclusively|solely|restricted|limited|confined|among|those|subset|segment|excluding|except)\b"
)
_COUNTED = re.compile(
    r"\b(top|best|worst|first|all|these|those|the|which|of|only|no|say|each|any|other) NUM\b"
    r"(?! (FEAT|years?|months?|dollars?|euros?))"
    r"|\bNUM (of|models?|ones|things?|groups?|of these|each|better|row|per)\b"
    r"|\bonly (noise|luck|a|the)\b|\bNUM or NUM\b"
)
"""Numbers that count things or say "one", and an "only" that restricts nothing."""
_MANY = re.compile(
    r"\b(people|folks|those|everyone|everybody|anyone|anybody|souls|ones|who|whose|between|or more|or less|north of"
    r"|south of|under an?|over an?|avg|average|mean|median|any of|most of|all (the|our|my))\b"
)
"""What asks about several at once: values beside it may be a condition."""
_UPLOAD = re.compile(
    r"\bupload(?:ed)?(?:\s+(?:id|file|number|with))*\s+[`'\"#]?([\w-]*\d[\w-]*|(?<=[`'\"])[\w-]+)",
    re.IGNORECASE,
)


def settle(reading: Reading, asked: Asked) -> Outcome:
    """The call, when model, frame and input are clear; else what to ask."""
    if not reading.needs:
        return Do((_plan(reading, asked, dict(reading.args), ""),))
    if "work" in reading.needs:
        return settle_work(reading, asked)
    if "upload" in reading.needs:
        return _settle_upload(reading, asked)
    if "search" in reading.needs:
        return _settle_search(reading, asked)
    if "several" in reading.needs:
        return _settle_several(reading, asked)
    if any(need in FILLERS for need in reading.needs):
        return _settle_particulars(reading, asked)
    if "frame" in reading.needs:
        return _settle_frame(reading, asked)
    return _settle_model(reading, asked)


def sure_plan(reading: Reading, asked: Asked) -> Plan | None:
    """The call of a reading that leaves nothing to ask."""
    outcome = settle(reading, asked)
    return outcome.plans[0] if isinstance(outcome, Do) else None


def opened(reading: Reading, asked: Asked) -> list[Plan]:
    """Calls that leave the input open: the tool asks for it by a form."""
    if not {"one", "base"} & set(reading.needs) or asked.slots.unknown:
        return []
    target = find_model(asked.slots, asked.names, asked.values, asked.thread, lenient=True, choosing=True)
    plans = []
    for ref in [target.ref] if target.ref else target.among:
        ways = together([need for need in reading.needs if need in ("wanted", "level")], asked, ref)
        if isinstance(ways, str):
            continue
        more, told = ways[0]
        args: dict[str, Any] = {"model_id": ref, **reading.args, **more, "features": {}}
        detail = ", ".join(filter(None, ("for an input that you give", told)))
        if "base" in reading.needs:
            args["changes"] = spoken_changes(asked.slots, asked.names, ref)
            detail += f", changed: {changes_in_words(args['changes'])}"
            if not args["changes"]:
                continue
        plans.append(_plan(reading, asked, args, detail))
    return plans


def describe_input(features: Mapping[str, Any]) -> str:
    return ", ".join(f"{code(column)} = {value(item)}" for column, item in features.items())


def missing_names(slots: Slots, names: Names) -> str:
    """A sentence about the identifiers that name nothing, "" if there are none."""
    if not slots.unknown:
        return ""
    said = ", ".join(code(name) for name in slots.unknown)
    return f"There is no {said} in this kernel."


def strange_words(slots: Slots) -> str:
    if not slots.left:
        return ""
    return "I don't know what " + ", ".join(f'"{escape(word)}"' for word in slots.left[:3]) + " means here."


def known_models(names: Names) -> str:
    if not names.models:
        return "There are no models in this kernel yet: fit one, then ask again."
    return "Models here: " + ", ".join(code(ref) for ref in names.models) + "."


def known_frames(names: Names) -> str:
    if not names.frames:
        return "There are no data frames in this kernel yet."
    return "Data here: " + ", ".join(code(ref) for ref in names.frames) + "."


def _settle_model(reading: Reading, asked: Asked) -> Outcome:
    slots, names = asked.slots, asked.names
    lenient = reading.name in ("prediction", "validation") and bool(asked.values)
    target = find_model(slots, names, asked.values, asked.thread, lenient=lenient, choosing=reading.name not in _OWN)
    if not target.ref:
        return _ask_model(reading, asked, target)
    if "values" in reading.needs and not read_values(slots, names, target.ref):
        columns = ", ".join(f"{column}=..." for column in names.features(target.ref)[:3]) or "column=..."
        return Say(f"Which input should I check? Write it like: is {columns} valid for {code(target.ref)}?")
    if "input" in reading.needs:
        return _settle_input(reading, asked, target)
    if slots.unknown:
        return Choose(missing_names(slots, names) + " Did you mean:", (_model_plan(reading, asked, target),))
    return Do((_model_plan(reading, asked, target),))


def _ask_model(reading: Reading, asked: Asked, target: Target) -> Outcome:
    gone = missing_names(asked.slots, asked.names) or strange_words(asked.slots)
    if not target.among:
        return Say(" ".join(filter(None, (gone, known_models(asked.names)))))
    plans = [
        _model_plan(reading, asked, Target(ref))
        for ref in target.among
        if "values" not in reading.needs or asked.values
    ]
    title = " ".join(filter(None, (gone, "Which model?")))
    if len(target.among) > MAX_OFFERS:
        title += " " + known_models(asked.names)
    return Choose(title, tuple(plans[:MAX_OFFERS])) if plans else Say(f"{title} {known_models(asked.names)}")


def _model_plan(reading: Reading, asked: Asked, target: Target, **more: Any) -> Plan:
    ref = target.ref
    args: dict[str, Any] = {"model_id": ref, **reading.args, **more}
    detail = ""
    if ("input" in reading.needs or "values" in reading.needs) and not more:
        features, notes = _features_for(ref, asked, respell="input" in reading.needs)
        args["features"] = features
        detail = describe_input(features) or ("no inputs yet" if "input" in reading.needs else "")
        detail = "; ".join([detail, *notes])
    elif more:
        detail = _input_in_words(more)
    if reading.name == "importance":
        [(more, told)] = fill("top", asked, ref)
        args |= more
        detail = told or detail
    return _plan(reading, asked, args, detail, target.why)


def _features_for(ref: str, asked: Asked, *, respell: bool) -> tuple[dict[str, Any], list[str]]:
    """The input as the model spells it, and what was changed or left out on the way."""
    names = asked.names
    said = read_values(asked.slots, names, ref)
    left_out = [column for column in asked.values if column not in said]
    notes = [f"{code(column)} is no input of {code(ref)} and was left out" for column in left_out]
    if respell:
        from rapidfuzz import fuzz, process

        for key in [key for key in said if key.isalpha() and key not in names.features(ref)]:
            free = [f for f in names.features(ref) if f not in said and f[:1].lower() == key[:1].lower()]
            near = process.extractOne(key, free, scorer=fuzz.ratio, score_cutoff=SIMILAR) if len(key) > 3 else None
            if near:
                said = {near[0] if column == key else column: item for column, item in said.items()}
                notes.append(f"reading {code(key)} as {code(near[0])}")
    return with_levels(said, names, ref), notes


def _input_in_words(more: Mapping[str, Any]) -> str:
    parts = [f"every row of {code(more['data'])}"] if "data" in more else []
    parts += [f"row {code(more['row'])}"] if "row" in more else []
    return ", ".join([*parts, describe_input(more.get("features") or {})]).rstrip(", ")


def _settle_input(reading: Reading, asked: Asked, target: Target) -> Outcome:
    """One row in words, a row of a frame, or a whole frame."""
    slots, names = asked.slots, asked.names
    features = with_levels(read_values(slots, names, target.ref), names, target.ref)
    frames = slots.values_of("frame")
    if slots.row:
        more = {"features": features} if features else {}
        rows = row_references(asked, target.ref)
        plans = [_model_plan(reading, asked, target, row=row, **more) for row in rows[:MAX_OFFERS]]
        if not plans:
            return Say(f"Of which data frame? {known_frames(names)}")
        return Do(plans) if len(plans) == 1 else Choose("A row of which data frame?", plans)
    if slots.unknown:
        return Say(f"{missing_names(slots, names)} {known_frames(names)} {known_models(names)}")
    whole = [_model_plan(reading, asked, target, data=ref) for ref in frames[:MAX_OFFERS]]
    if not frames and _MANY.search(slots.masked):
        fitting = [_model_plan(reading, asked, target, data=ref) for ref in fitting_frames(target.ref, names)]
        return Choose(f"{WHOLE_INSTEAD} Or:", [*fitting[:2], _model_plan(reading, asked, target)])
    if not frames:
        return Do((_model_plan(reading, asked, target),))
    if features:
        return Choose("I can't restrict a data frame to some of its rows. Did you mean:",
                      (_model_plan(reading, asked, target), *whole))  # fmt: skip
    return Do(whole) if len(whole) == 1 else Choose("Which data?", whole)


def _settle_frame(reading: Reading, asked: Asked) -> Outcome:
    names = asked.names
    target = find_frame(asked.slots, names, asked.thread)
    columns = frame_columns(asked.slots, names)
    gone = missing_names(asked.slots, names) or strange_words(asked.slots)

    def plan(ref: str, why: str) -> Plan:
        inside = [column for column in columns if column in (names.frames[ref].get("columns") or ())]
        args: dict[str, Any] = {"data": ref, **reading.args, **({"columns": inside} if inside else {})}
        return _plan(reading, asked, args, ", ".join(map(code, inside)), why, frame=ref)

    if target.ref and (asked.values or asked.slots.of("category")):
        return Choose(WHOLE_INSTEAD,
                      (plan(target.ref, target.why),))  # fmt: skip
    if target.ref:
        return Do((plan(target.ref, target.why),))
    if not target.among:
        return Say(" ".join(filter(None, (gone, known_frames(names)))))
    title = " ".join(filter(None, (gone, "Which data frame?")))
    return Choose(title, [plan(ref, "") for ref in target.among[:MAX_OFFERS]])


def _settle_particulars(reading: Reading, asked: Asked) -> Outcome:
    """The model, then all else that the reading needs; one question where something is missing."""
    slots, names = asked.slots, asked.names
    if slots.unknown:
        return Say(f"{missing_names(slots, names)} {known_models(names)} {known_frames(names)}")
    target = find_model(
        slots, names, asked.values, asked.thread, lenient=bool(asked.values or slots.row), choosing=True
    )
    refs = [target.ref] if target.ref else list(target.among)
    if not refs:
        return Say(known_models(names))
    plans: list[Plan] = []
    missing = ""
    for ref in refs[:MAX_OFFERS]:
        ways = together(reading.needs, asked, ref)
        if isinstance(ways, str):
            missing = missing or QUESTIONS[ways]
            continue
        plans += [
            _plan(reading, asked, {"model_id": ref, **reading.args, **args}, told, target.why) for args, told in ways
        ]
    if not plans:
        return Say(f"I read this as {reading.says.format(model=code(refs[0]))}. {missing}" if target.ref else missing)
    if _partial(reading, asked):
        return Choose(WHOLE_INSTEAD, plans[:MAX_OFFERS])
    if len(plans) == 1 and target.ref and not (reading.exact and (slots.left or slots.fixed)):
        return Do(plans)
    return Choose("Did you mean:" if target.ref else "Which model?", plans[:MAX_OFFERS])


def _settle_several(reading: Reading, asked: Asked) -> Outcome:
    if asked.slots.unknown:
        return Say(f"{missing_names(asked.slots, asked.names)} {known_models(asked.names)}")
    groups = groups_of_models(asked)
    plans = []
    for refs in groups:
        ways = together(reading.needs, asked, refs[0])
        for args, told in ways if not isinstance(ways, str) else []:
            detail = ", ".join(filter(None, (" and ".join(map(code, refs)), told)))
            plans.append(_plan(reading, asked, {"models": refs, **args}, detail))
    if not plans:
        return Say(f"Which models shall I compare? {known_models(asked.names)}")
    if _partial(reading, asked):
        return Choose(WHOLE_INSTEAD, plans[:MAX_OFFERS])
    return Do(plans) if len(plans) == 1 else Choose("Which models?", plans[:MAX_OFFERS])


def _partial(reading: Reading, asked: Asked) -> bool:
    """Whether values were given to a question about all rows: they may be meant as a condition."""
    whole = "held" in reading.needs and "group" not in reading.needs
    masked = _COUNTED.sub(" ", asked.slots.masked)
    amounts = not {"costs", "top"} & set(reading.needs) and re.search(r"\bNUM\b", masked) is not None
    return whole and bool(asked.values or amounts or asked.slots.of("category") or _ONLY.search(masked))


def _settle_search(reading: Reading, asked: Asked) -> Outcome:
    refs = named_searches(asked)
    if not refs:
        return Say("There is no search over settings in this kernel.")
    plans = [_plan(reading, asked, {"model_id": ref}, "") for ref in refs[:MAX_OFFERS]]
    return Do(plans) if len(plans) == 1 else Choose("Which search?", plans)


def restricted(reading: Reading, asked: Asked) -> Outcome | None:
    """A prediction of the rows that a condition holds for; None where the condition isn't understood to the end."""
    slots, names = asked.slots, asked.names
    target = find_model(slots, names, {}, asked.thread, lenient=True, choosing=True)
    plans = []
    for ref in [target.ref] if target.ref else list(target.among):
        frames = slots.values_of("frame") or fitting_frames(ref, names)
        for frame in frames:
            columns = [str(column) for column in names.frames[frame].get("columns") or ()]
            read = read_restriction(slots, columns)
            if read is None or find_refusal(read.rest) or slots.unknown:
                continue
            told = f"rows of {code(frame)} where {code(read.where)}"
            args = {"model_id": ref, "data": frame, "where": read.where}
            plans.append(_plan(reading, asked, args, told, target.why))
    if not plans:
        return None
    return (
        Do(plans) if len(plans) == 1 and target.ref and not slots.left else Choose("Did you mean:", plans[:MAX_OFFERS])
    )


def _settle_upload(reading: Reading, asked: Asked) -> Outcome:
    said = _UPLOAD.search(asked.slots.text)
    upload = said.group(1) if said else asked.thread.upload
    if not upload:
        return Do((Plan(reading.tool, {}, reading.says.format(upload="sent last")),))
    return Do((Plan(reading.tool, {"upload_id": upload}, reading.says.format(upload=code(upload))),))


def _plan(reading: Reading, asked: Asked, args: dict[str, Any], detail: str, why: str = "", frame: str = "") -> Plan:
    says = reading.says.format(model=code(args.get("model_id", "")), frame=code(frame))
    says += f" ({why})" if why else ""
    says += f": {detail}" if detail else ""
    return Plan(reading.tool, args, "; ".join([says, *_repairs(asked.slots, args)]))


def _repairs(slots: Slots, args: Mapping[str, Any]) -> Sequence[str]:
    notes = [f"reading {code(said)} as {code(meant)}" for said, meant in slots.fixed]
    if any(str(change).endswith("%") for change in args.get("changes", {}).values()):
        return notes
    percents = [n for n in slots.numbers if n.percent] + [
        g.number for g in slots.givens if g.number and g.number.percent
    ]
    return notes + [f"taking {value(n.value)} % as {value(n.value)}" for n in percents]
