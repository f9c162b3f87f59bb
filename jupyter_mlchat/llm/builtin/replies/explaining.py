"""Replies about why a model says what it says, and what it would say of another input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..markdown import code, escape, probability, table, value
from .prediction import inputs_in_words, not_yet, prediction

Found = Mapping[str, Any]
_POINTS = 12
_CELLS = 6


def explanation(args: Found, found: Found) -> str:
    if "contributions" not in found:
        return not_yet(args, found)
    told = found.get("contributions") or []
    explained = found.get("explained")
    another = explained is not None and explained != found.get("prediction")
    about = f" (explained is **{value(explained)}**)" if another else ""
    lines = [f"{code(found.get('model_id'))} predicts {answer(found)}{about}."]
    if told:
        first = told[0]
        way = "up" if _float(first.get("contribution")) > 0 else "down"
        lines[0] += f" What counts most here is {_named(first)}, which moves it {way}."
        rows = [[_named(one), value(one["value"]) if "value" in one else "", _signed(one.get("contribution"))]
                for one in told]  # fmt: skip
        kept = [0, 1, 2] if any("value" in one for one in told) else [0, 2]
        head = ("word" if "word" in first else "input", "value", "moves it by")
        lines.append(table([head[i] for i in kept], [[row[i] for i in kept] for row in rows]))
    others = found.get("others") or {}
    if others.get("n"):
        lines.append(f"The {value(others['n'])} others together: {_signed(others.get('contribution'))}.")
    if found.get("base") is not None:
        lines.append(f"From what is usual, {value(found['base'])}, to {value(found.get('total'))}.")
    how = [f"{escape(found[key])}" for key in ("method", "scale") if found.get(key)]
    usual = found.get("background")
    if isinstance(usual, Mapping):
        how.append(f"usual are {value(usual.get('rows'))} rows of {code(usual.get('data'))}")
    return "\n\n".join([*lines, f"How: {'; '.join(how)}." if how else ""]).rstrip()


def what_if(args: Found, found: Found) -> str:
    """By what was asked: one row changed, one input swept, or a change in a whole frame."""
    if "sweep" in found:
        return _swept(found)
    if "mean_before" in found:
        return _in_frame(found)
    before, after = found.get("before"), found.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return not_yet(args, found)
    flips = {True: " The prediction flips.", False: " The prediction stays the same."}
    flipped = found.get("flipped")
    said = flips.get(flipped, "") if isinstance(flipped, bool) else ""
    name = code(found.get("model_id"))
    lines = [f"With the change {name} predicts {answer(after)}, before it was {answer(before)}.{said}"]
    if found.get("delta") is not None:
        about = f" for {value(found['about'])}" if found.get("about") is not None else ""
        lines.append(f"Difference{about}: {_signed(found['delta'])}.")
    if found.get("changes"):
        lines.append(f"Changed: {_changes(found['changes'])}.")
    return "\n\n".join(lines)


def dependence(args: Found, found: Found) -> str:
    curve = found.get("curve") or []
    names = " and ".join(code(name) for name in found.get("features") or ())
    about = f" of {value(found['about'])}" if found.get("about") is not None else ""
    said = f": {escape(found['direction'])}" if found.get("direction") else ""
    head = f"How {names} acts on {code(found.get('model_id'))} (mean {escape(found.get('scale') or '')}{about}){said}."
    rows = [[value(one.get("value")), value(one.get("mean")), f"{value(one.get('p10'))} to {value(one.get('p90'))}"]
            for one in spread(curve)]  # fmt: skip
    between = f"The mean goes from {value(found.get('lowest'))} to {value(found.get('highest'))}"
    note = f"{between}, over {value(found.get('rows'))} rows."
    return "\n\n".join([head, *([table((names, "mean", "10 % to 90 % of rows"), rows)] if rows else []), note])


def counterfactual(args: Found, found: Found) -> str:
    if "options" not in found:
        return not_yet(args, found)
    name, wanted = code(found.get("model_id")), _wanted(found.get("wanted"))
    now = f"Now {name} predicts {answer(found.get('before') or {})}."
    options = found.get("options") or []
    if not options:
        nearest = found.get("closest")
        close = f" The closest was: {_option(nearest)}." if isinstance(nearest, Mapping) else ""
        return f"{now} I found no change of its inputs that leads to {wanted}.{close}\n\n{_searched(found)}".rstrip()
    lines = [f"{place}. {_option(one)}" for place, one in enumerate(options, 1)]
    return f"{now} For {wanted} one of these would do:\n\n" + "\n".join(lines) + f"\n\n{_searched(found)}".rstrip()


def similar(args: Found, found: Found) -> str:
    examples = found.get("examples")
    if examples is None:
        return not_yet(args, found)
    if not examples:
        return f"There are no rows like it in {code(found.get('data'))}."
    columns = list(examples[0].get("values") or {})[:_CELLS]
    true = any("truth" in one for one in examples)
    head = ["row", "prediction", *(["truth"] if true else []), *map(code, columns)]
    rows = [
        [value(one.get("row")), value(one.get("prediction")), *([value(one.get("truth"))] if true else []),
         *(value((one.get("values") or {}).get(column)) for column in columns)]
        for one in examples
    ]  # fmt: skip
    return f"The rows of {code(found.get('data'))} most like it, nearest first:\n\n{table(head, rows)}"


def suggestions(args: Found, found: Found) -> str:
    if "inputs" not in found:
        return prediction(args, found)
    name, inputs = code(found.get("model_id")), found.get("inputs") or []
    if args.get("ask"):
        return f"Here is a form for {name}: fill it in, and it predicts."
    rows = [[code(one.get("name")) + (f" ({escape(one['unit'])})" if one.get("unit") else ""),
             escape(one.get("kind") or ""), _choices(one), "" if one.get("default") is None else value(one["default"])]
            for one in inputs]  # fmt: skip
    head = f"{name} needs {value(found.get('n_features'))} inputs:"
    start = found.get("start_values")
    example = ""
    if isinstance(start, Mapping) and start:
        example = f"For example: predict with {name}: {inputs_in_words(start)}"
    return "\n\n".join(filter(None, (head, table(("input", "type", "allowed or usual", "typical"), rows), example)))


def answer(card: Found) -> str:
    """ "**yes** (probability 0.73)"; a score is called a score, and another class's probability is said to be its."""
    said = f"**{value(card.get('prediction'))}**"
    if isinstance(card.get("probability"), (int, float)):
        of = f" of {value(card['of'])}" if "of" in card else ""
        return f"{said} (probability{of} {probability(card['probability'])})"
    rest = [f"{escape(key)} {value(item)}" for key, item in card.items()
            if key in ("decision score", "score") and isinstance(item, (int, float))]  # fmt: skip
    return said + (f" ({rest[0]})" if rest else "")


