"""What else a question says beside the model: a row, a change, a group, a wish. Each need is read by one function."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .asked import Asked
from .changes import spoken_changes
from .markdown import code, value
from .names import Names
from .reading import Need
from .scoring import searches
from .values import read_values, with_levels
from .vocabulary import GROUPS, MEASURES

Options = list[tuple[dict[str, Any], str]]
"""Ways to fill a need: arguments, and what they are in words. None at all where it must be asked."""

_STAYS = re.compile(
    r"\b(?:keep(?:ing)?|without (?:changing|touching)|(?:can'?t|cannot|don'?t|not) (?:touch|change)|except"
    r"|leave|holding)"
    r" (?:the |its |her |his )?(?P<after>FEAT)\b"
    r"|(?P<before>\bFEAT) (?:should |must |shall |has to |being )?(?:remain|stay|stays|unchanged|held constant|fixed)\b"
)
_BY = re.compile(
    r"\b(?:by|per|across|between|(?:for )?each|separately for|split by|grouped by|group by) (?:the )?FEAT\b"
)
_LEAST = re.compile(r"(?:over|above|at least|exceeds?|more than|reach(?:es)?|goes? over|>=?|≥) ?NUM")
_MOST = re.compile(r"(?:under|below|at most|less than|<=?|≤) ?NUM")
_COST = (
    ("cost_false_alarm", re.compile(r"false (?:alarms?|positives?)(?: \w+){0,2} NUM")),
    ("cost_miss", re.compile(r"\b(?:miss(?:es)?|missed \w+|false negatives?)(?: \w+){0,2} NUM")),
)
_UNIMPORTANT = re.compile(
    r"\b(least|lowest|less|weakest|useless|irrelevant|unimportant|negligible|hardly|barely|ignore|leave out|do without"
    r"|i (drop|remove|omit)|(doesn't|don't|not|no) (really )?(matter|important|influence|effect|use))\b"
)
_TARGET = re.compile(r"\b(?:against|target(?: is| =)?|truth (?:is|in)|answers? (?:is|in)) (?:the )?FEAT\b")
_EVERY = re.compile(
    r"\b(everybody|everyone|all (?:the |our )?(?:customers|clients|rows|houses|homes|people)|every (?:row"
    r"|customer|client|house|home))\b"
)


def fill(need: Need, asked: Asked, ref: str) -> Options:
    return FILLERS[need](asked, ref)


def _one(asked: Asked, ref: str) -> Options:
    """A row of a frame, else the values that are given, else the input of the last prediction."""
    slots, names = asked.slots, asked.names
    said = with_levels(read_values(slots, names, ref), names, ref)
    rows = row_references(asked, ref)
    if slots.row:
        changed = {"features": said} if said else {}
        return [({"row": row, **changed}, describe({"row": row, **changed})) for row in rows]
    if said:
        return [({"features": said}, describe({"features": said}))]
    return [(kept, f"the last input, {describe(kept)}")] if (kept := last_input(asked, ref)) else []


def _base(asked: Asked, ref: str) -> Options:
    """The row or frame to start from, with the changes."""
    slots, names = asked.slots, asked.names
    last = last_input(asked, ref)
    whole = slots.values_of("frame") if not slots.row else []
    if not whole and not slots.row and _EVERY.search(slots.masked):
        whole = fitting_frames(ref, names)
    starts: list[dict[str, Any]] = [{"row": row} for row in row_references(asked, ref)] if slots.row else []
    if not slots.row:
        starts = [{"data": frame} for frame in whole] or ([last] if last else [])
    changes = spoken_changes(slots, names, ref)
    starts = [start for start in starts if can_change(start, changes)]
    return [
        ({**start, "changes": changes}, f"{describe(start)}, changed: {changes_in_words(changes)}") for start in starts
    ]


def can_change(start: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Whether anything changes, and what changes by an amount has a value to start from."""
    if "row" in start or "data" in start:
        return bool(changes)
    known = start.get("features") or {}
    return bool(changes) and all(name in known or not _relative(item) for name, item in changes.items())


