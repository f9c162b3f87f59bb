"""Replies to a prediction, of one row or of many, and to a check of an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markdown import code, escape, probability, prose, table, value

Found = Mapping[str, Any]
_ROWS = 10
_CLASSES = 6


def prediction(args: Found, found: Found) -> str:
    """By what was asked: a whole frame, several rows, or one."""
    if found.get("missing_features") or (found.get("n") == 0 and not found.get("where")):
        return not_yet(args, found)
    if any(key in found for key in ("counts", "mean", "outputs", "where")):
        return _of_frame(args, found)
    return _rows(args, found) if isinstance(args.get("features"), list) else _one(args, found)


def not_yet(args: Found, found: Found) -> str:
    """Said where the input lacks something: the form, or the issues below, tell what."""
    name = code(found.get("model_id") or args.get("model_id"))
    return f"No prediction with {name} yet. {prose(found.get('message') or '')}".rstrip()


def validation(args: Found, found: Found) -> str:
    name = code(found.get("model_id") or args.get("model_id"))
    given = args.get("features") or {}
    head = f"This input is valid for {name}." if found.get("valid") else f"This input is not valid for {name}."
    lines = [f"{head} I read: {inputs_in_words(given)}." if given else head]
    if found.get("missing_features"):
        lines.append(f"- Missing: {', '.join(map(code, found['missing_features']))}")
    if found.get("extra_features"):
        lines.append(f"- Not known to the model: {', '.join(map(code, found['extra_features']))}")
    if len(lines) == 1 and not found.get("valid") and found.get("message"):
        lines.append(prose(found["message"]))
    return "\n".join(lines)


def _one(args: Found, found: Found) -> str:
    answer, chances, sure = found.get("prediction"), found.get("probability"), found.get("confidence")
    certain = f", p = {probability(sure)}" if isinstance(sure, (int, float)) else ""
    lines = [f"{code(found.get('model_id') or args.get('model_id'))} predicts **{value(answer)}**{certain}."]
    if isinstance(chances, Mapping) and len(chances) > 1:
        ranked = sorted(chances.items(), key=lambda pair: -_number(pair[1]))[:_CLASSES]
        said = ", ".join(f"{escape(label)} {probability(_number(p))}" for label, p in ranked)
        lines.append(f"Probabilities: {said}.")
    lines += _beside(found)
    if args.get("row"):
        changed = f", changed: {inputs_in_words(args['features'])}" if args.get("features") else ""
        lines.append(f"I used the row {code(args['row'])}{changed}.")
    used = found.get("features") or args.get("features")
    if isinstance(used, Mapping) and used:
        lines.append(
            f"I used: {inputs_in_words(used)}." if not args.get("row") else f"Its values: {inputs_in_words(used)}."
        )
    return "\n\n".join(lines)


def _beside(found: Found) -> list[str]:
    """Interval, score and threshold, where the model has them."""
    lines = []
    interval, score = found.get("interval"), found.get("score")
    if isinstance(interval, Mapping) and isinstance(interval.get("level"), (int, float)):
        how = f" ({prose(interval['method'])})" if interval.get("method") else ""
        ends = f"{value(interval.get('low'))} to {value(interval.get('high'))}"
        lines.append(f"Interval of {interval['level']:.0%}: {ends}{how}.")
    if isinstance(score, (int, float)):
        lines.append(f"Decision score: {value(score)} (not a probability).")
    if found.get("threshold") is not None:
        lines.append(f"Threshold: {value(found['threshold'])}.")
    return lines


def _of_frame(args: Found, found: Found) -> str:
    """Counts of the classes, or mean and quantiles; for several outputs each on its own."""
    name, frame = code(found.get("model_id")), code(found.get("data") or args.get("data"))
    where = f" where {code(found['where'])}" if found.get("where") else ""
    parts = [f"{name} predicted {value(found.get('n'))} rows of {frame}{where}."]
    outputs = found.get("outputs") or [found]
    for place, output in enumerate(outputs, 1):
        label = f"Output {place}: " if len(outputs) > 1 else ""
        if isinstance(output.get("counts"), Mapping):
            counts = [[escape(one), value(count)] for one, count in output["counts"].items()]
            parts += [label.rstrip(), table(("predicted", "rows"), counts)]
        if output.get("mean") is not None:
            quantiles = ", ".join(f"{escape(k)} {value(v)}" for k, v in (output.get("quantiles") or {}).items())
            parts.append(f"{label}mean {value(output['mean'])}" + (f"; {quantiles}." if quantiles else "."))
    return "\n\n".join(filter(None, parts))


def _rows(args: Found, found: Found) -> str:
    said = _listed(found.get("prediction"))
    sure = _listed(found.get("confidence"))
    head = ("row", "prediction", "p") if sure else ("row", "prediction")
    rows = [
        [
            str(place),
            value(answer),
            probability(sure[place]) if place < len(sure) and sure[place] is not None else "",
        ]
        for place, answer in enumerate(said[:_ROWS])
    ]
    count = found.get("n")
    more = f"\n\nThe first {len(rows)} are shown." if isinstance(count, int) and count > len(rows) else ""
    shown = table(head, [row[: len(head)] for row in rows])
    return f"{code(found.get('model_id'))} predicted {value(count)} rows.\n\n{shown}{more}"


def _listed(item: Any) -> list[Any]:
    return item if isinstance(item, list) else []


def inputs_in_words(features: Any) -> str:
    if not isinstance(features, Mapping):
        return value(features)
    return ", ".join(f"{code(name)} = {value(item)}" for name, item in features.items())


def _number(item: Any) -> float:
    return float(item) if isinstance(item, (int, float)) else 0.0
