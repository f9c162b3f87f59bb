"""Replies about models: which there are, what one is, what it takes, what matters to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..markdown import code, escape, number, prose, table, value

Found = Mapping[str, Any]
_BAR = 12
_LEVELS = 12


def listing(args: Found, found: Found) -> str:
    models = found.get("models") or []
    if not models:
        return "There are no models in this kernel yet. Fit one: I can tell what it needs and predict with it."
    rows = [
        [
            code(model.get("id")),
            _what(model),
            escape(model.get("status") or "unknown"),
            _inputs(model),
            _cell(model),
        ]
        for model in models
    ]
    total = int(found.get("total") or len(models))
    head = "One model in this kernel:" if total == 1 else f"{total} models in this kernel:"
    return f"{head}\n\n{table(('model', 'what it is', 'status', 'inputs', 'from'), rows)}"


def info(args: Found, found: Found) -> str:
    """By `detail` of the call: the parts that were asked for."""
    parts = {
        "signature": _signature, "steps": _steps, "parameters": _parameters, "feature_mapping": _mapping,
    }  # fmt: skip
    return parts.get(str(args.get("detail")), _summary)(found)


def importance(args: Found, found: Found) -> str:
    features = found.get("features") or []
    if not features:
        return f"{code(found.get('model_id'))} gives no importances of its features."
    largest = max((abs(_float(one.get("importance"))) for one in features), default=0.0) or 1.0
    rows = [
        [
            str(one.get("rank") or place),
            code(one.get("feature")),
            value(one.get("importance")),
            "█" * max(1, round(_BAR * abs(_float(one.get("importance"))) / largest)),
        ]
        for place, one in enumerate(features, 1)
    ]
    method = f" ({escape(found['method'])})" if found.get("method") else ""
    end = "least" if args.get("least") else "most"
    said = f"What matters {end} to {code(found.get('model_id'))}{method}: {code(features[0].get('feature'))}."
    return f"{said}\n\n{table(('rank', 'feature', 'importance', ''), rows)}"


def deletion(args: Found, found: Found) -> str:
    if found.get("message"):
        return prose(found["message"])
    done = "was deleted" if found.get("deleted") else "was not deleted"
    return f"{code(args.get('model_id'))} {done}."


def _summary(found: Found) -> str:
    said = [f"{code(found.get('id'))} is {_with_article(_what(found))}"]
    if found.get("task"):
        said.append(f"for {escape(found['task'])}")
    library = " ".join(escape(found[key]) for key in ("library", "version") if found.get(key))
    lines = [" ".join(said) + (f" ({library})." if library else ".")]
    if found.get("status"):
        lines.append(f"- Status: {escape(found['status'])}" + _fitted_in(found))
    if found.get("training_data"):
        lines.append(f"- Trained on: {_trained_on(found['training_data'])}")
    if found.get("target"):
        lines.append(f"- Target: {code(found['target'])}")
    if found.get("classes"):
        lines.append(f"- Classes: {_few(found['classes'])}")
    names = found.get("feature_names") or [one.get("name") for one in found.get("features") or ()]
    if names:
        lines.append(f"- Inputs ({len(names)}): {', '.join(map(code, names[:_LEVELS]))}" + _and_more(names))
    if found.get("steps"):
        lines.append("- Steps: " + " → ".join(_step(step) for step in found["steps"]))
    return "\n".join(lines)


def _signature(found: Found) -> str:
    features = found.get("features") or []
    name = code(found.get("id"))
    if not features:
        names = found.get("feature_names") or []
        known = ", ".join(map(code, names)) if names else "not known: the model recorded no names of its columns"
        return f"Inputs of {name}: {known}."
    rows = [
        [
            code(one.get("name")),
            escape(" in ".join(filter(None, (one.get("dtype") or "unknown", one.get("unit"))))),
            _allowed(one),
            _typical(one),
            _needed(one),
        ]
        for one in features
    ]
    total = found.get("n_features") or len(features)
    count = "1 input" if total == 1 else f"{total} inputs"
    parts = [f"{name} takes {count}:", table(("input", "type", "allowed", "typical", "needed"), rows)]
    if found.get("classes"):
        parts.append(f"It predicts one of: {_few(found['classes'])}.")
    example = _example(features)
    if example:
        parts.append(f"For example: predict with {name}: {example}")
    return "\n\n".join(parts)


def _steps(found: Found) -> str:
    steps = found.get("steps") or []
    if not steps:
        return f"{code(found.get('id'))} is a single {_what(found)}, without steps."
    lines = [f"{place}. {_step(step)}" for place, step in enumerate(steps, 1)]
    return f"Steps of {code(found.get('id'))}:\n\n" + "\n".join(lines)


def _parameters(found: Found) -> str:
    parameters = found.get("parameters") or {}
    if not parameters:
        return f"{code(found.get('id'))} tells no parameters."
    rows = [[code(name), "None" if item is None else value(item)] for name, item in parameters.items()]
    return f"Parameters of {code(found.get('id'))}:\n\n{table(('parameter', 'value'), rows)}"


def _mapping(found: Found) -> str:
    cards = found.get("feature_mapping")
    if not cards:
        return f"What the columns of {code(found.get('id'))} become on the way to its last step can't be followed."
    rows = [
        [code(one.get("column")), value(one.get("n")), ", ".join(map(code, one.get("names") or ()))] for one in cards
    ]
    head = f"{code(found.get('id'))} makes {value(found.get('n_made'))} features of its columns:"
    return f"{head}\n\n{table(('column', 'features', 'named'), rows)}"


def _what(model: Found) -> str:
    """ "Pipeline (LogisticRegression)" or just the class."""
    kind, inner = str(model.get("model_type") or "model"), str(model.get("estimator") or "")
    return escape(f"{kind} ({inner})" if inner and inner != kind else kind)


def _with_article(noun: str) -> str:
    return ("an " if noun[:1].lower() in "aeiou" else "a ") + noun


def _inputs(model: Found) -> str:
    names = model.get("feature_names") or []
    count = model.get("n_features")
    if not names:
        return "unknown" if count is None else value(count)
    return f"{count or len(names)}: {', '.join(map(code, names[:4]))}" + (", ..." if len(names) > 4 else "")


def _cell(model: Found) -> str:
    return f"In\\[{model['cell']}\\]" if isinstance(model.get("cell"), int) else ""


def _fitted_in(found: Found) -> str:
    where = found.get("fitted_in")
    if isinstance(where, int):
        return f", fitted in In\\[{where}\\]"
    return f", fitted in {value(where)}" if where else ""


def _trained_on(data: Any) -> str:
    if not isinstance(data, Mapping):
        return value(data)
    rows = f", {value(data['rows'])} rows" if data.get("rows") is not None else ""
    source = f" ({prose(data['source'])})" if data.get("source") else ""
    return f"{code(data.get('ref'))}{rows}{source}"


def _step(step: Found) -> str:
    return f"{code(step.get('name'))} ({escape(step.get('class_name') or 'unknown')})"


def _allowed(one: Found) -> str:
    if one.get("categories"):
        return _few(one["categories"])
    limits = one.get("range")
    if isinstance(limits, Sequence) and len(limits) == 2:
        return f"{value(limits[0])} to {value(limits[1])} (seen in training)"
    count = one.get("n_categories")
    return f"one of {value(count)} categories" if count else ""


def _needed(one: Found) -> str:
    """Whether it must be given. A typical value is a hint for the person: nothing is ever filled in silently."""
    if one.get("required") is False:
        return "optional"
    return "yes, may be empty" if one.get("nullable") else "yes"


def _typical(one: Found) -> str:
    return value(one["default"]) if one.get("default") is not None else ""


def _example(features: Sequence[Found]) -> str:
    """The needed inputs with a value each that the result itself names; "" if one has none."""
    pairs = []
    for one in features:
        if one.get("required") is False:
            continue
        limits, levels = one.get("range"), one.get("categories")
        sample = levels[0] if levels else limits[0] if limits else one.get("default")
        if sample is None:
            return ""
        pairs.append(f"{code(one.get('name'))} = {value(sample)}")
    return ", ".join(pairs) if len(pairs) <= _LEVELS else ""


def _few(items: Sequence[Any]) -> str:
    return ", ".join(value(item) for item in items[:_LEVELS]) + _and_more(items)


def _and_more(items: Sequence[Any]) -> str:
    return f" and {number(len(items) - _LEVELS)} more" if len(items) > _LEVELS else ""


def _float(item: Any) -> float:
    return float(item) if isinstance(item, (int, float)) else 0.0
