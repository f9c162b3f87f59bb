"""Which answers people would rather look at than read, and what there is to see: numbers only, nothing drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

MOST_BARS = 15
MOST_CLASSES = 30


@dataclass(frozen=True)
class Lines:
    """Curves over one axis; `x` are numbers or categories. `band` are lower and upper bounds of the first curve."""

    x: list[Any]
    curves: dict[str, list[float]]
    band: tuple[list[float], list[float]] | None = None
    diagonal: bool = False


@dataclass(frozen=True)
class Bars:
    """Longest first, told from the top."""

    names: list[str]
    values: list[float]


@dataclass(frozen=True)
class Heat:
    """`values[row][column]`; `told` writes the number into each field."""

    values: list[list[float]]
    rows: list[str]
    columns: list[str]
    told: bool = False


@dataclass(frozen=True)
class Figure:
    title: str
    x: str
    y: str
    shape: Lines | Bars | Heat


def figure_of(tool: str, data: Mapping[str, Any]) -> Figure | None:
    """The figure of an answer, made of what a person sees of it. None where there is nothing to look at."""
    make = _FIGURES.get(tool)
    try:
        return make(data) if make is not None else None
    except (KeyError, TypeError, ValueError, IndexError):
        # An answer of another shape, such as a report about text, is read and not looked at.
        return None


def _importance(data: Mapping[str, Any]) -> Figure | None:
    rows = data["features"][:MOST_BARS]
    bars = Bars([str(row["feature"]) for row in rows], [float(row["importance"]) for row in rows])
    return Figure(f"What matters to {data['model_id']}", str(data["method"]), "", bars) if rows else None


def _contributions(data: Mapping[str, Any]) -> Figure | None:
    if "map" in data:
        return _occlusion(data)
    rows = data["contributions"][:MOST_BARS]
    names = [_with_value(row) for row in rows]
    bars = Bars(names, [float(row["contribution"]) for row in rows])
    title = f"Why {data['model_id']} says {data.get('explained', data.get('prediction'))}"
    return Figure(title, f"contribution ({data['scale']})", "", bars) if rows else None


def _occlusion(data: Mapping[str, Any]) -> Figure:
    """Named by the first pixel of each part."""
    heat = Heat(data["map"], [str(edge) for edge in data["rows"][:-1]], [str(edge) for edge in data["columns"][:-1]])
    title = f"What {data['model_id']} looks at in {data['data']} for {data['explained']}"
    return Figure(title, f"contribution ({data['scale']}), by column", "row", heat)


def _with_value(row: Mapping[str, Any]) -> str:
    name = str(row.get("feature", row.get("word", "")))
    return f"{name} = {_short(row['value'])}" if row.get("value") is not None else name


def _partial(data: Mapping[str, Any]) -> Figure | None:
    curve, features = data["curve"], [str(name) for name in data["features"]]
    y = f"mean {data['scale']}"
    title = f"{data['model_id']} over {' and '.join(features)}"
    if len(features) == 1:
        band = ([row["p10"] for row in curve], [row["p90"] for row in curve]) if "p10" in curve[0] else None
        lines = Lines([row["value"] for row in curve], {"mean": [row["mean"] for row in curve]}, band)
        return Figure(title, features[0], y, lines)
    rows = list(dict.fromkeys(row["value"][0] for row in curve))
    columns = list(dict.fromkeys(row["value"][1] for row in curve))
    known = {tuple(row["value"]): row["mean"] for row in curve}
    values = [[known[one, other] for other in columns] for one in rows]
    return Figure(title, features[1], features[0], Heat(values, [*map(_short, rows)], [*map(_short, columns)]))


def _thresholds(data: Mapping[str, Any]) -> Figure | None:
    curve = data["curve"]
    told = [name for name in ("precision", "recall", "f1", "alarms") if name in curve[0]]
    curves = {name: [row[name] for row in curve] for name in told}
    lines = Lines([row["threshold"] for row in curve], curves)
    return Figure(f"Thresholds of {data['model_id']} on {data['data']}", "threshold", "", lines)


def _sweep(data: Mapping[str, Any]) -> Figure | None:
    if "sweep" not in data:
        return None
    rows = data["sweep"]
    key = "probability" if rows[0].get("probability") is not None else "prediction"
    lines = Lines([row["value"] for row in rows], {key: [float(row[key]) for row in rows]})
    return Figure(f"{data['model_id']} as {data['column']} changes", str(data["column"]), key, lines)


def _evaluation(data: Mapping[str, Any]) -> Figure | None:
    confusion, calibration = data.get("confusion"), data.get("calibration")
    title = f"{data['model_id']} on {data['data']}"
    if confusion and len(confusion["counts"]) <= MOST_CLASSES:
        labels = [str(label) for label in confusion["labels"]]
        return Figure(title, "predicted", "true", Heat(confusion["counts"], labels, labels, told=len(labels) <= 12))
    if calibration:
        lines = Lines([row["said"] for row in calibration], {"seen": [row["seen"] for row in calibration]}, None, True)
        return Figure(title, "probability said", "share seen", lines)
    return None


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:24]


def _comparison(data: Mapping[str, Any]) -> Figure | None:
    metric = str(data["metric"])
    bars = Bars(
        [str(card["model_id"]) for card in data["models"]], [card["metrics"][metric] for card in data["models"]]
    )
    better = "lower is better" if data["lower_is_better"] else "higher is better"
    return Figure(f"Models on {data['data']}", f"{metric}, {better}", "", bars)


def _drift(data: Mapping[str, Any]) -> Figure | None:
    rows = data["features"][:MOST_BARS]
    bars = Bars([str(row["feature"]) for row in rows], [float(row["psi"]) for row in rows])
    return Figure(f"From {data['reference']} to {data['data']}", "stability index", "", bars) if rows else None


_FIGURES: Mapping[str, Callable[[Mapping[str, Any]], Figure | None]] = MappingProxyType(
    {
        "get_feature_importance": _importance,
        "explain_prediction": _contributions,
        "get_partial_dependence": _partial,
        "get_threshold_curve": _thresholds,
        "what_if": _sweep,
        "evaluate_model": _evaluation,
        "compare_models": _comparison,
        "check_drift": _drift,
    }
)
