"""Which answers people would rather look at than read, and what there is to see: numbers only, nothing drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
class Dots:
    """Each with its interval, told from the top. `line` is what all are compared with."""

    names: list[str]
    values: list[float]
    bounds: list[tuple[float, float]]
    line: float | None = None


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
    shape: Lines | Bars | Dots | Heat


def figure_of(tool: str, data: Mapping[str, Any]) -> Figure | None:
    """The figure of an answer, made of its data. None where there is nothing to look at."""
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


def _fairness(data: Mapping[str, Any]) -> Figure | None:
    """How often each group gets the outcome, or how wrong the numbers for it are."""
    title = f"{data['model_id']} by {data['group']}"
    if data["outcome"] is None:
        bars = Bars(
            [str(card["group"]) for card in data["groups"]], [card["metrics"]["mae"] for card in data["groups"]]
        )
        return Figure(title, "mean absolute error", "", bars)
    cards = [(card["group"], card["selected"]) for card in data["groups"] if card["selected"]["value"] is not None]
    return Figure(title, f"share that gets {data['outcome']}", "", _dots([(str(name), one) for name, one in cards]))


def _dots(cards: Sequence[tuple[str, Mapping[str, Any]]], line: float | None = None) -> Dots:
    """Of `{value, low, high}` by name."""
    names, told = [name for name, _ in cards[:MOST_BARS]], [one for _, one in cards[:MOST_BARS]]
    return Dots(
        names, [float(one["value"]) for one in told], [(float(one["low"]), float(one["high"])) for one in told], line
    )


def _errors(data: Mapping[str, Any]) -> Figure | None:
    """How much worse than elsewhere it is on its worst groups of rows."""
    cards = [
        (
            " and ".join(f"{name} {group}" for name, group in card["where"].items()),
            {"value": card["more_than_elsewhere"], "low": card["low"], "high": card["high"]},
        )
        for card in data["worst_slices"]
    ]
    title = f"Where {data['model_id']} is wrong on {data['data']}"
    return Figure(title, "loss more than elsewhere", "", _dots(cards, 0.0)) if cards else None


def _search(data: Mapping[str, Any]) -> Figure | None:
    """What the setting that mattered most did; of few values the candidates themselves."""
    effects = [one for one in data["effects"] if len(one["means"]) > 1]
    if effects:
        first = effects[0]
        values = [_number(value) for value in first["means"]]
        shape = Lines(values, {"mean": [float(mean) for mean in first["means"].values()]})
        return Figure(
            f"What {first['setting']} did in {data['model_id']}", str(first["setting"]), data["metric"], shape
        )
    cards = [(f"#{one['rank']}", one["score"], one.get("std") or 0.0) for one in data["top"]]
    dots = _dots([(name, {"value": v, "low": v - std, "high": v + std}) for name, v, std in cards])
    return Figure(f"Candidates of {data['model_id']}", str(data["metric"]), "", dots) if cards else None


def _number(text: Any) -> Any:
    try:
        return float(text)
    except (TypeError, ValueError):
        return str(text)


def _interval(data: Mapping[str, Any]) -> Figure | None:
    dots = _dots([("prediction", {"value": data["prediction"], "low": data["low"], "high": data["high"]})])
    return Figure(f"{data['model_id']}: {data['level']:.0%}", str(data["method"])[:60], "", dots)


def _description(data: Mapping[str, Any]) -> Figure | None:
    """Of one column how it is spread, else which columns go together."""
    if len(data["columns"]) == 1:
        (card,) = data["columns"]
        bins = card.get("histogram") or ()
        names = [f"{_short(one['from'])} to {_short(one['to'])}" for one in bins]
        counts = [float(one["n"]) for one in bins]
        if not bins:
            names = [_short(one["value"]) for one in card["top"][:MOST_BARS]]
            counts = [float(one["count"]) for one in card["top"][:MOST_BARS]]
        return Figure(f"{card['name']} of {data['id']}", "rows", "", Bars(names, counts)) if counts else None
    pairs = data["correlations"]
    bars = Bars([" and ".join(pair["columns"]) for pair in pairs], [float(pair["r"]) for pair in pairs])
    return Figure(f"What goes together in {data['id']}", "Pearson's r", "", bars) if pairs else None


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
        "check_fairness": _fairness,
        "analyze_errors": _errors,
        "get_search_results": _search,
        "get_prediction_interval": _interval,
        "describe_dataframe": _description,
    }
)
