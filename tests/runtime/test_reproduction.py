"""The `code` of every answer, run in a fresh copy of the namespace, gives the answer's numbers again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

KINDS = ("pandas", "numpy", "polars")
COLUMNS = ["mean radius", "mean texture", "mean area", "mean smoothness", "mean concavity"]
SPLIT = 420


def _as(kind: str, values: Any) -> Any:
    if kind == "numpy":
        return values.to_numpy()
    if kind == "polars":
        return pl.from_pandas(values) if isinstance(values, pd.DataFrame) else pl.Series(values.name, values.tolist())
    return values


@cache
def notebook(kind: str) -> Context:
    """Models of classes and of numbers. No library is a name of the notebook: cells import what they use."""
    data = load_breast_cancer(as_frame=True)
    X = data.data[COLUMNS]
    kind_of_tumor = data.target.map({0: "malignant", 1: "benign"}).rename("kind")
    size = (X["mean area"] * 0.1 + X["mean texture"]).rename("size")
    names: dict[str, Any] = {}
    for part, rows in (("train", slice(None, SPLIT)), ("test", slice(SPLIT, None))):
        for name, values in (("X", X), ("kind", kind_of_tumor), ("size", size)):
            names[f"{name}_{part}"] = _as(kind, values[rows])
    context = Context(
        {
            **names,
            "scaled": make_pipeline(StandardScaler(), LogisticRegression()),
            "plain": LogisticRegression(max_iter=9_000),
            "forest": RandomForestRegressor(6, random_state=0),
            "line": LinearRegression(),
            "steps": GradientBoostingRegressor(n_estimators=6),
        }
    )
    for model, target in (
        ("scaled", "kind"),
        ("plain", "kind"),
        ("forest", "size"),
        ("line", "size"),
        ("steps", "size"),
    ):
        cell(context, f"{model}.fit(X_train, {target}_train)")
    return context


def _near(told: Any, shown: Any) -> None:
    """Numbers to five digits, as answers round them; texts exactly."""
    told, shown = (np.asarray(one, dtype=object).ravel().tolist() for one in (told, shown))
    assert len(told) == len(shown)
    for one, other in zip(told, shown, strict=True):
        assert (one == other) if isinstance(one, str) else one == pytest.approx(other, rel=1e-5, abs=1e-8)


def _one(data: Any, shown: Any) -> None:
    _near([data["prediction"]], shown)


def _whole(data: Any, shown: Any) -> None:
    assert data["n"] == len(shown) > 1
    if "counts" in data:
        labels = np.asarray(shown).tolist()
        assert data["counts"] == {label: labels.count(label) for label in data["counts"]}
        assert sum(data["counts"].values()) == len(labels)
    else:
        _near(data["mean"], np.mean(shown))


def _by_name(key: str, name: str, value: str) -> Callable[[Any, Any], None]:
    def compare(data: Any, shown: Any) -> None:
        assert len(data[key]) > 1
        for card in data[key]:
            assert card[value] == pytest.approx(shown[card[name]], rel=1e-4, abs=1e-7), card[name]

    return compare


def _measures(data: Any, shown: Any) -> None:
    assert set(shown) == set(data["metrics"])
    for name, told in data["metrics"].items():
        assert [told["value"], told["low"], told["high"]] == pytest.approx(shown[name], rel=1e-6), name


def _drift(data: Any, shown: Any) -> None:
    assert {card["feature"]: card["psi"] for card in data["features"]} == pytest.approx(
        {card["feature"]: shown[card["feature"]] for card in data["features"]}, rel=1e-4
    )


def _described(data: Any, shown: Any) -> None:
    for place, card in enumerate(data["columns"]):
        if isinstance(shown, pl.DataFrame):
            named = dict(zip(shown["statistic"], shown[card["name"]], strict=True))
        else:
            named = dict(shown.iloc[:, place])
        assert [card["mean"], card["std"], card["median"]] == pytest.approx(
            [float(named["mean"]), float(named["std"]), float(named["50%"])], rel=1e-4
        )


def _checked(data: Any, shown: Any) -> None:
    assert shown["missing_features"] == data["missing_features"]
    assert shown["extra_features"] == data["extra_features"]
    assert shown["unknown_category"] == []
    assert len(shown["out_of_range"]) == 1


def _fairness(data: Any, shown: Any) -> None:
    for card in data["groups"]:
        told = card["selected"]["value"] if "selected" in card else card["metrics"]["mae"]
        assert told == pytest.approx(shown[card["group"]], rel=1e-4), card["group"]


def _interval(data: Any, shown: Any) -> None:
    _near(data["classes"] if "classes" in data else [data["low"], data["high"]], shown)


def _curve(data: Any, shown: Any) -> None:
    told = [(one["precision"], one["recall"]) for one in data["curve"]]
    assert told == [pytest.approx(pair, rel=1e-3, abs=1e-6) for pair in shown[: len(told)]]


def _compared(data: Any, shown: Any) -> None:
    assert {one["model_id"]: one["metrics"][data["metric"]] for one in data["models"]} == pytest.approx(shown, rel=1e-5)


def calls(kind: str) -> Iterator[tuple[str, dict[str, Any], Callable[[Any, Any], None]]]:
    names = [f"x{i}" for i in range(len(COLUMNS))] if kind == "numpy" else COLUMNS
    area = names[2]
    row = dict(zip(names, [14.5, 19.0, 650.5, 0.1, 0.09], strict=True))
    held = "X_test"
    for model in ("scaled", "plain", "forest", "line", "steps") if kind == "pandas" else ("scaled", "forest", "line"):
        classes = model in ("scaled", "plain")
        yield "make_prediction", {"model_id": model, "features": row}, _one
        yield "make_prediction", {"model_id": model, "features": [row, row]}, lambda d, s: _near(d["prediction"], s)
        yield "make_prediction", {"model_id": model, "row": "X_test[-3]"}, _one
        yield "make_prediction", {"model_id": model, "row": "X_test[3]", "features": {area: 500}}, _one
        yield "make_prediction", {"model_id": model, "data": held}, _whole
        if kind != "numpy":
            where = f"`{area}` > 600 and not (`{area}` in [1, 2] or `{names[0]}` is None)"
            yield "make_prediction", {"model_id": model, "data": held, "where": where}, _whole
        yield "validate_features", {"model_id": model, "features": {area: 1e7, "shoe size": 3}}, _checked
        yield (
            "explain_prediction",
            {"model_id": model, "row": "X_test[3]"},
            _by_name("contributions", "feature", "contribution"),
        )
        yield (
            "explain_prediction",
            {"model_id": model, "features": row},
            _by_name("contributions", "feature", "contribution"),
        )
        yield "get_feature_importance", {"model_id": model}, _by_name("features", "feature", "importance")
        yield (
            "what_if",
            {"model_id": model, "row": "X_test[3]", "changes": {area: "+20 %", names[0]: 12}},
            lambda d, s: _near(d["delta"], s[1] - s[0]),
        )
        yield (
            "what_if",
            {"model_id": model, "features": row, "sweep": area},
            lambda d, s: _near([d["lowest"], d["highest"]], [min(s), max(s)]),
        )
        yield (
            "what_if",
            {"model_id": model, "data": held, "changes": {area: "doubled", names[1]: 20}},
            lambda d, s: _near([d["mean_before"], d["mean_after"]], s),
        )
        wish = {} if classes else {"at_least": 120.0}
        yield (
            "find_counterfactual",
            {"model_id": model, "features": {**row, area: 600.0}, **wish},
            lambda d, s: _near([one["after"]["prediction"] for one in d["options"]], s[: len(d["options"])]),
        )
        yield (
            "get_partial_dependence",
            {"model_id": model, "features": [area]},
            lambda d, s: _near([p["mean"] for p in d["curve"]], s),
        )
        yield (
            "get_partial_dependence",
            {"model_id": model, "features": names[:2], "grid": 3, "data": held},
            lambda d, s: _near([p["mean"] for p in d["curve"]], s),
        )
        yield "evaluate_model", {"model_id": model}, _measures
        yield "evaluate_model", {"model_id": model, "data": held, "by": area}, _measures
        yield "analyze_errors", {"model_id": model, "data": held}, lambda d, s: _near(d["mean_loss"], np.mean(s))
        yield "check_fairness", {"model_id": model, "data": held, "group": area}, _fairness
        yield "get_prediction_interval", {"model_id": model, "row": "X_test[3]", "data": held}, _interval
        yield "check_drift", {"model_id": model, "data": held}, _drift
        yield (
            "suggest_inputs",
            {"model_id": model, "row": "X_test[3]"},
            lambda d, s: _near(list(d["start_values"].values()), s),
        )
        yield "find_similar_examples", {"model_id": model, "row": "X_test[3]"}, lambda d, s: _near(
            [list(one["values"].values()) for one in d["examples"]], s
        )  # fmt: skip
        yield "check_leakage", {"model_id": model}, lambda d, s: _near(len(s), d["inputs_checked"])
        if classes:
            yield "get_threshold_curve", {"model_id": model, "data": held}, _curve
    yield "compare_models", {"models": ["scaled", "plain"]}, _compared
    yield "compare_models", {"models": ["forest", "line", "steps"], "metric": "mae"}, _compared
    yield "describe_dataframe", {"data": held}, _described
    yield (
        "list_models",
        {},
        lambda d, s: _near([[c["id"], c["model_type"]] for c in d["models"]], list(s.items())),
    )
    yield "check_freshness", {"model_id": "scaled"}, lambda d, s: _near([d["fitted_in"]], list(s))
    yield "read_notebook", {}, lambda d, s: _near([c["cell"] for c in d["cells"]], list(s))
    yield "read_notebook", {"part": "definitions", "name": "scaled"}, lambda d, s: _near(
        sorted({n for one in d["names"] for n in (*one["changed_in"], *one["used_in"])}), list(s)
    )  # fmt: skip
    yield (
        "list_dataframes",
        {},
        lambda d, s: _near([[c["rows"]] for c in d["dataframes"]], [[shape[0]] for shape in s.values()]),
    )


CASES = [(kind, name, args, compare) for kind in KINDS for name, args, compare in calls(kind)]


@pytest.mark.parametrize(
    ("kind", "name", "args", "compare"),
    CASES,
    ids=[f"{kind}-{name}-{args.get('model_id', '')}" for kind, name, args, _ in CASES],
)
def test_the_code_of_an_answer_gives_its_numbers(kind: str, name: str, args: dict[str, Any], compare: Any) -> None:
    context = notebook(kind)
    result = context.run(name, **args)
    assert result["ok"], result["fault"]
    compare(result["local"] or result["data"], reproduced(context, result["code"]))
