"""Replies about how good models are: measures, comparisons, mistakes, groups, intervals, thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..markdown import code, escape, prose, table, value
from .explaining import spread
from .prediction import not_yet

Found = Mapping[str, Any]
_CONFUSED = 6


def evaluation(args: Found, found: Found) -> str:
    metrics = found.get("metrics") or {}
    lines = [_heading(found)]
    if metrics:
        rows = [[escape(name), value(one.get("value")), _bounds(one)] for name, one in metrics.items()]
        lines.append(table(("measure", "value", "interval of 95 %"), rows))
    base = found.get("baseline")
    if isinstance(base, Mapping):
        said = ", ".join(f"{escape(key)} {value(item)}" for key, item in base.items() if key != "always")
        lines.append(f"Who always says {escape(base.get('always') or '')} gets {said}.")
    confusion = found.get("confusion")
    if isinstance(confusion, Mapping) and 0 < len(confusion.get("labels") or ()) <= _CONFUSED:
        labels = [value(label) for label in confusion["labels"]]
        counts = [[f"true {label}", *map(value, row)] for label, row in zip(labels, confusion["counts"], strict=False)]
        lines.append(table(("", *(f"predicted {label}" for label in labels)), counts))
    if found.get("groups"):
        names = list(found["groups"][0].get("metrics") or {})[:4]
        groups = [[escape(one.get("group")), value(one.get("n")), *(value(one["metrics"].get(name)) for name in names)]
                  for one in found["groups"] if isinstance(one.get("metrics"), Mapping)]  # fmt: skip
        lines.append(table((code(found.get("by")), "rows", *map(escape, names)), groups))
    return "\n\n".join(lines)


def comparison(args: Found, found: Found) -> str:
    cards, metric = found.get("models") or [], str(found.get("metric") or "")
    way = "lower is better" if found.get("lower_is_better") else "higher is better"
    head = f"Best by {escape(metric)} ({way}) is {code(found.get('best'))}, on {value(found.get('n'))} rows of "
    names = list(dict.fromkeys([metric, *((cards[0].get("metrics") or {}) if cards else ())]))[:4]
    rows = [[code(one.get("model_id")), *(value((one.get("metrics") or {}).get(name)) for name in names),
             "yes" if one.get("in_sample") else "", value(one.get("ms_one_row"))] for one in cards]  # fmt: skip
    lines = [f"{head}{code(found.get('data'))}.", table(("model", *names, "fitted on it", "ms a row"), rows)]
    for one in found.get("differences") or ():
        sure = "more than chance" if one.get("more_than_chance") else "may be chance"
        apart = f" They disagree on {one['disagree']:.1%} of rows." if _is_number(one.get("disagree")) else ""
        lines.append(f"- {code(one.get('model'))} minus {code(one.get('other'))}: {value(one.get('difference'))} "
                     f"({_bounds(one)}), {sure}.{apart}")  # fmt: skip
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:])


def mistakes(args: Found, found: Found) -> str:
    lines = [_heading(found), f"Mean loss: {value(found.get('mean_loss'))} ({escape(found.get('loss') or '')})."]
    slices = found.get("worst_slices") or []
    if slices:
        rows = [[_where(one.get("where")), value(one.get("n")), value(one.get("loss")),
                 f"{value(one.get('more_than_elsewhere'))} ({_bounds(one)})"] for one in slices]  # fmt: skip
        lines.append("It does worse on:\n\n" + table(("group", "rows", "loss", "more than elsewhere"), rows))
    elif found.get("slices_tested") is not None:
        lines.append(f"Of {value(found['slices_tested'])} groups none is clearly worse than the rest.")
    worst = found.get("worst_rows") or []
    if worst:
        rows = [[value(one.get("row")), value(one.get("prediction")), value(one.get("truth"))] for one in worst]
        lines.append("The rows it is most wrong about:\n\n" + table(("row", "prediction", "truth"), rows))
    mixed = [f"{value(one.get('truth'))} taken for {value(one.get('prediction'))} ({value(one.get('n'))} rows)"
             for one in found.get("confused") or ()]  # fmt: skip
    return "\n\n".join([*lines, f"Mixed up: {', '.join(mixed)}." if mixed else ""]).rstrip()


def fairness(args: Found, found: Found) -> str:
    uses = "is one of its inputs" if found.get("model_uses_it") else "is none of its inputs"
    lines = [f"{_heading(found)} {code(found.get('group'))} {uses}."]
    groups = found.get("groups") or []
    if found.get("outcome") is not None:
        names = (("selected", "gets it"), ("true_share", "true share"), ("true_positive_rate", "found of the true"),
                 ("false_positive_rate", "wrongly got"))  # fmt: skip
        rows = [[escape(one.get("group")), value(one.get("n")), *(_share(one.get(key)) for key, _ in names)]
                for one in groups]  # fmt: skip
        lines.append(
            f"Outcome: {value(found['outcome'])}.\n\n" + table(("group", "rows", *(n for _, n in names)), rows)
        )
    elif groups:
        names_ = list(groups[0].get("metrics") or {})[:4]
        rows = [[escape(one.get("group")), value(one.get("n")),
                 *(value((one.get("metrics") or {}).get(name)) for name in names_)] for one in groups]  # fmt: skip
        lines.append(table(("group", "rows", *map(escape, names_)), rows))
    for gap in found.get("differences") or ():
        one = gap.get("selected") or {}
        lines.append(f"- {escape(gap.get('group'))} gets it {_share(one)} more often than "
                     f"{escape(gap.get('than'))} (interval {_bounds(one)})")  # fmt: skip
    return "\n\n".join([*lines, "These are rates; what is fair is for people to say."])


def interval(args: Found, found: Found) -> str:
    if "method" not in found:
        return not_yet(args, found)
    name, level = code(found.get("model_id")), found.get("level")
    share = f"{level:.0%}" if _is_number(level) else ""
    if "classes" in found:
        kept = ", ".join(f"**{value(one)}**" for one in found["classes"]) or "none"
        head = f"{name} predicts **{value(found.get('prediction'))}**; with {share} these can't be ruled out: {kept}."
    else:
        what = f"the interval of {share}" if found.get("is_interval") else "the spread"
        ends = f"**{value(found.get('low'))} to {value(found.get('high'))}**"
        head = f"{name} predicts {value(found.get('prediction'))}; {what} is {ends}."
    based = f", from {value(found['held_out_rows'])} held-out rows" if found.get("held_out_rows") else ""
    trees = f", {value(found['trees'])} trees" if found.get("trees") else ""
    return f"{head}\n\nHow: {prose(found['method'])}{based}{trees}."


def thresholds(args: Found, found: Found) -> str:
    now = f" Now it is {value(found['threshold_now'])}." if found.get("threshold_now") is not None else ""
    positive = f"Alarm means {value(found.get('positive'))}."
    best, cheapest = found.get("best_f1"), found.get("cheapest")
    lines = [f"{_heading(found)} {positive}{now}"]
    if isinstance(cheapest, Mapping):
        lines.append(f"Cheapest is the threshold **{value(cheapest.get('threshold'))}** with a cost of "
                     f"{value(cheapest.get('cost'))}.")  # fmt: skip
    if isinstance(best, Mapping):
        lines.append(f"The best F1, {value(best.get('f1'))}, is at **{value(best.get('threshold'))}**.")
    keys = ("threshold", "precision", "recall", "false_positive_rate", "alarms")
    rows = [[value(one.get(key)) for key in keys] for one in spread(found.get("curve") or [])]
    shown = table(("threshold", "precision", "recall", "false alarms", "alarms"), rows)
    return "\n\n".join([*lines, *([shown] if rows else [])])


def search(args: Found, found: Found) -> str:
    best, top = found.get("best") or {}, found.get("top") or []
    way = "higher" if found.get("higher_is_better") else "lower"
    folds = f" in {value(found['folds'])} folds" if found.get("folds") else ""
    lines = [f"{code(found.get('model_id'))} ({escape(found.get('kind') or 'search')}) tried "
             f"{value(found.get('tried'))} settings{folds}. Best {escape(found.get('metric') or 'score')} ({way} is "
             f"better): **{value(best.get('score'))}** with {inputs(best.get('params'))}."]  # fmt: skip
    if found.get("within_one_std"):
        lines.append(f"{value(found['within_one_std'])} are within one standard deviation of it.")
    rows = [[value(one.get("rank")), value(one.get("score")), value(one.get("std")) if "std" in one else "",
             inputs(one.get("params"))] for one in top]  # fmt: skip
    if rows:
        lines.append(table(("rank", "score", "std", "settings"), rows))
    effects = found.get("effects") or []
    if effects:
        said = ", ".join(f"{code(one.get('setting'))} ({value(one.get('spread'))})" for one in effects)
        lines.append(f"How much each setting moves the mean score: {said}.")
    return "\n\n".join(lines)


def inputs(params: Any) -> str:
    if not isinstance(params, Mapping):
        return ""
    return ", ".join(f"{code(name)} = {'None' if item is None else value(item)}" for name, item in params.items())


def _heading(found: Found) -> str:
    seen = " It was fitted on these rows." if found.get("in_sample") else ""
    where = f"{value(found.get('n'))} rows of {code(found.get('data'))}"
    target = f" against {code(found['target'])}" if found.get("target") else ""
    return f"{code(found.get('model_id'))} on {where}{target}.{seen}"


def _bounds(one: Any) -> str:
    if not isinstance(one, Mapping) or one.get("low") is None:
        return ""
    return f"{value(one['low'])} to {value(one.get('high'))}"


def _share(one: Any) -> str:
    held = one.get("value") if isinstance(one, Mapping) else one
    return f"{held:.1%}" if _is_number(held) else ""


def _where(where: Any) -> str:
    parts: Sequence[tuple[Any, Any]] = list(where.items()) if isinstance(where, Mapping) else []
    return " and ".join(f"{code(name)}: {escape(item)}" for name, item in parts)


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool)
