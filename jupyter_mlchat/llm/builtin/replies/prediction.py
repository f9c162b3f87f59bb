"""Replies to a prediction, of one row or of many, and to a check of an input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..markdown import code, escape, probability, table, value

Found = Mapping[str, Any]
_ROWS = 10
_CLASSES = 6


def prediction(args: Found, found: Found) -> str:
    said = found.get("prediction")
    many = isinstance(said, (list, Mapping)) and not (isinstance(said, list) and len(said) == 1)
    return _rows(args, found) if many else _one(args, found)


def validation(args: Found, found: Found) -> str:
    name = code(found.get("model_id") or args.get("model_id"))
    given = args.get("features") or {}
    head = (
        f"This input is valid for {name}." if found.get("valid") else f"This input is not valid for {name}."
    )
    lines = [f"{head} I read: {_inputs(given)}." if given else head]
    if found.get("missing_features"):
        lines.append(f"- Missing: {', '.join(map(code, found['missing_features']))}")
    if found.get("extra_features"):
        lines.append(f"- Not known to the model: {', '.join(map(code, found['extra_features']))}")
    if len(lines) == 1 and not found.get("valid") and found.get("message"):
        lines.append(escape(found["message"], 400))
    return "\n".join(lines)


def _one(args: Found, found: Found) -> str:
    answer = _first(found.get("prediction"))
    chances = _first(found.get("probability"))
    confidence = found.get("confidence")
    if not isinstance(confidence, (int, float)) and isinstance(chances, Mapping):
        confidence = chances.get(str(answer))
    sure = f", p = {probability(confidence)}" if isinstance(confidence, (int, float)) else ""
    lines = [f"{code(found.get('model_id') or args.get('model_id'))} predicts **{value(answer)}**{sure}."]
    if isinstance(chances, Mapping) and len(chances) > 1:
        ranked = sorted(chances.items(), key=lambda pair: -_number(pair[1]))[:_CLASSES]
        lines.append(
            "Probabilities: " + ", ".join(f"{escape(k)} {probability(_number(v))}" for k, v in ranked) + "."
        )
    lines += _beside(found)
    used = found.get("features") or args.get("features")
    if isinstance(used, Mapping) and used:
        given = args.get("features") or {}
        filled = {name: item for name, item in used.items() if name not in given} if given else {}
        lines.append(f"I used: {_inputs({k: v for k, v in used.items() if k not in filled})}.")
        if filled:
            lines.append(f"Not given, so the model's own: {_inputs(filled)}.")
    elif args.get("row"):
        lines.append(f"I used the row {code(args['row'])}.")
    return "\n\n".join(lines)


def _beside(found: Found) -> list[str]:
    """Interval, score and threshold, where the model has them."""
    lines = []
    interval = found.get("interval")
    if isinstance(interval, Mapping):
        lines.append(
            "Interval: " + ", ".join(f"{escape(key)} {value(item)}" for key, item in interval.items()) + "."
        )
    elif isinstance(interval, Sequence) and not isinstance(interval, str) and len(interval) == 2:
        lines.append(f"Interval: {value(interval[0])} to {value(interval[1])}.")
    if found.get("score") is not None and not isinstance(found["score"], (list, Mapping)):
        lines.append(f"Decision score: {value(found['score'])} (not a probability).")
    if found.get("threshold") is not None:
        lines.append(f"Threshold: {value(found['threshold'])}.")
    return lines


def _rows(args: Found, found: Found) -> str:
    said = found.get("prediction")
    count = found.get("n") if found.get("n") is not None else len(said or ())
    where = f" of {code(args['data'])}" if args.get("data") else ""
    head = f"{code(found.get('model_id') or args.get('model_id'))} predicted {value(count)} rows{where}."
    if isinstance(said, Mapping):
        return f"{head}\n\n{table(('prediction', ''), [[escape(key), value(item)] for key, item in said.items()])}"
    chances = found.get("probability")
    rows = [
        [str(place), value(answer), _chance(chances, place, answer)]
        for place, answer in enumerate((said or [])[:_ROWS])
    ]
    shown = (
        table(("row", "prediction", "p"), rows)
        if isinstance(chances, list)
        else table(("row", "prediction"), [row[:2] for row in rows])
    )
    more = f"\n\nThe first {len(rows)} are shown." if isinstance(count, int) and count > len(rows) else ""
    return f"{head}\n\n{shown}{more}"


def _chance(chances: Any, place: int, answer: Any) -> str:
    one = chances[place] if isinstance(chances, list) and place < len(chances) else None
    if isinstance(one, Mapping):
        one = one.get(str(answer))
    return probability(one) if isinstance(one, (int, float)) else ""


def _inputs(features: Any) -> str:
    if not isinstance(features, Mapping):
        return value(features)
    return ", ".join(f"{code(name)} = {value(item)}" for name, item in features.items())


def _first(item: Any) -> Any:
    return item[0] if isinstance(item, list) and len(item) == 1 else item


def _number(item: Any) -> float:
    return float(item) if isinstance(item, (int, float)) else 0.0