def changes_in_words(changes: Mapping[str, Any]) -> str:
    return ", ".join(f"{code(name)} {_change_in_words(item)}" for name, item in changes.items())


def _relative(item: Any) -> bool:
    return isinstance(item, Mapping) or item in ("doubled", "tripled", "halved") or str(item).endswith(" %")


def _change_in_words(item: Any) -> str:
    if isinstance(item, Mapping):
        return " ".join(f"{key} {value(amount)}" for key, amount in item.items())
    return str(value(item)) if _relative(item) else f"= {value(item)}"


def _held(asked: Asked, ref: str) -> Options:
    """Data to measure on, where it is named; the tool finds held-out rows itself."""
    slots = asked.slots
    used = {slots.row.frame} if slots.row else set()
    frames = [frame for frame in slots.values_of("frame") if frame not in used]
    targets = [name for name in slots.values_of("other") if re.match(r"y|target|label|truth", name.lower())]
    target = {"target": targets[0]} if len(targets) == 1 else {}
    column = _TARGET.search(slots.masked)
    if column and (name := _feature_at(asked, ref, column.end() - len("FEAT"))):
        target = {"target": name}
    if not frames:
        return [(target, "")]
    return [({"data": frame, **target}, f"on {code(frame)}") for frame in frames]


def _new_data(asked: Asked, ref: str) -> Options:
    """The new data; a second frame is what it is compared with."""
    frames = asked.slots.values_of("frame")
    fitting = fitting_frames(ref, asked.names)
    if len(frames) == 2:
        new = sorted(frames, key=lambda frame: not re.search(r"new|test|20\d\d|prod|current", frame.lower()))
        return [({"data": new[0], "reference": new[1]}, f"{code(new[0])} beside {code(new[1])}")]
    frames = frames or [frame for frame in fitting if re.search(r"new|prod|current|20\d\d", frame.lower())]
    return [({"data": frame}, code(frame)) for frame in frames]


def _by(asked: Asked, ref: str) -> Options:
    match = _BY.search(asked.slots.masked)
    column = _feature_at(asked, ref, match.end() - len("FEAT")) if match else ""
    return [({"by": column}, f"by {code(column)}")] if column else [({}, "")]


def _group(asked: Asked, ref: str) -> Options:
    """A column that is named, that has a level that is named, or that everyday words for people stand for."""
    slots, names = asked.slots, asked.names
    known = columns_about(ref, names)
    said = [e.value for m in slots.of("feature") for e in m.entries] + [c for g in slots.givens for c in g.columns]
    said += [entry.owner for mention in slots.of("category") for entry in mention.entries]
    if not said:
        words = set(re.findall(r"[a-z]+", slots.masked))
        said = [column for column in known for word in words if column.lower() in GROUPS.get(word, ())]
    found = [column for column in dict.fromkeys(said) if column in known]
    return [({"group": column}, f"groups of {code(column)}") for column in found]


def _named_columns(asked: Asked, ref: str) -> Options:
    columns = [
        entry.value
        for mention in asked.slots.of("feature")
        for entry in mention.entries
        if entry.value in asked.names.features(ref)
    ]
    columns = list(dict.fromkeys(columns))
    if not 1 <= len(columns) <= 2:
        return [({"features": [column]}, code(column)) for column in columns[:6]]
    return [({"features": columns}, " and ".join(map(code, columns)))]


def _metric(asked: Asked, ref: str) -> Options:
    said = [metric for words, metric in MEASURES.items() if re.search(rf"\b{words}\b", asked.slots.masked)]
    return [({"metric": said[0]}, f"by {said[0]}")] if said else [({}, "")]