def spread(points: Sequence[Any]) -> list[Any]:
    """At most a dozen of them, evenly chosen, with the first and the last."""
    if len(points) <= _POINTS:
        return list(points)
    return [points[round(i * (len(points) - 1) / (_POINTS - 1))] for i in range(_POINTS)]


def _swept(found: Found) -> str:
    column = code(found.get("column"))
    told = spread(found.get("sweep") or [])
    rows = [[value(one.get("value")), answer(one)] for one in told]
    head = f"{code(found.get('model_id'))} with other values of {column}; now it predicts "
    head += f"{answer(found.get('before') or {})}."
    flips = [f"between {value(pair[0])} and {value(pair[1])}" for pair in found.get("flips_between") or ()]
    note = f"It flips {', '.join(flips)}." if flips else ""
    return "\n\n".join(filter(None, (head, table((column, "prediction"), rows), note)))


def _in_frame(found: Found) -> str:
    about = f" of {value(found['about'])}" if found.get("about") is not None else ""
    said = ", ".join(escape(one) for one in found.get("changes") or ())
    lines = [
        f"With {said or 'the change'} in all {value(found.get('n'))} rows of {code(found.get('data'))}, the mean "
        f"prediction{about} of {code(found.get('model_id'))} goes from {value(found.get('mean_before'))} to "
        f"**{value(found.get('mean_after'))}** (difference {_signed(found.get('delta'))})."
    ]
    lines.append(f"It rises in {value(found.get('rows_up'))} rows and falls in {value(found.get('rows_down'))}.")
    if found.get("flipped") is not None:
        lines.append(f"The predicted class changes in {value(found['flipped'])} rows.")
    return "\n\n".join(lines)


def _changes(cards: Sequence[Found]) -> str:
    return ", ".join(f"{code(one.get('column'))} from {value(one.get('from'))} to {value(one.get('to'))}"
                     for one in cards)  # fmt: skip


def _option(one: Found) -> str:
    return f"{_changes(one.get('changes') or ())} → {answer(one.get('after') or {})}"


def _wanted(wanted: Any) -> str:
    if not isinstance(wanted, Mapping):
        return f"**{value(wanted)}**"
    least = f"at least {value(wanted['at_least'])}" if wanted.get("at_least") is not None else ""
    most = f"at most {value(wanted['at_most'])}" if wanted.get("at_most") is not None else ""
    return " and ".join(filter(None, (least, most))) or "another prediction"


def _searched(found: Found) -> str:
    searched = found.get("searched")
    if not isinstance(searched, Mapping):
        return ""
    fixed = [code(name) for name in searched.get("immutable") or ()]
    kept = f"; kept as they are: {', '.join(fixed)}" if fixed else ""
    tried = f"I tried {value(searched.get('inputs'))} of {value(searched.get('of'))} inputs"
    return f"{tried}, at most {value(searched.get('max_changes'))} at once{kept}."


def _choices(one: Found) -> str:
    options, limits = one.get("options"), one.get("range")
    if isinstance(options, list):
        more = ", ..." if len(options) > _POINTS else ""
        return ", ".join(value(option) for option in options[:_POINTS]) + more
    return f"{value(limits[0])} to {value(limits[1])}" if isinstance(limits, list) and len(limits) == 2 else ""


def _named(one: Found) -> str:
    return f'"{escape(one["word"])}"' if "word" in one else code(one.get("feature"))


def _signed(item: Any) -> str:
    sign = "+" if isinstance(item, (int, float)) and item > 0 else ""
    return sign + value(item)


def _float(item: Any) -> float:
    return float(item) if isinstance(item, (int, float)) else 0.0