def _wanted(asked: Asked, ref: str) -> Options:
    """What stays as it is, and the prediction that is wished for: it must be said for numbers, may be for classes."""
    slots = asked.slots
    fixed = []
    for match in _STAYS.finditer(slots.masked):
        fixed.append(_feature_at(asked, ref, match.start("after") if match["after"] else match.start("before")))
    kept = [column for column in dict.fromkeys(fixed) if column]
    args: dict[str, Any] = {"immutable": kept} if kept else {}
    told = f"keeping {', '.join(map(code, kept))}" if kept else ""
    if not str(asked.names.models[ref].get("task") or "").startswith("regress"):
        wished = _classes_said(asked, ref)
        if not wished:
            return [(args, told)]
        return [({**args, "output": one}, f"for {value(one)}" + (f", {told}" if told else "")) for one in wished]
    plain = [number for number in slots.numbers if not number.percent]
    for key, pattern in (("at_least", _LEAST), ("at_most", _MOST)):
        bound = pattern.search(slots.masked)
        if bound:
            amount = plain[len(re.findall(r"\bNUM\b", slots.masked[: bound.end() - 3]))].value
            return [({**args, key: amount}, f"{key.replace('_', ' ')} {value(amount)}" + (f", {told}" if told else ""))]
    return []


_BECOMES = r"\b(class|say|says|predict|predicts|be|become|becomes)\s+(?:an?\s+)?['\"`]?"
_TELLING = 4
"""A label of so many letters means itself wherever it stands; "no", "yes" and numbers need a word before them."""


def _classes_said(asked: Asked, ref: str) -> list[Any]:
    """The classes that a sentence names."""
    text = asked.slots.text.lower()
    said = []
    for label in asked.names.models[ref].get("classes") or ():
        word = str(label).lower()
        before = "" if len(word) >= _TELLING and not word.isdigit() else _BECOMES
        if re.search(rf"{before}(?<![\w.\[]){re.escape(word)}(?![\w.\]])", text):
            said.append(label)
    return said


def _level(asked: Asked, ref: str) -> Options:
    levels = [number.value for number in asked.slots.numbers if number.percent and 50 <= number.value <= 99]
    return [({"level": levels[0] / 100}, f"level {value(levels[0])} %")] if len(levels) == 1 else [({}, "")]


def _costs(asked: Asked, ref: str) -> Options:
    args: dict[str, Any] = {}
    plain = [number for number in asked.slots.numbers if not number.percent]
    for key, pattern in _COST:
        match = pattern.search(asked.slots.masked)
        if match:
            args[key] = plain[len(re.findall(r"\bNUM\b", asked.slots.masked[: match.end() - 3]))].value
    return [(args, ", ".join(f"{key.replace('_', ' ')} {value(amount)}" for key, amount in args.items()))]


def _top(asked: Asked, ref: str) -> Options:
    """How many inputs to rank, and from which end."""
    said = [number.value for number in asked.slots.numbers if not number.percent]
    counts = [amount for amount in said if isinstance(amount, int) and 1 <= amount <= 100]
    args: dict[str, Any] = {"least": True} if _UNIMPORTANT.search(asked.slots.masked) else {}
    args |= {"top": counts[0]} if len(counts) == 1 else {}
    told = ["the least first" if "least" in args else "", f"top {args['top']}" if "top" in args else ""]
    return [(args, ", ".join(filter(None, told)))]


def named_searches(asked: Asked) -> list[str]:
    return searches(asked.slots, asked.names) or searches(None, asked.names)


def groups_of_models(asked: Asked) -> list[list[str]]:
    """Two or more that are named (one may be the model spoken of), else all of one kind with the same inputs."""
    slots, names = asked.slots, asked.names
    named = list(dict.fromkeys(m.value for m in slots.of("model") if len(m.entries) == 1))
    named = named or slots.values_of("part")
    if len(named) == 1 and asked.thread.ref not in ("", named[0]):
        named = [asked.thread.ref, named[0]]
    if len(named) > 1:
        return [named]
    alike: dict[tuple[str, frozenset[str]], list[str]] = {}
    for ref in names.fitted():
        if names.features(ref):
            key = (str(names.models[ref].get("task") or ""), frozenset(names.features(ref)))
            alike.setdefault(key, []).append(ref)
    return [refs[:10] for refs in alike.values() if len(refs) > 1 and (not named or named[0] in refs)]


def row_references(asked: Asked, ref: str) -> list[str]:
    row = asked.slots.row
    if row is None:
        return []
    frames = [row.frame] if row.frame else asked.slots.values_of("frame")
    spoken_of = asked.thread.frame if asked.thread.frame in fitting_frames(ref, asked.names) else ""
    frames = frames or ([spoken_of] if spoken_of else of_test(row.index, fitting_frames(ref, asked.names), asked.names))
    return [f"{frame}[{row.index}]" for frame in frames]


_TEST = re.compile(r"(?:^|_)(?:test|holdout|hold_out)(?:_|$)", re.IGNORECASE)


def of_test(index: int, frames: Sequence[str], names: Names) -> list[str]:
    """The one frame of test rows that has this row, where there is one; else all that have it."""
    having = [frame for frame in frames if index < (names.frames[frame].get("shape") or [index + 1])[0]] or list(frames)
    tests = [frame for frame in having if _TEST.search(frame)]
    return tests if len(tests) == 1 else having


def fitting_frames(ref: str, names: Names) -> list[str]:
    needed = set(names.features(ref))
    return [frame for frame, card in names.frames.items() if needed and needed <= set(card.get("columns") or ())]


def last_input(asked: Asked, ref: str) -> dict[str, Any]:
    """The row or values of the last call about one input, as far as this model takes them."""
    thread = asked.thread
    if not thread.inputs and "row" not in thread.args:
        return {}
    inside = set(asked.names.features(ref))
    if isinstance(thread.args.get("row"), str) and thread.tool != "what_if":
        given = thread.args.get("features")
        changed = {k: v for k, v in given.items() if k in inside} if isinstance(given, dict) else {}
        return {"row": thread.args["row"], **({"features": changed} if changed else {})}
    kept = {name: item for name, item in thread.inputs.items() if name in inside}
    return {"features": kept} if kept else {}


def describe(args: Mapping[str, Any]) -> str:
    parts = [f"every row of {code(args['data'])}"] if "data" in args else []
    parts += [f"row {code(args['row'])}"] if "row" in args else []
    given = args.get("features")
    parts += [f"{code(name)} = {value(item)}" for name, item in given.items()] if isinstance(given, Mapping) else []
    return ", ".join(parts)


def together(needs: Sequence[Need], asked: Asked, ref: str) -> Options | Need:
    """Every way to fill all of them, or the need that must be asked."""
    ways: list[Options] = []
    for need in needs:
        if need in FILLERS:
            options = fill(need, asked, ref)
            if not options:
                return need
            ways.append(options)
    found: Options = []
    for chosen in itertools.product(*ways):
        args = {key: item for one, _ in chosen for key, item in one.items()}
        found.append((args, ", ".join(told for _, told in chosen if told)))
    return found


def _feature_at(asked: Asked, ref: str, at: int) -> str:
    mentions, place = asked.slots.of("feature"), len(re.findall(r"\bFEAT\b", asked.slots.masked[:at]))
    known = columns_about(ref, asked.names)
    inside = [entry.value for entry in mentions[place].entries if entry.value in known] if place < len(mentions) else []
    return inside[0] if inside else ""


def columns_about(ref: str, names: Names) -> list[str]:
    """Inputs of the model, then other columns of frames that it can predict."""
    more = [str(c) for frame in fitting_frames(ref, names) for c in names.frames[frame].get("columns") or ()]
    return list(dict.fromkeys([*names.features(ref), *more]))


FILLERS: Mapping[Need, Callable[[Asked, str], Options]] = {
    "one": _one,
    "base": _base,
    "held": _held,
    "new data": _new_data,
    "by": _by,
    "group": _group,
    "columns": _named_columns,
    "metric": _metric,
    "wanted": _wanted,
    "level": _level,
    "costs": _costs,
    "top": _top,
}
QUESTIONS: Mapping[Need, str] = {
    "one": "Which input? Name a row, like `X_test[3]`, or values, like: tenure = 12.",
    "base": "I need a prediction to start from, or a row of a data frame, and what changes in it.",
    "new data": "Which data is new? Name a data frame.",
    "group": "Which column makes the groups? Name it.",
    "columns": "Which inputs? Name one or two.",
    "wanted": "Which prediction is wanted? Say at least, or at most, a number.",
}
